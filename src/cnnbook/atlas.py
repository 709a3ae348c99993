"""The atlas of one state of the book: a record and a few small pictures for each of the 224 maps.

A record is plain data: numbers with their texts, classes, partners, points. A picture has one pixel for each
pixel or weight; the page that shows it enlarges it. Both are made from results alone and written once.
"""

import json
import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float, Real
from PIL import Image

from cnnbook.formatting import format_number
from cnnbook.tiling import tile_pictures

Record = dict[str, Any]
Results = Mapping[str, xr.Dataset]

LAYERS = ("conv_1", "conv_2", "conv_3")

NUMBERS = (
    ("selectivity", "selectivity", "mean response to its class less that to the others, by their sum"),
    ("auc", "AUC", "how well it separates that class from the others; 0.5 is chance level"),
    ("active", "active", "share of test images in which it is not silent"),
    ("cost", "cost", "accuracy lost without it, percentage points"),
    ("reach", "relative activation", "activation by its best OIP over that by the best digit"),
    ("agreement", "agreement", "mean correlation of its OIPs from many starts, at the best shift"),
    ("modes", "modes", "different OIPs among these"),
    ("rank", "rank", "among the layer's maps, when its OIP is shown; 1 is specific"),
    ("strangeness", "patch distance", "its OIP's distance to patches of digits; 1 is that of digits"),
    ("path", "path", "likeness of the layers below to strong digits; 0 is that of random ones"),
    ("start_agreement", "scales", "the same of OIPs from starts of different scales"),
    ("coherence", "patches", "mean correlation of its strongest patches, at the best shift"),
    ("matched", "matched", "the same of patches of the same class, place and total activation"),
    ("transfer", "transfer", "share of images that its partner responds to less than to its OIP"),
    ("partner", "partner", "correlation with its partner, mean over the other networks"),
)
"""Numbers of a map: key, name and what it is."""

_PUBLISHED = {"relative_activation": "reach", "patch_distance": "strangeness"}
"""Keys of the card that `atlas.json` has published under another name, which stays."""

_PERCENT = ("active", "transfer")
_WHOLE = ("modes", "rank")


def map_records(results: Results, layer: str) -> list[Record]:
    """One record for each map of a layer, in their order.

    Args:
        results: those of `RESULTS`.
        layer: conv_1, conv_2 or conv_3.
    """
    units, oips = results["units"], results["oips"]
    table = _numbers(results, layer)
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


def _numbers(results: Results, layer: str) -> dict[str, Float[np.ndarray, " maps"]]:
    """All numbers of a layer's maps, by key."""
    units, quality = results["units"], results["oip_quality"]
    own = units[f"number_{layer}"]
    numbers = {str(name): own.sel(number=name).values for name in own["number"].values}
    numbers["cost"] = 100 * numbers["cost"]
    card = quality["card"].isel(training=0, net=0) if layer == "conv_3" else quality[f"card_{layer}"]
    numbers |= {
        _PUBLISHED.get(name, name): card.sel(number=name).values for name in map(str, card["number"].values)
    }
    if layer == "conv_3":
        numbers["transfer"] = quality["transfer"].isel(net=0).values
        patches = results["typical_patches"].isel(state=0, net=0)
        numbers["coherence"], numbers["matched"] = patches["coherence"].values[:2]
    numbers["partner"] = units[f"partner_r_{layer}"].mean("other").values
    return numbers


def _points(results: Results, number: int) -> list[list[float]]:
    """Of the nine points of a Conv_3 map, the share of the variance that the class explains, by row."""
    explained = results["classes"]["explained"].isel(net=0).values.reshape(3, 3, 128)
    return [[round(float(value), 3) for value in row] for row in explained[:, :, number]]


def _plain(value: float) -> float | None:
    """A number for JSON; None if it is not one."""
    return round(float(value), 4) if math.isfinite(value) else None


def number_text(name: str, value: float | None) -> str:
    """A number as pages write it; a dash if there is none.

    Args:
        name: of the number, as in `NUMBERS`.
        value: of it.
    """
    if value is None:
        return "–"
    if name in _PERCENT:
        return f"{100 * value:.0f} %"
    return format_number(value, ".0f" if name in _WHOLE else ".2f")


def describe_map(record: Record) -> str:
    """A map in a sentence or two, for descriptions and for those who do not see its pictures."""
    if record["class"] is None:
        first = "It responds to no test image: a dead map."
    else:
        auc = number_text("auc", record["numbers"]["auc"])
        first = f"It responds most to {record['class']}s (AUC {auc} against the other classes)."
    if not record["woken"]:
        return f"{first} No start activates it, so it has no OIP."
    starts = f"{record['woken']} of {record['starts']} starts activate it"
    reach = number_text("reach", record["numbers"]["reach"])
    return f"{first} {starts}; its best OIP reaches {reach} times the best training image."


def map_address(layer: str, number: int) -> str:
    """The address of a map's page, which never changes.

    Args:
        layer: conv_1, conv_2 or conv_3.
        number: of the map.
    """
    return f"atlas/{layer}/{number:03d}.html"


def overview_address(layer: str) -> str:
    """The address of a layer's overview."""
    return f"atlas/{layer}.html"


def map_name(layer: str, number: int) -> str:
    """A map as prose calls it.

    Args:
        layer: conv_1, conv_2 or conv_3.
        number: of the map.
    """
    return f"Map {number} of {layer.capitalize()}"


def number_columns(records: Sequence[Record]) -> list[tuple[str, str, str]]:
    """The numbers that the maps of a layer have: key, name and what it is."""
    return [each for each in NUMBERS if each[0] in records[0]["numbers"]]


ATLAS = "atlas"
"""The folder of the atlas in a state's folder, and its pages' folder on the site."""

RECORDS = "atlas.json"
"""The file of the records in that folder; written last."""

RESULTS = ("oips", "oip_quality", "typical_patches", "units", "classes")
"""The results that an atlas is made of."""

GAP = 1
"""Pixels between two tiles."""

TOP, MODES = 9, 8
"""Strongest patches in a row, and most modes that are shown."""

NEGATIVE, ZERO, POSITIVE = (0, 114, 178), (255, 255, 255), (184, 78, 0)
"""Colours of weights below, at and above zero."""

Picture = Image.Image


def write_atlas(result: Callable[[str], xr.Dataset], folder: Path) -> Path:
    """Write the atlas, unless it is there.

    Args:
        result: gives an experiment's Dataset by name.
        folder: in the folder of a state, which the caller holds; so nobody else writes there.

    Returns:
        The folder.
    """
    if (folder / RECORDS).is_file():
        return folder
    results = {name: result(name) for name in RESULTS}
    new = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    layers = {layer: _write_layer(results, layer, new) for layer in LAYERS}
    ascent = results["oips"].attrs
    about = {
        "net": int(results["units"].attrs["net"]),
        "steps": int(ascent["steps"]),
        "preset": str(ascent["preset"]),
        "data": str(ascent["data"]),
    }
    (new / RECORDS).write_text(json.dumps({"about": about, "layers": layers}, allow_nan=False))
    shutil.rmtree(folder, ignore_errors=True)  # without its records it is what a killed build left
    new.rename(folder)
    return folder


def read_atlas(folder: Path) -> dict | None:
    """What `write_atlas` wrote there; None if nothing."""
    path = folder / RECORDS
    return json.loads(path.read_text()) if path.is_file() else None


def _write_layer(results: Results, layer: str, folder: Path) -> list[Record]:
    """Write the pictures of a layer's maps; their records, with the pictures' files and sizes."""
    records = map_records(results, layer)
    modes = _modes(results, layer)
    (folder / layer).mkdir(parents=True)
    for record in records:
        tiles, sizes = modes[record["map"]]
        record["pictures"] = {}
        for name, picture in _pictures(results, record, tiles).items():
            file = f"{layer}/{record['map']:03d}-{name}.png"
            picture.save(folder / file, optimize=True)
            record["pictures"][name] = {"file": file, "width": picture.width, "height": picture.height}
        if "modes" in record["pictures"]:
            record["modes"] = sizes
    return records


def _pictures(results: Results, record: Record, modes: Real[np.ndarray, "modes h w"]) -> dict[str, Picture]:
    """The pictures of a map, by name: its kernel, its patches, its best OIP and its modes."""
    layer, k = record["layer"], record["map"]
    units = results["units"]
    kernel = np.moveaxis(units[f"kernel_{layer}"].values, 2, 0)[..., k]
    pictures = {"kernel": signed_picture(tile_pictures(kernel, 16, gap=GAP))}
    if (units[f"patch_image_{layer}"].values[k] >= 0).any():
        patches, mean = units[f"patch_{layer}"].values[k], units[f"mean_patch_{layer}"].values[k : k + 1]
        pictures["patches"] = ink_picture(tile_pictures(np.concatenate([patches, mean]), TOP + 1, gap=GAP))
    if record["woken"]:
        pictures["oip"] = ink_picture(results["oips"][f"best_{layer}"].values[k])
        if len(modes):
            pictures["modes"] = ink_picture(tile_pictures(modes, MODES, gap=GAP))
    return pictures


def _modes(results: Results, layer: str) -> list[tuple[Real[np.ndarray, "modes h w"], list[int]]]:
    """For each map, one picture of each mode, the largest first, and how many starts lead to each."""
    oips = results["oips"]
    mixed = np.flatnonzero(oips["kind"].values.astype(str) == "mixed")
    modes = []
    for pictures, mode in zip(
        oips[f"picture_{layer}"].values[:, mixed],
        results["oip_quality"][f"mode_{layer}"].values,
        strict=True,
    ):
        numbers = range(min(int(mode.max(initial=-1)) + 1, MODES))
        firsts = [int(np.flatnonzero(mode == number)[0]) for number in numbers]
        modes.append((pictures[firsts], [int((mode == number).sum()) for number in numbers]))
    return modes


def ink_picture(values: Real[np.ndarray, "h w"]) -> Picture:
    """Ink from 0 to 255 as a grey picture, transparent where it is not a number."""
    known = np.isfinite(values)
    ink = np.where(known, values, 0).round().astype(np.uint8)
    return Image.fromarray(np.stack([ink, np.where(known, 255, 0).astype(np.uint8)], axis=-1), "LA")


def signed_picture(values: Real[np.ndarray, "h w"]) -> Picture:
    """Signed numbers in two colours, scaled by the largest size; transparent where not a number."""
    known = np.isfinite(values)
    top = float(np.abs(values[known]).max(initial=0.0)) or 1.0
    share = np.where(known, values, 0)[..., None] / top
    ends = np.where(share < 0, np.array(NEGATIVE), np.array(POSITIVE))
    colour = np.array(ZERO) + np.abs(share) * (ends - np.array(ZERO))
    pixels = np.concatenate([colour, np.where(known, 255, 0)[..., None]], axis=-1)
    return Image.fromarray(pixels.round().astype(np.uint8), "RGBA")
