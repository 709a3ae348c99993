"""Does a map still look like the digit? Its correlation with the image, layer by layer, beside two nulls.

Each unit is compared with the mean pixel of the window it sees, so map and image have the same grid. A
map of 3×3 cells resembles anything a little, so the same number is taken with another digit's image, and
with the network before training.

The rule: a layer *shows the digit* if its maps resemble their own image more than another digit's, by
`LikenessConfig.margin` or more on average and by more than nothing in every network.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Real
from numpy.lib.stride_tricks import sliding_window_view

from cnnbook.arrays import RawImages
from cnnbook.config.questions import LikenessConfig
from cnnbook.data.digits import Digits
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.resampling import (
    Resampled,
    Weights,
    resample_weights,
    resampled,
    statistic,
)
from cnnbook.maps import feature_maps
from cnnbook.nets.geometry import MAP_LAYERS, Geometry, geometry_of
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

KINDS = ("own image", "another digit", "untrained, own image")
"""What a map is compared with: the claim, then its two nulls."""


def seen_by(images: RawImages, geometry: Geometry) -> Float[np.ndarray, "n size size"]:
    """The mean pixel, in [0, 1], of the window that each unit of a layer sees."""
    field, jump = geometry.receptive_field, geometry.jump
    windows = sliding_window_view(images, (field, field), axis=(1, 2))[:, ::jump, ::jump]
    return windows[:, : geometry.size, : geometry.size].mean(axis=(-2, -1)) / 255


def correlations(
    maps: Float[np.ndarray, "n h w c"], images: Float[np.ndarray, "n h w"]
) -> Float[np.ndarray, "n c"]:
    """Pearson's r between each map and its image, over the cells; NaN for a map without variation."""
    cells = maps.reshape(len(maps), -1, maps.shape[-1]).astype(np.float64)
    pixels = images.reshape(len(images), -1).astype(np.float64)
    cells -= cells.mean(axis=1, keepdims=True)
    pixels -= pixels.mean(axis=1, keepdims=True)
    scale = np.sqrt((cells**2).sum(axis=1) * (pixels**2).sum(axis=1)[:, None])
    shared = np.einsum("npc,np->nc", cells, pixels)
    return np.divide(shared, scale, out=np.full_like(shared, np.nan), where=scale > 1e-12)


def strangers(labels: np.ndarray) -> np.ndarray:
    """For every image, the place of the next one of another class.

    Raises:
        ValueError: there is only one class.
    """
    n = len(labels)
    if np.all(labels == labels[0]):
        raise ValueError(f"labels: all {n} are {labels[0]}, expected more than one class")
    return np.array(
        [next(j % n for j in range(i + 1, i + n) if labels[j % n] != labels[i]) for i in range(n)]
    )


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Resampled) -> xr.Dataset:
    """Mean |r| and the share of maps with |r| of at least `alike`, over the first test images.

    Maps without variation are left out; `live` says how many there are. The statistics are the same means and
    shares, for every resample of the images.
    """
    own: LikenessConfig = config.own
    images, labels = digits.test_images[: own.images], digits.test_labels[: own.images]
    others = images[strangers(labels)]
    shape = (len(KINDS), len(MAP_LAYERS), len(nets))
    likeness, alike, live = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    weights = resample_weights(len(images), resamples=config.resamples, seed=config.seed)
    drawn = np.zeros((*shape, len(weights)))
    alike_drawn = np.zeros((len(nets), len(weights)))
    for n, net in enumerate(nets):
        for k, (looked_at, with_image) in enumerate(((net, images), (net, others), (untrained(net), images))):
            maps = feature_maps(looked_at, images)
            for m, layer in enumerate(MAP_LAYERS):
                r = np.abs(correlations(maps[layer], seen_by(with_image, geometry_of()[layer])))
                likeness[k, m, n] = np.nanmean(r)
                alike[k, m, n] = np.mean(r[~np.isnan(r)] >= own.alike)
                live[k, m, n] = np.mean(~np.isnan(r))
                drawn[k, m, n] = _drawn(np.nan_to_num(r), ~np.isnan(r), weights)
                if (k, layer) == (0, "conv_1"):
                    alike_drawn[n] = _drawn(np.nan_to_num(r) >= own.alike, ~np.isnan(r), weights)
    dims = ("kind", "layer", "net")
    return xr.Dataset(
        {
            "likeness": (dims, likeness, {"units": "1", "long_name": "mean |r| of map and image"}),
            "alike": (dims, alike, {"units": "1", "long_name": f"share of maps with |r| ≥ {own.alike}"}),
            "live": (dims, live, {"units": "1", "long_name": "share of maps that vary"}),
        }
        | _statistics(drawn, alike_drawn),
        coords={"kind": list(KINDS), "layer": list(MAP_LAYERS), "net": [net.number for net in nets]},
        attrs={
            "claims": "C07 C14 C15 C49",
            "data": digits.name,
            "images": len(images),
            "threshold": own.alike,
            "margin": own.margin,
        },
    )


def _drawn(
    values: Real[np.ndarray, "n c"] | Bool[np.ndarray, "n c"],
    counted: Bool[np.ndarray, "n c"],
    weights: Weights,
) -> Float[np.ndarray, " resample"]:
    """The mean over the counted maps of all images, for each resample; 0 where none is counted."""
    total = weights @ counted.sum(axis=1)
    found = weights @ (np.where(counted, values, 0).sum(axis=1))
    return np.divide(found, total, out=np.zeros_like(total), where=total > 0)


def _statistics(
    drawn: Float[np.ndarray, "kinds layers nets resample"], alike: Float[np.ndarray, "nets resample"]
) -> dict[str, Any]:
    """What claims are judged by."""
    own, other = ({layer: each[m] for m, layer in enumerate(MAP_LAYERS)} for each in drawn[:2])
    fall = own["conv_1"] - own["pool_2"]
    at_poolings = own["conv_1"] - own["pool_1"] + own["conv_2"] - own["pool_2"]
    part = np.divide(at_poolings, fall, out=np.zeros_like(fall), where=fall > 0)
    return {
        "conv_1_alike": statistic(alike, "share of live Conv_1 maps like the image"),
        "dissolving": statistic(own["conv_1"] - own["conv_2"], "fall of |r| from Conv_1 to Conv_2"),
        "pooling_part": statistic(part, "part of the fall to Pool_2 that happens at the poolings"),
        "conv_2_excess": statistic(own["conv_2"] - other["conv_2"], "|r| with own less another image"),
        "conv_3_excess": statistic(own["conv_3"] - other["conv_3"], "|r| with own less another image"),
    }


def shows_the_digit(result: xr.Dataset, layer: str) -> bool:
    """The rule of this module, for one layer."""
    here = result.likeness.sel(layer=layer)
    excess = here.sel(kind=KINDS[0]) - here.sel(kind=KINDS[1])
    return bool(excess.mean() >= result.attrs["margin"] and (excess > 0).all())


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Means over networks for each layer with their nulls, and the layers by the rule."""
    mean = result.likeness.mean(dim="net")
    showing = [layer for layer in MAP_LAYERS if shows_the_digit(result, layer)]
    found = {
        "images": f"{result.attrs['images']:,}",
        "nets": str(result.sizes["net"]),
        "margin": f"{result.attrs['margin']:g}",
        "showing": _listed(showing),
        "lost": _listed([layer for layer in MAP_LAYERS if layer not in showing]),
    }
    for layer in MAP_LAYERS:
        own, other, before = (float(mean.sel(layer=layer, kind=kind)) for kind in KINDS)
        found |= {
            layer: f"{own:.2f}",
            f"{layer}_other": f"{other:.2f}",
            f"{layer}_untrained": f"{before:.2f}",
            f"{layer}_excess": f"{own - other:.2f}",
            f"{layer}_trained_is": _compared(own - before, result.attrs["margin"]),
        }
    return found


def _compared(difference: float, margin: float) -> str:
    """A difference in a word; less than the margin is no difference worth a word."""
    return "about the same" if abs(difference) < margin else "more" if difference > 0 else "less"


def _listed(layers: Sequence[str]) -> str:
    """Layer names as a phrase: "Conv_1, Pool_1 and Conv_2"."""
    names = [layer.capitalize() for layer in layers]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "no layer"


EXPERIMENT = LegacyExperiment(
    name="likeness",
    question="On which layer does a map still look like the digit that caused it?",
    measure=measure,
    facts=facts,
    config=resampled(lambda profile: profile.likeness),
)
