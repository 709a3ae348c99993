"""How far two classes lie apart on one axis, and how an eye would tell them apart by common points."""

import numpy as np
from jaxtyping import Bool, Float

from cnnbook.fcp.common_points import strong_points

_RIDGE = 1e-2
"""What is added to each variance within classes, in units of their mean: many points hardly ever vary."""


def d_prime(
    values: Float[np.ndarray, " n"],
    positive: Bool[np.ndarray, " n"],
    weights: Float[np.ndarray, "resample n"],
) -> Float[np.ndarray, " resample"]:
    """The distance of two classes' means by the root of their mean variance; 0 where nothing varies.

    Positive where the first class has the larger mean.

    Args:
        values: one for each image.
        positive: which images are of the first class.
        weights: how often each resample holds each image.
    """
    moments = []
    for kind in (positive, ~positive):
        total = np.maximum(weights[:, kind].sum(axis=1), 1e-12)
        mean = weights[:, kind] @ values[kind] / total
        squares = weights[:, kind] @ (values[kind] - values[kind].mean()) ** 2 / total
        moments.append((mean, squares - (mean - values[kind].mean()) ** 2))
    (mean, variance), (other_mean, other_variance) = moments
    spread = np.sqrt(np.maximum((variance + other_variance) / 2, 0))
    return np.divide(mean - other_mean, spread, out=np.zeros_like(spread), where=spread > 1e-12)


def fisher_axis(
    points: Float[np.ndarray, "n d"], positive: Bool[np.ndarray, " n"]
) -> Float[np.ndarray, " d"]:
    """The axis along which two classes lie farthest apart, as compared with how they vary along it.

    R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7 (1936) 179,
    with a small ridge.

    Args:
        points: activations of training images.
        positive: which of them are of the first class.
    """
    apart, within = np.zeros(points.shape[1]), np.zeros((points.shape[1], points.shape[1]))
    for kind, sign in ((positive, 1), (~positive, -1)):
        mean = points[kind].mean(axis=0, dtype=np.float64)
        away = (points[kind] - mean).astype(np.float32)
        apart += sign * mean
        within += (away.T @ away).astype(np.float64) / max(int(kind.sum()), 1)
    within += _RIDGE * max(float(np.trace(within)) / len(within), 1e-12) * np.eye(len(within))
    return np.linalg.solve(within, apart)


def common_to(activations: Float[np.ndarray, "n points"], *, share: float) -> Bool[np.ndarray, " points"]:
    """The points that are strong in most images of a class: as many as an image has strong points.

    Args:
        activations: of one class.
        share: of the points, how many are strong.
    """
    often = strong_points(activations, share=share).mean(axis=0)
    count = max(1, round(share * activations.shape[1]))
    common = np.zeros(len(often), bool)
    common[np.argsort(-often, kind="stable")[:count]] = True
    return common


def overlap_scores(
    activations: Float[np.ndarray, "n points"], commons: Bool[np.ndarray, "classes points"], *, share: float
) -> Float[np.ndarray, "n classes"]:
    """How many of an image's strong points are common points of each class.

    Args:
        activations: of the images.
        commons: points that are common to each class.
        share: of the points, how many are strong.
    """
    return strong_points(activations, share=share).astype(np.float64) @ commons.T.astype(np.float64)
