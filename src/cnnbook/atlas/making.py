"""The atlas of one state of the book, written once into a folder: `atlas.json` and the pictures."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr

from cnnbook.atlas.pictures import save_ink, save_signed
from cnnbook.atlas.records import LAYERS, Record, Results, records_of
from cnnbook.tiling import tiled

RESULTS = ("oips", "oip_quality", "units", "classes")
"""The results that an atlas is made of."""

RECORDS = "atlas.json"
GAP = 1
"""Pixels between two tiles."""

TOP, MODES = 9, 8
"""Strongest patches in a row, and most modes that are shown."""


def make_atlas(result: Callable[[str], xr.Dataset], folder: Path) -> Path:
    """Write the atlas, unless it is there.

    Args:
        result: gives an experiment's Dataset by name.
        folder: where; its name stands for all that the atlas depends on.

    Returns:
        The folder.
    """
    if (folder / RECORDS).is_file():
        return folder
    results = {name: result(name) for name in RESULTS}
    new = folder.with_name(f"{folder.name}.{os.getpid()}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    layers = {layer: _layer(results, layer, new) for layer in LAYERS}
    climbed = results["oips"].attrs
    about = {"net": int(results["units"].attrs["net"]), "steps": int(climbed["steps"]),
             "preset": str(climbed["preset"]), "data": str(climbed["data"])}  # fmt: skip
    (new / RECORDS).write_text(json.dumps({"about": about, "layers": layers}, allow_nan=False))
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
    return folder


def read_atlas(folder: Path) -> dict | None:
    """What `make_atlas` wrote there; None if nothing."""
    path = folder / RECORDS
    return json.loads(path.read_text()) if path.is_file() else None


def _layer(results: Results, layer: str, folder: Path) -> list[Record]:
    """The records of a layer's maps, with their pictures written."""
    records = records_of(results, layer)
    units, oips = results["units"], results["oips"]
    kernel = np.moveaxis(units[f"kernel_{layer}"].values, 2, 0)
    patches, values = units[f"patch_{layer}"].values, units[f"patch_image_{layer}"].values
    mean = units[f"mean_patch_{layer}"].values
    pictures = _modes(results, layer)
    for record in records:
        k, stem = record["map"], f"{layer}/{record['map']:03d}"
        some = {"kernel": save_signed(tiled(kernel[..., k], 16, gap=GAP), folder / f"{stem}-kernel.png")}
        if (values[k] >= 0).any():
            tiles = np.concatenate([patches[k], mean[k : k + 1]]).astype(np.float64)
            some["patches"] = save_ink(tiled(tiles, TOP + 1, gap=GAP), folder / f"{stem}-patches.png")
        if record["woken"]:
            best = oips[f"best_{layer}"].values[k]
            some["oip"] = save_ink(best.astype(np.float64), folder / f"{stem}-oip.png")
            tiles, sizes = pictures[k]
            if len(tiles):
                some["modes"] = save_ink(tiled(tiles, MODES, gap=GAP), folder / f"{stem}-modes.png")
                record["modes"] = sizes
        record["pictures"] = {
            name: {"file": f"{stem}-{name}.png", "width": width, "height": height}
            for name, (width, height) in some.items()
        }
    return records


def _modes(results: Results, layer: str) -> list[tuple[np.ndarray, list[int]]]:
    """For each map, one picture of each mode, the largest first, and how many starts lead to each."""
    oips = results["oips"]
    mixed = np.flatnonzero(oips["kind"].values.astype(str) == "mixed")
    pictures = oips[f"picture_{layer}"].values[:, mixed]
    found = []
    for shown, which in zip(pictures, results["oip_quality"][f"mode_{layer}"].values, strict=True):
        count = min(int(which.max(initial=-1)) + 1, MODES)
        firsts = [int(np.flatnonzero(which == mode)[0]) for mode in range(count)]
        sizes = [int((which == mode).sum()) for mode in range(count)]
        found.append((shown[firsts].astype(np.float64), sizes))
    return found
