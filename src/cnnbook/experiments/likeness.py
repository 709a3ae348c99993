"""On which layer does a map still look like the digit that caused it?

Each unit is compared with the mean pixel of its window, so map and image have the same grid. A map of 3×3
cells correlates with any image a little, so the same number is taken with another digit's image, and with the
network before training.

The rule: a layer *shows the digit* if its maps correlate with their own image more than with another digit's,
by `Config.margin` or more on average and by more than nothing in every network.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, at, ratio
from cnnbook.fcp.pictures import window_means
from cnnbook.fcp.similarity import map_image_correlations, next_of_another_class
from cnnbook.formatting import listed
from cnnbook.maps import feature_maps
from cnnbook.nets.geometry import MAP_LAYERS, geometry_of
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

KINDS = ("own image", "another digit", "untrained, own image")
"""What a map is compared with: the claim, then its two nulls."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How "does this map still look like the digit?" is measured."""

    images: int = number(1000, "test images looked at", least=2)
    alike: float = number(0.5, "|r| from which a map counts as looking like the image", least=0, most=1)
    margin: float = number(0.05, "excess of |r| over another digit's that counts", least=0, most=1)


def _r(layer: str, kind: str = KINDS[0]) -> Selection:
    """Mean |r| over the maps that vary, by network and resample."""
    r_sum, live_maps = (at(name, layer=layer, kind=kind) for name in ("r_sum", "live_maps"))
    return Selection(lambda result: ratio(r_sum(result), live_maps(result)))


def _alike(kind: str) -> Selection:
    """Share of the maps of Conv_1 that vary and look like the image, by network and resample."""
    alike, live = (at(name, layer="conv_1", kind=kind) for name in ("alike_maps", "live_maps"))
    return Selection(lambda result: ratio(alike(result), live(result)))


def _pooling_part(kind: str) -> Selection:
    def part(result: xr.Dataset) -> xr.DataArray:
        conv_1, pool_1, conv_2, pool_2 = (_r(layer, kind)(result) for layer in MAP_LAYERS[:4])
        return ratio(conv_1 - pool_1 + conv_2 - pool_2, conv_1 - pool_2)

    return Selection(part)


def shows_the_digit(result: xr.Dataset, layer: str) -> bool:
    """Whether a layer shows the digit, by the rule of this module."""
    r = result.likeness.sel(layer=layer)
    excess = r.sel(kind=KINDS[0]) - r.sel(kind=KINDS[1])
    return bool(excess.mean() >= result.attrs["margin"] and (excess > 0).all())


def _layers(result: xr.Dataset, showing: bool) -> str:
    """The layers that show the digit, or those that do not, as a phrase."""
    names = [layer.capitalize() for layer in MAP_LAYERS if shows_the_digit(result, layer) is showing]
    return listed(names, none="no layer")


def _trained_is(result: xr.Dataset) -> xr.DataArray:
    """Whether trained maps look more or less like the digit, by layer; within the margin "about the same"."""
    mean = result.likeness.mean("net")
    gain = mean.sel(kind=KINDS[0]) - mean.sel(kind=KINDS[2])
    word = xr.where(gain > 0, "more", "less")
    return xr.where(np.abs(gain) < result.attrs["margin"], "about the same", word)


@experiment(
    config=Config(),
    draft=Config(images=200),
    coords={"kind": KINDS, "layer": MAP_LAYERS},
    about=lambda run: {
        "images": len(_images(run)),
        "threshold": run.config.alike,
        "margin": run.config.margin,
    },
    variables=[
        variable("likeness", "kind layer net", "mean |r| of map and image"),
        variable("alike", "kind layer net", "share of maps with |r| of at least the threshold"),
        variable("live", "kind layer net", "share of maps that vary"),
        variable("r_sum", "kind layer net image", "sum of |r| over maps", published=False),
        variable("live_maps", "kind layer net image", "maps that vary", units="maps", published=False),
        variable("alike_maps", "kind layer net image", "maps alike", units="maps", published=False),
    ],
    statistics=[
        statistic("conv_1_alike", _alike(KINDS[0]), "share of live Conv_1 maps like the image"),
        statistic("conv_1_alike_other", _alike(KINDS[1]), "the same with another digit's image"),
        statistic("dissolving", _r("conv_1") - _r("conv_2"), "fall of |r| from Conv_1 to Conv_2"),
        statistic(
            "dissolving_untrained", _r("conv_1", KINDS[2]) - _r("conv_2", KINDS[2]), "the same, untrained"
        ),
        statistic(
            "pooling_part", _pooling_part(KINDS[0]), "part of the fall to Pool_2 that happens at the poolings"
        ),
        statistic("pooling_part_untrained", _pooling_part(KINDS[2]), "the same, untrained"),
        statistic("conv_2_excess", _r("conv_2") - _r("conv_2", KINDS[1]), "|r| with own less another image"),
        statistic("conv_3_excess", _r("conv_3") - _r("conv_3", KINDS[1]), "|r| with own less another image"),
    ],
    facts=[
        fact("margin", form="g"),
        fact("conv_1_alike", at("alike", layer="conv_1", kind=KINDS[0]), ".0%"),
        fact("showing", lambda r: _layers(r, True)),
        fact("lost", lambda r: _layers(r, False)),
        fact("{layer}", at("likeness", kind=KINDS[0])),
        fact("{layer}_other", at("likeness", kind=KINDS[1])),
        fact("{layer}_untrained", at("likeness", kind=KINDS[2])),
        fact("{layer}_excess", at("likeness", kind=KINDS[0]) - at("likeness", kind=KINDS[1])),
        fact("{layer}_trained_is", _trained_is),
    ],
)
def likeness(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """How strongly the maps of one network correlate with images; maps without variation are left out."""
    images = _images(run)
    labels = run.test_labels(run.config.images)
    others = run.cached("other digits", lambda: images[next_of_another_class(labels)])
    maps, before = feature_maps(net, images), feature_maps(untrained(net), images)
    r = [
        [_strength(of[layer], compared, layer) for layer in MAP_LAYERS]
        for of, compared in ((maps, images), (maps, others), (before, images))
    ]
    least = run.config.alike
    return {
        "likeness": _each(r, np.nanmean),
        "alike": _each(r, lambda strength: np.mean(strength[~np.isnan(strength)] >= least)),
        "live": _each(r, lambda strength: np.mean(~np.isnan(strength))),
        "r_sum": _each(r, lambda strength: np.nansum(strength, axis=1)),
        "live_maps": _each(r, lambda strength: (~np.isnan(strength)).sum(axis=1)),
        "alike_maps": _each(r, lambda strength: (strength >= least).sum(axis=1)),
    }


def _images(run: Measurement[Config]) -> RawImages:
    return run.test_images(run.config.images)


def _strength(maps: Float[np.ndarray, "n h w c"], images: RawImages, layer: str) -> Float[np.ndarray, "n c"]:
    """|r| of every map and its image, not a number for a map without variation."""
    return np.abs(map_image_correlations(maps, window_means(images, geometry_of()[layer])))


def _each(r: Sequence[Sequence[np.ndarray]], of: Callable[[np.ndarray], Any]) -> np.ndarray:
    """A number, or one for each image, by kind and layer."""
    return np.array([[of(strength) for strength in row] for row in r])
