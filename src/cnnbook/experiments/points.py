"""Single points of Conv_3 and few of them: the best, those chosen one after another, those at random."""

from collections.abc import Sequence

import jax
import numpy as np

from cnnbook.experiments.judging import Judge
from cnnbook.fcp.selection import auc, chosen_points, least_squares_right

SHARE_OF_LINEAR = 0.95
"""Of a linear head's accuracy, the share that few points are to reach."""

FOUR = 4


def by_points_of(
    train: tuple[np.ndarray, np.ndarray], asked: np.ndarray, judge: Judge, sizes: Sequence[int],
    linear: float, key: jax.Array,
) -> tuple[float, int, np.ndarray]:  # fmt: skip
    """The best point's area, the points needed, and accuracy by number of points: chosen, then at random.

    Args:
        train: activations and classes among which points are chosen.
        asked: activations of the test images.
        judge: of the test images.
        sizes: numbers of points looked at; the last is how many are chosen.
        linear: accuracy of a linear head on all points.
        key: draws the random points.
    """
    few, some = train
    picked = chosen_points(few, some, most=sizes[-1])
    curve = []
    for k in range(1, len(picked) + 1):
        right = least_squares_right(few[:, picked[:k]], some, asked[:, picked[:k]], judge.labels)
        curve.append(float(judge(right)[0]))
    reached = np.flatnonzero(np.array(curve) >= SHARE_OF_LINEAR * linear)
    needed = int(reached[0]) + 1 if len(reached) else len(curve) + 1
    table = np.array([[curve[k - 1] for k in sizes], _random_points(few, some, asked, judge, sizes, key)])
    return _best_point(few, some, asked, judge.labels), needed, table


def _random_points(few, some, asked, judge: Judge, sizes: Sequence[int], key: jax.Array) -> list[float]:
    """Accuracy with as many points drawn at random, mean of three draws."""
    keys = jax.random.split(key, 3)
    orders = [np.asarray(jax.random.permutation(key, few.shape[1])) for key in keys]

    def accuracy(chosen: np.ndarray) -> float:
        return float(judge(least_squares_right(few[:, chosen], some, asked[:, chosen], judge.labels))[0])

    return [float(np.mean([accuracy(order[:k]) for order in orders])) for k in sizes]


def _best_point(few: np.ndarray, some: np.ndarray, asked: np.ndarray, labels: np.ndarray) -> float:
    """On test images, the area under the curve of the point that is best on training images."""
    areas = auc(few, some == FOUR)
    best = int(np.abs(areas - 0.5).argmax())
    found = float(auc(asked[:, [best]], labels == FOUR)[0])
    return found if areas[best] >= 0.5 else 1 - found
