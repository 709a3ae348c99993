"""The results of `make bench` as tables for readers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from cnnbook.benchmarks.reading import RESULTS, read_part
from cnnbook.tables import Table


def speed_table(measured: xr.Dataset) -> Table:
    """Median speeds with their range, a row for each kind of work."""
    columns = {}
    for name in measured.framework.values:
        cells = []
        for rounds in measured.speed.sel(framework=name).values:
            known = rounds[~np.isnan(rounds)]
            cells.append(_median_and_range(known) if len(known) else "–")
        columns[str(name)] = cells
    return Table(pd.DataFrame(columns, index=[str(work) for work in measured.work.values]), prose=True)


def settings_table(measured: xr.Dataset) -> Table:
    """The settings in which each framework was fastest."""
    works, names = ([str(label) for label in measured[axis].values] for axis in ("work", "framework"))
    return Table(pd.DataFrame(measured.setting.values.T, index=names, columns=works), prose=True)


def profile_table(root: Path) -> Table:
    """Which operations training spends its time on.

    Raises:
        FileNotFoundError: it was not written down.
        ValueError: the file is not such a result.
    """
    entries = read_part(root, "profile")["rows"]
    total = sum(entry["microseconds"] for entry in entries)
    columns = {
        "µs an image": [f"{entry['microseconds']:.1f}" for entry in entries],
        "share": [f"{entry['microseconds'] / total:.0%}".replace("%", " %") for entry in entries],
        "in products, µs": [f"{entry['products']:.1f}" for entry in entries],
    }
    return Table(pd.DataFrame(columns, index=[entry["operation"] for entry in entries]))


def operations_table(root: Path) -> Table | None:
    """Where the time goes: what each change was expected to give, and gave; None where that is not told.

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
    frame = pd.DataFrame(
        {name: [_cell(entry[name]) for entry in entries] for name in columns},
        index=[entry["what"] for entry in entries],
    )
    return Table(frame, prose=True)


def _cell(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _median_and_range(values: Sequence[float] | np.ndarray) -> str:
    return f"{np.median(values):,.0f} ({np.min(values):,.0f}–{np.max(values):,.0f})"
