"""Test images drawn anew: how far a mean over images may be off.

Resample 0 is all test images once; each further one draws as many with replacement (B. Efron, "Bootstrap
methods: another look at the jackknife", Annals of Statistics 7 (1979) 1). What depends on images only through
weighted means costs one matrix product.
"""

import jax
import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Real

from cnnbook.keys import key_for

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
    drawn = np.asarray(jax.vmap(lambda key: jax.random.randint(key, (images,), 0, images))(keys))
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


def ratio(above: xr.DataArray, below: xr.DataArray) -> xr.DataArray:
    """A quotient for every resample; 0 where the denominator is not positive.

    Args:
        above: the numerator.
        below: the denominator; where it is not a number, neither is the quotient.
    """
    return xr.where(below <= 0, 0.0, above / below.where(below > 0))
