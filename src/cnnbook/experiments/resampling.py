"""Statistics that claims are judged by, with the test images drawn anew: how far a value may be off.

A statistic is a variable over "net", "resample", both or neither. Resample 0 is all test images once; each
further one draws as many with replacement (B. Efron, "Bootstrap methods: another look at the jackknife",
Annals of Statistics 7 (1979) 1). What depends on images only through weighted means costs one matrix product.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from cnnbook.config.profiles import Profile
from cnnbook.experiments.bootstrap import Weights, resample_weights, weighted_mean
from cnnbook.inputs import BookInputs

__all__ = ["Resampled", "Weights", "resample_weights", "resampled", "statistic", "weighted_mean"]

Statistic = tuple[tuple[str, ...], np.ndarray, dict[str, Any]]
"""Dimensions, values and attributes of a variable, as `xarray.Dataset` takes them."""


class Resampled(NamedTuple):
    """What an experiment with resampled statistics is asked with.

    Attributes:
        own: its own numbers.
        resamples: how often the test images are drawn anew.
        seed: where its randomness starts.
        more: what else it takes, such as the digits shown.
    """

    own: Any
    resamples: int
    seed: int
    more: Any = ()


def resampled(
    own: Callable[[Profile], Any], more: Callable[[BookInputs], Any] = lambda seeds: ()
) -> Callable[[Profile, BookInputs], Resampled]:
    """The choice of such a config from a profile, by what picks the experiment's own numbers."""
    return lambda profile, seeds: Resampled(own(profile), profile.resamples, profile.seed, more(seeds))


def statistic(
    values: Any, says: str, *, units: str = "1", dims: tuple[str, ...] | None = None,
    looked_at: int | None = None,
) -> Statistic:  # fmt: skip
    """A variable that a claim may be judged by.

    Args:
        values: a number; one for each network; or one for each network and resample.
        says: what it is, in words.
        units: of the values.
        dims: their dimensions, where the number of axes does not tell.
        looked_at: of how many networks values are known, if not of all; the others are not a number.
    """
    array = np.asarray(values, dtype=np.float64)
    attrs: dict[str, Any] = {"units": units, "long_name": says}
    if looked_at is not None:
        attrs["looked_at"] = min(looked_at, len(array))
    return dims or ((), ("net",), ("net", "resample"))[array.ndim], array, attrs
