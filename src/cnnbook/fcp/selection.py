"""Single points and small sets of them: how well each separates a class, and which ones together."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int, Integer
from scipy.stats import rankdata

from cnnbook.fcp.probes import least_squares_classes
from cnnbook.nets.geometry import CLASSES


def auc(points: Float[np.ndarray, "n d"], positive: Bool[np.ndarray, " n"]) -> Float[np.ndarray, " d"]:
    """How well each point separates some images from the rest: the area under the ROC curve, by ranks.

    A half is chance; a constant point has a half.

    Args:
        points: activations.
        positive: which images are to be separated.

    Raises:
        ValueError: all images are of one kind.
    """
    yes, no = int(positive.sum()), int((~positive).sum())
    if not yes or not no:
        raise ValueError(f"positive: {yes} of {len(positive)} images, expected some of both kinds")
    ranks = rankdata(points, axis=0)[positive].sum(axis=0)
    return (ranks - yes * (yes + 1) / 2) / (yes * no)


def select_points(
    points: Float[np.ndarray, "n d"], labels: Integer[np.ndarray, " n"], *, most: int
) -> Int[np.ndarray, " most"]:
    """Points chosen one after another, each for what it adds to a least-squares fit of the ten classes.

    Orthogonal least squares: S. Chen, S. Billings, W. Luo, International Journal of Control 50 (1989) 1873.
    A point is weighed by products of all pairs of points and of points with classes, from which what the
    chosen ones explain has been taken away.

    Args:
        points: activations.
        labels: classes of the images.
        most: how many are chosen.

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


def accuracy_by_points(
    x_train: Float[np.ndarray, "n d"],
    y_train: Integer[np.ndarray, " n"],
    x_test: Float[np.ndarray, "m d"],
    y_test: Integer[np.ndarray, " m"],
    order: Integer[np.ndarray, " k"],
    sizes: Sequence[int],
) -> Float[np.ndarray, " sizes"]:
    """Accuracy of a least-squares fit from the first points of an order, for several numbers of points.

    Args:
        x_train: activations of training images.
        y_train: their classes.
        x_test: activations of test images.
        y_test: their classes.
        order: of the points.
        sizes: how many of them.
    """
    return np.array(
        [
            (least_squares_classes(x_train[:, order[:k]], y_train, x_test[:, order[:k]]) == y_test).mean()
            for k in sizes
        ]
    )


def best_point_auc(
    x_train: Float[np.ndarray, "n d"],
    positive_train: Bool[np.ndarray, " n"],
    x_test: Float[np.ndarray, "m d"],
    positive_test: Bool[np.ndarray, " m"],
) -> float:
    """On test images, the area under the curve of the point that is best on training images.

    Args:
        x_train: activations of training images.
        positive_train: which of them are to be separated.
        x_test: activations of test images.
        positive_test: likewise.
    """
    areas = auc(x_train, positive_train)
    best = int(np.abs(areas - 0.5).argmax())
    area = float(auc(x_test[:, [best]], positive_test)[0])
    return area if areas[best] >= 0.5 else 1 - area
