"""Is an OIP no more than correlated pixels? Images of equal mean and covariance that are nothing else.

Surrogates are drawn from a normal distribution with the mean and the covariance of the training images: every
pair of pixels is correlated as in digits, and nothing else of them is there. Digits without their phases
(each image's own Fourier amplitudes, random phases) are a second kind, whose pairs of pixels are correlated
alike wherever they lie. *Reached* (claim C42) is, for each map, the 99th percentile of its largest point over
surrogates by that over test images; mean over maps that answer to digits.
"""

from collections.abc import Mapping, Sequence

import jax
import numpy as np
import xarray as xr

from cnnbook.config.questions import SurrogatesConfig
from cnnbook.data.digits import Digits
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.resampling import statistic
from cnnbook.keys import key_for
from cnnbook.maps import map_responses, predictions
from cnnbook.nets.geometry import INPUT_SIZE
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_1", "conv_2", "conv_3")
KINDS = ("equal covariance", "phases removed", "pixels shuffled")
"""Surrogates; the last keeps ink alone, each image's pixels in another order."""

HIGH = 99
"""Percentile that stands for a strong answer."""


def measure(nets: Sequence[TrainedNet], digits: Digits, config: tuple[SurrogatesConfig, int]) -> xr.Dataset:
    """How strongly maps answer to surrogates, by that to digits.

    Returns:
        `reached` by kind, layer and net: mean over live maps; `by_map` by kind and map (Conv_3, first
        network); `example` by kind; `sure` by kind and net: the mean of the largest share of answers one
        class gets; and the statistic, for equal covariance on Conv_3.
    """
    own, seed = config
    shown = {kind: make(digits, own.images, seed) for kind, make in zip(KINDS, _MAKERS, strict=True)}
    test = digits.test_images[: own.images]
    reached = np.zeros((len(KINDS), len(LAYERS), len(nets)))
    by_map, sure = np.zeros((len(KINDS), 128)), np.zeros((len(KINDS), len(nets)))
    for n, net in enumerate(nets):
        usual = map_responses(net, test, LAYERS)
        for k, kind in enumerate(KINDS):
            found = map_responses(net, shown[kind], LAYERS)
            classes = np.bincount(predictions(net, shown[kind]), minlength=10)
            sure[k, n] = classes.max() / classes.sum()
            for m, layer in enumerate(LAYERS):
                below = np.percentile(usual[layer].largest, HIGH, axis=0)
                ratio = np.percentile(found[layer].largest, HIGH, axis=0) / np.where(below > 0, below, np.inf)
                reached[k, m, n] = ratio[below > 0].mean() if (below > 0).any() else 0.0
                if n == 0 and layer == "conv_3":
                    by_map[k] = ratio
    return xr.Dataset(
        {
            "reached": (("kind", "layer", "net"), reached, {"units": "1"}),
            "by_map": (("kind", "map_conv_3"), by_map, {"units": "1"}),
            "sure": (("kind", "net"), sure, {"units": "1"}),
            "example": (("kind", "which", "row", "column"), np.stack([each[:5] for each in shown.values()]),
                        {"units": "1"}),
            "reached_share": statistic(reached[0, -1], "strong answers to surrogates, by those to digits"),
        },
        coords={"kind": list(KINDS), "layer": list(LAYERS), "net": [net.number for net in nets]},
        attrs={"claims": "C42", "data": digits.name, "images": len(test), "high": HIGH},
    )  # fmt: skip


def _equal_covariance(digits: Digits, count: int, seed: int) -> np.ndarray:
    """Normal images with the training images' mean and covariance; what leaves 0 to 255 is cut off."""
    pixels = digits.train_images.reshape(len(digits.train_images), -1).astype(np.float32)
    mean = pixels.mean(axis=0, dtype=np.float64)
    away = pixels - mean.astype(np.float32)
    covariance = (away.T @ away).astype(np.float64) / len(pixels)
    values, vectors = np.linalg.eigh(covariance)
    drawn = np.asarray(jax.random.normal(key_for(seed, "surrogates/equal covariance"), (count, len(values))))
    found = mean + drawn * np.sqrt(np.maximum(values, 0)) @ vectors.T
    return _stored(found.reshape(-1, INPUT_SIZE, INPUT_SIZE))


def _without_phases(digits: Digits, count: int, seed: int) -> np.ndarray:
    """Test images with the phases of noise, and the mean ink that they had."""
    images = digits.test_images[:count].astype(np.float64)
    noise = np.asarray(jax.random.normal(key_for(seed, "surrogates/random phases"), images.shape))
    phases = np.fft.rfft2(noise)
    phases = phases / np.maximum(np.abs(phases), 1e-12)
    phases[:, 0, 0] = 1
    return _stored(np.fft.irfft2(np.abs(np.fft.rfft2(images)) * phases, s=(INPUT_SIZE, INPUT_SIZE)))


def _shuffled(digits: Digits, count: int, seed: int) -> np.ndarray:
    """Test images with their pixels in another order, another one for each."""
    flat = digits.test_images[:count].reshape(-1, INPUT_SIZE**2)
    draws = np.asarray(jax.random.uniform(key_for(seed, "surrogates/shuffled pixels"), flat.shape))
    mixed = np.take_along_axis(flat, draws.argsort(axis=1), axis=1)
    return mixed.reshape(-1, INPUT_SIZE, INPUT_SIZE)


def _stored(pictures: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(pictures, 0, 255)).astype(np.uint8)


_MAKERS = (_equal_covariance, _without_phases, _shuffled)


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Shares reached, by kind and layer, in percent."""
    found = {"images": f"{result.attrs['images']:,}", "nets": str(result.sizes["net"])}
    for kind in KINDS:
        for layer in LAYERS:
            share = float(result.reached.sel(kind=kind, layer=layer).mean())
            found[f"{kind.replace(' ', '_')}_{layer}"] = f"{100 * share:.0f} %"
    return found


EXPERIMENT = LegacyExperiment(
    name="surrogates",
    question="Do images that share only their pixels' correlations with digits drive the maps?",
    measure=measure,
    facts=facts,
    config=lambda profile, seeds: (profile.surrogates, profile.seed),
)
