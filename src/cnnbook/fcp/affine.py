"""The network at one image, where it is an affine map of the pixels: every switch held where it stands.

A network of convolutions, ReLU and maximum pooling is piecewise affine: L. Chu, X. Hu, J. Hu, L. Wang, J.
Pei, "Exact and consistent interpretation for piecewise linear neural networks", KDD 2018. The offset is
computed by itself: the image is taken away, the switches stay. NumPy in float64.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from numpy.lib.stride_tricks import sliding_window_view

Weights = Mapping[str, np.ndarray]


def logits_held(
    weights: Weights, held_at: Float[np.ndarray, "28 28"], of: Float[np.ndarray, "28 28"]
) -> Float[np.ndarray, " 10"]:
    """The logits of one input, with ReLUs and maxima switched as they are for another.

    Args:
        weights: of a network, by name.
        held_at: the input that sets the switches.
        of: the input that is propagated; zeros give the offset.
    """
    setter, values = held_at[..., None].astype(np.float64), of[..., None].astype(np.float64)
    for layer in ("conv_1", "conv_2", "conv_3"):
        kernel, bias = (weights[f"{layer}.{part}"].astype(np.float64) for part in ("kernel", "bias"))
        setter, values = (_convolve(maps, kernel) + bias for maps in (setter, values))
        setter, values = np.maximum(setter, 0), values * (setter > 0)
        if layer != "conv_3":
            setter, values = _pool(setter, values)
    flat = [maps.reshape(-1) for maps in (setter, values)]
    kernel, bias = (weights[f"hidden.{part}"].astype(np.float64) for part in ("kernel", "bias"))
    before = [one @ kernel + bias for one in flat]
    on = before[1] * (before[0] > 0)
    return on @ weights["logits.kernel"].astype(np.float64) + weights["logits.bias"].astype(np.float64)


def _convolve(maps: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """A valid convolution of maps (rows, columns, maps below) by a kernel (3, 3, below, above)."""
    windows = sliding_window_view(maps, kernel.shape[:2], axis=(0, 1))
    return np.einsum("rcbhw,hwba->rca", windows, kernel, optimize=True)


def _pool(setter: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The largest of every four cells of the one, and the same cells of the other."""
    rows, columns, maps = (setter.shape[0] // 2, setter.shape[1] // 2, setter.shape[2])

    def fours(one: np.ndarray) -> np.ndarray:
        blocks = one[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2, maps)
        return blocks.transpose(0, 2, 4, 1, 3).reshape(rows, columns, maps, 4)

    chosen = fours(setter).argmax(axis=-1)[..., None]
    return tuple(np.take_along_axis(fours(one), chosen, axis=-1)[..., 0] for one in (setter, values))  # pyright: ignore
