"""Points that three 4s have in common, counted beside what any three digits have in common.

The article marks a few points that are strong for all of its three 4s, and leaves open whether they say
"4". Any three digits share points, because some points are strong for almost everything; so the count of
the shown 4s stands beside that of other triples, and the marked points are looked up in all other images.

`expected` is the sum over points of p³, p being the share of 4s in which a point is strong. It is what
independent points would give, but it is also the mean count of random triples of 4s whatever points have
to do with each other: the mean of a sum does not see dependence. So a mean count says nothing about
combinations of points.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from cnnbook.config.profiles import Profile
from cnnbook.config.questions import CommonCountsConfig, CommonPointsConfig
from cnnbook.data.digits import Digits, chosen_images
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.shared_points import measure_shared, shared_facts
from cnnbook.experiments.triples import KINDS, triples_of
from cnnbook.fcp.common_points import Strong, common_counts, common_points, expected_count, strong_points
from cnnbook.inputs import BookInputs, ShownDigit
from cnnbook.keys import key_for
from cnnbook.maps import stream
from cnnbook.nets.geometry import geometry_of
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_2", "conv_3")
"""Where the article compares its digits."""


_UNITS = {
    "shown": "points",
    "also_one": "points",
    "also_two": "points",
    "expected": "points",
    "marked_in_fours": "1",
    "marked_in_others": "1",
}
"""What is counted for each layer and network, and its unit."""


class Config(NamedTuple):
    """What is compared: the rule's numbers, the digits shown, the seed, and how all tuples are counted."""

    rule: CommonPointsConfig
    shown: tuple[ShownDigit, ...]
    seed: int
    counts: CommonCountsConfig = CommonCountsConfig()
    resamples: int = 200


def _strong(net: TrainedNet, images: np.ndarray, share: float) -> dict[str, Strong]:
    """Strong points of every image on both layers."""
    parts: dict[str, list[Strong]] = {layer: [] for layer in LAYERS}
    for batch in stream(net, images, LAYERS):
        for layer in LAYERS:
            parts[layer].append(strong_points(batch[layer].reshape(len(batch[layer]), -1), share=share))
    return {layer: np.concatenate(parts[layer]) for layer in LAYERS}


def _mean_share(strong: Strong, marked: np.ndarray) -> float:
    """Share of images in which a marked point is strong, mean over the marked points; 0 if there are none."""
    return float(strong[:, marked].mean()) if marked.any() else 0.0


def _named(shown: Sequence[ShownDigit], label: int) -> list[int]:
    """Places of the shown digits of one class."""
    return [place for place, digit in enumerate(shown) if digit.label == label]


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Config) -> xr.Dataset:
    """Common points of the shown 4s and of random triples, on Conv_2 and Conv_3, for every network.

    Returns:
        `shown`: common points of the shown 4s; `also_one`, `also_two`: how many of them are strong in the
        shown 1 and 2 too; `marked_in_fours`, `marked_in_others`: the share of all test 4s, and of all other
        test images, in which such a point is strong, mean over these points; `count`: common points of each
        random triple; `expected`: see the module; `strong_LAYER`, `common_LAYER`: the first network's marks.
    """
    images = chosen_images(digits, config.shown)
    key = key_for(config.seed, "common_points/triples")
    triples = {
        kind: triples_of(kind, key=key, labels=digits.test_labels, count=config.rule.triples)
        for kind in KINDS
    }
    fours, one, two = (_named(config.shown, label) for label in (4, 1, 2))
    numbers = {name: np.zeros((len(LAYERS), len(nets))) for name in _UNITS}
    is_four = digits.test_labels == 4
    counts = np.zeros((len(LAYERS), len(KINDS), len(nets), config.rule.triples), np.int32)
    first: dict[str, Strong] = {}
    for n, net in enumerate(nets):
        shown = _strong(net, images, config.rule.strong_share)
        everyone = _strong(net, digits.test_images, config.rule.strong_share)
        first = first or shown
        for m, layer in enumerate(LAYERS):
            common = common_points(shown[layer][fours])
            numbers["shown"][m, n] = common.sum()
            numbers["also_one"][m, n] = (common & shown[layer][one].any(axis=0)).sum()
            numbers["also_two"][m, n] = (common & shown[layer][two].any(axis=0)).sum()
            numbers["expected"][m, n] = expected_count(everyone[layer][is_four], images=3)
            numbers["marked_in_fours"][m, n] = _mean_share(everyone[layer][is_four], common)
            numbers["marked_in_others"][m, n] = _mean_share(everyone[layer][~is_four], common)
            for k, kind in enumerate(KINDS):
                counts[m, k, n] = common_counts(everyone[layer], triples[kind])
    result = _dataset(numbers, counts, first, fours, nets, digits, config)
    shared = measure_shared(
        nets, digits, config.rule, config.counts, resamples=config.resamples, seed=config.seed
    )
    return result.merge(shared, combine_attrs="no_conflicts")


def _dataset(
    numbers: Mapping[str, np.ndarray],
    counts: np.ndarray,
    first: Mapping[str, Strong],
    fours: Sequence[int],
    nets: Sequence[TrainedNet],
    digits: Digits,
    config: Config,
) -> xr.Dataset:
    """Everything counted, with names and units."""
    result = xr.Dataset(
        {name: (("layer", "net"), values, {"units": _UNITS[name]}) for name, values in numbers.items()}
        | {"count": (("layer", "kind", "net", "triple"), counts, {"units": "points"})},
        coords={
            "layer": list(LAYERS),
            "kind": list(KINDS),
            "net": [net.number for net in nets],
            "digit": [digit.name for digit in config.shown],
        },
        attrs={
            "claims": "C25 C26",
            "data": digits.name,
            "strong_share": config.rule.strong_share,
            "points": [geometry_of()[layer].size ** 2 * geometry_of()[layer].layer.maps for layer in LAYERS],
        },
    )
    for layer in LAYERS:
        size, maps = geometry_of()[layer].size, geometry_of()[layer].layer.maps
        grid = first[layer].reshape(-1, size, size, maps)
        dims = (f"row_{layer}", f"col_{layer}", f"map_{layer}")
        result[f"strong_{layer}"] = (("digit", *dims), grid, {"units": "1"})
        result[f"common_{layer}"] = (dims, grid[list(fours)].all(axis=0), {"units": "1"})
    return result


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Counts for the shown 4s, for random triples and for many digits, mean over networks."""
    return {**triple_facts(result), **shared_facts(result)}


def triple_facts(result: xr.Dataset) -> Mapping[str, str]:
    """Counts for the shown 4s and for random triples, mean over networks."""
    found = {
        "share": _percent(result.attrs["strong_share"]),
        "nets": str(result.sizes["net"]),
        "triples": f"{result.sizes['triple']:,}",
        "clearer": max(LAYERS, key=lambda layer: _times(result.sel(layer=layer))).capitalize(),
    }
    for layer, points in zip(LAYERS, result.attrs["points"], strict=True):
        here = result.sel(layer=layer)
        first = here.isel(net=0)
        found |= {
            f"{layer}_points": f"{points:,}",
            f"{layer}_strong": str(round(result.attrs["strong_share"] * points)),
            f"{layer}_first": f"{int(first.shown)}",
            f"{layer}_first_one": f"{int(first.also_one)}",
            f"{layer}_first_two": f"{int(first.also_two)}",
            f"{layer}_shown": f"{float(here.shown.mean()):.0f}",
            f"{layer}_expected": f"{float(here.expected.mean()):.0f}",
            f"{layer}_rank": _percent(_rank(here)),
            f"{layer}_marked_in_fours": _percent(float(here.marked_in_fours.mean())),
            f"{layer}_marked_in_others": _percent(float(here.marked_in_others.mean())),
            f"{layer}_times": f"{_times(here):.1f}",
        }
        for kind in KINDS:
            found[f"{layer}_{str(kind).replace(' ', '_')}"] = f"{_mean(here, kind):.0f}"
    return found


def _mean(here: xr.Dataset, kind: str) -> float:
    """Mean count of one kind of triple, over networks and triples."""
    return float(here["count"].sel(kind=kind).mean())


def _times(here: xr.Dataset) -> float:
    """How many times as many points three 4s share as any three digits do; infinite if those share none."""
    anyone = _mean(here, "any three digits")
    return _mean(here, "three 4s") / anyone if anyone else float("inf")


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _rank(here: xr.Dataset) -> float:
    """Share of random triples of 4s with fewer common points than the shown ones, mean over networks."""
    return float((here["count"].sel(kind="three 4s") < here.shown).mean())


def _config(profile: Profile, seeds: BookInputs) -> Config:
    return Config(profile.common_points, seeds.shown, profile.seed, profile.common_counts, profile.resamples)


EXPERIMENT = LegacyExperiment(
    name="common_points",
    question="Do three 4s share more points than any three digits do?",
    measure=measure,
    facts=facts,
    config=_config,
)
