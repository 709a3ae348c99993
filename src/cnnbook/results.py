"""Datasets as files: written and read as netCDF, known by the digest of their content."""

import hashlib
from pathlib import Path

import numpy as np
import xarray as xr

RESULT = "result.nc"
"""The file of a Dataset in the store."""

PROVENANCE = "provenance"
"""The attribute that says how a Dataset was made: a JSON list with one entry for each experiment."""

Data = xr.Dataset | xr.DataArray
"""What results are handed on as."""


def write_result(result: xr.Dataset, path: Path) -> None:
    """Write a Dataset as netCDF; truth values are kept as such, numbers are compressed.

    Args:
        result: the Dataset.
        path: of the file.
    """
    numeric = [
        name for name, variable in result.variables.items() if variable.ndim and variable.dtype.kind in "bfiu"
    ]
    result.to_netcdf(path, engine="h5netcdf", encoding={name: {"zlib": True} for name in numeric})


def read_result(path: Path) -> xr.Dataset:
    """Read a Dataset whole into memory and close its file."""
    return xr.load_dataset(path, engine="h5netcdf")


def add_provenance(result: xr.Dataset) -> xr.Dataset:
    """A result as the store has it, with its provenance on each variable too, so that a part keeps it.

    Args:
        result: changed in place.
    """
    for variable in result.data_vars.values():
        variable.attrs[PROVENANCE] = result.attrs[PROVENANCE]
    return result


def mean_value(statistic: xr.DataArray) -> float:
    """A statistic as one number: of all test images, mean over the networks that were looked at.

    Args:
        statistic: by "net", "resample", both or neither.
    """
    return float(statistic.isel(resample=0, missing_dims="ignore").mean())


def content_digest(result: Data) -> str:
    """SHA-256 over names, dimensions, types, values and attributes of everything in a Dataset."""
    whole = result if isinstance(result, xr.Dataset) else result.to_dataset(name="data")
    digest = hashlib.sha256(repr(_plain(whole.attrs)).encode())
    for name in sorted(map(str, whole.variables)):
        variable = whole.variables[name]
        values = np.ascontiguousarray(variable.values)
        content = repr(values.tolist()).encode() if values.dtype.kind in "OUS" else values.tobytes()
        head = f"{name} {variable.dims} {variable.shape} {values.dtype.kind} {_plain(variable.attrs)}"
        digest.update(head.encode() + content)
    return digest.hexdigest()


def _plain(attributes: dict) -> list:
    """Attributes in a fixed order; a file cannot tell one value from a list of one."""
    return [(str(name), np.asarray(value).ravel().tolist()) for name, value in sorted(attributes.items())]
