"""The numbers that prose quotes, as text, from an experiment's declarations and its Dataset."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.experiments.experiment import Experiment, Fact
from cnnbook.formatting import format_number

_FIELD = re.compile(r"\{(\w+)\}")
_PLAIN = str.maketrans({" ": "_", "/": "_", "-": "_", ",": None})


def facts_of(experiment: Experiment, result: xr.Dataset) -> dict[str, str]:
    """Every fact of an experiment by name.

    Args:
        experiment: declares them.
        result: its Dataset.

    Raises:
        ValueError: a fact names a variable or a dimension that the Dataset does not have, or cannot be
            computed from it.
    """
    found: dict[str, str] = {}
    for fact in experiment.facts:
        try:
            found |= _texts(fact, result)
        except (KeyError, AttributeError, TypeError, ValueError) as error:
            raise ValueError(f"experiment {experiment.name}: fact {fact.name!r}: {error}") from error
    return found


def _texts(fact: Fact, result: xr.Dataset) -> Mapping[str, str]:
    """The texts of one fact, one for each value of the dimensions in its name."""
    value = result[fact.of] if isinstance(fact.of, str) else fact.of(result)
    fields = _FIELD.findall(fact.name)
    if not fields:
        return {fact.name: text_of(value, fact)}
    return {
        fact.name.format(**named): text_of(value.sel(chosen), fact) for chosen, named in _each(value, fields)
    }


def _each(value: xr.DataArray, fields: list[str]) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """What to select, and what the name says of it, for all values of some dimensions."""
    for labels in product(*(value[field].values for field in fields)):
        chosen = dict(zip(fields, labels, strict=True))
        yield chosen, {field: slug(label) for field, label in chosen.items()}


def slug(label: Any) -> str:
    """A value of a coordinate as part of a name: "points on/off" is "points_on_off"."""
    return str(label).replace("'s", "").translate(_PLAIN)


def text_of(value: Any, fact: Fact) -> str:
    """A number, the mean of an array, or a text, as a fact writes it; "–" for what is not a number."""
    if isinstance(value, str):
        return value
    if isinstance(value, xr.DataArray) and value.dtype.kind in "UO":
        return str(value.item())
    number = float(np.asarray(value.mean() if isinstance(value, xr.DataArray) else value)) * fact.scale
    if np.isnan(number):
        return "–"
    if fact.form.endswith("%"):
        return format_number(100 * number, fact.form[:-1] + "f") + " %"
    return format_number(number, fact.form)


def ratio(above: xr.DataArray, below: xr.DataArray) -> xr.DataArray:
    """A quotient for every resample; 0 where the denominator is not positive.

    Args:
        above: the numerator.
        below: the denominator; where it is not a number, neither is the quotient.
    """
    return xr.where(below <= 0, 0.0, above / below.where(below > 0))
