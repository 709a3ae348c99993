"""The quality card of a map: numbers that say how far its OIPs can be trusted.

For each map, from the ascents of `experiments.oips` that start from mixed fluctuations and wake the map:

reach: the best OIP's answer by that of the best training image. agreement: mean correlation of the pictures,
0 for fewer than two. modes: how many different pictures there are. rank: of the map among all of its layer,
when the best OIP is shown (1 is specific). transfer: share of test images that the partner map in another
network answers to less than to this OIP. strangeness: distance to the nearest patches of digits, by that of
patches kept aside. path: likeness of the layer below under OIP and under the strongest digits, by that of
these digits among themselves. The last five are not a number for a map without an OIP.
"""

import numpy as np
import xarray as xr

from cnnbook.data.digits import Digits
from cnnbook.experiments.map_answers import Answers, answers
from cnnbook.experiments.oips import MIXED, best_of
from cnnbook.maps import stream
from cnnbook.nets.geometry import SEEN, geometry_of
from cnnbook.oip.quality import agreement, correlations, modes, rank_of, same_path, strangeness
from cnnbook.training.trained import TrainedNet

CARD = ("reach", "agreement", "modes", "rank", "strangeness", "path", "start_agreement")
"""What stands on a map's card, apart from transfer, which needs two networks."""

BELOW = {"conv_1": "image", "conv_2": "pool_1", "conv_3": "pool_2"}
"""The layer whose activations are compared for the path."""

PATCHES, KEPT_ASIDE, STRONGEST = 3000, 400, 10
"""Patches of training images, patches of test images, and strongest digits of a map for its path."""


def card_of(
    net: TrainedNet, layer: str, digits: Digits, pictures: np.ndarray, reached: np.ndarray, kinds: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of `CARD` by map, and which maps ever answer to a training image."""
    mixed = kinds == MIXED
    seen = answers(net, digits.train_images, (layer,))[layer]
    top, live = seen.mean.max(axis=0), seen.largest.max(axis=0) > 0
    best = best_of(pictures[:, mixed], reached[:, mixed])
    shown = np.rint(255 * best).astype(np.uint8)
    responses = answers(net, shown, (layer,))[layer].mean
    maps, woken = len(pictures), reached > 0
    flat = pictures[:, :, :SEEN, :SEEN].reshape(maps, len(kinds), -1)
    found = woken[:, mixed].any(axis=1)
    mean, spread = seen.mean.mean(axis=0), seen.mean.std(axis=0)
    numbers = {
        "reach": np.divide(reached[:, mixed].max(axis=1), top, out=np.zeros(maps), where=top > 0),
        "agreement": [agreement(each[mixed & awake]) for each, awake in zip(flat, woken, strict=True)],
        "modes": [
            len(modes(each[mixed & awake]).typical) if awake[mixed].any() else 0
            for each, awake in zip(flat, woken, strict=True)
        ],
        "rank": np.where(found, [rank_of(k, responses[k], mean, spread) for k in range(maps)], np.nan),
        "strangeness": np.where(found, _strangeness(best, layer, digits), np.nan),
        "path": np.where(found, _path(net, layer, shown, seen, digits), np.nan),
        "start_agreement": [
            _across(each[awake], kinds[awake]) for each, awake in zip(flat, woken, strict=True)
        ],
    }
    return np.array([numbers[name] for name in CARD], np.float64), live


def modes_by_start(oips: xr.Dataset, layer: str, mixed: np.ndarray) -> np.ndarray:
    """The mode of each map's pictures, 0 for the largest; −1 where a start does not wake the map.

    Args:
        oips: the result of that name.
        layer: whose maps.
        mixed: which starts are looked at.
    """
    pictures = oips[f"picture_{layer}"].values[:, mixed]
    woken = oips[f"reached_{layer}"].values[:, mixed] > 0
    found = np.full(woken.shape, -1)
    for k, awake in enumerate(woken):
        if awake.any():
            found[k, awake] = modes(pictures[k, awake][:, :SEEN, :SEEN].reshape(awake.sum(), -1)).of_picture
    return found


def _across(pictures: np.ndarray, kinds: np.ndarray) -> float:
    """Mean correlation of pictures from starts of two different single scales."""
    single = kinds != MIXED
    r, scale = correlations(pictures[single], pictures[single]), kinds[single]
    other = scale[:, None] != scale[None]
    return float(r[other].mean()) if other.any() else 0.0


def _strangeness(best: np.ndarray, layer: str, digits: Digits) -> np.ndarray:
    """Of each OIP inside the window of the layer's middle point."""
    about = geometry_of()[layer]
    start, stop = about.window(about.size // 2)
    inside = (slice(None), slice(start, stop + 1), slice(start, stop + 1))
    rows = [
        part[inside].reshape(len(part), -1).astype(np.float64)
        for part in (best, digits.train_images[:PATCHES], digits.test_images[:KEPT_ASIDE])
    ]
    return strangeness(*rows)


def _path(net: TrainedNet, layer: str, shown: np.ndarray, seen: Answers, digits: Digits) -> np.ndarray:
    """Likeness of the layer below under each OIP and its map's strongest digits, by that of the digits."""
    name, found = BELOW[layer], np.zeros(len(shown))
    count = min(STRONGEST, len(seen.mean))
    for k in range(len(shown)):
        images = digits.train_images[np.argsort(-seen.mean[:, k])[:count]]
        rows = _flat(net, np.concatenate([shown[k : k + 1], images]), name)
        alike, among = same_path(rows[:1], rows[1:])
        found[k] = alike[0] / among if among > 0 else 0.0
    return found


def _flat(net: TrainedNet, images: np.ndarray, layer: str) -> np.ndarray:
    """Activations of a layer, or pixels, one row an image."""
    if layer == "image":
        return images.reshape(len(images), -1).astype(np.float64)
    parts = [part[layer] for part in stream(net, images, (layer,))]
    return np.concatenate([part.reshape(len(part), -1) for part in parts])
