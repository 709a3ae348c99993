"""Whether maps move with the image, and by how much they do not.

With valid convolutions and poolings whose windows start at every second cell, a shift of the image by the
layer's jump moves its maps by one cell, for the unit there sees the same pixels. Between such shifts sampling
breaks the rule: A. Azulay and Y. Weiss, "Why do deep convolutional networks generalize so poorly to small
image transformations?", Journal of Machine Learning Research 20 (2019) 184. There maps are interpolated.
"""

import numpy as np
from jaxtyping import Bool, Float


def moving_matrix(
    size: int, cells: float
) -> tuple[Float[np.ndarray, "size size"], Bool[np.ndarray, " size"]]:
    """What moves a row of cells: the matrix, and which cells come from inside.

    A cell that comes to lie between two cells takes the linear mean of both.

    Args:
        size: cells in the row.
        cells: how far they move, to higher numbers; a fraction is allowed.

    Raises:
        ValueError: no cell would come from inside.
    """
    if abs(cells) > size - 1:
        raise ValueError(
            f"cells={cells:g}: expected {1 - size} to {size - 1}, so that some of {size} are left"
        )
    matrix, inside = np.zeros((size, size)), np.zeros(size, bool)
    for cell in range(size):
        source = cell - cells
        first, share = int(np.floor(source)), source - np.floor(source)
        inside[cell] = first >= 0 and first + (share > 0) < size
        if inside[cell]:
            matrix[cell, first] = 1 - share
            matrix[cell, min(first + 1, size - 1)] += share
    return matrix, inside


def moved_maps(
    maps: Float[np.ndarray, "n h h c"], down: float, right: float
) -> tuple[Float[np.ndarray, "n rows columns c"], Bool[np.ndarray, "h h"]]:
    """Maps moved by cells, as far as they come from inside, and which cells these are.

    Args:
        maps: of some images.
        down: cells downwards; a fraction is allowed.
        right: cells to the right.
    """
    size = maps.shape[1]
    (rows, rows_inside), (columns, columns_inside) = (moving_matrix(size, cells) for cells in (down, right))
    moved = np.einsum("ur,vs,nrsc->nuvc", rows[rows_inside], columns[columns_inside], maps, optimize=True)
    return moved, np.outer(rows_inside, columns_inside)


def equivariance_error(
    before: Float[np.ndarray, "n h h c"], after: Float[np.ndarray, "n h h c"], down: float, right: float
) -> float:
    """How far maps of shifted images are from the moved maps: 0 if they moved, 1 if nothing is common.

    The root of summed squared differences by summed squares of both, over cells that come from inside; 0
    if both are silent there.

    Args:
        before: maps of the images.
        after: maps of the shifted images.
        down: cells by which the maps should have moved downwards.
        right: cells to the right.
    """
    expected, inside = moved_maps(before, down, right)
    rows, columns = inside.any(axis=1), inside.any(axis=0)
    found = after[:, rows][:, :, columns].astype(np.float64)
    squares = (expected**2).sum() + (found**2).sum()
    return float(np.sqrt(((found - expected) ** 2).sum() / squares)) if squares > 0 else 0.0
