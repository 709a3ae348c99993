"""How far OIPs can be trusted: a card of numbers for every map, beside networks that cannot know anything.

For each map, from the ascents of `experiments.oips` that start from mixed fluctuations:

reach: the best OIP's answer by that of the best training image. agreement: mean correlation of the pictures
from all starts. modes: how many different pictures there are. rank: of the map among all of its layer, when
the best OIP is shown (1 is specific). transfer: share of test images that the partner map in another network
answers to less than to this OIP. strangeness: distance to the nearest patches of digits, by that of patches
kept aside. path: likeness of the layer below under OIP and under the strongest digits, by that of these
digits among themselves.

*One pattern* (claim C40) means an agreement of 0.8 or more. Start agreement (S4) is the mean correlation of
pictures from starts of different single scales.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.data.digits import Digits
from cnnbook.experiments.experiment import Experiment, NetsOf
from cnnbook.experiments.map_answers import Answers, answers
from cnnbook.experiments.oips import LAYERS, MIXED, NULLS, Config, best_of, config_of
from cnnbook.experiments.resampling import statistic
from cnnbook.maps import stream
from cnnbook.nets.geometry import SEEN, geometry_of
from cnnbook.oip.quality import (
    ALIKE,
    agreement,
    below,
    correlations,
    modes,
    partners,
    rank_of,
    same_path,
    strangeness,
)
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

CARD = ("reach", "agreement", "modes", "rank", "strangeness", "path", "start_agreement")
"""What stands on a map's card, apart from transfer, which needs two networks."""

BELOW = {"conv_1": "image", "conv_2": "pool_1", "conv_3": "pool_2"}
"""The layer whose activations are compared for the path."""

PATCHES, KEPT_ASIDE, STRONGEST = 3000, 400, 10
"""Patches of training images, patches of test images, and strongest digits of a map for its path."""


def measure(nets: NetsOf, digits: Digits, config: Config, oips: xr.Dataset) -> xr.Dataset:
    """The cards of all maps of the first network, of Conv_3 in every network, and of Conv_3 in both nulls.

    Returns:
        `card_LAYER` by number and map; `card` by number, net and map; `null_card` by number, null and map;
        `live` and `null_live`; `transfer` by net and map and `transfer_unmatched`; and the statistics.
    """
    kinds = oips["kind"].values.astype(str)
    reference = nets["reference"]
    looked_at = [*reference, untrained(reference[0]), nets["shuffled"][0]]
    pictures = [*oips.picture.values, *oips.null_picture.values]
    reached = [*oips.reached.values, *oips.null_reached.values]
    found = [
        _card(net, "conv_3", digits, shown, heights, kinds)
        for net, shown, heights in zip(looked_at, pictures, reached, strict=True)
    ]
    cards, live = np.stack([card for card, _ in found]), np.stack([alive for _, alive in found])
    count = len(reference)
    lower: dict[str, Any] = {
        f"mode_{layer}": ((f"map_{layer}", "mixed"), _modes(oips, layer, kinds == MIXED), {"units": "1"})
        for layer in LAYERS
    }  # fmt: skip
    for layer in LAYERS[:2]:
        card, alive = _card(reference[0], layer, digits, oips[f"picture_{layer}"].values,
                            oips[f"reached_{layer}"].values, kinds)  # fmt: skip
        lower[f"card_{layer}"] = (("number", f"map_{layer}"), card, {"units": "1"})
        lower[f"live_{layer}"] = (f"map_{layer}", alive, {"units": "1"})
    matched, unmatched = _transfer(reference, digits, pictures, reached)
    by_net = {name: cards[:count, k] for k, name in enumerate(CARD)}
    one = [np.mean(each[alive] >= ALIKE) if alive.any() else 0.0
           for each, alive in zip(by_net["agreement"], live, strict=False)]  # fmt: skip
    scales = [each[alive].mean() if alive.any() else 0.0
              for each, alive in zip(by_net["start_agreement"], live, strict=False)]  # fmt: skip
    return xr.Dataset(
        lower | {
            "card": (("net", "number", "map_conv_3"), cards[:count], {"units": "1"}),
            "live": (("net", "map_conv_3"), live[:count], {"units": "1"}),
            "null_card": (("null", "number", "map_conv_3"), cards[count:], {"units": "1"}),
            "null_live": (("null", "map_conv_3"), live[count:], {"units": "1"}),
            "transfer": (("net", "map_conv_3"), matched, {"units": "1"}),
            "transfer_unmatched": (("net", "map_conv_3"), unmatched, {"units": "1"}),
            "one_mode_share": statistic(one, "share of live maps whose OIPs from many starts agree"),
            "start_agreement": statistic(scales, "correlation of OIPs from starts of different scales"),
        },
        coords={"net": [net.number for net in reference], "null": list(NULLS), "number": list(CARD)},
        attrs={"claims": "C40 S4", "data": digits.name, "alike": ALIKE},
    )  # fmt: skip


def _card(
    net: TrainedNet, layer: str, digits: Digits, pictures: np.ndarray, reached: np.ndarray, kinds: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of `CARD` by map, and which maps ever answer to a training image."""
    mixed = kinds == MIXED
    seen = answers(net, digits.train_images, (layer,))[layer]
    top, live = seen.mean.max(axis=0), seen.largest.max(axis=0) > 0
    best = best_of(pictures[:, mixed], reached[:, mixed])
    shown = np.rint(255 * best).astype(np.uint8)
    responses = answers(net, shown, (layer,))[layer].mean
    maps, flat = len(pictures), pictures[:, :, :SEEN, :SEEN].reshape(len(pictures), len(kinds), -1)
    mean, spread = seen.mean.mean(axis=0), seen.mean.std(axis=0)
    card = {
        "reach": np.divide(reached[:, mixed].max(axis=1), top, out=np.zeros(maps), where=top > 0),
        "agreement": [agreement(each[mixed]) for each in flat],
        "modes": [len(modes(each[mixed]).typical) for each in flat],
        "rank": [rank_of(k, responses[k], mean, spread) for k in range(maps)],
        "strangeness": _strangeness(best, layer, digits),
        "path": _path(net, layer, shown, seen, digits),
        "start_agreement": [_across(each, kinds) for each in flat],
    }
    return np.array([card[name] for name in CARD], np.float64), live


def _modes(oips: xr.Dataset, layer: str, mixed: np.ndarray) -> np.ndarray:
    """The mode of each map's pictures, by map and start: 0 for the largest."""
    pictures = oips[f"picture_{layer}"].values[:, mixed]
    flat = pictures[:, :, :SEEN, :SEEN].reshape(*pictures.shape[:2], -1)
    return np.stack([modes(each).of_picture for each in flat])


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


def _transfer(nets: Any, digits: Digits, pictures: Any, reached: Any) -> tuple[np.ndarray, np.ndarray]:
    """Where the partner's answer to an OIP lies among its answers to test images; and that of another map."""
    own = [answers(net, digits.test_images, ("conv_3",))["conv_3"].mean for net in nets]
    matched, unmatched = np.zeros((2, len(nets), own[0].shape[1]))
    for n in range(len(nets)):
        other = (n + 1) % len(nets)
        partner, _ = partners(own[n], own[other])
        shown = np.rint(255 * best_of(pictures[n], reached[n])).astype(np.uint8)
        responses = answers(nets[other], shown, ("conv_3",))["conv_3"].mean
        for k in range(len(partner)):
            for table, at in ((matched, partner[k]), (unmatched, partner[(k + 1) % len(partner)])):
                table[n, k] = below(responses[k, at], own[other][:, at])
    return matched, unmatched


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Medians over live maps, for trained networks and for the nulls."""
    found = {"nets": str(result.sizes["net"]), "alike": f"{result.attrs['alike']:g}"}
    cards = {"": (result.card.isel(net=0), result.live.isel(net=0))} | {
        f"_{name.split()[0]}": (result.null_card.sel(null=name), result.null_live.sel(null=name))
        for name in NULLS
    }
    for end, (card, live) in cards.items():
        found[f"live{end}"] = str(int(live.sum()))
        for name in CARD:
            found[f"{name}{end}"] = _middle(card.sel(number=name).values, live.values, name)
    for name in ("transfer", "transfer_unmatched"):
        found[name] = f"{100 * float(result[name].mean()):.0f} %"
    found["one_mode"] = f"{100 * float(result.one_mode_share.mean()):.0f} %"
    found["scales"] = f"{float(result.start_agreement.mean()):.2f}"
    return found


def _middle(values: np.ndarray, live: np.ndarray, name: str) -> str:
    """The median over live maps, as text."""
    value = float(np.median(values[live])) if live.any() else 0.0
    return f"{value:.0f}" if name in ("rank", "modes") else f"{value:.2f}".replace("-", "−")


EXPERIMENT = Experiment(
    name="oip_quality",
    question="How far can the OIPs be trusted?",
    measure=measure,
    facts=facts,
    config=config_of,
    nets="recipes",
    recipes=("reference", "shuffled"),
    builds_on=("oips",),
)
