"""A margin of two classes behind one hidden layer, when points take their values from other images.

Resampled ablation: what is removed of an image takes the values of another image and not zero, so that every
point has a value that digits give it. Between an image and another one points change hands in an order. In
that order the hidden layer's preactivations are sums, so that a margin after any number of points costs no
forward pass of its own.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from cnnbook.fcp.attribution import active_share
from cnnbook.fcp.head import Head

Points = Float[np.ndarray, "n d"]
"""Activations of Conv_3, or pixels, one row an image."""

Order = Int[np.ndarray, " d"] | Int[np.ndarray, "n d"]
"""Points from the first that changes to the last, for all images or for each."""

_AT_ONCE = 2_000_000
"""Numbers of points of images that are held with their weights at once."""


class Margin(NamedTuple):
    """One hidden layer with ReLU, then one number.

    Attributes:
        hidden: weights from the points to the hidden layer.
        bias: of the hidden layer.
        weights: from there to the margin.
        offset: of the margin.
    """

    hidden: Float[np.ndarray, "d h"]
    bias: Float[np.ndarray, " h"]
    weights: Float[np.ndarray, " h"]
    offset: float

    def preactivations(self, points: Points) -> Float[np.ndarray, "n h"]:
        """The hidden layer before ReLU."""
        return points @ self.hidden + self.bias

    def from_hidden(self, preactivations: Float[np.ndarray, "*more h"]) -> Float[np.ndarray, "*more"]:
        """The margin behind a hidden layer."""
        return np.maximum(preactivations, 0) @ self.weights + self.offset

    def __call__(self, points: Points) -> Float[np.ndarray, " n"]:
        """The margin of some images."""
        return self.from_hidden(self.preactivations(points))


def margin_of(head: Head, first: int, second: int) -> Margin:
    """The logit of one class less that of another.

    Args:
        head: of a network.
        first: the class whose logit counts.
        second: the class whose logit is taken away.

    Raises:
        ValueError: these are not two classes.
    """
    if first == second or not {first, second} <= set(range(head.scores.shape[1])):
        raise ValueError(f"first={first}, second={second}: expected two different classes out of 0 to 9")
    weights = head.scores[:, first] - head.scores[:, second]
    return Margin(
        head.hidden, head.hidden_bias, weights, float(head.scores_bias[first] - head.scores_bias[second])
    )


def linear_margin(weights: Float[np.ndarray, " d"], bias: float) -> Margin:
    """A sum of weighted points as such a margin, so that both are treated alike: s = max(s, 0) − max(−s, 0).

    Args:
        weights: of the points.
        bias: of the sum.
    """
    both = np.array([1.0, -1.0])
    return Margin(weights[:, None] * both, bias * both, both, 0.0)


def changed_preactivations(
    margin: Margin | Head, start: Points, stop: Points, order: Order, sizes: Sequence[int]
) -> Iterator[Float[np.ndarray, "n h"]]:
    """The hidden layer before ReLU when the first points of an order have changed hands, by their number.

    Args:
        margin: whose hidden layer.
        start: where all points come from at first.
        stop: where those that change come from.
        order: of the points.
        sizes: how many have changed, ascending.
    """
    change, now, done = stop - start, margin.preactivations(start), 0
    for size in sizes:
        points = order[..., done:size]
        if order.ndim == 1:
            now = now + change[:, points] @ margin.hidden[points]
        else:
            now = now + _sums_of_rows(change, margin.hidden, points)
        yield now
        done = size


def margins_along(
    margin: Margin, start: Points, stop: Points, order: Order, sizes: Sequence[int]
) -> Float[np.ndarray, "sizes n"]:
    """The margin when the first points of an order have changed hands, by their number.

    Args:
        margin: of which.
        start: where all points come from at first.
        stop: where those that change come from.
        order: of the points.
        sizes: how many have changed, ascending.
    """
    return np.stack(
        [margin.from_hidden(each) for each in changed_preactivations(margin, start, stop, order, sizes)]
    )


def _sums_of_rows(
    change: Points, hidden: Float[np.ndarray, "d h"], points: Int[np.ndarray, "n k"]
) -> Float[np.ndarray, "n h"]:
    """What the points of each image add to the hidden layer."""
    total, step = (
        np.zeros((len(change), hidden.shape[1])),
        max(1, _AT_ONCE // (len(change) * hidden.shape[1])),
    )
    for begin in range(0, points.shape[1], step):
        some = points[:, begin : begin + step]
        total += np.einsum("nk,nkh->nh", np.take_along_axis(change, some, axis=1), hidden[some])
    return total


def contributions(margin: Margin, start: Points, stop: Points) -> Points:
    """What each point contributes to a margin's change, exactly: integrated gradients on the straight line.

    The sum over points is the change of the margin, to rounding (see `fcp.attribution`).

    Args:
        margin: of which.
        start: where the line begins.
        stop: where it ends.
    """
    on = active_share(margin.preactivations(start), margin.preactivations(stop))
    return (stop - start) * ((on * margin.weights) @ margin.hidden.T)
