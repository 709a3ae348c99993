"""The data a figure was drawn from, as one Dataset, and that Dataset as files: tidy CSV and netCDF."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.publishing.formats.netcdf import ADDED, FORM, stamp_attributes
from cnnbook.publishing.seal import sealed
from cnnbook.publishing.stamp import Stamp
from cnnbook.results import PROVENANCE, Data, content_digest, write_result

NUMERIC = "biufc"
"""Kinds of NumPy types that need a unit."""


def data_of(
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
    parts = [select(*data, **options)] if select else [_whole(one, f"data_{n}") for n, one in enumerate(data)]
    parts += [_whole(value, name) for name, value in options.items() if is_data(value)]
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
    own.attrs = {name: value for name, value in own.attrs.items() if not str(name).startswith(ADDED)}
    return content_digest(own)


def variables_of(dataset: xr.Dataset) -> dict[str, dict[str, Any]]:
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
    write_result(dataset.assign_attrs({**dataset.attrs, **stamp_attributes(stamp), **provenance}), path)
    path.write_bytes(sealed(path.read_bytes(), FORM))


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
    for one in (plain, *plain.variables.values()):
        one.attrs = {name: value for name, value in one.attrs.items() if name != PROVENANCE}
    return plain
