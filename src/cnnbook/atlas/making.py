"""The atlas of one state of the book, written once into a folder: `atlas.json` and small pictures.

A picture has one pixel for each pixel or weight; the page that shows it enlarges it.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr
from jaxtyping import Real
from PIL import Image

from cnnbook.atlas.records import LAYERS, Record, Results, records_of
from cnnbook.tiling import tile_pictures

ATLAS = "atlas"
"""The folder of the atlas in a state's folder, and its pages' folder on the site."""

RECORDS = "atlas.json"
"""The file of the records in that folder; written last."""

RESULTS = ("oips", "oip_quality", "units", "classes")
"""The results that an atlas is made of."""

GAP = 1
"""Pixels between two tiles."""

TOP, MODES = 9, 8
"""Strongest patches in a row, and most modes that are shown."""

NEGATIVE, ZERO, POSITIVE = (0, 114, 178), (255, 255, 255), (184, 78, 0)
"""Colours of weights below, at and above zero."""

Picture = Image.Image


def make_atlas(result: Callable[[str], xr.Dataset], folder: Path) -> Path:
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
    """What `make_atlas` wrote there; None if nothing."""
    path = folder / RECORDS
    return json.loads(path.read_text()) if path.is_file() else None


def _write_layer(results: Results, layer: str, folder: Path) -> list[Record]:
    """Write the pictures of a layer's maps; their records, with the pictures' files and sizes."""
    records = records_of(results, layer)
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
