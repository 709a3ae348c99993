"""Do three 4s share more points than any three digits do?

The article marks a handful of points that are strong for all of its three 4s, and leaves open whether they
say "4". Any three digits share points, because some points are strong for almost everything; so the count of
the shown 4s stands beside that of random triples, and the marked points are looked up in all other images.

`expected` is the sum over points of p³, p being the share of 4s in which a point is strong. It is what
independent points would give, but it is also the mean count of random triples of 4s however points depend on
each other: the mean of a sum does not see dependence. So a mean count says nothing about combinations of
points; the spread does.

On Conv_3 points are also counted that n digits share, for n = 2 to 10 and several thresholds. Means over all
n-tuples are exact. The nulls: n digits of any class; n digits of one other class; and 4s turned upside down,
which have the same ink in a wrong shape and are as narrow a family. What three 4s share beyond what any three
digits do is also counted of pixels, by the same rule for "strong": as a share of the strong points of a 4,
for a layer and an image have different numbers of points.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from jax import Array
from jaxtyping import Bool, Integer, Key

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.triples import KINDS, all_triples
from cnnbook.fcp.common_points import (
    StrongPoints,
    common_count_by_kind,
    common_counts,
    expected_count,
    independent_std,
    mean_share,
    own_share,
    shared_by_three,
    strong_in_all,
    strong_points,
)
from cnnbook.keys import integers
from cnnbook.maps import flat_maps, flat_pixels, stream
from cnnbook.nets.geometry import CLASSES, geometry_of
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_2", "conv_3")  # where the article compares its digits

WHO = ("4s", "digits of one other class", "any digits", "4s upside down")
"""Whose points are counted on Conv_3: the claim, then what it is compared with."""

THRESHOLDS = (0.02, 0.05, 0.1, 0.2)  # shares of the layer's points called strong

FOUR = 4
ONE_POINT = 1.0  # less than this between two counts is "about as many" in prose

_TRIPLE, _SPREAD_DRAWS = 3, 2000


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How common points of digits are counted."""

    strong_share: float = number(0.1, "share of a layer's points called strong, per image", least=0, most=1)
    triples: int = number(2000, "triples of test images drawn per kind and network", least=10)
    images: int = number(10000, "test images among which n digits are looked at, at most", least=20)
    most: int = number(10, "digits that share points, at most", least=3)


def _points(result: xr.Dataset) -> xr.DataArray:
    return xr.DataArray(np.array(result.attrs["points"]), dims="layer", coords={"layer": result.layer})


def _times(result: xr.Dataset) -> xr.DataArray:
    """How many times as many points three 4s share as any three digits do; infinite if these share none."""
    mean = result["count"].mean(["net", "triple"])
    fours, anyone = (mean.sel(kind=kind, drop=True) for kind in ("three 4s", "any three digits"))
    return xr.where(anyone > 0, fours / anyone.where(anyone > 0, 1.0), np.inf)


def _by_size(result: xr.Dataset) -> xr.DataArray:
    """Points that 2, 3 and the most digits share, at the threshold nearest to the rule's."""
    most = int(result.digits.max())
    names = {2: "2", _TRIPLE: "3"} | ({most: "most"} if most > _TRIPLE else {})
    shared = result["shared"].sel(threshold=result.attrs["strong_share"], method="nearest")
    return shared.sel(digits=list(names)).assign_coords(digits=list(names.values()))


def more_or_fewer(excess: float) -> str:
    """How a count of points compares with another, in words.

    Args:
        excess: of the one over the other, in points.
    """
    return "more" if excess >= ONE_POINT else "fewer" if excess <= -ONE_POINT else "about as many"


def _word(name: str):
    """The words for a statistic that is an excess of points."""
    return lambda result: more_or_fewer(float(result[name].isel(resample=0).mean()))


def _grouped(result: xr.Dataset) -> str:
    """Whether triples of 4s spread more than independent points would."""
    dependent, independent = (float(result.spread.isel(spread_of=k).mean()) for k in (0, 1))
    return "in groups" if dependent > independent else "no more in groups than if each stood for itself"


def _marks(layer: str) -> list[Any]:
    """Variables with the marks of the first network."""
    dims = f"row_{layer} col_{layer} map_{layer}"
    return [
        variable(f"strong_{layer}", f"digit {dims}", "strong points of the shown digits, first network"),
        variable(f"common_{layer}", dims, "points common to the shown 4s, first network"),
    ]


@experiment(
    config=Config(),
    draft=Config(triples=200, images=500),
    inputs=("shown",),
    coords=lambda run: {
        "layer": LAYERS,
        "kind": KINDS,
        "digit": [digit.name for digit in run.inputs.shown],
        "who": WHO,
        "threshold": THRESHOLDS,
        "digits": _sizes(run),
        "spread_of": ("triples of 4s", "independent points"),
    },
    about=lambda run: {
        "strong_share": run.config.strong_share,
        "points": [geometry_of()[layer].size ** 2 * geometry_of()[layer].layer.maps for layer in LAYERS],
        "counted_images": len(run.test_labels(run.config.images)),
    },
    variables=[
        variable("shown", "layer net", "common points of the shown 4s", units="points"),
        variable("also_one", "layer net", "of these, strong in the shown 1 too", units="points"),
        variable("also_two", "layer net", "of these, strong in the shown 2 too", units="points"),
        variable("expected", "layer net", "common points of independent 4s", units="points"),
        variable("marked_in_fours", "layer net", "share of 4s in which a common point is strong"),
        variable("marked_in_others", "layer net", "the same of all other test images"),
        variable("count", "layer kind net triple", "common points of random triples", units="points"),
        *(mark for layer in LAYERS for mark in _marks(layer)),
        variable("shared", "who threshold digits net", "points that n digits share", units="points"),
        variable("spread", "spread_of net", "standard deviation over triples", units="points"),
        variable("three_fours", "net resample", published=False),
        variable("three_turned", "net resample", published=False),
        variable("three_others", "net resample", published=False),
        variable("own_share", "net resample", published=False),
        variable("own_share_of_pixels", "resample", published=False),
        variable("own", "net", "what 4s share beyond any digits", of=lambda r: r.own_share.isel(resample=0)),
    ],
    statistics=[
        statistic(
            "over_upside_down",
            lambda r: r.three_fours - r.three_turned,
            "points that three 4s share, less what three 4s upside down share",
            units="points",
        ),
        statistic(
            "over_other_classes",
            lambda r: r.three_fours - r.three_others,
            "points that three 4s share, less what three digits of one other class share",
            units="points",
        ),
        statistic(
            "over_pixels",
            lambda r: r.own_share - r.own_share_of_pixels,
            "share of a 4's strong points that three 4s share beyond any three digits, Conv_3 less pixels",
        ),
    ],
    facts=[
        fact("share", "strong_share", ".0%"),
        fact("triples", lambda r: r.sizes["triple"], ",.0f"),
        fact("clearer", lambda r: str(_times(r).idxmax("layer").item()).capitalize()),
        fact("{layer}_points", _points, ",.0f"),
        fact("{layer}_strong", lambda r: (r.attrs["strong_share"] * _points(r)).round(), ".0f"),
        fact("{layer}_first", lambda r: r.shown.isel(net=0), ".0f"),
        fact("{layer}_first_one", lambda r: r.also_one.isel(net=0), ".0f"),
        fact("{layer}_first_two", lambda r: r.also_two.isel(net=0), ".0f"),
        fact("{layer}_shown", "shown", ".0f"),
        fact("{layer}_expected", "expected", ".0f"),
        fact("{layer}_rank", lambda r: r["count"].sel(kind="three 4s") < r.shown, ".0%"),
        fact("{layer}_marked_in_fours", "marked_in_fours", ".0%"),
        fact("{layer}_marked_in_others", "marked_in_others", ".0%"),
        fact("{layer}_times", _times, ".1f"),
        fact("{layer}_{kind}", "count", ".0f"),
        fact("most", lambda r: r.digits.max(), ".0f"),
        fact("spread", lambda r: r.spread.isel(spread_of=0), ".1f"),
        fact("spread_independent", lambda r: r.spread.isel(spread_of=1), ".1f"),
        fact("spread_says", _grouped),
        *(fact(f"over_{null}", form=".1f") for null in ("upside_down", "other_classes")),
        *(fact(f"{null}_word", _word(f"over_{null}")) for null in ("upside_down", "other_classes")),
        fact("own", form=".0%"),
        fact("own_of_pixels", lambda r: (r.own - r.over_pixels.isel(resample=0)).mean(), ".0%"),
        fact("{who}_{digits}", _by_size, ".1f"),
    ],
)
def common_points(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Common points of the shown 4s, of random triples, and of n digits, on one network."""
    shown = _strong(net, run.shown_images, run.config.strong_share)
    strong = _strong(net, run.digits.test_images, run.config.strong_share)
    triples = run.cached(
        "triples", lambda: all_triples(run.key("triples"), run.digits.test_labels, run.config.triples)
    )
    by_layer = [_of_shown(shown[layer], strong[layer], run) for layer in LAYERS]
    counts = [[common_counts(strong[layer], triples[kind]) for kind in KINDS] for layer in LAYERS]
    return {
        **{name: np.array([each[name] for each in by_layer]) for name in by_layer[0]},
        "count": np.array(counts, np.int32),
        **(_first_network(shown, run) if run.is_first else {}),
        **_of_many(net, run),
    }


def _sizes(run: Measurement[Config]) -> Integer[np.ndarray, " sizes"]:
    """How many digits are looked at together."""
    return np.arange(2, run.config.most + 1)


def _strong(net: TrainedNet, images: RawImages, share: float) -> dict[str, StrongPoints]:
    """Strong points of every image on both layers."""
    parts: dict[str, list[StrongPoints]] = {layer: [] for layer in LAYERS}
    for batch in stream(net, images, LAYERS):
        for layer in LAYERS:
            parts[layer].append(strong_points(batch[layer].reshape(len(batch[layer]), -1), share=share))
    return {layer: np.concatenate(parts[layer]) for layer in LAYERS}


def _of_shown(
    shown: Bool[np.ndarray, "shown points"], strong: StrongPoints, run: Measurement[Config]
) -> dict[str, float]:
    """What is counted of the shown digits on one layer, and of all test images."""
    labels = np.array([digit.label for digit in run.inputs.shown])
    common, is_four = strong_in_all(shown[labels == FOUR]), run.digits.test_labels == FOUR
    return {
        "shown": float(common.sum()),
        "also_one": float((common & shown[labels == 1].any(axis=0)).sum()),
        "also_two": float((common & shown[labels == 2].any(axis=0)).sum()),
        "expected": expected_count(strong[is_four], images=_TRIPLE),
        "marked_in_fours": mean_share(strong[is_four], common),
        "marked_in_others": mean_share(strong[~is_four], common),
    }


def _first_network(shown: dict[str, StrongPoints], run: Measurement[Config]) -> dict[str, np.ndarray]:
    """Marks on the maps of the first network."""
    is_four = np.array([digit.label == FOUR for digit in run.inputs.shown])
    marks: dict[str, np.ndarray] = {}
    for layer in LAYERS:
        size, maps = geometry_of()[layer].size, geometry_of()[layer].layer.maps
        marks[f"strong_{layer}"] = shown[layer].reshape(-1, size, size, maps)
        marks[f"common_{layer}"] = np.all(marks[f"strong_{layer}"][is_four], axis=0)
    return marks


def _of_many(net: TrainedNet, run: Measurement[Config]) -> dict[str, Any]:
    """Points of Conv_3 that n digits share, with their nulls.

    Raises:
        ValueError: there are fewer 4s than digits are looked at together.
    """
    images, labels = (part(run.config.images) for part in (run.test_images, run.test_labels))
    is_four, share, sizes = labels == FOUR, run.config.strong_share, _sizes(run)
    if is_four.sum() < sizes[-1]:
        raise ValueError(f"digits: {is_four.sum()} 4s among {len(labels)}, expected {sizes[-1]} or more")
    activations = flat_maps(net, images, "conv_3")
    turned = flat_maps(net, images[is_four][:, ::-1, ::-1], "conv_3")
    strong, weights = strong_points(activations, share=share), run.weights(len(images))
    by_threshold = [
        common_count_by_kind(
            strong if each == share else strong_points(activations, share=each),
            labels,
            strong_points(turned, share=each),
            sizes,
        )
        for each in THRESHOLDS
    ]
    of_class = [shared_by_three(strong[labels == k], weights[:, labels == k]) for k in range(CLASSES)]
    return {
        "shared": np.stack(by_threshold, axis=1),
        "spread": np.array(_spreads(strong[is_four], run.key("triples of 4s", net=net.number))),
        "three_fours": of_class[FOUR],
        "three_turned": shared_by_three(strong_points(turned, share=share), weights[:, is_four]),
        "three_others": np.mean(of_class[:FOUR] + of_class[FOUR + 1 :], axis=0),
        "own_share": own_share(strong, is_four, weights),
        "own_share_of_pixels": run.cached(
            "pixels",  # the brightest are strong
            lambda: own_share(strong_points(flat_pixels(images), share=share), is_four, weights),
        ),
    }


def _spreads(fours: StrongPoints, key: Key[Array, ""]) -> tuple[float, float]:
    """Standard deviation of shared points over drawn triples of 4s, and of independent points."""
    drawn = integers(key, (_SPREAD_DRAWS, _TRIPLE), len(fours))
    counts = fours[drawn].all(axis=1).sum(axis=1)
    return float(counts.std()), independent_std(fours.mean(axis=0), _TRIPLE)
