"""Points ranked by what they do for a margin of two classes, and how many of them are enough.

Two rankings, both on training images: by exact contribution, in the mean over images, and greedily. What the
first points of an order do is judged by sufficiency (they stay, all others take the values of another image)
and by necessity (they take the values of another image, all others stay).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.special import expit

from cnnbook.fcp.head import Head
from cnnbook.fcp.margins import Margin, Points, contributions, margins_along
from cnnbook.fcp.similarity import next_of_another_class


class Pair(NamedTuple):
    """Images of two classes, by which points are ranked and on which they are judged.

    Attributes:
        train: points of training images: those that rank, then those on which orders are compared; all of
            them stand in for others.
        positive: which of them are of the first class.
        test: points of test images.
        test_positive: which of them are of the first class.
    """

    train: Float[np.ndarray, "n d"]
    positive: Bool[np.ndarray, " n"]
    test: Float[np.ndarray, "m d"]
    test_positive: Bool[np.ndarray, " m"]


class Ranking(NamedTuple):
    """Orders of points.

    Attributes:
        chosen: that of the two below that needs fewer points on training images.
        by_contribution: from the largest mean contribution on.
        is_greedy: whether the chosen one is the greedy one.
    """

    chosen: Int[np.ndarray, " d"]
    by_contribution: Int[np.ndarray, " d"]
    is_greedy: bool


def kept_and_left(
    margin: Margin,
    pair: Pair,
    others: Int[np.ndarray, "others m"],
    order: Int[np.ndarray, " d"],
    sizes: Sequence[int],
) -> tuple[Float[np.ndarray, "sizes m"], Float[np.ndarray, "sizes m"]]:
    """Sufficiency and necessity of the first points of an order, for each test image.

    Args:
        margin: above 0 for the first class.
        pair: the images.
        others: for each test image, training images that stand in for what is removed.
        order: of the points.
        sizes: numbers of points, ascending.

    Returns:
        The share of the other images with which the answer is correct, when so many points stay, and when so
        many are replaced.
    """
    kept, left = [], []
    for each in others:
        ends = pair.train[each], pair.test
        for found, (start, stop) in ((kept, ends), (left, ends[::-1])):
            found.append((margins_along(margin, start, stop, order, sizes) > 0) == pair.test_positive)
    return np.mean(kept, axis=0), np.mean(left, axis=0)


def rank_points(
    margin: Margin,
    pair: Pair,
    stand_ins: Int[np.ndarray, "2 k"],
    *,
    most: int,
    sizes: Sequence[int],
    share: float,
) -> Ranking:
    """Points in the better one of two orders, made by the first k training images, compared on the next k.

    Args:
        margin: above 0 for the first class.
        pair: the images.
        stand_ins: training images that stand in for what is removed, while ranking and while comparing.
        most: points chosen one after another; the rest follow by contribution.
        sizes: numbers of points to compare.
        share: of the accuracy with all points, what is to be kept.
    """
    count = stand_ins.shape[1]
    points, positive = pair.train[:count], pair.positive[:count]
    by_contribution = rank_by_contribution(margin, points, positive)
    greedy = with_remaining(
        greedy_order(margin, pair.train[stand_ins[0]], points, positive, most=most), by_contribution
    )
    judged = pair._replace(test=pair.train[count : 2 * count], test_positive=pair.positive[count : 2 * count])
    counts = []
    for order in (greedy, by_contribution):
        kept, _ = kept_and_left(margin, judged, stand_ins[1:, : len(judged.test)], order, sizes)
        counts.append(float(enough(kept.mean(axis=1), sizes, share=share)))
    is_greedy = counts[0] < counts[1]
    return Ranking(greedy if is_greedy else by_contribution, by_contribution, is_greedy)


def rank_by_contribution(
    margin: Margin, points: Points, positive: Bool[np.ndarray, " n"]
) -> Int[np.ndarray, " d"]:
    """Points by what they contribute to telling two classes apart, in the mean over images, largest first.

    Args:
        margin: above 0 for the first class.
        points: of images; each is compared with the next one of the other class.
        positive: which of them are of the first class.

    Raises:
        ValueError: all images are of one class.
    """
    start = points[next_of_another_class(positive.astype(np.int64))]
    parts = contributions(margin, start, points) * np.where(positive, 1.0, -1.0)[:, None]
    return np.argsort(-parts.mean(axis=0), kind="stable")


def greedy_order(
    margin: Margin,
    start: Points,
    stop: Points,
    positive: Bool[np.ndarray, " n"],
    *,
    most: int,
    shortlist: int = 16,
) -> Int[np.ndarray, " most"]:
    """Points chosen one after another, each for what it takes off the log-loss when it changes hands.

    Each time some points are shortlisted by the slope of the log-loss, and the best of them is taken by the
    log-loss itself.

    Args:
        margin: above 0 for one of two classes.
        start: of other images: what points are before they are chosen.
        stop: of the images whose class is asked.
        positive: which of these are of the class for which the margin should be above 0.
        most: how many points are chosen.
        shortlist: how many are tried each time.
    """
    change, now = stop - start, margin.preactivations(start)
    sign, is_left = np.where(positive, 1.0, -1.0), np.ones(change.shape[1], bool)
    chosen: list[int] = []
    for _ in range(min(most, change.shape[1])):
        pull = sign * expit(-sign * margin.from_hidden(now))
        slopes = ((now > 0) * margin.weights * pull[:, None]) @ margin.hidden.T
        gain = np.where(is_left, np.einsum("nd,nd->d", change, slopes), -np.inf)
        tried = np.argsort(-gain, kind="stable")[: min(shortlist, int(is_left.sum()))]
        after = [now + np.outer(change[:, point], margin.hidden[point]) for point in tried]
        losses = [np.logaddexp(0, -sign * margin.from_hidden(each)).sum() for each in after]
        best = int(np.argmin(losses))
        now = after[best]
        chosen.append(int(tried[best]))
        is_left[chosen[-1]] = False
    return np.array(chosen, np.int64)


def with_remaining(first: Int[np.ndarray, " k"], order: Int[np.ndarray, " d"]) -> Int[np.ndarray, " d"]:
    """Some points, then all others as another order has them.

    Args:
        first: the points that come first.
        order: of all points.
    """
    return np.concatenate([first, order[~np.isin(order, first)]])


def enough(
    accuracy: Float[np.ndarray, "sizes *more"], sizes: Sequence[int], *, share: float
) -> Float[np.ndarray, "*more"]:
    """The smallest number of points that keeps a share of the accuracy with all of them.

    Args:
        accuracy: by number of points; that of all comes last.
        sizes: the numbers, ascending.
        share: of the last accuracy, 0 to 1.
    """
    first = (accuracy >= share * accuracy[-1]).argmax(axis=0)
    return np.asarray(np.asarray(sizes, np.float64)[first])


def jaccard(first: Int[np.ndarray, " k"], second: Int[np.ndarray, " m"]) -> float:
    """Points that two sets share, by the points of either.

    Args:
        first: one set, each point once.
        second: the other.
    """
    shared = len(np.intersect1d(first, second))
    return shared / max(len(first) + len(second) - shared, 1)


def flipping_order(
    head: Head, start: Float[np.ndarray, " d"], stop: Float[np.ndarray, " d"], wanted: int
) -> Int[np.ndarray, " k"]:
    """Points that change one after another until a head answers a class, each the one that brings it nearest.

    Nearest is where the logit of the class, less the largest of the others, is largest. The number of points
    is an upper bound of the smallest set that suffices.

    Args:
        head: of the network.
        start: points of an image.
        stop: points of another image, whose values they take.
        wanted: the class.

    Returns:
        The points in their order; none if the answer is this class already, all that differ if it never is.
    """
    others = np.arange(head.scores.shape[1]) != wanted
    now, is_left, chosen = head.preactivations(start[None])[0], stop != start, []

    def margins(hidden: Float[np.ndarray, "n h"]) -> Float[np.ndarray, " n"]:
        logits = np.maximum(hidden, 0) @ head.scores + head.scores_bias
        return logits[:, wanted] - logits[:, others].max(axis=1)

    while margins(now[None])[0] <= 0 and is_left.any():
        points = np.flatnonzero(is_left)
        after = now + (stop - start)[points, None] * head.hidden[points]
        best = int(margins(after).argmax())
        now = after[best]
        chosen.append(int(points[best]))
        is_left[points[best]] = False
    return np.array(chosen, np.int64)
