"""Direction on maps: the structure tensor from differences of neighbouring cells, and what follows from it.

J. Bigün and G. Granlund, "Optimal orientation detection of linear symmetry", ICCV 1987. The tensor is a sum
over cells, so tensors of maps and images add up. "Horizontal" means lines that run along a row: they show
as differences from one row to the next.
"""

import numpy as np
from jaxtyping import Float, Real

Tensors = Float[np.ndarray, "*more 3"]
"""Energy of differences across rows, across columns, and their product, along the last axis."""


def structure_tensors(maps: Real[np.ndarray, "n h w c"]) -> Float[np.ndarray, "n 3"]:
    """The structure tensor of each image's maps, summed over cells and maps.

    Differences are taken between diagonal neighbours of 2×2 blocks, so that both directions are measured at
    the same
    places: across rows (a + b) − (c + d), across columns (a + c) − (b + d), each by 2.
    """
    a, b, c, d = (
        np.asarray(maps[:, rows, columns], np.float64)
        for rows in (slice(None, -1), slice(1, None))
        for columns in (slice(None, -1), slice(1, None))
    )
    across_rows, across_columns = (c + d - a - b) / 2, (b + d - a - c) / 2
    parts = (across_rows**2, across_columns**2, across_rows * across_columns)
    return np.stack([part.sum(axis=(1, 2, 3)) for part in parts], axis=-1)


def horizontal_excess(summed: Tensors) -> Float[np.ndarray, "*more"]:
    """Horizontal less vertical energy, by their sum: 1 if all lines lie flat, −1 if all stand, 0 without."""
    flat, upright = summed[..., 0], summed[..., 1]
    total = flat + upright
    return np.divide(flat - upright, total, out=np.zeros_like(total), where=total > 0)


def line_angle(summed: Tensors) -> Float[np.ndarray, "*more"]:
    """The prevailing direction of lines, in degrees from the horizontal, counter-clockwise, 0 to 180.

    Without energy, or where all directions are alike, it is 90: neither way is preferred.
    """
    flat, upright, product = (summed[..., part] for part in range(3))
    # The gradient's direction doubled: x to the right, y upwards, so across rows counts downwards.
    gradient = np.degrees(np.arctan2(-2 * product, upright - flat)) / 2
    even = (upright == flat) & (product == 0)
    return np.where(even, 90.0, (gradient + 90) % 180)


def coherence(summed: Tensors) -> Float[np.ndarray, "*more"]:
    """How far one direction prevails, 0 to 1: eigenvalues' difference by their sum; 0 without energy."""
    flat, upright, product = (summed[..., part] for part in range(3))
    total = flat + upright
    difference = np.sqrt((flat - upright) ** 2 + 4 * product**2)
    return np.divide(difference, total, out=np.zeros_like(total), where=total > 0)
