"""The contents of a map's page as plain data: numbers with their texts, classes, partners, points."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.formatting import format_number

Record = dict[str, Any]
Results = Mapping[str, xr.Dataset]

LAYERS = ("conv_1", "conv_2", "conv_3")

NUMBERS = (
    ("selectivity", "selectivity", "mean response to its class less that to the others, by their sum"),
    ("auc", "AUC", "how well it separates that class from the others; 0.5 is chance level"),
    ("active", "active", "share of test images in which it is not silent"),
    ("cost", "cost", "accuracy lost without it, percentage points"),
    (
        "reach",
        "relative activation",
        "activation by its best OIP over that by the best training image",
    ),
    ("agreement", "agreement", "mean correlation of its OIPs from many starts"),
    ("modes", "modes", "different OIPs among these"),
    ("rank", "rank", "among the layer's maps, when its OIP is shown; 1 is specific"),
    ("strangeness", "patch distance", "its OIP's distance to patches of digits; 1 is that of digits"),
    ("path", "path", "likeness of the layer below under OIP and digits; 1 is that of digits"),
    ("start_agreement", "scales", "correlation of OIPs from starts of different scales"),
    ("transfer", "transfer", "share of images that its partner responds to less than to its OIP"),
    ("partner", "partner", "correlation with its partner, mean over the other networks"),
)
"""Numbers of a map: key, name and what it is."""

_PUBLISHED = {"relative_activation": "reach", "patch_distance": "strangeness"}
"""Keys of the card that `atlas.json` has published under another name, which stays."""

_PERCENT = ("active", "transfer")
_WHOLE = ("modes", "rank")


def records_of(results: Results, layer: str) -> list[Record]:
    """One record for each map of a layer, in their order.

    Args:
        results: "units", "oip_quality", "oips" and "classes".
        layer: conv_1, conv_2 or conv_3.
    """
    units, quality, oips = results["units"], results["oip_quality"], results["oips"]
    table = _numbers(units, quality, layer)
    tuning = units[f"tuning_{layer}"].transpose("class", f"map_{layer}").values
    partner, r = (units[f"{name}_{layer}"].values for name in ("partner", "partner_r"))
    reached = oips[f"reached_{layer}"].values
    best = table.pop("best_class").astype(int)
    return [
        {
            "layer": layer,
            "map": k,
            "class": int(best[k]) if tuning[:, k].max() > 0 else None,
            "numbers": {name: _plain(values[k]) for name, values in table.items()},
            "tuning": [float(value) for value in tuning[:, k]],
            "partners": [
                {"net": int(net), "map": int(partner[n, k]), "r": round(float(r[n, k]), 3)}
                for n, net in enumerate(units["other"].values)
            ],
            "woken": int((reached[k] > 0).sum()),
            "starts": int(reached.shape[1]),
            "points": _points(results, k) if layer == "conv_3" else [],
        }
        for k in range(tuning.shape[1])
    ]


def _numbers(units: xr.Dataset, quality: xr.Dataset, layer: str) -> dict[str, np.ndarray]:
    """All numbers of a layer's maps, by key."""
    own = units[f"number_{layer}"]
    numbers = {str(name): own.sel(number=name).values for name in own["number"].values}
    numbers["cost"] = 100 * numbers["cost"]
    card = quality["card"].isel(net=0) if layer == "conv_3" else quality[f"card_{layer}"]
    numbers |= {
        _PUBLISHED.get(name, name): card.sel(number=name).values for name in card["number"].values.astype(str)
    }
    if layer == "conv_3":
        numbers["transfer"] = quality["transfer"].isel(net=0).values
    numbers["partner"] = units[f"partner_r_{layer}"].mean("other").values
    return numbers


def _points(results: Results, number: int) -> list[list[float]]:
    """Of the nine points of a Conv_3 map, the share of the variance that the class explains, by row."""
    explained = results["classes"]["explained"].isel(net=0).values.reshape(3, 3, 128)
    return [[round(float(value), 3) for value in row] for row in explained[:, :, number]]


def _plain(value: float) -> float | None:
    """A number for JSON; None if it is not one."""
    return round(float(value), 4) if math.isfinite(value) else None


def text_of(name: str, value: float | None) -> str:
    """A number as pages write it; a dash if there is none."""
    if value is None:
        return "–"
    if name in _PERCENT:
        return f"{100 * value:.0f} %"
    return format_number(value, ".0f" if name in _WHOLE else ".2f")


def in_words(record: Record) -> str:
    """A map in a sentence or two, for descriptions and for those who do not see its pictures."""
    if record["class"] is None:
        first = "It responds to no test image: a dead map."
    else:
        auc = text_of("auc", record["numbers"]["auc"])
        first = f"It responds most to {record['class']}s (AUC {auc} against the other classes)."
    if not record["woken"]:
        return f"{first} No start activates it, so it has no OIP."
    starts = f"{record['woken']} of {record['starts']} starts activate it"
    reach = text_of("reach", record["numbers"]["reach"])
    return f"{first} {starts}; its best OIP reaches {reach} times the best training image."


def address_of(layer: str, number: int) -> str:
    """The address of a map's page, which never changes."""
    return f"atlas/{layer}/{number:03d}.html"


def overview_of(layer: str) -> str:
    """The address of a layer's overview."""
    return f"atlas/{layer}.html"


def name_of(layer: str, number: int) -> str:
    """A map as prose calls it."""
    return f"Map {number} of {layer.capitalize()}"


def columns_of(records: Sequence[Record]) -> list[tuple[str, str, str]]:
    """The numbers that the maps of a layer have: key, name and what it is."""
    return [each for each in NUMBERS if each[0] in records[0]["numbers"]]
