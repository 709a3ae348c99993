"""The committed results of `make bench` as Datasets, and as tables for readers.

They are read, never measured by a build: how fast a machine is must not change with a build.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float

from cnnbook.tables import Table

Row = Mapping[str, Any]
"""What was measured of one framework."""

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

GPU_GOAL = 60.0
"""Seconds in which a graphics card is to train 20 networks."""

PARTS: Mapping[str, str] = {"one network": "speed", "ten networks": "ten"}
"""The part that measured each kind of training."""


def read_part(root: Path, part: str) -> dict[str, Any]:
    """The results of a part of the measurements.

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

    Args:
        root: the book's folder.

    Returns:
        `speed` in images/s by work, framework and round, NaN where something was not measured; `goal`, the
        speed aimed at, by work; `setting` by work and framework; machine and date as attributes.

    Raises:
        FileNotFoundError: a part was not measured.
        ValueError: a file is not such a result.
    """
    parts = {work: read_part(root, part) for work, part in PARTS.items()}
    rows = [(f"{work}, batch {row['batch']}", row) for work, part in parts.items() for row in part["rows"]]
    works = list(dict.fromkeys(work for work, _ in rows))
    names = [name for name in FRAMEWORKS if any(row["framework"] == name for _, row in rows)]
    table = [[_fastest(rows, work, name) for name in names] for work in works]
    speed = np.full((len(works), len(names), max(len(row["rounds"]) for _, row in rows)), np.nan)
    for cells, speeds in zip(table, speed, strict=True):
        for row, rounds in zip(cells, speeds, strict=True):
            rounds[: len(row["rounds"])] = row["rounds"]
    peers = [number for number, name in enumerate(names) if name in PEERS]
    times = np.array([GOALS[work.partition(", ")[0]] for work in works])
    goal = times * np.nanmedian(speed[:, peers], axis=2).max(axis=1)
    return xr.Dataset(
        {
            "speed": (("work", "framework", "round"), speed, {"units": "images/s"}),
            "goal": ("work", goal, {"units": "images/s", "long_name": "speed aimed at"}),
            "times": ("work", times, {"units": "1", "long_name": "goal over the fastest peer's median"}),
            "setting": (("work", "framework"), [[_setting(row) for row in cells] for cells in table]),
        },
        coords={"work": works, "framework": names, "round": np.arange(speed.shape[2])},
        attrs=_provenance(*parts.values()),
    )


def inference_speed(root: Path) -> xr.Dataset:
    """How fast all maps of many images are computed, and how much memory that takes.

    Args:
        root: the book's folder.

    Returns:
        `maps_speed` in images/s by framework and round; `peak_memory` and `early_memory` in MB by framework;
        machine, date and the numbers of images as attributes.

    Raises:
        FileNotFoundError: it was not measured.
        ValueError: the file is not such a result.
    """
    part = read_part(root, "inference")
    by_name = {row["framework"]: row for row in part["rows"]}
    names = [name for name in FRAMEWORKS if name in by_name]
    rows = [by_name[name] for name in names]
    speed = np.array([row["rounds"] for row in rows])
    peak, early = ([row[key] / 1e6 for row in rows] for key in ("peak_bytes", "peak_bytes_early"))
    return xr.Dataset(
        {
            "maps_speed": (("framework", "round"), speed, {"units": "images/s"}),
            "peak_memory": ("framework", peak, {"units": "MB"}),
            "early_memory": ("framework", early, {"units": "MB"}),
        },
        coords={"framework": names, "round": np.arange(speed.shape[1])},
        attrs=_provenance(part) | {"images": part["images"], "images_early": part["images_early"]},
    )


def _fastest(rows: Sequence[tuple[str, Row]], work: str, framework: str) -> Row:
    """The fastest arrangement of a framework by median; one without rounds where it was not measured."""
    measured = [row for other, row in rows if (other, row["framework"]) == (work, framework)]
    return max(measured, key=lambda row: np.median(row["rounds"]), default={"rounds": []})


def _setting(row: Row) -> str:
    """How a framework was set, in words."""
    return ": ".join(row[name] for name in ("arrangement", "setting") if row.get(name)) or "–"


def _provenance(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Machine, last date and versions of measured parts."""
    versions = {name: version for part in parts for name, version in part.get("versions", {}).items()}
    return {
        "date": max(part["date"] for part in parts),
        "processor": parts[0]["machine"]["processor"],
        "cores": parts[0]["machine"]["cores"],
        "versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
    }


def speed_table(speed: xr.Dataset) -> Table:
    """Median speeds with their range, a row for each kind of work.

    Args:
        speed: of `training_speed`.
    """
    columns = {
        str(name): [_median_and_range(rounds) for rounds in speed.speed.sel(framework=name).values]
        for name in speed.framework.values
    }
    return Table(pd.DataFrame(columns, index=[str(work) for work in speed.work.values]), prose=True)


def _median_and_range(rounds: Float[np.ndarray, " rounds"]) -> str:
    measured = rounds[~np.isnan(rounds)]
    if not len(measured):
        return "–"
    return f"{np.median(measured):,.0f} ({np.min(measured):,.0f}–{np.max(measured):,.0f})"


def settings_table(speed: xr.Dataset) -> Table:
    """The settings in which each framework was fastest.

    Args:
        speed: of `training_speed`.
    """
    frame = speed.setting.transpose("framework", "work").to_pandas()
    return Table(frame.rename_axis(index=None, columns=None), prose=True)


def profile_table(root: Path) -> Table:
    """Which operations training spends its time on.

    Args:
        root: the book's folder.

    Raises:
        FileNotFoundError: it was not measured.
        ValueError: the file is not such a result.
    """
    entries = read_part(root, "profile")["rows"]
    total = sum(entry["microseconds"] for entry in entries)
    columns = {
        "µs an image": [f"{entry['microseconds']:.1f}" for entry in entries],
        "share": [f"{100 * entry['microseconds'] / total:.0f} %" for entry in entries],
        "in products, µs": [f"{entry['products']:.1f}" for entry in entries],
    }
    return Table(pd.DataFrame(columns, index=[entry["operation"] for entry in entries]))


def operations_table(root: Path) -> Table | None:
    """What each change to training was expected to give, and gave; None where nothing is written down.

    Args:
        root: the book's folder.

    Raises:
        ValueError: an entry lacks a field.
    """
    path = root / RESULTS / "operations.json"
    if not path.is_file():
        return None
    entries, columns = json.loads(path.read_text(encoding="utf-8")), ("predicted", "measured", "kept")
    for entry in entries:
        missing = [name for name in ("what", *columns) if name not in entry]
        if missing:
            raise ValueError(f"{path}: entry {entry.get('what', '?')!r} has no {missing[0]!r}")
    frame = pd.DataFrame(entries, columns=["what", *columns]).set_index("what").rename_axis(index=None)
    return Table(frame.replace({True: "yes", False: "no"}).astype(str), prose=True)
