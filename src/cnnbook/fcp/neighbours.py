"""The nearest of many points, found by comparing with all of them."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int, Integer

from cnnbook.nets.geometry import CLASSES

_AT_ONCE = 250
"""Points whose distances to all others are held at once."""


def nearest_classes(
    references: Float[np.ndarray, "n d"],
    labels: Integer[np.ndarray, " n"],
    points: Float[np.ndarray, "m d"],
    *,
    neighbours: int,
    sizes: Sequence[int],
) -> Int[np.ndarray, "sizes m"]:
    """The class that most of the nearest references have, among the first ones of several numbers.

    Exact: no index, all distances. Of classes with as many of the nearest, the smallest.

    Args:
        references: in random order.
        labels: their classes.
        points: to be classified.
        neighbours: how many of the nearest vote.
        sizes: numbers of references, ascending; all where there are fewer.
    """
    centre = references.mean(axis=0)
    away = references - centre
    lengths = np.einsum("nd,nd->n", away, away)
    found = np.empty((len(sizes), len(points)), np.int64)
    for begin in range(0, len(points), _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        distances = (points[some] - centre) @ away.T
        distances *= -2
        distances += lengths
        for row, size in enumerate(sizes):
            among = distances[:, :size]
            count = min(neighbours, among.shape[1])
            nearest = labels[np.argpartition(among, count - 1, axis=1)[:, :count]]
            votes = (nearest[:, :, None] == np.arange(CLASSES)).sum(axis=1)
            found[row, some] = votes.argmax(axis=1)
    return found
