"""Quality scores of a map: numbers that say how far its OIPs can be trusted.

For each map, from the ascents that start from mixed fluctuations and wake the map:

relative_activation: the best OIP's response by that to the best training image. agreement: mean correlation
of the pictures, 0 for fewer than two. modes: how many different pictures there are. rank: of the map among
all of its layer, when the best OIP is shown (1 is specific). transfer: share of test images that the partner
map in another network responds to less than to this OIP. patch_distance: distance to the nearest patches of
digits, by that of held-out patches. path: likeness of the layer below under OIP and under the strongest
digits, by that of these digits among themselves. The last five are not a number for a map without an OIP.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from cnnbook.data.digits import Digits
from cnnbook.maps import MapResponses, flat_maps, map_responses
from cnnbook.nets.geometry import CROP, geometry_of
from cnnbook.oip.layer import MIXED, LayerOIPs
from cnnbook.oip.quality import (
    agreement,
    cluster_modes,
    correlations,
    map_rank,
    patch_distance,
    path_similarity,
)
from cnnbook.oip.start import as_bytes
from cnnbook.training.trained import TrainedNet

CARD = ("relative_activation", "agreement", "modes", "rank", "patch_distance", "path", "start_agreement")
"""Names of the scores, apart from transfer, which needs two networks."""

BELOW = {"conv_1": "image", "conv_2": "pool_1", "conv_3": "pool_2"}
"""The layer whose activations are compared for the path."""

PATCHES = 3000
"""Patches of training images that a picture is compared with."""

KEPT_ASIDE = 400
"""Patches of test images, for the distance of digits among themselves."""

STRONGEST = 10
"""Strongest digits of a map, for its path."""


class QualityScores(NamedTuple):
    """Scores of the maps of a layer.

    Attributes:
        numbers: those of `CARD`, by map.
        live: which maps ever answer to a training image.
        mode: of the picture from each mixed start, by map: 0 for the largest, −1 where it does not wake the
            map.
    """

    numbers: Float[np.ndarray, "numbers maps"]
    live: Bool[np.ndarray, " maps"]
    mode: Int[np.ndarray, "maps mixed"]


def quality_scores(net: TrainedNet, layer: str, digits: Digits, oips: LayerOIPs) -> QualityScores:
    """Quality scores of all maps of a layer.

    Args:
        net: whose maps.
        layer: conv_1, conv_2 or conv_3.
        digits: what OIPs are compared with.
        oips: of the layer.
    """
    mixed, is_mixed = oips.from_starts(MIXED), oips.kinds == MIXED
    seen = map_responses(net, digits.train_images, (layer,))[layer]
    top, live = seen.mean.max(axis=0), seen.largest.max(axis=0) > 0
    best, found = mixed.best, mixed.has_oip
    shown = as_bytes(best)
    responses = map_responses(net, shown, (layer,))[layer].mean
    maps, woken = len(shown), oips.reached > 0
    flat = oips.pictures[:, :, :CROP, :CROP].reshape(maps, len(oips.kinds), -1)
    which = _modes(flat[:, is_mixed], woken[:, is_mixed])
    mean, spread = seen.mean.mean(axis=0), seen.mean.std(axis=0)
    numbers = {
        "relative_activation": np.divide(mixed.reached.max(axis=1), top, out=np.zeros(maps), where=top > 0),
        "agreement": [agreement(each[is_mixed & awake]) for each, awake in zip(flat, woken, strict=True)],
        "modes": which.max(axis=1) + 1,
        "rank": np.where(found, [map_rank(k, responses[k], mean, spread) for k in range(maps)], np.nan),
        "patch_distance": np.where(found, _patch_distance(best, layer, digits), np.nan),
        "path": np.where(found, _path(net, layer, shown, seen, digits), np.nan),
        "start_agreement": [
            _across(each[awake], oips.kinds[awake]) for each, awake in zip(flat, woken, strict=True)
        ],
    }
    return QualityScores(np.array([numbers[name] for name in CARD], np.float64), live, which)


def _modes(flat: np.ndarray, woken: np.ndarray) -> np.ndarray:
    """The mode of each map's pictures, 0 for the largest; −1 where a start does not wake the map."""
    found = np.full(woken.shape, -1)
    for k, awake in enumerate(woken):
        if awake.any():
            found[k, awake] = cluster_modes(flat[k, awake]).numbers
    return found


def _across(pictures: np.ndarray, kinds: np.ndarray) -> float:
    """Mean correlation of pictures from starts of two different single scales."""
    single = kinds != MIXED
    r, scale = correlations(pictures[single], pictures[single]), kinds[single]
    other = scale[:, None] != scale[None]
    return float(r[other].mean()) if other.any() else 0.0


def _patch_distance(best: np.ndarray, layer: str, digits: Digits) -> np.ndarray:
    """Of each OIP inside the window of the layer's middle point."""
    about = geometry_of()[layer]
    start, stop = about.window(about.size // 2)
    inside = (slice(None), slice(start, stop + 1), slice(start, stop + 1))
    rows = [
        part[inside].reshape(len(part), -1).astype(np.float64)
        for part in (best, digits.train_images[:PATCHES], digits.test_images[:KEPT_ASIDE])
    ]
    return patch_distance(*rows)


def _path(net: TrainedNet, layer: str, shown: np.ndarray, seen: MapResponses, digits: Digits) -> np.ndarray:
    """Likeness of the layer below under each OIP and its map's strongest digits, by that of the digits."""
    name, found = BELOW[layer], np.zeros(len(shown))
    strongest = np.argsort(-seen.mean, axis=0)[:STRONGEST].T
    chosen, places = np.unique(strongest, return_inverse=True)
    both = np.concatenate([shown, digits.train_images[chosen]])
    rows = both.reshape(len(both), -1) / 255 if name == "image" else flat_maps(net, both, name)
    natural = rows[len(shown) :]
    for k, which in enumerate(places.reshape(strongest.shape)):
        alike, among = path_similarity(rows[k : k + 1], natural[which])
        found[k] = alike[0] / among if among > 0 else 0.0
    return found
