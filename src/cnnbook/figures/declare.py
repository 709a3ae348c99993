"""Declare a figure with what it shows: its checks and its data for download follow from the declaration.

    @figure("share: state layer kind net what; sparseness: layer net", at={"what": "maps"})
    def census_figure(census: xr.Dataset) -> Page:
        ...

This figure shows two variables, where `what` is "maps". Its function gets a Dataset that holds nothing else,
in which `share` has the dimensions state, layer, kind and net in this order.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.page import Page
from cnnbook.figures.style import Palette

_VARIABLE = re.compile(r"(?P<name>[^:\s]+):(?P<dims>[^\[\]]*)(\[(?P<unit>[^\]]+)\])?")


@dataclass(frozen=True, kw_only=True)
class Option:
    """The labels to show of a dimension are given as an option of the figure's function.

    Attributes:
        name: of the option.
        several: whether it is a list of labels, or None for all of them; otherwise it is one label.
    """

    name: str
    several: bool = False


Labels = str | int | slice | Option | Sequence[str | int | Option]
"""What a figure shows of a dimension: one label, the first ones as a slice, or several labels in order."""


def figure(
    shows: str, *, at: Mapping[str, Labels] | None = None, prepare: Callable[..., xr.Dataset] | None = None
) -> Callable[[Callable[..., Page]], Callable[..., Figure]]:
    """Declare what a figure shows.

    Args:
        shows: its variables, "name: dimension dimension [unit]; …", without the unit for a pure number.
            Options of the figure's function may stand in braces: "best_{layer}: map_{layer} row column".
        at: by dimension, what is shown of it; all of it where nothing is said.
        prepare: called as the figure's function is, without `palette`; returns a Dataset with the variables.
            It has to accept its own result too, so that the figure can be drawn from its published data.

    Returns:
        A decorator. It turns a function that takes a Dataset with these variables and returns a `Page` into
        one that takes the figure's data, its options and `palette`, and returns the Figure. That one raises a
        ValueError where a variable is missing or has other dimensions or another unit, or an option is no
        label. Its attribute `drawn_from` cuts out of the data what the figure shows.
    """
    labels = at or {}

    def declare(draw: Callable[..., Page]) -> Callable[..., Figure]:
        data, *parameters = inspect.signature(draw).parameters.values()
        defaults = {one.name: one.default for one in parameters if one.default is not one.empty}

        def select_shown(*datasets: Any, **options: Any) -> xr.Dataset:
            """What the figure shows of its data, as it is published beside it."""
            values = defaults | options
            try:
                dataset = prepare(*datasets, **values) if prepare else datasets[0]
                return _select(dataset, _variables(shows, values), labels, values)
            except ValueError as error:
                raise ValueError(f"{draw.__name__}: {error}") from error

        @wraps(draw)
        def draw_figure(*datasets: Any, palette: Palette, **options: Any) -> Figure:
            shown = select_shown(*datasets, **options)
            shown = shown.isel({dim: 0 for dim, wanted in labels.items() if _is_single(wanted)})
            for name, dims, _ in _variables(shows, defaults | options):
                shown[name] = shown[name].transpose(*(dim for dim in dims if dim in shown[name].dims))
            return draw(shown, **options).figure(palette)

        declared: Any = draw_figure
        declared.drawn_from = select_shown
        theme = inspect.Parameter("palette", inspect.Parameter.KEYWORD_ONLY, annotation=Palette)
        declared.__signature__ = inspect.Signature([data, theme, *parameters], return_annotation=Figure)
        return draw_figure

    return declare


def check_variable(
    dataset: xr.Dataset, name: str, dims: Iterable[str] | None = None, unit: str | None = None
) -> xr.DataArray:
    """A variable of a Dataset.

    Args:
        dataset: where it should be.
        name: of the variable.
        dims: its dimensions, in any order; None accepts all.
        unit: its unit, if it has any; None accepts all.

    Raises:
        ValueError: the variable is missing, or its dimensions or unit differ.
    """
    if name not in dataset.data_vars:
        raise ValueError(f"dataset has no variable {name!r}; it has {_list(dataset.data_vars)}")
    variable = dataset[name]
    if dims is not None and set(variable.dims) != set(dims):
        raise ValueError(f"variable {name!r} has dimensions {_list(variable.dims)}: expected {_list(dims)}")
    if unit is not None and variable.attrs.get("units", unit) != unit:
        raise ValueError(f"variable {name!r} has units={variable.attrs['units']!r}: expected {unit!r}")
    return variable


def labels_of(dataset: xr.Dataset, name: str) -> list[str]:
    """The labels of a coordinate, such as all digits of a Dataset.

    Args:
        dataset: should have the coordinate.
        name: of the coordinate.

    Raises:
        ValueError: there is no such coordinate.
    """
    if name not in dataset.coords:
        raise ValueError(f"dataset has no coordinate {name!r}; it has {_list(dataset.coords)}")
    return [str(label) for label in dataset[name].values]


def index_of(dataset: xr.Dataset, dim: str, label: object, *, option: str = "") -> int:
    """The index of a label along a dimension.

    Args:
        dataset: has a coordinate for the dimension.
        dim: the dimension.
        label: one of its labels, or the text of one.
        option: what errors call the label by; "" takes the name of the dimension.

    Raises:
        ValueError: the coordinate is missing or has no such label.
    """
    known = labels_of(dataset, dim)
    if str(label) not in known:
        raise ValueError(f"{option or dim}={label!r}: expected one of {_list(known)}")
    return known.index(str(label))


def title_of(layer: object) -> str:
    """A layer's name as prose writes it: conv_1 is Conv_1."""
    return str(layer)[:1].upper() + str(layer)[1:]


def _variables(shows: str, options: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...], str]]:
    """Name, dimensions and unit of every variable, with the options filled in."""
    found = []
    for text in shows.format(**options).split(";"):
        variable = _VARIABLE.fullmatch(text.strip())
        if variable is None:
            raise ValueError(f"shows={text.strip()!r}: expected 'name: dimension dimension [unit]'")
        found.append((variable["name"], tuple(variable["dims"].split()), variable["unit"] or "1"))
    return found


def _select(
    dataset: xr.Dataset,
    variables: Sequence[tuple[str, tuple[str, ...], str]],
    labels: Mapping[str, Labels],
    options: Mapping[str, Any],
) -> xr.Dataset:
    """These variables, checked, and of each dimension what is shown of it."""
    for variable in variables:
        check_variable(dataset, *variable)
    shown = dataset[[name for name, _, _ in variables]]
    for dim, wanted in labels.items():
        indices = wanted if isinstance(wanted, slice) else _indices(shown, dim, wanted, options)
        shown = shown.isel({dim: indices})
    return shown


def _indices(dataset: xr.Dataset, dim: str, wanted: Labels, options: Mapping[str, Any]) -> list[int]:
    """The indices along a dimension of the labels to show."""
    if isinstance(wanted, Option) and wanted.several:
        labels, known = options[wanted.name], labels_of(dataset, dim)
        if isinstance(labels, str) or (labels is not None and not len(labels)):
            raise ValueError(f"{wanted.name}={labels!r}: expected a list of labels out of {_list(known)}")
        return [index_of(dataset, dim, label) for label in (known if labels is None else labels)]
    if isinstance(wanted, Option):
        return [index_of(dataset, dim, options[wanted.name], option=wanted.name)]
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        return [index for label in wanted for index in _indices(dataset, dim, label, options)]
    return [index_of(dataset, dim, wanted)]


def _is_single(labels: Labels) -> bool:
    """Whether these are one label, so that the figure's function gets the data without the dimension."""
    return isinstance(labels, str | int) or (isinstance(labels, Option) and not labels.several)


def _list(names: Iterable[object]) -> str:
    """Names for an error message."""
    return ", ".join(map(str, names)) or "none"
