"""Partners of maps among many networks: which maps have one in each other network, and how alike they are."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from cnnbook.fcp.matching import (
    MapProfiles,
    WeightedSums,
    best_partners,
    map_correlations,
    resampled_correlations,
    weighted_sums,
)

CLOSE = 0.8
"""Correlation of profiles from which a map counts as found again in another network."""

Weights = Float[np.ndarray, "resample n"]


class Partners(NamedTuple):
    """How the maps of some networks are found again in the others.

    Attributes:
        universal: by number of the network and resample, share of maps with a close partner in all others.
        r: likewise, the mean correlation of a map and its partner, chosen on other images.
        least: of the first network's maps, the lowest correlation with a best partner.
    """

    universal: Float[np.ndarray, "nets resample"]
    r: Float[np.ndarray, "nets resample"]
    least: Float[np.ndarray, " maps"]


class _Side(NamedTuple):
    """One network of a pair, with what is computed of it once.

    Attributes:
        number: of the network.
        whole: profiles on all images.
        sums: of these, for each resample.
        half: profiles on the images on which partners are judged.
        half_sums: of these.
    """

    number: int
    whole: MapProfiles
    sums: WeightedSums
    half: MapProfiles
    half_sums: WeightedSums


def find_partners(groups: Sequence[Sequence[MapProfiles]], weights: Weights) -> Partners:
    """Compare every network with all others of another number.

    Args:
        groups: for each recipe the profiles of its networks, by number; those of one number start alike.
        weights: how often each resample holds each image.

    Raises:
        ValueError: there are fewer than two numbers, or not as many networks of each recipe.
    """
    counts = {len(group) for group in groups}
    if len(counts) != 1 or max(counts) < 2:
        raise ValueError(
            f"groups: {[len(group) for group in groups]} networks by recipe, expected as many of each and at "
            "least 2, which are compared with one another"
        )
    (count,) = counts
    sides = [_side(number, each, weights) for group in groups for number, each in enumerate(group)]
    maps = sides[0].whole.values.shape[2]
    close = np.ones((len(sides), len(weights), maps), bool)
    found, least = np.zeros((len(sides), len(weights))), np.ones(maps)
    for i, first in enumerate(sides):
        for j, second in enumerate(sides[:i]):
            if first.number == second.number:
                continue
            whole = map_correlations(first.whole.values, second.whole.values)
            half = map_correlations(first.whole.values[0::2], second.whole.values[0::2])
            close[i] &= _is_close(first, second, whole, weights)
            close[j] &= _is_close(second, first, whole.T, weights)
            found[i] += _judged(first, second, half, weights)
            found[j] += _judged(second, first, half.T, weights)
            if j == 0:
                least = np.minimum(least, whole.max(axis=0))
    others = len(sides) - len(groups)
    universal, r = (
        each.reshape(len(groups), count, -1).mean(axis=0) for each in (close.mean(axis=2), found / others)
    )
    return Partners(universal, r, least)


def find_again(
    groups: Sequence[Sequence[MapProfiles]], weights: Weights
) -> Float[np.ndarray, "nets resample"]:
    """The ceiling: the mean correlation of a map and its partner among its own network's maps.

    It is 1 but for maps that do not vary, on all images or on the half on which the partner is judged.

    Args:
        groups: see `find_partners`.
        weights: likewise.
    """

    def ceiling(number: int, profiles: MapProfiles) -> Float[np.ndarray, " resample"]:
        side = _side(number, profiles, weights)
        chosen = map_correlations(profiles.values[0::2], profiles.values[0::2])
        return _judged(side, side, chosen, weights)

    return np.mean([[ceiling(n, each) for n, each in enumerate(group)] for group in groups], axis=0)


def _side(number: int, profiles: MapProfiles, weights: Weights) -> _Side:
    half = MapProfiles(profiles.values[1::2])
    return _Side(
        number, profiles, weighted_sums(profiles, weights), half, weighted_sums(half, weights[:, 1::2])
    )


def _is_close(
    first: _Side, second: _Side, r: Float[np.ndarray, "maps others"], weights: Weights
) -> Bool[np.ndarray, "resample maps"]:
    """Whether each map of the first network has a close partner in the second, in every resample."""
    sums = first.sums, second.sums
    again = resampled_correlations(first.whole, second.whole, best_partners(r), weights, sums=sums)
    return again >= CLOSE


def _judged(
    first: _Side, second: _Side, r: Float[np.ndarray, "maps others"], weights: Weights
) -> Float[np.ndarray, " resample"]:
    """The mean correlation with partners that were chosen by `r`, on the other half of the images."""
    sums, partner = (first.half_sums, second.half_sums), best_partners(r)
    return resampled_correlations(first.half, second.half, partner, weights[:, 1::2], sums=sums).mean(axis=1)
