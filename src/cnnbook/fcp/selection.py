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
    """
    left = (points - points.mean(axis=0)).astype(np.float64)
    lengths = (left**2).sum(axis=0)
    floor = 1e-6 * max(float(lengths.max(initial=0)), 1e-12)
    missing = np.eye(CLASSES)[labels] - np.eye(CLASSES)[labels].mean(axis=0)
    chosen: list[int] = []
    for _ in range(min(most, points.shape[1])):
        gain = ((left.T @ missing) ** 2).sum(axis=1) / np.maximum(lengths, floor)
        gain[chosen] = -1
        gain[lengths <= floor] = np.where(np.isin(np.flatnonzero(lengths <= floor), chosen), -1, 0)
        best = int(gain.argmax())
        chosen.append(best)
        if lengths[best] > floor:
            direction = left[:, best] / np.sqrt(lengths[best])
            left -= np.outer(direction, direction @ left)
            missing -= np.outer(direction, direction @ missing)
            lengths = (left**2).sum(axis=0)
    return np.array(chosen)


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
