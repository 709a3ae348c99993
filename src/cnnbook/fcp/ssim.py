"""Structural similarity of two pictures, local window by local window.

Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, "Image quality assessment: from error visibility to structural
similarity", IEEE Transactions on Image Processing 13 (2004) 600, eq. 13, with a 7×7 window of equal weights
and full ink as range.
"""

import numpy as np
from jaxtyping import Float
from scipy.ndimage import uniform_filter

WINDOW = 7
_C1, _C2 = 0.01**2, 0.03**2


def ssim(first: Float[np.ndarray, "n h w"], second: Float[np.ndarray, "n h w"]) -> Float[np.ndarray, " n"]:
    """Mean structural similarity of each pair of pictures: 1 for equal ones, about 0 for unrelated ones.

    Args:
        first: values in [0, 1].
        second: likewise.

    Raises:
        ValueError: they have different shapes, or are smaller than the window.
    """
    if min(first.shape[1:]) < WINDOW:
        raise ValueError(f"first: shape {first.shape}, expected pictures of at least {WINDOW} by {WINDOW}")
    if first.shape != second.shape:
        raise ValueError(f"second: shape {second.shape}, expected that of the first, {first.shape}")
    mean_1, mean_2 = _local(first), _local(second)
    spread_1, spread_2 = _local(first**2) - mean_1**2, _local(second**2) - mean_2**2
    shared = _local(first * second) - mean_1 * mean_2
    likeness = (2 * mean_1 * mean_2 + _C1) * (2 * shared + _C2)
    edge = WINDOW // 2
    whole = likeness / ((mean_1**2 + mean_2**2 + _C1) * (spread_1 + spread_2 + _C2))
    return whole[:, edge:-edge, edge:-edge].mean(axis=(1, 2))


def _local(pictures: Float[np.ndarray, "n h w"]) -> Float[np.ndarray, "n h w"]:
    """The mean over each pixel's window."""
    return uniform_filter(pictures, (1, WINDOW, WINDOW))  # pyright: ignore[reportArgumentType]
