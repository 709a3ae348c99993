"""What each point of Conv_3 contributes to a margin, exactly, and the network as an affine map of its pixels.

M. Sundararajan, A. Taly, Q. Yan, "Axiomatic attribution for deep networks", ICML 2017, eq. 1. Behind Conv_3
there is one hidden layer with ReLU. On the straight line from a baseline to the activations every hidden
unit's preactivation is a straight line too, so the unit is active on one segment, whose length is
known. The integral is therefore a sum over hidden units, without steps and without error.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from numpy.lib.stride_tricks import sliding_window_view

from cnnbook.fcp.head import Head, head_of

Weights = Mapping[str, np.ndarray]
"""Of a network, by name."""


def active_share(
    start: Float[np.ndarray, "*more h"], stop: Float[np.ndarray, "*more h"]
) -> Float[np.ndarray, "*more h"]:
    """The share of the line from one preactivation to another on which it is positive.

    Args:
        start: of the line.
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
        direction: weights of the logits, such as 1 and −1 for a margin. Where they do not add up to 0, what
            is found depends on what a softmax takes away: a number added to all logits.

    Returns:
        One number a point; their sum is the change of the weighted logits.
    """
    on = active_share(head.preactivations(baseline), head.preactivations(codes))
    slope = (on * (direction @ head.scores.T)) @ head.hidden.T
    return (codes - baseline) * slope


def logits_with_fixed_switches(
    weights: Weights, switching: Float[np.ndarray, "28 28"], image: Float[np.ndarray, "28 28"]
) -> Float[np.ndarray, " 10"]:
    """The logits of one input, with ReLUs and maxima switched as they are for another.

    A network of convolutions, ReLU and maximum pooling is piecewise affine (L. Chu, X. Hu, J. Hu, L. Wang, J.
    Pei, "Exact and consistent interpretation for piecewise linear neural networks", KDD 2018): with its
    switches fixed it is an affine map of the pixels. In float64.

    Args:
        weights: of a network, by name.
        switching: the input that sets the switches.
        image: the input that is propagated; zeros give the offset.
    """
    setter, values = switching[..., None].astype(np.float64), image[..., None].astype(np.float64)
    for layer in ("conv_1", "conv_2", "conv_3"):
        kernel, bias = (weights[f"{layer}.{part}"].astype(np.float64) for part in ("kernel", "bias"))
        setter, values = (_convolve(maps, kernel) + bias for maps in (setter, values))
        setter, values = np.maximum(setter, 0), values * (setter > 0)
        if layer != "conv_3":
            setter, values = _pool(setter, values)
    head = head_of(weights, exact=True)
    switch, hidden = (head.preactivations(maps.reshape(1, -1))[0] for maps in (setter, values))
    return (hidden * (switch > 0)) @ head.scores + head.scores_bias


def _convolve(
    maps: Float[np.ndarray, "h w c_in"], kernel: Float[np.ndarray, "3 3 c_in c_out"]
) -> Float[np.ndarray, "h-2 w-2 c_out"]:
    """A valid convolution of maps."""
    windows = sliding_window_view(maps, kernel.shape[:2], axis=(0, 1))
    return np.einsum("rcbhw,hwba->rca", windows, kernel, optimize=True)


def _pool(
    setter: Float[np.ndarray, "h w c"], values: Float[np.ndarray, "h w c"]
) -> tuple[Float[np.ndarray, "h//2 w//2 c"], Float[np.ndarray, "h//2 w//2 c"]]:
    """The largest of every four cells of the first grid, and the same cells of the second."""
    rows, columns, maps = (setter.shape[0] // 2, setter.shape[1] // 2, setter.shape[2])

    def fours(grid: Float[np.ndarray, "h w c"]) -> Float[np.ndarray, "rows columns c 4"]:
        blocks = grid[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2, maps)
        return blocks.transpose(0, 2, 4, 1, 3).reshape(rows, columns, maps, 4)

    chosen = fours(setter).argmax(axis=-1)[..., None]
    first, second = (np.take_along_axis(fours(grid), chosen, axis=-1)[..., 0] for grid in (setter, values))
    return first, second
