"""The request of a figure, as a cell makes it, and its provenance: code, experiments, versions, machine."""

import ast
import importlib.metadata
import importlib.util
import inspect
import json
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import xarray as xr
from matplotlib.figure import Figure

from cnnbook.publishing.data_files import digest_of_data, drawn_data, is_data
from cnnbook.results import PROVENANCE, Data
from cnnbook.sources import PACKAGE, files_digest, module_file, source_digest

PACKAGES = ("cnnbook", "numpy", "xarray", "h5py", "h5netcdf", "matplotlib")
"""Packages that every figure's files depend on."""


@cache
def installed_versions(*packages: str) -> Mapping[str, str]:
    """Versions of Python, of `PACKAGES` and of further packages, as far as they are installed."""
    versions = {"python": platform.python_version()}
    for name in dict.fromkeys((*PACKAGES, *packages)):
        with suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    return versions


def platform_text() -> str:
    """The platform in words, such as "Linux x86_64"."""
    return f"{platform.system()} {platform.machine()}"


def made_from(data: Iterable[Data]) -> list[dict[str, Any]]:
    """What each Dataset says about how it was measured, each experiment once, in the order given."""
    entries: list[dict[str, Any]] = []
    for dataset in data:
        provenance = dataset.attrs.get(PROVENANCE)
        for entry in json.loads(provenance) if provenance else []:
            if entry not in entries:
                entries.append(entry)
    return entries


def dotted_name(function: Callable[..., Any]) -> str:
    """A function's dotted name, such as "cnnbook.figures.maps.maps_figure"."""
    inner = _unwrapped(function)
    return f"{inner.__module__}.{inner.__qualname__}"


def source_location(function: Callable[..., Any], root: Path) -> dict[str, Any]:
    """Name, file and lines of a function.

    Args:
        function: plain, decorated or a `functools.partial`.
        root: the repository, to which the file is relative; a file elsewhere is relative to its package.

    Returns:
        `function`, `file`, `first_line`, `last_line`; the last three are None for a function of a notebook.
    """
    inner = _unwrapped(function)
    try:
        path = _path_in_record(Path(inspect.getsourcefile(inner) or ""), inner.__module__, root)
        lines, first = inspect.getsourcelines(inner)
    except (OSError, TypeError):
        path, lines, first = None, [], 0
    return _location(dotted_name(function), path, first, first + len(lines) - 1)


def source_location_of_name(name: str, root: Path) -> dict[str, Any]:
    """The same for a function's dotted name, without importing its module."""
    module, _, function = name.rpartition(".")
    path = module_file(module) or _file_of(module)
    if path is None:
        return _location(name, None, 0, 0)
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
            return _location(name, _path_in_record(path, module, root), first, node.end_lineno or first)
    return _location(name, _path_in_record(path, module, root), 0, 0)


def code_digest(function: Callable[..., Any]) -> str:
    """SHA-256 over the code that a drawing function depends on.

    A function of this package counts with all modules it imports here, one of another package with those it
    imports there, one of a single file with that file, one of a notebook alone.

    Raises:
        ValueError: its source cannot be read.
    """
    inner = _unwrapped(function)
    module = inner.__module__
    if module_file(module):
        return source_digest(module)
    try:
        path = Path(inspect.getsourcefile(inner) or "")
        if path.is_file() and "." in module:
            return source_digest(module, package=path.parents[module.count(".") - 1])
        return files_digest(path) if path.is_file() else str(inspect.getsource(inner))
    except (OSError, TypeError) as error:
        raise ValueError(
            f"{dotted_name(function)}: its source cannot be read; define it in a file"
        ) from error


def location_text(place: Mapping[str, Any]) -> str:
    """What `source_location` returns, in words; file and lines as far as they are known."""
    if not place.get("file"):
        return place["function"]
    if not place.get("first_line"):
        return f"{place['function']}, {place['file']}"
    return f"{place['function']}, {place['file']} lines {place['first_line']}–{place['last_line']}"


def _unwrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function itself, below decorators and partial application."""
    while isinstance(function, partial):
        function = function.func
    return inspect.unwrap(function)


def _file_of(module: str) -> Path | None:
    """A module's file, if Python would find one."""
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and Path(spec.origin).is_file() else None


def _path_in_record(path: Path, module: str, root: Path) -> str | None:
    """A file's path as the record has it; never one of this machine."""
    if not path.is_file():
        return None
    whole, root = path.resolve(), root.resolve()
    if whole.is_relative_to(root):
        return whole.relative_to(root).as_posix()
    if whole.is_relative_to(PACKAGE):
        return whole.relative_to(PACKAGE.parent).as_posix()
    return "/".join(whole.parts[-1 - module.count(".") :]) if module != "__main__" else None


def _location(name: str, path: str | None, first: int, last: int) -> dict[str, Any]:
    lines: Mapping[str, Any] = {"file": path, "first_line": first or None, "last_line": last or None}
    return {"function": name, **(lines if path else dict.fromkeys(lines))}


@dataclass(frozen=True, kw_only=True)
class FigureRequest:
    """A figure to be drawn: called with a palette, it draws.

    Attributes:
        id: of the figure.
        title: of the figure.
        draw: its function.
        data: the function's positional arguments.
        arguments: its keyword arguments, as given.
        options: the same as plain JSON values.
        dataset: what the picture shows; None for one without data.
        digest: of that; "" for none.
        inputs: digests of all data given, of which the picture may show a part.
        made_from: what the data say about how they were measured.
    """

    id: str
    title: str
    draw: Callable[..., Figure]
    data: Sequence[Data]
    arguments: Mapping[str, Any]
    options: Mapping[str, Any]
    dataset: xr.Dataset | None
    digest: str
    inputs: Sequence[str]
    made_from: Sequence[Mapping[str, Any]]

    def __call__(self, palette: Any) -> Figure:
        """A new Figure in a palette's colours."""
        return self.draw(*self.data, palette=palette, **self.arguments)


def make_request(
    figure_id: str,
    title: str,
    draw: Callable[..., Figure],
    data: Sequence[Any],
    arguments: Mapping[str, Any],
) -> FigureRequest:
    """Look at what a cell asks for.

    Args:
        figure_id: of the figure.
        title: of the figure.
        draw: called with the data, the arguments and `palette=`; returns a new Figure.
        data: its positional arguments: Datasets or DataArrays.
        arguments: its keyword arguments: plain values of JSON, or data.

    Raises:
        ValueError: a number has no unit, data do not fit together or are no Datasets, or an option is neither
            plain nor data.
    """
    for value in data:
        if not is_data(value):
            what = f"a {type(value).__name__} among its data"
            raise ValueError(f"{figure_id}: {what}; expected Datasets or DataArrays, which say their units")
    dataset = drawn_data(figure_id, draw, data, arguments)
    everything = [*data, *filter(is_data, arguments.values())]
    return FigureRequest(
        id=figure_id,
        title=title,
        draw=draw,
        data=data,
        arguments=arguments,
        options={name: _plain(figure_id, name, value) for name, value in arguments.items()},
        dataset=dataset,
        digest=digest_of_data(dataset) if dataset is not None else "",
        inputs=[digest_of_data(value) for value in everything],
        made_from=made_from(everything),
    )


def _plain(figure_id: str, name: str, value: Any) -> Any:
    """An option as a plain JSON value; data by their name."""
    if is_data(value):
        return {"data": str(getattr(value, "name", None) or name)}
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{figure_id}: {name}: a {type(value).__name__}; expected text, numbers, lists of them, or a "
            "DataArray"
        ) from error
