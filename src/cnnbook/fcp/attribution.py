"""What each point of Conv_3 contributes to a logit: exact integrated gradients.

M. Sundararajan, A. Taly, Q. Yan, "Axiomatic attribution for deep networks", ICML 2017, eq. 1. Behind Conv_3
there is one hidden layer with ReLU. On the straight line from a baseline to the activations every hidden
unit's preactivation is a straight line too, so the unit is on for one stretch of the way, whose length is
known. The integral is therefore a sum over hidden units, without steps and without error.
"""

import numpy as np
from jaxtyping import Float

from cnnbook.fcp.head import Head


def share_on(
    start: Float[np.ndarray, "*more h"], stop: Float[np.ndarray, "*more h"]
) -> Float[np.ndarray, "*more h"]:
    """The share of the way from one preactivation to another on which it is positive."""
    change = stop - start
    crossing = np.divide(-start, change, out=np.zeros(np.shape(change)), where=change != 0)
    crossing = np.clip(crossing, 0, 1)
    return np.where(change > 0, 1 - crossing, np.where(change < 0, crossing, (start > 0).astype(float)))


def integrated_gradients(
    head: Head, baseline: Float[np.ndarray, "n d"], codes: Float[np.ndarray, "n d"],
    direction: Float[np.ndarray, "n 10"],
) -> Float[np.ndarray, "n d"]:  # fmt: skip
    """What each point contributes to a sum of logits, from a baseline to the activations.

    Args:
        head: in float64, for the sum to be exact to rounding.
        baseline: where the way starts, one for each image.
        codes: the activations, where it ends.
        direction: weights of the logits: 1 for one class, or 1 and −1 for a margin.

    Returns:
        One number a point; their sum is the change of the weighted logits.
    """
    on = share_on(head.preactivations(baseline), head.preactivations(codes))
    slope = (on * (direction @ head.scores.T)) @ head.hidden.T
    return (codes - baseline) * slope


def points_carrying(contributions: Float[np.ndarray, "n d"], share: float = 0.8) -> Float[np.ndarray, " n"]:
    """How many points carry a share of all contributions, by their size; 0 if there is none."""
    sizes = -np.sort(-np.abs(contributions.astype(np.float64)), axis=1)
    total = sizes.sum(axis=1, keepdims=True)
    needed = (np.cumsum(sizes, axis=1) < share * total * (1 - 1e-12)).sum(axis=1) + 1
    return np.where(total[:, 0] > 0, np.minimum(needed, sizes.shape[1]), 0).astype(np.float64)


def gini(contributions: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " n"]:
    """How unevenly contributions are spread: 0 if all are of one size or none, near 1 if one has all.

    Raises:
        ValueError: there are no points.
    """
    if not contributions.shape[1]:
        raise ValueError(f"contributions: shape {contributions.shape}, expected at least one point")
    sizes = np.sort(np.abs(contributions), axis=1)
    count, total = sizes.shape[1], sizes.sum(axis=1)
    ranked = (np.arange(1, count + 1) * sizes).sum(axis=1)
    return np.divide(2 * ranked, count * total, out=np.ones(len(sizes)), where=total > 0) - np.where(
        total > 0, (count + 1) / count, 1.0
    )
