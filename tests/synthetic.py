"""Datasets made by hand, to ask a statistic for a number that is known."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.experiments import find_experiments
from cnnbook.experiments.measuring import statistic_of


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
