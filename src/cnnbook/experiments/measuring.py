"""From networks to a Dataset: an experiment's function called for every network and state, and stacked.

Test images are resampled here and nowhere else: a variable with the dimension "image" becomes its weighted
mean for each resample before the next network is measured, so that values of one network are held at most.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.experiments.concurrency import single_threaded_blas
from cnnbook.experiments.experiment import (
    REFERENCE,
    TRAINED,
    UNTRAINED,
    Experiment,
    Measurement,
    Statistic,
    Variable,
)
from cnnbook.experiments.intervals import weighted_mean
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

ADDED = ("recipe", "state", "net")
"""Dimensions that the runner adds, in the order of its loops."""

Cell = tuple[str, str, int]
"""One call of an experiment's function: recipe, state and the network's place among those of its recipe."""


def measure(experiment: Experiment, run: Measurement) -> xr.Dataset:
    """Measure, stack, resample, and compute the statistics.

    Args:
        experiment: what is asked.
        run: config, data and networks.

    Raises:
        ValueError: what was measured is not what the experiment declares, or there are no networks.
    """
    run = _limited(experiment, run)
    cells = _axes(experiment, run)
    with single_threaded_blas():
        calls = {cell: _resampled(experiment, values, run) for cell, values in _calls(experiment, run)}
    measured = [each for each in experiment.variables if each.of is None]
    if experiment.together:
        (values,) = calls.values()
        arrays = {each.name: _array(experiment, each, values.get(each.name)) for each in measured}
    else:
        arrays = {each.name: _stacked(experiment, each, calls, cells) for each in measured}
    whole = _dataset(experiment, run, arrays)
    for each in experiment.variables:
        if each.of is not None:
            whole[each.name] = each.of(whole).transpose(*each.dims).assign_attrs(_attrs(each))
    published = [each.name for each in experiment.variables if each.published]
    result = whole[published]
    sampled = [each.name for each in experiment.variables if each.published and "image" in each.dims]
    if sampled:
        result = result.assign({name: whole[name].isel(resample=0) for name in sampled})
    for each in experiment.statistics:
        result[each.name] = statistic_of(each, whole, untrained_nets=getattr(run.config, "untrained", None))
    return result


def statistic_of(
    statistic: Statistic, whole: xr.Dataset, *, untrained_nets: int | None = None
) -> xr.DataArray:
    """A statistic of a Dataset with all variables, with what it is in words and of how many networks.

    Args:
        statistic: to be computed.
        whole: holds every variable it uses; those of images by "resample".
        untrained_nets: how many networks were measured before training; None if all were.

    Returns:
        By "net", "resample", both or neither. Where the untrained networks are fewer, the others are not a
        number, and `looked_at` says how many count; any other number that is none stays a fault to be found.

    Raises:
        ValueError: it has other dimensions.
    """
    value = whole[statistic.of] if isinstance(statistic.of, str) else statistic.of(whole)
    array = value if isinstance(value, xr.DataArray) else xr.DataArray(np.asarray(value, np.float64))
    if not set(array.dims) <= {"net", "resample"}:
        raise ValueError(
            f"statistic {statistic.name}: dimensions {array.dims}; expected 'net', 'resample', both or none"
        )
    array = array.astype(np.float64).transpose("net", "resample", missing_dims="ignore")
    array = array.reset_coords(drop=True).assign_attrs()
    array.attrs = {"units": statistic.units, "long_name": statistic.long_name}
    if "net" in array.dims:
        missing = np.asarray(np.isnan(array.values.reshape(len(array), -1)).all(axis=1))
        first = int(missing.argmax())
        if missing.any() and missing[first:].all() and first == untrained_nets:
            array.attrs["looked_at"] = first
    return array


def _limited(experiment: Experiment, run: Measurement) -> Measurement:
    """The same with the networks that the experiment wants, at most as many as its config says."""
    most = 1 if experiment.nets == "first" else getattr(run.config, "nets", None)
    nets = {recipe: tuple(each)[:most] for recipe, each in run.nets.items()}
    if experiment.nets != "none" and not any(nets.values()):
        raise ValueError(f"experiment {experiment.name}: no networks, expected at least one")
    return replace(run, nets=nets)


def _axes(experiment: Experiment, run: Measurement) -> Mapping[str, Sequence[Any]]:
    """Labels of the dimensions that the runner adds."""
    count = max(map(len, run.nets.values()), default=1)
    return {"recipe": list(run.nets) or [REFERENCE], "state": experiment.states, "net": range(count)}


def _calls(experiment: Experiment, run: Measurement) -> Iterator[tuple[Cell, Mapping[str, Any]]]:
    """Every call of the function, with what it measured."""
    if experiment.together or experiment.nets == "none":
        yield (REFERENCE, TRAINED, 0), experiment.measure(run)
        return
    most = getattr(run.config, "untrained", None)
    for recipe, nets in run.nets.items():
        for number, net in enumerate(nets):
            for state in experiment.states:
                if state == UNTRAINED and most is not None and number >= most:
                    continue
                now = replace(run, number=number, state=state)
                yield (recipe, state, number), experiment.measure(_in_state(net, state), now)


def _in_state(net: TrainedNet, state: str) -> TrainedNet:
    return untrained(net) if state == UNTRAINED else net


def _resampled(experiment: Experiment, values: Mapping[str, Any], run: Measurement) -> dict[str, Any]:
    """What was measured, with means over images for each resample in place of values of images."""
    declared = {each.name: each for each in experiment.variables}
    strange = sorted(values.keys() - declared.keys())
    if strange:
        raise ValueError(
            f"experiment {experiment.name}: measured {strange[0]!r}, which is not among its variables: "
            f"{', '.join(declared)}"
        )
    return {
        name: _means(np.asarray(value), _own_dims(experiment, declared[name]), run)
        for name, value in values.items()
    }


def _means(values: np.ndarray, dims: tuple[str, ...], run: Measurement) -> np.ndarray:
    """The weighted means over images, where there are images."""
    if "image" not in dims:
        return values
    axis = dims.index("image")
    by_image = np.moveaxis(values, axis, 0)
    return np.moveaxis(weighted_mean(by_image, run.weights(len(by_image))), 0, axis)


def _own_dims(experiment: Experiment, variable: Variable) -> tuple[str, ...]:
    """Dimensions of what the function returns for a variable."""
    return variable.dims if experiment.together else tuple(d for d in variable.dims if d not in ADDED)


def _array(experiment: Experiment, variable: Variable, value: Any) -> xr.DataArray:
    """A measured array with the names of its dimensions, "resample" in place of "image"."""
    dims = tuple("resample" if dim == "image" else dim for dim in _own_dims(experiment, variable))
    if value is None:
        raise ValueError(f"experiment {experiment.name}: variable {variable.name!r} was not measured")
    if np.ndim(value) != len(dims):
        raise ValueError(
            f"experiment {experiment.name}: variable {variable.name!r} has the shape {np.shape(value)}, "
            f"expected the dimensions {dims}"
        )
    return xr.DataArray(value, dims=dims)


def _stacked(
    experiment: Experiment,
    variable: Variable,
    calls: Mapping[Cell, Mapping[str, Any]],
    axes: Mapping[str, Sequence[Any]],
) -> xr.DataArray:
    """One variable of all networks and states; not a number where an untrained network was not measured."""
    added = [dim for dim in ADDED if dim in variable.dims]
    labels = [axes[dim] if dim in added else axes[dim][:1] for dim in ADDED]
    found = [calls.get(cell, {}).get(variable.name) for cell in product(*labels)]
    known = next((value for value in found if value is not None), None)
    first = _array(experiment, variable, known)
    shape = first.shape
    for (_, state, number), value in zip(product(*labels), found, strict=True):
        if value is None and state != UNTRAINED:
            raise ValueError(
                f"experiment {experiment.name}: network {number}: variable {variable.name!r} was not measured"
            )
    arrays = [np.full(shape, np.nan) if value is None else value for value in found]
    sizes = [len(axes[dim]) for dim in added]
    whole = np.stack(arrays).reshape((*sizes, *shape))
    wanted = ["resample" if dim == "image" else dim for dim in variable.dims]
    return xr.DataArray(whole, dims=(*added, *first.dims)).transpose(*wanted)


def _dataset(experiment: Experiment, run: Measurement, arrays: Mapping[str, xr.DataArray]) -> xr.Dataset:
    """All variables with units, names and coordinates."""
    declared = {each.name: each for each in experiment.variables}
    coords = experiment.coords(run) if callable(experiment.coords) else experiment.coords
    dims = {dim for array in arrays.values() for dim in array.dims}
    most = max(run.nets.values(), key=len, default=())
    added = {"net": [net.number for net in most], "state": list(experiment.states), "recipe": list(run.nets)}
    about = experiment.about(run) if experiment.about else {}
    most_untrained = getattr(run.config, "untrained", None)
    if most_untrained is not None:
        about = {**about, "untrained_nets": min(most_untrained, len(most))}
    labelled = {name: _labels(values) for name, values in coords.items()}
    return xr.Dataset(
        {name: array.assign_attrs(_attrs(declared[name])) for name, array in arrays.items()},
        coords={name: values for name, values in added.items() if name in dims} | labelled,
        attrs={"data": run.digits.name} | dict(about),
    )


def _labels(values: Any) -> Any:
    """Labels of a coordinate; a tuple becomes a list, for xarray takes a tuple to be (dims, values)."""
    is_variable = isinstance(values, tuple) and any(isinstance(each, list | np.ndarray) for each in values)
    return list(values) if isinstance(values, tuple) and not is_variable else values


def _attrs(variable: Variable) -> dict[str, Any]:
    named = {"long_name": variable.long_name} if variable.long_name else {}
    return {"units": variable.units, **named, **variable.attrs}
