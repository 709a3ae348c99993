"""The results of `make bench` as tables for readers."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float

from cnnbook.benchmarks.reading import RESULTS, read_part
from cnnbook.tables import Table


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
