"""What each point of Conv_3 contributes to a logit, exactly, and the network as an affine map of its pixels.

M. Sundararajan, A. Taly, Q. Yan, "Axiomatic attribution for deep networks", ICML 2017, eq. 1. Behind Conv_3
there is one hidden layer with ReLU. On the straight line from a baseline to the activations every hidden
unit's preactivation is a straight line too, so the unit is on for one stretch of the way, whose length is
known. The integral is therefore a sum over hidden units, without steps and without error.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from numpy.lib.stride_tricks import sliding_window_view

from cnnbook.fcp.head import Head, head_of

Weights = Mapping[str, np.ndarray]
"""Of a network, by name."""


def share_on(
    start: Float[np.ndarray, "*more h"], stop: Float[np.ndarray, "*more h"]
) -> Float[np.ndarray, "*more h"]:
    """The share of the way from one preactivation to another on which it is positive.

    Args:
        start: of the way.
        stop: its end.
    """
    change = stop - start
    crossing = np.divide(-start, change, out=np.zeros(np.shape(change)), where=change != 0)
    crossing = np.clip(crossing, 0, 1)
    return np.where(change > 0, 1 - crossing, np.where(change < 0, crossing, (start > 0).astype(float)))


def integrated_gradients(
    head: Head,
    baseline: Float[np.ndarray, "n d"],
    codes: Float[np.ndarray, "n d"],
    direction: Float[np.ndarray, "n 10"],
) -> Float[np.ndarray, "n d"]:
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
    """How many points carry a share of all contributions, by their size; 0 if there is none.

    Args:
        contributions: of the points, for each image.
        share: 0 to 1.
    """
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


def logits_held(
    weights: Weights, held_at: Float[np.ndarray, "28 28"], image: Float[np.ndarray, "28 28"]
) -> Float[np.ndarray, " 10"]:
    """The logits of one input, with ReLUs and maxima switched as they are for another.

    A network of convolutions, ReLU and maximum pooling is piecewise affine (L. Chu, X. Hu, J. Hu, L. Wang, J.
    Pei, "Exact and consistent interpretation for piecewise linear neural networks", KDD 2018): with its
    switches held it is an affine map of the pixels. In float64.

    Args:
        weights: of a network, by name.
        held_at: the input that sets the switches.
        image: the input that is propagated; zeros give the offset.
    """
    setter, values = held_at[..., None].astype(np.float64), image[..., None].astype(np.float64)
    for layer in ("conv_1", "conv_2", "conv_3"):
        kernel, bias = (weights[f"{layer}.{part}"].astype(np.float64) for part in ("kernel", "bias"))
        setter, values = (_convolve(maps, kernel) + bias for maps in (setter, values))
        setter, values = np.maximum(setter, 0), values * (setter > 0)
        if layer != "conv_3":
            setter, values = _pool(setter, values)
    head = head_of(weights, exact=True)
    switch, hidden = (head.preactivations(maps.reshape(1, -1))[0] for maps in (setter, values))
    return (hidden * (switch > 0)) @ head.scores + head.scores_bias


def _convolve(maps: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """A valid convolution of maps (rows, columns, maps below) by a kernel (3, 3, below, above)."""
    windows = sliding_window_view(maps, kernel.shape[:2], axis=(0, 1))
    return np.einsum("rcbhw,hwba->rca", windows, kernel, optimize=True)


def _pool(setter: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The largest of every four cells of the first grid, and the same cells of the second."""
    rows, columns, maps = (setter.shape[0] // 2, setter.shape[1] // 2, setter.shape[2])

    def fours(grid: np.ndarray) -> np.ndarray:
        blocks = grid[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2, maps)
        return blocks.transpose(0, 2, 4, 1, 3).reshape(rows, columns, maps, 4)

    chosen = fours(setter).argmax(axis=-1)[..., None]
    first, second = (np.take_along_axis(fours(grid), chosen, axis=-1)[..., 0] for grid in (setter, values))
    return first, second
