"""The data a figure was drawn from, as one Dataset; that Dataset as files; and two such files compared.

The files are netCDF and tidy CSV: the columns `variable` and `unit`, one for each dimension, and `value`; a
cell is empty where a variable lacks that dimension.
"""

import csv
import io
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.publishing.formats import ATTRIBUTE_PREFIX, NETCDF
from cnnbook.publishing.stamp import Stamp
from cnnbook.results import PROVENANCE, Data, content_digest, write_result

NUMERIC = "biufc"
"""Kinds of NumPy types that need a unit."""

Coordinates = tuple[tuple[str, str], ...]
"""Where a value belongs: its dimensions and the coordinates on them."""

CsvVariables = dict[str, tuple[str, dict[Coordinates, str]]]
"""By name of a variable its unit and its values."""

_FIXED = ("variable", "unit", "value")


def drawn_data(
    figure_id: str, draw: Callable[..., Any], data: Sequence[Data], options: Mapping[str, Any]
) -> xr.Dataset | None:
    """Everything that a figure was drawn from.

    Args:
        figure_id: for messages.
        draw: the figure's function; its attribute `drawn_from`, where it has one, picks what it shows.
        data: its positional arguments.
        options: its keyword arguments; Datasets and DataArrays among them belong to the data.

    Returns:
        One Dataset without provenance; None for a figure without data.

    Raises:
        ValueError: a number has no unit, or two Datasets do not fit together.
    """
    select = getattr(draw, "drawn_from", None)
    given = [_whole(item, f"data_{n}") for n, item in enumerate(data)]
    parts = [select(*data, **options)] if select else given
    parts += [_whole(item, name) for name, item in options.items() if is_data(item)]
    if not parts:
        return None
    try:
        same: Any = {"compat": "identical", "join": "exact", "combine_attrs": "drop_conflicts"}
        merged = xr.merge(map(_plain, parts), **same)
    except ValueError as error:
        raise ValueError(
            f"{figure_id}: its data do not fit into one Dataset ({' '.join(str(error).split())}); rename "
            "what differs, or give the function an attribute drawn_from that picks what is shown"
        ) from error
    for name, variable in merged.data_vars.items():
        if variable.dtype.kind in NUMERIC and not variable.attrs.get("units"):
            raise ValueError(
                f"{figure_id}: variable {name!r} has no units; set dataset[{name!r}].attrs['units'], "
                "such as 'px', or '1' for a pure number"
            )
    return merged.drop_encoding()


def is_data(value: Any) -> bool:
    """Whether an argument of a figure's function is data and not an option."""
    return isinstance(value, xr.Dataset | xr.DataArray)


def digest_of_data(data: Data) -> str:
    """SHA-256 of what a Dataset says; how it was made, and what `write_netcdf` adds, does not count."""
    own = _plain(_whole(data, "data"))
    added = [name for name in own.attrs if str(name).startswith(ATTRIBUTE_PREFIX)]
    for name in added:
        del own.attrs[name]
    return content_digest(own)


def describe_variables(dataset: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Dimensions, unit and long name of every variable."""
    return {
        str(name): {
            "dims": list(map(str, variable.dims)),
            "units": str(variable.attrs.get("units", "")),
            "long_name": str(variable.attrs.get("long_name", "")),
        }
        for name, variable in dataset.data_vars.items()
    }


def write_netcdf(dataset: xr.Dataset, path: Path, *, stamp: Stamp, made_from: Sequence[Any]) -> None:
    """Write the data as netCDF, sealed, with what the figure is and how the data were made as attributes."""
    provenance = {PROVENANCE: json.dumps(made_from, sort_keys=True)} if made_from else {}
    write_result(dataset.assign_attrs({**dataset.attrs, **NETCDF.attributes(stamp), **provenance}), path)
    path.write_bytes(NETCDF.sealed(path.read_bytes()))


def write_csv(dataset: xr.Dataset, path: Path) -> None:
    """Write the data as tidy CSV: one value a line, with its variable, its unit and its place.

    The columns are `variable`, `unit`, one for each dimension, `value`. Coordinates that are no dimension,
    such as the label of a digit, are variables too. Truth values are 0 and 1, what is missing is NaN.
    """
    dims = list(map(str, dataset.sizes))
    inner = [name for name in dataset.coords if name not in dataset.dims]
    with path.open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream, lineterminator="\n")
        lines.writerow(["variable", "unit", *dims, "value"])
        for name in [*dataset.data_vars, *inner]:
            lines.writerows(_rows(dataset[name], dims))


def _rows(variable: xr.DataArray, dims: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """One row for each value of a variable."""
    places = np.indices(variable.shape).reshape(variable.ndim, variable.size)
    columns = []
    for dim in dims:
        if dim in variable.dims:
            labels = _texts(variable[dim].values)
            columns.append(labels[places[variable.dims.index(dim)]].tolist())
        else:
            columns.append([""] * variable.size)
    head = [str(variable.name)] * variable.size, [str(variable.attrs.get("units", ""))] * variable.size
    return zip(*head, *columns, _texts(variable.values.ravel()).tolist(), strict=True)


def _texts(values: np.ndarray) -> np.ndarray:
    """Values as text; a float has as many digits as it takes to tell it from its neighbours."""
    plain = values.astype(np.int8) if values.dtype.kind == "b" else values
    texts = plain.astype(str)
    return np.where(texts == "nan", "NaN", texts) if plain.dtype.kind == "f" else texts


def _whole(value: Data, name: str) -> xr.Dataset:
    """A Dataset, or a DataArray as one."""
    return value if isinstance(value, xr.Dataset) else value.to_dataset(name=value.name or name)


def _plain(dataset: xr.Dataset) -> xr.Dataset:
    """The same without provenance, on the whole and on its variables."""
    plain = dataset.copy()
    for part in (plain, *plain.variables.values()):
        part.attrs = {name: value for name, value in part.attrs.items() if name != PROVENANCE}
    return plain


def compare_csv(old_csv: str, new_csv: str) -> list[dict[str, Any]]:
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
    old, new = _read_csv(old_csv, "old_csv"), _read_csv(new_csv, "new_csv")
    names = list(dict.fromkeys([*old, *new]))
    compared = [_compare(name, old.get(name, ("", {})), new.get(name, ("", {}))) for name in names]
    return [
        change
        for change in compared
        if change["differing"] or change["added"] or change["removed"] or change["unit_changed"]
    ]


def _read_csv(text: str, name: str) -> CsvVariables:
    """The variables of a data file."""
    rows = csv.DictReader(io.StringIO(text), strict=True)
    if missing := [column for column in _FIXED if column not in (rows.fieldnames or ())]:
        raise ValueError(f"{name}: no column {missing[0]!r}; expected the data file of a figure")
    variables: CsvVariables = {}
    for row in rows:
        dims = sorted(row.keys() - {*_FIXED, None})
        key = tuple((dim, row[dim]) for dim in dims if row[dim])
        variables.setdefault(row["variable"], (row["unit"], {}))[1][key] = row["value"]
    return variables


def _compare(
    name: str, old: tuple[str, dict[Coordinates, str]], new: tuple[str, dict[Coordinates, str]]
) -> dict[str, Any]:
    """One variable in both files."""
    (old_unit, before), (new_unit, now) = old, new
    both = before.keys() & now.keys()
    differences = [gap for key in both if (gap := _difference(before[key], now[key]))]
    finite = [gap for gap in differences if not math.isinf(gap)]
    return {
        "variable": name,
        "unit": new_unit or old_unit,
        "unit_changed": bool(before and now) and old_unit != new_unit,
        "compared": len(both),
        "differing": len(differences),
        "largest_difference": max(finite, default=None),
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
