"""How far a number may be off: intervals over networks and over images, and test images drawn anew.

A share's interval is that of C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits
illustrated in the case of the binomial", Biometrika 26 (1934) 404, which covers at least as often as it says.
A mean's interval is Student's ("The probable error of a mean", Biometrika 6 (1908) 1).

Of the resamples of test images the first is all of them once; each further one draws as many with replacement
(B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979) 1). What depends
on images only through weighted means costs one matrix product.
"""

import jax
import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int, Real
from scipy import special

from cnnbook.formatting import format_number
from cnnbook.keys import integers, key_for

LEVEL = 0.95
"""How often such an interval holds the truth."""

BOUNDS = ("low", "high")
"""The ends of an interval, as a coordinate."""


def share_interval(
    right: Int[np.ndarray, "*shape"] | int, trials: int, *, level: float = LEVEL
) -> Float[np.ndarray, "*shape 2"]:
    """Where the probability behind a count may lie: the exact binomial interval.

    Args:
        right: successes, 0 to `trials`.
        trials: independent ones.
        level: 0 to 1.

    Returns:
        Its ends, low and high, along the last axis.

    Raises:
        ValueError: there were more successes than trials, or no trials.
    """
    count = np.asarray(right)
    if trials < 1 or count.min() < 0 or count.max() > trials:
        raise ValueError(f"right={right}: expected 0 to trials={trials}, with at least one trial")
    tail = (1 - level) / 2
    low = special.betaincinv(count, trials - count + 1, tail)  # quantiles of beta distributions, which at
    high = special.betaincinv(count + 1, trials - count, 1 - tail)  # the ends are the ends themselves
    return np.stack([np.where(count == 0, 0.0, low), np.where(count == trials, 1.0, high)], axis=-1)


def mean_interval(
    values: Float[np.ndarray, "*shape n"], *, level: float = LEVEL
) -> Float[np.ndarray, "*shape 2"]:
    """Where the mean of what the values were drawn from may lie, by Student's t.

    Args:
        values: independent draws along the last axis, such as one number a network.
        level: 0 to 1.

    Returns:
        Its ends, low and high, along the last axis; both not a number for a single value.
    """
    count = values.shape[-1]
    mean = values.mean(axis=-1)
    if count < 2:
        return np.full((*mean.shape, 2), np.nan)
    half = special.stdtrit(count - 1, (1 + level) / 2) * values.std(axis=-1, ddof=1) / np.sqrt(count)
    return np.stack([mean - half, mean + half], axis=-1)


def in_percent(ends: xr.DataArray | np.ndarray, digits: int = 2, *, sign: bool = False) -> str:
    """An interval of shares as prose quotes it, such as "99.36 to 99.42"; "–" where there is none."""
    low, high = (float(end) * 100 for end in np.asarray(ends))
    form = f"{'+' if sign else ''}.{digits}f"
    return "–" if np.isnan(low) else f"{format_number(low, form)} to {format_number(high, form)}"


Weights = Float[np.ndarray, "resample n"]
"""How often each resample holds each image; the first row is all ones."""


def resample_weights(images: int, *, resamples: int, seed: int) -> Weights:
    """Weights of the test images, for all of them and for each resample.

    Args:
        images: how many there are.
        resamples: how often they are drawn anew; 0 for never.
        seed: of the profile; equal seeds draw equally, so that two experiments can be compared.

    Raises:
        ValueError: there are no images, or `resamples` is negative.
    """
    if images < 1 or resamples < 0:
        raise ValueError(f"images={images}, resamples={resamples}: expected at least 1 and at least 0")
    keys = jax.random.split(key_for(seed, "bootstrap of images", images=images), max(resamples, 1))
    drawn = integers(keys, (images,), images)
    counts = [np.bincount(indices, minlength=images) for indices in drawn[:resamples]]
    return np.stack([np.ones(images), *counts]).astype(np.float64)


def weighted_mean(
    values: Real[np.ndarray, "n *rest"] | Bool[np.ndarray, "n *rest"], weights: Weights
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
