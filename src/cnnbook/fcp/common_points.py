"""Common points: the strong points that several images share on one layer.

The article marks such points by eye on the maps of three 4s. Here the rule is written down: a point is
*strong* in an image if it is among that image's largest activations, a fixed share of the layer, and not
zero; it is *common* to some images if it is strong in all of them.
"""

import numpy as np
from jaxtyping import Bool, Float, Int

Strong = Bool[np.ndarray, "n points"]
"""For every image, which points of a layer are strong."""

Triples = Int[np.ndarray, "t 3"]
"""Indices of three images each."""


def strong_points(activations: Float[np.ndarray, "n points"], *, share: float) -> Strong:
    """Mark each image's strong points.

    Args:
        activations: after ReLU or pooling, so ≥ 0; one row an image.
        share: of the points, how many are strong; 0.1 of 1,152 are 115. Points that tie with the last one
            are strong as well; points that are zero never are.

    Raises:
        ValueError: the share is not in (0, 1].
    """
    if not 0 < share <= 1:
        raise ValueError(f"share={share}: expected a number > 0 and ≤ 1")
    points = activations.shape[1]
    count = max(1, round(share * points))
    weakest = np.partition(activations, points - count, axis=1)[:, points - count]
    return (activations >= weakest[:, None]) & (activations > 0)


def common_points(strong: Strong) -> Bool[np.ndarray, " points"]:
    """Points that are strong in every one of the images."""
    return np.asarray(strong.all(axis=0))


def common_counts(strong: Strong, triples: Triples) -> Int[np.ndarray, " t"]:
    """Number of common points of each triple of images."""
    first, second, third = triples.T
    return np.count_nonzero(strong[first] & strong[second] & strong[third], axis=1)


def expected_count(strong: Strong, *, images: int) -> float:
    """Common points of so many images if points were independent: the sum of p_j to that power.

    Args:
        strong: of a whole class or test set; p_j is the share of its images in which point j is strong.
        images: how many are compared.
    """
    return float(np.sum(strong.mean(axis=0) ** images))
