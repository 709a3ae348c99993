"""Datasets made by hand, to ask a statistic for a number that is known."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.data import Digits
from cnnbook.experiments import find_experiments
from cnnbook.experiments.experiment import REFERENCE, Measurement
from cnnbook.experiments.measuring import measure, statistic_of
from cnnbook.inputs import BookInputs, ShownDigit


def statistic_from(
    experiment: str,
    name: str,
    variables: Mapping[str, tuple[str, Any]],
    **coords: Any,
) -> np.ndarray:
    """A statistic of an experiment, computed from variables made by hand.

    Args:
        experiment: its name.
        name: of the statistic.
        variables: dimensions, as words, and values by name.
        coords: labels of dimensions.
    """
    whole = xr.Dataset(
        {key: (tuple(dims.split()), np.asarray(values)) for key, (dims, values) in variables.items()},
        coords={key: list(values) for key, values in coords.items()},
    )
    found = find_experiments()[experiment]
    return statistic_of(found.statistic(name), whole).values


def measured(
    experiment: str,
    digits: Digits,
    nets: Sequence[Any] = (),
    *,
    config: Any = None,
    shown: Sequence[ShownDigit] = (),
    results: Mapping[str, xr.Dataset] | None = None,
    resamples: int = 2,
) -> xr.Dataset:
    """What an experiment measures of some digits and networks by the book's recipe.

    Args:
        experiment: its name.
        digits: the data.
        nets: networks, by the book's recipe.
        config: its numbers; None for those of the draft.
        shown: the digits that chapters show.
        results: of experiments that it builds on.
        resamples: times that the test images are drawn anew.
    """
    found = find_experiments()[experiment]
    run = Measurement(
        experiment=experiment,
        config=config or found.draft,
        digits=digits,
        inputs=BookInputs(shown=tuple(shown)),
        seed=0,
        resamples=resamples,
        nets={REFERENCE: tuple(nets)} if nets else {},
        results=results or {},
    )
    return measure(found, run)
