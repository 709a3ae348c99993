"""Datasets made by hand, to ask a statistic for a number that is known."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.data import Digits
from cnnbook.experiments import find_experiments
from cnnbook.experiments.experiment import REFERENCE, Measurement, NetsOf
from cnnbook.experiments.facts import facts_of
from cnnbook.experiments.measuring import measure, statistic_of
from cnnbook.inputs import BookInputs, DisputedLabel, ShownDigit


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
    nets: Sequence[Any] | NetsOf = (),
    *,
    config: Any = None,
    shown: Sequence[ShownDigit] = (),
    disputed: Sequence[DisputedLabel] = (),
    results: Mapping[str, xr.Dataset] | None = None,
    resamples: int = 2,
) -> xr.Dataset:
    """What an experiment measures of some digits and networks by the book's recipe.

    Args:
        experiment: its name.
        digits: the data.
        nets: of the book's recipe, or of several by recipe.
        config: its numbers; None for those of the draft.
        shown: the digits that chapters show.
        disputed: labels that people dispute.
        results: of experiments that it builds on.
        resamples: times that the test images are drawn anew.
    """
    found = find_experiments()[experiment]
    given = nets if isinstance(nets, Mapping) else {REFERENCE: tuple(nets)}
    run = Measurement(
        experiment=experiment,
        config=config or found.draft or found.config,
        digits=digits,
        inputs=BookInputs(shown=tuple(shown), disputed=tuple(disputed)),
        seed=0,
        resamples=resamples,
        nets=given if nets else {},
        results=results or {},
    )
    return measure(found, run)


def facts(experiment: str, result: xr.Dataset) -> dict[str, str]:
    """The facts of an experiment.

    Args:
        experiment: its name.
        result: its Dataset.
    """
    return facts_of(find_experiments()[experiment], result)


def fact(experiment: str, name: str, result: xr.Dataset) -> dict[str, str]:
    """What one declared fact gives, for a Dataset that does not hold what the others need.

    Args:
        experiment: that declares it.
        name: as declared.
        result: of the experiment.
    """
    found = find_experiments()[experiment]
    declared = replace(found, facts=tuple(each for each in found.facts if each.name == name))
    counts = facts_of(replace(found, facts=()), result)
    return {key: text for key, text in facts_of(declared, result).items() if key not in counts}
