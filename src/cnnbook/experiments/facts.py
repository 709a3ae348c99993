"""The numbers that prose quotes, as text, and short forms of what is computed from a Dataset.

`at("accuracy", layer="conv_2", code="map means")` is a variable at some labels, as a function of the Dataset.
Such selections can be averaged, subtracted and divided:

    at("contour").mean("map_conv_1") - at("contour", state="untrained").mean("map_conv_1")
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.experiments.experiment import TRAINED, Experiment, Fact
from cnnbook.formatting import format_number

_FIELD = re.compile(r"\{(\w+)\}")
_PLAIN = str.maketrans({" ": "_", "/": "_", "-": "_", ",": None})


def facts_of(experiment: Experiment, result: xr.Dataset) -> dict[str, str]:
    """Every fact of an experiment by name.

    These are the number of networks ("nets"), the whole numbers among the Dataset's attributes, and those
    that the experiment declares.

    Args:
        experiment: declares them.
        result: its Dataset.

    Raises:
        ValueError: a fact names a variable or a dimension that the Dataset does not have, or cannot be
            computed from it.
    """
    found = _counts(result)
    for fact in experiment.facts:
        try:
            found |= _texts(fact, result)
        except (KeyError, AttributeError, TypeError, ValueError) as error:
            raise ValueError(f"experiment {experiment.name}: fact {fact.name!r}: {error}") from error
    return found


def _counts(result: xr.Dataset) -> dict[str, str]:
    """How many networks, images and the like, as text."""
    counts = {name: value for name, value in result.attrs.items() if isinstance(value, int | np.integer)}
    if "net" in result.dims:
        counts = {"nets": result.sizes["net"], **counts}
    return {str(name): f"{int(value):,}" for name, value in counts.items()}


def _texts(fact: Fact, result: xr.Dataset) -> Mapping[str, str]:
    """The texts of one fact, one for each value of the dimensions in its name."""
    value = _named(fact.of, result) if isinstance(fact.of, str) else fact.of(result)
    fields = _FIELD.findall(fact.name)
    if not fields:
        return {fact.name: text_of(value, fact)}
    return {
        fact.name.format(**named): text_of(value.sel(chosen), fact) for chosen, named in _each(value, fields)
    }


def _named(name: str, result: xr.Dataset) -> Any:
    """A variable or an attribute of a Dataset."""
    return result[name] if name in result or name not in result.attrs else result.attrs[name]


def _each(value: xr.DataArray, fields: list[str]) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """What to select, and what the name says of it, for all values of some dimensions."""
    for labels in product(*(value[field].values for field in fields)):
        chosen = dict(zip(fields, labels, strict=True))
        yield chosen, {field: slug(label) for field, label in chosen.items()}


def slug(label: Any) -> str:
    """A value of a coordinate as part of a name: "Points on/off" is "points_on_off"."""
    return str(label).lower().replace("'s", "").translate(_PLAIN)


def text_of(value: Any, fact: Fact) -> str:
    """A number, the mean of an array, or a text, as a fact writes it; "–" for what is not a number."""
    if isinstance(value, str):
        return value
    if isinstance(value, xr.DataArray) and "resample" in value.dims:
        value = value.isel(resample=0)
    if isinstance(value, xr.DataArray) and value.dtype.kind in "UO":
        return str(value.item())
    number = float(np.asarray(value.mean() if isinstance(value, xr.DataArray) else value)) * fact.scale
    if np.isnan(number):
        return "–"
    if fact.form.endswith("%"):
        return format_number(100 * number, fact.form[:-1] + "f") + " %"
    return format_number(number, fact.form)


@dataclass(frozen=True)
class Selection:
    """An array computed from a Dataset, when it is called with one.

    Attributes:
        compute: does so.
    """

    compute: Callable[[xr.Dataset], xr.DataArray]

    def __call__(self, result: xr.Dataset) -> xr.DataArray:
        """The array."""
        return self.compute(result)

    def __sub__(self, other: "Selection") -> "Selection":
        """The difference of two arrays."""
        return Selection(lambda result: self(result) - other(result))

    def __truediv__(self, other: "Selection") -> "Selection":
        """The quotient of two arrays."""
        return Selection(lambda result: self(result) / other(result))

    def mean(self, *dims: str) -> "Selection":
        """The mean over some dimensions."""
        return Selection(lambda result: self(result).mean(dims))


def at(name: str, **labels: Any) -> Selection:
    """A variable at some labels; of trained networks where nothing else is said.

    Args:
        name: of the variable or statistic.
        labels: by dimension; several labels of a dimension stay a dimension.
    """

    def selected(result: xr.Dataset) -> xr.DataArray:
        state = {"state": TRAINED} if "state" in result[name].dims else {}
        return result[name].sel(state | labels)

    return Selection(selected)


def ratio(above: xr.DataArray, below: xr.DataArray) -> xr.DataArray:
    """A quotient for every resample; 0 where the denominator is not positive.

    Args:
        above: the numerator.
        below: the denominator; where it is not a number, neither is the quotient.
    """
    return xr.where(below <= 0, 0.0, above / below.where(below > 0))


def ratio_by_network(above: xr.DataArray, below: xr.DataArray) -> xr.DataArray:
    """Numbers of networks whose mean is the mean of `above` by that of `below`, by the delta method.

    A network with nothing below has the mean itself, so that it speaks neither for nor against anything.

    Args:
        above: by network.
        below: by network, not negative; if all are 0, so is the ratio.
    """
    whole = below.mean("net")
    mean = ratio(above.mean("net"), whole)
    return mean + ratio(above - mean * below, whole)
