"""Compare the numbers of two versions of a figure, read from their data files.

A data file is tidy CSV: the columns `variable` and `unit`, one for each dimension, and `value`; a cell is
empty where a variable lacks that dimension.
"""

import csv
import io
import math
from typing import Any

Place = tuple[tuple[str, str], ...]
"""Where a value belongs: its dimensions and the coordinates on them."""

Variables = dict[str, tuple[str, dict[Place, str]]]
"""By name of a variable its unit and its values."""

_FIXED = ("variable", "unit", "value")


def number_changes(old_csv: str, new_csv: str) -> list[dict[str, Any]]:
    """What differs between two data files, a variable at a time.

    Args:
        old_csv: the text of one.
        new_csv: the text of the other.

    Returns:
        For each variable that differs: `variable`; `unit` (the newer one's); `unit_changed`; `compared`, how
        many values both have; `differing`, how many of those differ; `largest_difference` between them, in
        that unit, or None where they are no numbers or none differs; `added` and `removed`, how many values
        one of the files alone has.

    Raises:
        ValueError: a text is no such data file.
    """
    if old_csv == new_csv:
        return []
    old, new = _read(old_csv, "old_csv"), _read(new_csv, "new_csv")
    names = list(dict.fromkeys([*old, *new]))
    found = [_compare(name, old.get(name, ("", {})), new.get(name, ("", {}))) for name in names]
    return [
        change
        for change in found
        if change["differing"] or change["added"] or change["removed"] or change["unit_changed"]
    ]


def _read(text: str, name: str) -> Variables:
    """The variables of a data file."""
    rows = csv.DictReader(io.StringIO(text), strict=True)
    if missing := [column for column in _FIXED if column not in (rows.fieldnames or ())]:
        raise ValueError(f"{name}: no column {missing[0]!r}; expected the data file of a figure")
    variables: Variables = {}
    for row in rows:
        place = tuple(sorted((key, cell) for key, cell in row.items() if key and key not in _FIXED and cell))
        variables.setdefault(row["variable"], (row["unit"], {}))[1][place] = row["value"]
    return variables


def _compare(
    name: str, old: tuple[str, dict[Place, str]], new: tuple[str, dict[Place, str]]
) -> dict[str, Any]:
    """One variable in both files."""
    (old_unit, before), (new_unit, now) = old, new
    both = before.keys() & now.keys()
    differences = [difference for place in both if (difference := _difference(before[place], now[place]))]
    known = [difference for difference in differences if not math.isinf(difference)]
    return {
        "variable": name,
        "unit": new_unit or old_unit,
        "unit_changed": bool(before and now) and old_unit != new_unit,
        "compared": len(both),
        "differing": len(differences),
        "largest_difference": max(known, default=None),
        "added": len(now) - len(both),
        "removed": len(before) - len(both),
    }


def _difference(old: str, new: str) -> float:
    """How far apart two values are; 0 when they are the same; infinite when that cannot be said."""
    if old == new:
        return 0.0
    try:
        distance = abs(float(new) - float(old))
    except ValueError:
        return math.inf
    return math.inf if math.isnan(distance) else distance
