"""How far OIPs can be trusted: a card of numbers for every map, beside networks that cannot know anything.

The numbers are those of `experiments.cards`. *One pattern* (claim C40) means an agreement of 0.8 or more.
Start agreement (S4) is the mean correlation of pictures from starts of different single scales. Agreement
depends on how pictures may move; so it is also given for each preset, on the first network.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.data.digits import Digits
from cnnbook.experiments.cards import CARD, Carded, card_of
from cnnbook.experiments.experiment import NetsOf
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.oips import LAYERS, MIXED, NULLS, Config, as_bytes, best_of, config_of, starts_of
from cnnbook.experiments.resampling import statistic
from cnnbook.formatting import format_number
from cnnbook.keys import key_for
from cnnbook.maps import map_responses
from cnnbook.nets.geometry import SEEN
from cnnbook.oip.ascent import ascend
from cnnbook.oip.objective import SHAPES, map_mean
from cnnbook.oip.presets import PRESETS
from cnnbook.oip.quality import (
    ALIKE,
    agreement,
    below,
    partners,
)
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet


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
        card_of(net, "conv_3", digits, shown, heights, kinds)
        for net, shown, heights in zip(looked_at, pictures, reached, strict=True)
    ]
    cards, live = np.stack([each.numbers for each in found]), np.stack([each.live for each in found])
    count = len(reference)
    matched, unmatched = _transfer(reference, digits, pictures, reached)
    agreeing, scales = (
        [_of_live(cards[n, CARD.index(name)], live[n]) for n in range(count)]
        for name in ("agreement", "start_agreement")
    )
    one = [float((each >= ALIKE).mean()) for each in agreeing]
    return xr.Dataset(
        _first_network(reference[0], found[0], digits, oips) | {
            "card": (("net", "number", "map_conv_3"), cards[:count], {"units": "1"}),
            "live": (("net", "map_conv_3"), live[:count], {"units": "1"}),
            "null_card": (("null", "number", "map_conv_3"), cards[count:], {"units": "1"}),
            "null_live": (("null", "map_conv_3"), live[count:], {"units": "1"}),
            "transfer": (("net", "map_conv_3"), matched, {"units": "1"}),
            "transfer_unmatched": (("net", "map_conv_3"), unmatched, {"units": "1"}),
            "by_preset": (("preset", "map_conv_3"), _by_preset(reference[0], config), {"units": "1"}),
            "one_mode_share": statistic(one, "share of live maps whose OIPs from many starts agree"),
            "start_agreement": statistic(
                [float(each.mean()) for each in scales], "correlation of OIPs from starts of different scales"
            ),
        },
        coords={"net": [net.number for net in reference], "null": list(NULLS), "number": list(CARD),
                "preset": list(PRESETS)},
        attrs={"claims": "C40 S4", "data": digits.name, "alike": ALIKE},
    )  # fmt: skip


def _of_live(numbers: np.ndarray, live: np.ndarray) -> np.ndarray:
    """The numbers of live maps; a single 0 if there are none."""
    return numbers[live] if live.any() else np.zeros(1)


def _first_network(net: TrainedNet, conv_3: Carded, digits: Digits, oips: xr.Dataset) -> dict[str, Any]:
    """Of one network, every layer's modes, and the cards of the layers below Conv_3."""
    kinds = oips["kind"].values.astype(str)
    found: dict[str, Any] = {"mode_conv_3": (("map_conv_3", "mixed"), conv_3.mode, {"units": "1"})}
    for layer in LAYERS[:2]:
        shown, heights = oips[f"picture_{layer}"].values, oips[f"reached_{layer}"].values
        cards = card_of(net, layer, digits, shown, heights, kinds)
        found[f"mode_{layer}"] = ((f"map_{layer}", "mixed"), cards.mode, {"units": "1"})
        found[f"card_{layer}"] = (("number", f"map_{layer}"), cards.numbers, {"units": "1"})
        found[f"live_{layer}"] = (f"map_{layer}", cards.live, {"units": "1"})
    return found


def _by_preset(net: TrainedNet, config: Config) -> np.ndarray:
    """Agreement over mixed starts by preset and map of Conv_3."""
    starts, kinds = starts_of(config.own, config.seed)
    mixed = starts[np.array(kinds) == MIXED]
    objectives = [map_mean("conv_3", number) for number in range(SHAPES["conv_3"][2])]
    found = []
    for name, preset in PRESETS.items():
        key = key_for(config.seed, f"oip_quality/ascents by {name}")
        ascent = ascend(net, objectives, mixed, config.own.preset(preset), key=key)
        flat = ascent.pictures[:, :, :SEEN, :SEEN].reshape(len(objectives), len(mixed), -1)
        found.append([agreement(each[high > 0]) for each, high in zip(flat, ascent.reached, strict=True)])
    return np.array(found)


def _transfer(nets: Any, digits: Digits, pictures: Any, reached: Any) -> tuple[np.ndarray, np.ndarray]:
    """Where the partner's answer to an OIP lies among its answers to test images; and that of another map."""
    own = [map_responses(net, digits.test_images, ("conv_3",))["conv_3"].mean for net in nets]
    matched, unmatched = np.zeros((2, len(nets), own[0].shape[1]))
    for n in range(len(nets)):
        other = (n + 1) % len(nets)
        partner, _ = partners(own[n], own[other])
        shown = as_bytes(best_of(pictures[n], reached[n]))
        responses = map_responses(nets[other], shown, ("conv_3",))["conv_3"].mean
        for k in range(len(partner)):
            if reached[n][k].max() <= 0:  # no OIP
                matched[n, k] = unmatched[n, k] = np.nan
                continue
            for table, at in ((matched, partner[k]), (unmatched, partner[(k + 1) % len(partner)])):
                table[n, k] = below(float(responses[k, at]), own[other][:, at])
    return matched, unmatched


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Medians over live maps, for trained networks and for the nulls."""
    found = {"nets": str(result.sizes["net"]), "alike": f"{result.attrs['alike']:g}"}
    cards = {"": (result.card.isel(net=0), result.live.isel(net=0))} | {
        f"_{name.split()[0]}": (result.null_card.sel(null=name), result.null_live.sel(null=name))
        for name in NULLS
    }
    for end, (numbers, live) in cards.items():
        found[f"live{end}"] = str(int(live.sum()))
        for name in CARD:
            found[f"{name}{end}"] = _middle(numbers.sel(number=name).values, live.values, name)
    for name in ("transfer", "transfer_unmatched"):
        found[name] = f"{100 * float(result[name].mean()):.0f} %"
    live = result.live.isel(net=0).values
    for preset in result["preset"].values.astype(str):
        found[f"agreement_{preset}"] = f"{float(result.by_preset.sel(preset=preset).values[live].mean()):.2f}"
    found["one_mode"] = f"{100 * float(result.one_mode_share.mean()):.0f} %"
    found["scales"] = f"{float(result.start_agreement.mean()):.2f}"
    return found


def _middle(values: np.ndarray, live: np.ndarray, name: str) -> str:
    """The median over live maps, as text."""
    known = values[live & np.isfinite(values)]
    value = float(np.median(known)) if len(known) else 0.0
    return f"{value:.0f}" if name in ("rank", "modes") else format_number(value)


EXPERIMENT = LegacyExperiment(
    name="oip_quality",
    question="How far can the OIPs be trusted?",
    measure=measure,
    facts=facts,
    config=config_of,
    nets="recipes",
    recipes=("reference", "shuffled"),
    builds_on=("oips",),
)
