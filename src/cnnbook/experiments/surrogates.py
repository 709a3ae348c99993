"""Do images that share only their pixels' correlations with digits drive the maps?

*Gaussian* surrogates are drawn from a normal distribution with the mean and the covariance of the training
images. They are real numbers, below blank and above full ink as well, and the network is given them as they
are: to cut them to ink that can be stored would take away much of their variance and add ink. *Amplitude-
adjusted* surrogates have the ink of digits too: every pixel has exactly the values it has in training images,
exchanged among surrogates so that pixels are correlated as in digits as well as can be (iterated as by T.
Schreiber and A. Schmitz, "Improved surrogate data for nonlinearity tests", Physical Review Letters 77 (1996)
635, with covariance in place of the spectrum). Digits without their phases (each image's own Fourier
amplitudes, random phases) are correlated alike wherever two pixels lie. The null: digits whose pixels are
shuffled share their ink alone.

*Reached* (claim C42) is, for each map, the 99th percentile of its largest point over surrogates by that over
test images; mean over maps that respond to digits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array
from jaxtyping import Float, Int, Real

from cnnbook.arrays import Images
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, at
from cnnbook.keys import uniform
from cnnbook.nets.geometry import CLASSES, INPUT_SIZE
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_1", "conv_2", "conv_3")
GAUSSIAN, ADJUSTED, SHUFFLED = "Gaussian", "amplitude-adjusted", "pixels shuffled"

HIGH = 99
"""Percentile that stands for a strong response."""

EXAMPLES = 5
"""Surrogates of each kind that are shown."""

ROUNDS = 8
"""Times that covariance and amplitudes are adjusted in turn; amplitudes last."""

_BATCH = 100
"""Images in one forward pass."""

Pictures = Float[np.ndarray, "n 28 28"]
"""Ink from 0 to 255, or what lies beyond."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How many surrogates are made."""

    images: int = number(2000, "images of each kind", least=10)


def with_covariance(
    values: Float[np.ndarray, "n d"], mean: Float[np.ndarray, " d"], covariance: Float[np.ndarray, "d d"]
) -> Float[np.ndarray, "n d"]:
    """Values turned and stretched so that they have a mean and a covariance exactly.

    Directions in which the values do not vary stay without variance.

    Args:
        values: one row an image.
        mean: wanted.
        covariance: wanted.
    """
    centred = values - values.mean(axis=0)
    whitening = _power(centred.T @ centred / len(centred), -0.5)
    return mean + centred @ whitening @ _power(covariance, 0.5)


def _power(covariance: Float[np.ndarray, "d d"], exponent: float) -> Float[np.ndarray, "d d"]:
    """A power of a covariance; directions without variance stay so."""
    values, vectors = np.linalg.eigh(covariance)
    kept = values > 1e-9 * max(values[-1], 0)
    return (vectors[:, kept] * values[kept] ** exponent) @ vectors[:, kept].T


def with_amplitudes(
    values: Float[np.ndarray, "n d"], of: Real[np.ndarray, "n d"]
) -> Float[np.ndarray, "n d"]:
    """In each column the values of another table, in the order of size that the column has.

    Args:
        values: whose order is kept.
        of: whose values are taken, column by column.
    """
    ranks = values.argsort(axis=0).argsort(axis=0)
    return np.take_along_axis(np.sort(of, axis=0), ranks, axis=0).astype(np.float64)


def _moments(run: Measurement[Config]) -> tuple[Float[np.ndarray, " d"], Float[np.ndarray, "d d"]]:
    """Mean and covariance of the training images' pixels."""
    pixels = run.digits.train_images.reshape(len(run.digits.train_images), -1).astype(np.float32)
    mean = pixels.mean(axis=0, dtype=np.float64)
    centred = pixels - mean.astype(np.float32)
    return mean, (centred.T @ centred).astype(np.float64) / len(pixels)


def _gaussian(run: Measurement[Config]) -> Pictures:
    """Normal images with the training images' mean and covariance."""
    mean, covariance = run.cached("moments", lambda: _moments(run))
    drawn = np.asarray(jax.random.normal(run.key("equal covariance"), (run.config.images, len(mean))))
    return (mean + drawn @ _power(covariance, 0.5)).reshape(-1, INPUT_SIZE, INPUT_SIZE)


def _adjusted(run: Measurement[Config]) -> Pictures:
    """Images whose every pixel has the values of training images, correlated as in digits."""
    pixels = run.digits.train_images[: run.config.images].reshape(-1, INPUT_SIZE**2).astype(np.float64)
    mean = pixels.mean(axis=0)
    covariance = (pixels - mean).T @ (pixels - mean) / len(pixels)
    values = np.asarray(jax.random.normal(run.key("adjusted"), pixels.shape), np.float64)
    for _ in range(ROUNDS):
        values = with_amplitudes(with_covariance(values, mean, covariance), pixels)
    return values.reshape(-1, INPUT_SIZE, INPUT_SIZE)


def _without_phases(run: Measurement[Config]) -> Pictures:
    """Test images with the phases of noise, and the mean ink that they had."""
    images = run.test_images(run.config.images).astype(np.float64)
    noise = np.asarray(jax.random.normal(run.key("random phases"), images.shape))
    phases = np.fft.rfft2(noise)
    phases = phases / np.maximum(np.abs(phases), 1e-12)
    phases[:, 0, 0] = 1
    return np.fft.irfft2(np.abs(np.fft.rfft2(images)) * phases, s=(INPUT_SIZE, INPUT_SIZE))


def _shuffled(run: Measurement[Config]) -> Pictures:
    """Test images with their pixels in another order, another one for each: ink alone is preserved."""
    flat = run.test_images(run.config.images).reshape(-1, INPUT_SIZE**2)
    draws = uniform(run.key("shuffled pixels"), flat.shape)
    mixed = np.take_along_axis(flat, draws.argsort(axis=1), axis=1)
    return mixed.reshape(-1, INPUT_SIZE, INPUT_SIZE).astype(np.float64)


KINDS: Mapping[str, Callable[[Measurement[Config]], Pictures]] = {
    GAUSSIAN: _gaussian,
    ADJUSTED: _adjusted,
    "phases removed": _without_phases,
    SHUFFLED: _shuffled,
}
"""What makes the surrogates of each kind."""


def _reached(kind: str) -> Selection:
    """Strong responses of Conv_3 to surrogates of a kind, by those to digits."""
    return at("reached", kind=kind, layer="conv_3")


@experiment(
    config=Config(),
    draft=Config(images=300),
    coords={"kind": tuple(KINDS), "layer": LAYERS},
    about=lambda run: {"images": len(run.test_images(run.config.images)), "high": HIGH},
    variables=[
        variable("reached", "kind layer net", "strong responses to surrogates by those to digits"),
        variable("by_map", "kind map_conv_3", "the same for each map of Conv_3, first network"),
        variable("sure", "kind net", "largest share of predictions that one class gets"),
        variable("covariance_error", "kind", "how far the covariance is from that of digits, relative"),
        variable("example", "kind which row column", "the first surrogates", units="ink"),
    ],
    statistics=[
        statistic("gaussian_share", _reached(GAUSSIAN), "strong responses to Gaussians, by those to digits"),
        statistic("adjusted_share", _reached(ADJUSTED), "the same for amplitude-adjusted surrogates"),
        statistic("shuffled_share", _reached(SHUFFLED), "the same for digits with shuffled pixels"),
        statistic(
            "adjusted_over_shuffled",
            _reached(ADJUSTED) - _reached(SHUFFLED),
            "amplitude-adjusted surrogates less shuffled pixels",
        ),
    ],
    facts=[
        fact("{kind}_{layer}", "reached", ".0%"),
        fact("{kind}_error", "covariance_error", ".0%"),
    ],
)
def surrogates(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """How strongly maps respond to surrogates, by their responses to digits."""
    images = run.cached("surrogates", lambda: {kind: make(run) for kind, make in KINDS.items()})
    digits, _ = largest_responses(net, run.test_images(run.config.images).astype(np.float64))
    found = {kind: largest_responses(net, pictures) for kind, pictures in images.items()}
    by_map = [
        {layer: strength_ratio(each[layer], digits[layer]) for layer in LAYERS} for each, _ in found.values()
    ]
    counts = [np.bincount(predicted, minlength=CLASSES) for _, predicted in found.values()]
    measured = {
        "reached": [[_mean_of_known(ratios[layer]) for layer in LAYERS] for ratios in by_map],
        "sure": [count.max() / count.sum() for count in counts],
    }
    if not run.is_first:
        return measured
    return measured | {
        "by_map": np.nan_to_num([ratios["conv_3"] for ratios in by_map]),
        "covariance_error": [_covariance_error(run, pictures) for pictures in images.values()],
        "example": [pictures[:EXAMPLES] for pictures in images.values()],
    }


def largest_responses(
    net: TrainedNet, pictures: Pictures
) -> tuple[dict[str, Float[np.ndarray, "n _maps"]], Int[np.ndarray, " n"]]:
    """The largest point of every map by layer, and the predicted class, for pictures of real numbers.

    Args:
        net: whose maps.
        pictures: ink; what lies below 0 or above 255 is not cut off.
    """
    graph, params = nnx.split(net.model, nnx.Param)
    mean, std = net.scaling.mean, net.scaling.std
    found = []
    for begin in range(0, len(pictures), _BATCH):
        part = ((pictures[begin : begin + _BATCH] / 255 - mean) / std).astype(np.float32)
        filled = np.concatenate([part, np.zeros((_BATCH - len(part), *part.shape[1:]), np.float32)])
        found.append(jax.tree.map(np.asarray, _largest(graph, params, jnp.asarray(filled)[..., None])))
    layers = {layer: np.concatenate([each[layer] for each, _ in found])[: len(pictures)] for layer in LAYERS}
    return layers, np.concatenate([predicted for _, predicted in found])[: len(pictures)]


@partial(jax.jit, static_argnames="graph")
def _largest(graph: nnx.GraphDef, params: nnx.State, inputs: Images) -> tuple[dict[str, Array], Array]:
    """The largest point of every map, and the predicted classes, for one batch."""
    model = nnx.merge(graph, params)
    maps = model.activations(inputs).activations
    return {layer: maps[layer].max(axis=(1, 2)) for layer in LAYERS}, model(inputs).argmax(axis=-1)


def _covariance_error(run: Measurement[Config], pictures: Pictures) -> float:
    """The distance of the covariance from that of training images, by the latter's size."""
    _, covariance = run.cached("moments", lambda: _moments(run))
    flat = pictures.reshape(len(pictures), -1)
    centred = flat - flat.mean(axis=0)
    away = centred.T @ centred / len(flat) - covariance
    return float(np.linalg.norm(away) / np.linalg.norm(covariance))


def strength_ratio(
    surrogates: Real[np.ndarray, "n maps"], digits: Real[np.ndarray, "m maps"]
) -> Float[np.ndarray, " maps"]:
    """Each map's strong response to surrogates by that to digits; not a number if digits give none.

    Args:
        surrogates: the largest point of each map for each surrogate.
        digits: the same for digits.
    """
    above, below = (np.percentile(largest, HIGH, axis=0) for largest in (surrogates, digits))
    return np.divide(above, below, out=np.full_like(below, np.nan), where=below > 0)


def _mean_of_known(ratios: Float[np.ndarray, " maps"]) -> float:
    """The mean of what is a number; 0 if nothing is."""
    known = ratios[np.isfinite(ratios)]
    return float(known.mean()) if len(known) else 0.0
