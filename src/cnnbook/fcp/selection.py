"""Single points and few of them: how well the best one tells a class, and how many a linear reader needs."""

import numpy as np
from jaxtyping import Bool, Float, Int, Integer
from scipy.stats import rankdata

CLASSES = 10


def auc(points: Float[np.ndarray, "n d"], positive: Bool[np.ndarray, " n"]) -> Float[np.ndarray, " d"]:
    """How well each point tells some images from the rest: the area under the ROC curve, by ranks.

    A half is chance; a constant point has a half.

    Raises:
        ValueError: all images are of one kind.
    """
    yes, no = int(positive.sum()), int((~positive).sum())
    if not yes or not no:
        raise ValueError(f"positive: {yes} of {len(positive)} images, expected some of both kinds")
    ranks = rankdata(points, axis=0)[positive].sum(axis=0)
    return (ranks - yes * (yes + 1) / 2) / (yes * no)


def chosen_points(
    points: Float[np.ndarray, "n d"], labels: Integer[np.ndarray, " n"], *, most: int
) -> Int[np.ndarray, " most"]:
    """Points chosen one after another, each for what it adds to a least-squares fit of the ten classes.

    Orthogonal least squares: S. Chen, S. Billings, W. Luo, International Journal of Control 50 (1989) 1873.
    A point is weighed by products of all pairs of points and of points with classes, from which what the
    chosen ones explain has been taken away.

    Raises:
        ValueError: `most` is below 1.
    """
    if most < 1:
        raise ValueError(f"most={most}: expected at least 1 point")
    away = points.astype(np.float64) - points.mean(axis=0, dtype=np.float64)
    products = away.T @ away
    with_classes = away.T @ (np.eye(CLASSES)[labels] - np.eye(CLASSES)[labels].mean(axis=0))
    floor = 1e-6 * max(float(np.diag(products).max(initial=0)), 1e-12)
    chosen: list[int] = []
    for _ in range(min(most, points.shape[1])):
        lengths = np.diag(products)
        gain = np.where(lengths > floor, (with_classes**2).sum(axis=1) / np.maximum(lengths, floor), 0)
        gain[chosen] = -1
        best = int(gain.argmax())
        chosen.append(best)
        if lengths[best] > floor:
            explained = products[best] / np.sqrt(lengths[best])
            with_classes = with_classes - np.outer(explained, with_classes[best] / np.sqrt(lengths[best]))
            products = products - np.outer(explained, explained)
    return np.array(chosen, np.int64)


def least_squares_right(
    train: Float[np.ndarray, "n k"], labels: Integer[np.ndarray, " n"], test: Float[np.ndarray, "m k"],
    asked: Integer[np.ndarray, " m"],
) -> Bool[np.ndarray, " m"]:  # fmt: skip
    """Whether a least-squares fit of the ten classes names each test image rightly."""
    mean = train.mean(axis=0)
    away = (train - mean).astype(np.float64)
    gram = away.T @ away
    gram += 1e-6 * max(np.trace(gram) / len(gram), 1e-12) * np.eye(len(gram))
    wanted = np.eye(CLASSES)[labels]
    weights = np.linalg.solve(gram, away.T @ (wanted - wanted.mean(axis=0)))
    return ((test - mean) @ weights + wanted.mean(axis=0)).argmax(axis=1) == asked
