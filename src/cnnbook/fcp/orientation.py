"""Direction on maps: the structure tensor from differences of neighbouring cells, and what follows from it.

J. Bigün and G. Granlund, "Optimal orientation detection of linear symmetry", ICCV 1987. The tensor is a sum
over cells, so tensors of maps and images add up. "Horizontal" means lines that run along a row: they show
as differences from one row to the next.
"""

import numpy as np
from jaxtyping import Float, Real

Tensors = Float[np.ndarray, "*more 3"]
"""Energy of differences across rows, across columns, and their product, along the last axis."""

SHIFTS = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
"""By how many rows and columns a map may be displaced against what it shows."""


def structure_tensors(maps: Real[np.ndarray, "n h w c"]) -> Float[np.ndarray, "n c 3"]:
    """The structure tensor of each map of each image, summed over cells.

    Differences are taken between diagonal neighbours of 2×2 blocks, so that both directions are measured at
    the same places: across rows (a + b) − (c + d), across columns (a + c) − (b + d), each by 2.
    """
    rows, columns = _differences(maps)
    cells = "nhwc,nhwc->nc"
    parts = [np.einsum(cells, first, second) for first, second in ((rows, rows), (columns, columns))]
    return np.stack([*parts, np.einsum(cells, rows, columns)], axis=-1)


def _differences(maps: Real[np.ndarray, "n h w c"]) -> tuple[np.ndarray, np.ndarray]:
    """Differences across rows and across columns, of each 2×2 block."""
    a, b, c, d = (
        np.asarray(maps[:, rows, columns], np.float64)
        for rows in (slice(None, -1), slice(1, None))
        for columns in (slice(None, -1), slice(1, None))
    )
    return (c + d - a - b) / 2, (b + d - a - c) / 2


def energy_on_lying_lines(
    maps: Real[np.ndarray, "n h w c"], pictures: Real[np.ndarray, "n h w"]
) -> Float[np.ndarray, "shifts n c"]:
    """Energy across rows of each map, counted where the lines of a picture lie rather than stand.

    They lie where the picture's own energy across rows is the larger one. A map may be displaced against its
    picture: the energy is given for each of `SHIFTS`; what would lie outside counts as no line.

    Args:
        maps: of a layer, for each image.
        pictures: on the same grid, one for each image.
    """
    energy = _differences(maps)[0] ** 2
    rows, columns = (each[..., 0] for each in _differences(pictures[..., None]))
    lies = np.pad(np.abs(rows) > np.abs(columns), ((0, 0), (1, 1), (1, 1)))
    height, width = energy.shape[1:3]
    moved = [lies[:, 1 + i : 1 + i + height, 1 + j : 1 + j + width] for i, j in SHIFTS]
    return np.stack([np.einsum("nhwc,nhw->nc", energy, each) for each in moved])


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
