"""Statistics that claims are judged by, with the test images drawn anew: how far a value may be off.

A statistic is a variable over "net", "resample", both or neither. Resample 0 is all test images once; each
further one draws as many with replacement (B. Efron, "Bootstrap methods: another look at the jackknife",
Annals of Statistics 7 (1979) 1). What depends on images only through weighted means costs one matrix product.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Float, Real

from cnnbook.config.profiles import Profile
from cnnbook.inputs import BookInputs
from cnnbook.keys import key_for

Weights = Float[np.ndarray, "resample n"]
"""How often each resample holds each image; the first row is all ones."""

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


def resample_weights(images: int, *, resamples: int, seed: int) -> Weights:
    """Weights of the test images, for all of them and for each resample.

    Args:
        images: how many there are.
        resamples: how often they are drawn anew; 0 for never.
        seed: the book's; equal seeds draw equally, so that two experiments can be compared.

    Raises:
        ValueError: there are no images, or `resamples` is negative.
    """
    if images < 1 or resamples < 0:
        raise ValueError(f"images={images}, resamples={resamples}: expected at least 1 and at least 0")
    keys = jax.random.split(key_for(seed, "bootstrap of images", images=images), max(resamples, 1))
    drawn = np.asarray(jax.vmap(lambda key: jax.random.randint(key, (images,), 0, images))(keys))
    counts = [np.bincount(places, minlength=images) for places in drawn[:resamples]]
    return np.stack([np.ones(images), *counts]).astype(np.float64)


def weighted_mean(
    values: Real[np.ndarray, "n *rest"], weights: Weights
) -> Float[np.ndarray, "resample *rest"]:
    """The mean over images, for every resample; 0 where a resample holds none of them.

    Args:
        values: one for each image.
        weights: of the images; rows that give some of them no weight leave these out.
    """
    flat = values.reshape(len(values), -1).astype(np.float64)
    total = weights.sum(axis=1, keepdims=True)
    mean = np.divide(weights @ flat, total, out=np.zeros((len(weights), flat.shape[1])), where=total > 0)
    return mean.reshape(len(weights), *values.shape[1:])


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
