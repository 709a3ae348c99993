"""The committed results of `make bench` as Datasets.

They are read, never measured here: how fast a machine is must not change with a build.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

RESULTS = Path("bench") / "results"
"""The folder of the results, in the book's root; a JSON file for each part."""

OURS = "cnnbook"
PEERS = ("Keras", "PyTorch", "PyTorch, compiled")
"""Frameworks that cnnbook is compared with; a goal is a multiple of the fastest one's speed."""

FRAMEWORKS = (OURS, *PEERS, "Flax, as first written")
"""All that are measured, in the order in which they are shown."""

GOALS: Mapping[str, float] = {"one network": 1.5, "ten networks": 1.8}
"""How many times as fast as the fastest peer training is to be."""

MEMORY_GOAL = 1.5e9
"""Bytes that training one network may take at most, at any number of epochs."""

CARD_GOAL = 60.0
"""Seconds in which a graphics card is to train 20 networks."""

PARTS: Mapping[str, str] = {"one network": "speed", "ten networks": "ten"}
"""The part that measured each kind of training."""


def read_part(root: Path, part: str) -> dict[str, Any]:
    """What a part of the measurements found.

    Args:
        root: the book's folder.
        part: such as "speed".

    Raises:
        FileNotFoundError: it was not measured.
        ValueError: the file is not such a result.
    """
    path = root / RESULTS / f"{part}.json"
    if not path.is_file():
        raise FileNotFoundError(f"{path}: not there; 'make bench PART={part}' measures and writes it")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}, line {error.lineno}: not JSON ({error.msg}); measure it anew") from error
    if not isinstance(content, dict) or not isinstance(content.get("rows"), list):
        raise ValueError(f"{path}: expected an object with a list 'rows'; measure it anew")
    return content


def training_speed(root: Path) -> xr.Dataset:
    """How fast networks are trained, by kind of work, framework and round.

    Where a framework was measured in several arrangements, its fastest by median is taken.

    Returns:
        `speed` in images/s by work, framework and round, NaN where something was not measured; `goal`, the
        speed aimed at, by work; `setting` by work and framework; machine and date as attributes.

    Raises:
        FileNotFoundError: a part was not measured.
        ValueError: a file is not such a result.
    """
    parts = {work: read_part(root, part) for work, part in PARTS.items()}
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for work, part in parts.items():
        for row in part["rows"]:
            ways = found.setdefault(f"{work}, batch {row['batch']}", {})
            other = ways.get(row["framework"])
            if other is None or np.median(row["rounds"]) > np.median(other["rounds"]):
                ways[row["framework"]] = row
    names = [name for name in FRAMEWORKS if any(name in ways for ways in found.values())]
    rounds = max(len(row["rounds"]) for ways in found.values() for row in ways.values())
    speed = np.full((len(found), len(names), rounds), np.nan)
    for place, ways in enumerate(found.values()):
        for name, row in ways.items():
            speed[place, names.index(name), : len(row["rounds"])] = row["rounds"]
    fastest = np.nanmedian(speed[:, [names.index(name) for name in PEERS if name in names]], axis=2).max(
        axis=1
    )
    times = np.array([GOALS[work.partition(", ")[0]] for work in found])
    settings = [[_setting(ways.get(name)) for name in names] for ways in found.values()]
    return xr.Dataset(
        {
            "speed": (("work", "framework", "round"), speed, {"units": "images/s"}),
            "goal": ("work", times * fastest, {"units": "images/s", "long_name": "speed aimed at"}),
            "times": ("work", times, {"units": "1", "long_name": "goal over the fastest peer's median"}),
            "setting": (("work", "framework"), settings),
        },
        coords={"work": list(found), "framework": names, "round": np.arange(rounds)},
        attrs=_measured(*parts.values()),
    )


def inference_speed(root: Path) -> xr.Dataset:
    """How fast all maps of many images are computed, and how much memory that takes.

    Returns:
        `maps_speed` in images/s by framework and round; `peak_memory` and `early_memory` in MB by framework;
        machine, date and the numbers of images as attributes.

    Raises:
        FileNotFoundError: it was not measured.
        ValueError: the file is not such a result.
    """
    part = read_part(root, "inference")
    rows = {row["framework"]: row for row in part["rows"]}
    names = [name for name in FRAMEWORKS if name in rows]
    memory = {"peak_memory": "peak_bytes", "early_memory": "peak_bytes_early"}
    return xr.Dataset(
        {
            "maps_speed": (
                ("framework", "round"),
                [rows[name]["rounds"] for name in names],
                {"units": "images/s"},
            )
        }
        | {
            variable: ("framework", [rows[name][key] / 1e6 for name in names], {"units": "MB"})
            for variable, key in memory.items()
        },
        coords={"framework": names, "round": np.arange(len(rows[names[0]]["rounds"]))},
        attrs=_measured(part) | {"images": part["images"], "images_early": part["images_early"]},
    )


def _setting(row: Mapping[str, Any] | None) -> str:
    """How a framework was set, in words."""
    if row is None:
        return "–"
    return ": ".join(row[name] for name in ("arrangement", "setting") if row.get(name))


def _measured(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Machine, last date and versions of some parts."""
    versions: dict[str, str] = {}
    for part in parts:
        versions |= part.get("versions", {})
    return {
        "date": max(part["date"] for part in parts),
        "processor": parts[0]["machine"]["processor"],
        "cores": parts[0]["machine"]["cores"],
        "versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
    }
