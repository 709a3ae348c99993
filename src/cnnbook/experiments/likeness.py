"""Does a map still look like the digit? Its correlation with the image, layer by layer, beside two nulls.

Each unit is compared with the mean pixel of the window it sees, so map and image have the same grid. A
map of 3×3 cells resembles anything a little, so the same number is taken with another digit's image, and
with the network before training.

The rule: a layer *shows the digit* if its maps resemble their own image more than another digit's, by
`LikenessConfig.margin` or more on average and by more than nothing in every network.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy.lib.stride_tricks import sliding_window_view

from cnnbook.arrays import RawImages
from cnnbook.config import LikenessConfig, Profile
from cnnbook.data.digits import Digits
from cnnbook.experiments.experiment import Experiment
from cnnbook.maps import feature_maps
from cnnbook.nets.geometry import MAP_LAYERS, Geometry, geometry_of
from cnnbook.seeds import Seeds
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


def measure(nets: Sequence[TrainedNet], digits: Digits, config: LikenessConfig) -> xr.Dataset:
    """Mean |r| and the share of maps with |r| of at least `config.alike`, over the first test images.

    Maps without variation are left out; `live` says how many there are.
    """
    images, labels = digits.test_images[: config.images], digits.test_labels[: config.images]
    others = images[strangers(labels)]
    shape = (len(KINDS), len(MAP_LAYERS), len(nets))
    likeness, alike, live = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for n, net in enumerate(nets):
        for k, (looked_at, with_image) in enumerate(((net, images), (net, others), (untrained(net), images))):
            maps = feature_maps(looked_at, images)
            for m, layer in enumerate(MAP_LAYERS):
                r = np.abs(correlations(maps[layer], seen_by(with_image, geometry_of()[layer])))
                likeness[k, m, n] = np.nanmean(r)
                alike[k, m, n] = np.mean(r[~np.isnan(r)] >= config.alike)
                live[k, m, n] = np.mean(~np.isnan(r))
    dims = ("kind", "layer", "net")
    return xr.Dataset(
        {
            "likeness": (dims, likeness, {"units": "1", "long_name": "mean |r| of map and image"}),
            "alike": (dims, alike, {"units": "1", "long_name": f"share of maps with |r| ≥ {config.alike}"}),
            "live": (dims, live, {"units": "1", "long_name": "share of maps that vary"}),
        },
        coords={"kind": list(KINDS), "layer": list(MAP_LAYERS), "net": [net.number for net in nets]},
        attrs={
            "claims": "C07 C14 C15 C49",
            "data": digits.name,
            "images": len(images),
            "threshold": config.alike,
            "margin": config.margin,
        },
    )


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


def _config(profile: Profile, seeds: Seeds) -> LikenessConfig:
    return profile.likeness


EXPERIMENT = Experiment(
    name="likeness",
    question="On which layer does a map still look like the digit that caused it?",
    measure=measure,
    facts=facts,
    config=_config,
)
