"""Quality scores of a map: numbers that say how far its OIPs can be trusted.

For each map, from the ascents that start from mixed fluctuations and wake the map:

relative_activation: the best OIP's response by that to the best training image. agreement: mean correlation
of the pictures after the best shift, 0 for fewer than two. modes: how many different pictures there are,
whatever their place. rank: of the map among all of its layer, when the best OIP is shown (1 is specific).
transfer: share of test images that the partner map in another network responds to less than to this OIP.
patch_distance: distance to the nearest patches of digits, by that of held-out patches. path: likeness of the
layers below under the OIP and under the strongest digits, mean over layers: 1 is that of these digits among
themselves, 0 that of random digits. start_agreement: the agreement of pictures from starts of two different
single scales. Rank, transfer, patch_distance and path are not a number for a map without an OIP.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8
from scipy.stats import rankdata

from cnnbook.arrays import RawImages
from cnnbook.data.digits import Digits
from cnnbook.data.subsets import stratified_subset
from cnnbook.maps import MapResponses, flat_maps, map_responses
from cnnbook.nets.geometry import CROP, geometry_of
from cnnbook.oip.alignment import aligned_likeness
from cnnbook.oip.layer import MIXED, LayerOIPs
from cnnbook.oip.quality import (
    cluster_modes,
    correlations,
    map_rank,
    mean_of_pairs,
    patch_distance,
    path_score,
)
from cnnbook.oip.start import as_bytes
from cnnbook.training.trained import TrainedNet

CARD = ("relative_activation", "agreement", "modes", "rank", "patch_distance", "path", "start_agreement")
"""Names of the scores, apart from transfer, which needs two networks."""

BELOW = {
    "conv_1": ("image",),
    "conv_2": ("image", "pool_1"),
    "conv_3": ("image", "pool_1", "pool_2"),
}
"""The layers whose activations are compared for the path: what each convolution is given."""

PATCHES = 3000
"""Patches of training images that a picture is compared with."""

KEPT_ASIDE = 400
"""Patches of test images, for the distance of digits among themselves."""

STRONGEST = 6
"""Strongest digits of a map, for its path."""

UNRELATED = 20
"""Test images that stand for digits in general, for the path that a picture would take by chance."""


class QualityScores(NamedTuple):
    """Scores of the maps of a layer.

    Attributes:
        numbers: those of `CARD`, by map.
        live: which maps ever answer to one of the training images.
        mean: response of each map to these, on average.
        spread: its standard deviation.
        mode: of the picture from each mixed start, by map: 0 for the largest, −1 where it does not wake the
            map.
    """

    numbers: Float[np.ndarray, "numbers maps"]
    live: Bool[np.ndarray, " maps"]
    mean: Float[np.ndarray, " maps"]
    spread: Float[np.ndarray, " maps"]
    mode: Int[np.ndarray, "maps mixed"]


def quality_scores(
    net: TrainedNet, layer: str, digits: Digits, oips: LayerOIPs, *, images: int = 20000
) -> QualityScores:
    """Quality scores of all maps of a layer.

    Args:
        net: whose maps.
        layer: conv_1, conv_2 or conv_3.
        digits: what OIPs are compared with.
        oips: of the layer.
        images: training images whose responses count, at most.
    """
    mixed, train = oips.from_starts(MIXED), digits.train_images[:images]
    seen = map_responses(net, train, (layer,))[layer]
    top, live = seen.mean.max(axis=0), seen.largest.max(axis=0) > 0
    best, found = mixed.best, mixed.has_oip
    shown = as_bytes(best)
    responses = map_responses(net, shown, (layer,))[layer].mean
    maps, mean, spread = range(len(shown)), seen.mean.mean(axis=0), seen.mean.std(axis=0)
    alike = [_of_one_map(oips, k) for k in maps]
    numbers = {
        "relative_activation": np.divide(
            mixed.reached.max(axis=1), top, out=np.zeros(len(top)), where=top > 0
        ),
        "agreement": [each.agreement for each in alike],
        "modes": [each.mode.max(initial=-1) + 1 for each in alike],
        "rank": np.where(found, [map_rank(k, responses[k], mean, spread) for k in maps], np.nan),
        "patch_distance": np.where(found, _patch_distance(best, layer, digits), np.nan),
        "path": np.where(found, _path(net, layer, shown, train, seen, digits), np.nan),
        "start_agreement": [each.start_agreement for each in alike],
    }
    table = np.array([numbers[name] for name in CARD], np.float64)
    return QualityScores(table, live, mean, spread, np.array([each.mode for each in alike]))


class _Likeness(NamedTuple):
    """How alike the pictures of one map are, wherever in the picture their patterns lie."""

    agreement: float
    start_agreement: float
    mode: Int[np.ndarray, " mixed"]


def _of_one_map(oips: LayerOIPs, index: int) -> _Likeness:
    """The likeness of a map's pictures; those of starts that do not wake it do not count."""
    awake, is_mixed = oips.reached[index] > 0, oips.kinds == MIXED
    likeness = np.zeros((len(awake), len(awake)))
    likeness[np.ix_(awake, awake)] = aligned_likeness(oips.pictures[index, awake, :CROP, :CROP])
    mixed = np.ix_(awake & is_mixed, awake & is_mixed)
    mode = np.full(len(awake), -1)
    if likeness[mixed].size:
        mode[awake & is_mixed] = cluster_modes(likeness[mixed]).numbers
    single = awake & ~is_mixed
    other = (oips.kinds[:, None] != oips.kinds) & single[:, None] & single
    across = float(likeness[other].mean()) if other.any() else 0.0
    return _Likeness(mean_of_pairs(likeness[mixed]), across, mode[is_mixed])


def _patch_distance(best: np.ndarray, layer: str, digits: Digits) -> np.ndarray:
    """Of each OIP inside the window of the layer's middle point."""
    about = geometry_of()[layer]
    start, stop = about.window(about.size // 2)
    inside = (slice(None), slice(start, stop + 1), slice(start, stop + 1))
    rows = [
        part[inside].reshape(len(part), -1).astype(np.float64)
        for part in (best, digits.train_images[:PATCHES], stratified_subset(digits, KEPT_ASIDE)[0])
    ]
    return patch_distance(*rows)


def _path(
    net: TrainedNet,
    layer: str,
    shown: UInt8[np.ndarray, "maps 28 28"],
    train: RawImages,
    seen: MapResponses,
    digits: Digits,
) -> Float[np.ndarray, " maps"]:
    """The path of each map's OIP: mean likeness over the layers below, between random and strong digits."""
    strongest = np.argsort(-seen.mean, axis=0)[:STRONGEST].T
    chosen, places = np.unique(strongest, return_inverse=True)
    unrelated = stratified_subset(digits, UNRELATED)[0]
    both = np.concatenate([train[chosen], shown, unrelated])
    oip, other = len(chosen), len(chosen) + len(shown)
    likeness = np.zeros((3, len(shown)))
    for name in BELOW[layer]:
        rows = both.reshape(len(both), -1) if name == "image" else flat_maps(net, both, name)
        ranks = rankdata(rows, axis=1)
        r = correlations(ranks, ranks[:oip])
        for k, which in enumerate(places.reshape(strongest.shape)):
            among, random = mean_of_pairs(r[np.ix_(which, which)]), r[other:][:, which].mean()
            likeness[:, k] += np.array([r[oip + k, which].mean(), among, random]) / len(BELOW[layer])
    return np.array([path_score(*each) for each in likeness.T])
