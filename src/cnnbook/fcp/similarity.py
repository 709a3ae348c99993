"""How alike images of the same and of different classes are: the cosines of all pairs."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Integer, Real

from cnnbook.nets.geometry import CLASSES


class ClassCosines(NamedTuple):
    """Cosines of all pairs of images.

    Attributes:
        mean: by class and class; on the diagonal, of two different images. 0 where there are no pairs.
        within: mean over all pairs of one class.
        between: mean over all pairs of two classes.
        d_prime: (within − between) by the root of the mean of their variances; 0 if nothing varies.
    """

    mean: Float[np.ndarray, "10 10"]
    within: float
    between: float
    d_prime: float


def unit_rows(points: Real[np.ndarray, "n d"]) -> Float[np.ndarray, "n d"]:
    """The same rows with length 1; a row of zeros stays."""
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    return np.divide(points, lengths, out=np.zeros(points.shape, np.float32), where=lengths > 0)


def cosines_by_class(points: Real[np.ndarray, "n d"], labels: Integer[np.ndarray, " n"]) -> ClassCosines:
    """Cosines of all pairs by their classes.

    Args:
        points: activations, one row an image.
        labels: classes of the images.

    Raises:
        ValueError: a class has fewer than two images.
    """
    counts = np.bincount(labels, minlength=CLASSES)
    if counts.min() < 2:
        few = int(counts.argmin())
        raise ValueError(f"labels: {counts[few]} images of class {few}, expected at least 2 of every class")
    cosines = unit_rows(points)
    cosines = (cosines @ cosines.T).astype(np.float64)
    member = np.eye(CLASSES)[labels]
    sums, squares = member.T @ cosines @ member, member.T @ cosines**2 @ member
    own = np.diag(member.T @ (np.diag(cosines)[:, None] * member)).copy()
    np.fill_diagonal(
        squares, np.diag(squares) - np.diag(member.T @ (np.diag(cosines)[:, None] ** 2 * member))
    )
    np.fill_diagonal(sums, np.diag(sums) - own)
    pairs = np.outer(counts, counts).astype(np.float64)
    np.fill_diagonal(pairs, counts * (counts - 1.0))
    same = np.eye(CLASSES, dtype=bool)
    within, around = _moments(sums[same], squares[same], pairs[same])
    between, across = _moments(sums[~same], squares[~same], pairs[~same])
    spread = np.sqrt((around + across) / 2)
    return ClassCosines(
        sums / pairs, within, between, float((within - between) / spread) if spread > 0 else 0.0
    )


def _moments(
    sums: Float[np.ndarray, " k"], squares: Float[np.ndarray, " k"], pairs: Float[np.ndarray, " k"]
) -> tuple[float, float]:
    """Mean and variance from sums over pairs."""
    mean = sums.sum() / pairs.sum()
    return float(mean), float(max(squares.sum() / pairs.sum() - mean**2, 0.0))


def class_variance_share(
    points: Real[np.ndarray, "n d"], labels: Integer[np.ndarray, " n"]
) -> Float[np.ndarray, " d"]:
    """η²: the share of each point's variance that lies between classes; 0 where there is no variance.

    Args:
        points: activations, one row an image.
        labels: classes of the images.
    """
    member = np.eye(CLASSES)[labels]
    counts = member.sum(axis=0)
    values = points.astype(np.float64)
    means = np.divide(
        member.T @ values,
        counts[:, None],
        out=np.zeros((CLASSES, values.shape[1])),
        where=counts[:, None] > 0,
    )
    between = (counts[:, None] * (means - values.mean(axis=0)) ** 2).sum(axis=0)
    total = ((values - values.mean(axis=0)) ** 2).sum(axis=0)
    varies = np.ptp(values, axis=0) > 0  # rounding of the mean is no variance
    return np.divide(between, total, out=np.zeros_like(total), where=varies)


def nearest_mean(
    points: Real[np.ndarray, "n d"], means: Real[np.ndarray, "k d"]
) -> Integer[np.ndarray, " n"]:
    """Which mean lies nearest to each point.

    Args:
        points: one a row.
        means: likewise.
    """
    squares = (means.astype(np.float64) ** 2).sum(axis=1)
    return (squares - 2 * points.astype(np.float64) @ means.T.astype(np.float64)).argmin(axis=1)


def map_image_correlations(
    maps: Float[np.ndarray, "n h w c"], images: Float[np.ndarray, "n h w"]
) -> Float[np.ndarray, "n c"]:
    """Pearson's r between each map and its image, over the cells; NaN for a map without variation.

    Args:
        maps: of a layer, for each image.
        images: on the same grid.
    """
    cells = maps.reshape(len(maps), -1, maps.shape[-1]).astype(np.float64)
    pixels = images.reshape(len(images), -1).astype(np.float64)
    cells -= cells.mean(axis=1, keepdims=True)
    pixels -= pixels.mean(axis=1, keepdims=True)
    scale = np.sqrt((cells**2).sum(axis=1) * (pixels**2).sum(axis=1)[:, None])
    shared = np.einsum("npc,np->nc", cells, pixels)
    return np.divide(shared, scale, out=np.full_like(shared, np.nan), where=scale > 1e-12)


def next_of_another_class(labels: Integer[np.ndarray, " n"]) -> Integer[np.ndarray, " n"]:
    """For every image, the index of the next one of another class; after the last comes the first.

    Raises:
        ValueError: there is only one class.
    """
    n = len(labels)
    if np.all(labels == labels[0]):
        raise ValueError(f"labels: all {n} are {labels[0]}, expected more than one class")
    return np.array(
        [next(j % n for j in range(i + 1, i + n) if labels[j % n] != labels[i]) for i in range(n)]
    )
