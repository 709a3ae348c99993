"""Badly written digits, found without a network: images whose nearest image of another class is near.

For every image the nearest training image of each class is found by pixels. How badly an image is written, as
one of a pair of classes, is how near the nearest of the other class is, as compared with the nearest of its
own.
"""

import numpy as np
from jaxtyping import Bool, Float, Int, Integer

from cnnbook.nets.geometry import CLASSES

TENTH = 10
"""One image in so many of a pair of classes is badly written."""

_AT_ONCE = 250
"""Images whose distances to all others are held at once."""


def nearest_of_each_class(
    references: Float[np.ndarray, "n d"], labels: Integer[np.ndarray, " n"], images: Float[np.ndarray, "m d"]
) -> tuple[Float[np.ndarray, "m 10"], Int[np.ndarray, "m 10"]]:
    """How far the nearest reference of each class is from each image, and which it is.

    Args:
        references: such as training images.
        labels: their classes.
        images: of which the nearest are sought.

    Returns:
        Distances and indices, by image and class; of a class without references infinity and −1.
    """
    centre = references.mean(axis=0)
    away = images - centre
    squares, found = np.full((len(images), CLASSES), np.inf), np.full((len(images), CLASSES), -1)
    for digit in np.unique(labels):
        own = np.flatnonzero(labels == digit)
        these = references[own] - centre
        lengths = np.einsum("nd,nd->n", these, these)
        for begin in range(0, len(images), _AT_ONCE):
            some = slice(begin, begin + _AT_ONCE)
            distances = lengths - 2 * (away[some] @ these.T)
            nearest = distances.argmin(axis=1)
            found[some, digit] = own[nearest]
            gap = away[some] - these[nearest]  # computed anew: of near images the difference is all rounding
            squares[some, digit] = np.einsum("nd,nd->n", gap, gap)
    return np.sqrt(squares), found


def other_share(own: Float[np.ndarray, " n"], other: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """The distance to the other class by the sum of both distances: the smaller, the worse written.

    Images come in the order of the ratio of the two distances. One that lies on an image of each class has a
    half.

    Args:
        own: distance to the nearest image of an image's own class.
        other: distance to the nearest image of the other class.
    """
    both = own + other
    return np.divide(other, both, out=np.full(len(both), 0.5), where=both > 0)


def badly_written(
    distances: Float[np.ndarray, "n 10"], labels: Integer[np.ndarray, " n"], pair: tuple[int, int]
) -> Int[np.ndarray, " k"]:
    """The badly written tenth of the images of a pair of classes, from the worst on.

    Args:
        distances: of each image from the nearest training image of each class.
        labels: of the images.
        pair: two classes.

    Returns:
        Indices of the images; one at least.

    Raises:
        ValueError: the pair is not of two different digits, or there is no image of it.
    """
    first, second = pair
    if first == second or not {first, second} <= set(range(CLASSES)):
        raise ValueError(f"pair={pair}: expected two different classes out of 0 to 9")
    members = np.flatnonzero(is_in_pair(labels, pair))
    if not len(members):
        raise ValueError(f"labels: no image of the pair={pair}, expected one at least")
    is_first = labels[members] == first
    own = np.where(is_first, distances[members, first], distances[members, second])
    other = np.where(is_first, distances[members, second], distances[members, first])
    order = np.argsort(other_share(own, other), kind="stable")
    return members[order[: max(1, round(len(members) / TENTH))]]


def is_in_pair(labels: Integer[np.ndarray, " n"], pair: tuple[int, int]) -> Bool[np.ndarray, " n"]:
    """Which images are of a pair of classes.

    Args:
        labels: of the images.
        pair: two classes.
    """
    return np.isin(labels, pair)
