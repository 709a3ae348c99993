"""Do images that share only their pixels' correlations with digits drive the maps?

Surrogates are drawn from a normal distribution with the mean and the covariance of the training images: every
pair of pixels is correlated as in digits, and nothing else of them remains. Digits without their phases
(each image's own Fourier amplitudes, random phases) are a second kind, whose pairs of pixels are correlated
alike wherever they lie. *Reached* (claim C42) is, for each map, the 99th percentile of its largest point over
surrogates by that over test images; mean over maps that respond to digits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Float, Real

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import at
from cnnbook.keys import uniform
from cnnbook.maps import map_responses, predictions
from cnnbook.nets.geometry import CLASSES, INPUT_SIZE
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_1", "conv_2", "conv_3")
EQUAL_COVARIANCE = "equal covariance"

HIGH = 99
"""Percentile that stands for a strong response."""

EXAMPLES = 5
"""Surrogates of each kind that are shown."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How many surrogates are made."""

    images: int = number(2000, "images of each kind", least=10)


def _equal_covariance(run: Measurement[Config]) -> RawImages:
    """Normal images with the training images' mean and covariance; what leaves 0 to 255 is cut off."""
    pixels = run.digits.train_images.reshape(len(run.digits.train_images), -1).astype(np.float32)
    mean = pixels.mean(axis=0, dtype=np.float64)
    centred = pixels - mean.astype(np.float32)
    covariance = (centred.T @ centred).astype(np.float64) / len(pixels)
    values, vectors = np.linalg.eigh(covariance)
    drawn = np.asarray(jax.random.normal(run.key("equal covariance"), (run.config.images, len(values))))
    images = mean + drawn * np.sqrt(np.maximum(values, 0)) @ vectors.T
    return _stored(images.reshape(-1, INPUT_SIZE, INPUT_SIZE))


def _without_phases(run: Measurement[Config]) -> RawImages:
    """Test images with the phases of noise, and the mean ink that they had."""
    images = run.digits.test_images[: run.config.images].astype(np.float64)
    noise = np.asarray(jax.random.normal(run.key("random phases"), images.shape))
    phases = np.fft.rfft2(noise)
    phases = phases / np.maximum(np.abs(phases), 1e-12)
    phases[:, 0, 0] = 1
    return _stored(np.fft.irfft2(np.abs(np.fft.rfft2(images)) * phases, s=(INPUT_SIZE, INPUT_SIZE)))


def _shuffled(run: Measurement[Config]) -> RawImages:
    """Test images with their pixels in another order, another one for each: ink alone is preserved."""
    flat = run.digits.test_images[: run.config.images].reshape(-1, INPUT_SIZE**2)
    draws = uniform(run.key("shuffled pixels"), flat.shape)
    mixed = np.take_along_axis(flat, draws.argsort(axis=1), axis=1)
    return mixed.reshape(-1, INPUT_SIZE, INPUT_SIZE)


def _stored(pictures: Float[np.ndarray, "n 28 28"]) -> RawImages:
    return np.rint(np.clip(pictures, 0, 255)).astype(np.uint8)


KINDS: Mapping[str, Callable[[Measurement[Config]], RawImages]] = {
    EQUAL_COVARIANCE: _equal_covariance,
    "phases removed": _without_phases,
    "pixels shuffled": _shuffled,
}
"""What makes the surrogates of each kind."""


@experiment(
    config=Config(),
    draft=Config(images=300),
    coords={"kind": tuple(KINDS), "layer": LAYERS},
    about=lambda run: {"images": len(run.digits.test_images[: run.config.images]), "high": HIGH},
    variables=[
        variable("reached", "kind layer net", "strong responses to surrogates by those to digits"),
        variable("by_map", "kind map_conv_3", "the same for each map of Conv_3, first network"),
        variable("sure", "kind net", "largest share of predictions that one class gets"),
        variable("example", "kind which row column", "the first surrogates"),
    ],
    statistics=[
        statistic(
            "reached_share",
            at("reached", kind=EQUAL_COVARIANCE, layer="conv_3"),
            "strong answers to surrogates, by those to digits",
        ),
    ],
    facts=[
        fact("{kind}_{layer}", "reached", ".0%"),
    ],
)
def surrogates(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """How strongly maps respond to surrogates, by their responses to digits."""
    images = run.cached("surrogates", lambda: {kind: make(run) for kind, make in KINDS.items()})
    digits = map_responses(net, run.digits.test_images[: run.config.images], LAYERS)
    by_map = [
        {layer: strength_ratio(each.largest, digits[layer].largest) for layer, each in responses.items()}
        for responses in (map_responses(net, of_kind, LAYERS) for of_kind in images.values())
    ]
    counts = [np.bincount(predictions(net, of_kind), minlength=CLASSES) for of_kind in images.values()]
    return {
        "reached": [[_mean_of_known(ratios[layer]) for layer in LAYERS] for ratios in by_map],
        "by_map": np.nan_to_num([ratios["conv_3"] for ratios in by_map]),
        "sure": [count.max() / count.sum() for count in counts],
        "example": [of_kind[:EXAMPLES] for of_kind in images.values()],
    }


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
