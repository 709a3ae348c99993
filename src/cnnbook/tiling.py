"""Pictures side by side in one array, as contact sheets and the atlas need them."""

import numpy as np
from jaxtyping import Float, Real


def tile_pictures(
    pictures: Real[np.ndarray, "n h w"], columns: int, *, gap: int
) -> Float[np.ndarray, "rows columns"]:
    """Pictures row by row; gaps and places without a picture are not a number.

    Args:
        pictures: of one size, at least one.
        columns: pictures in a row; fewer if there are not so many.
        gap: pixels between two pictures.
    """
    count, height, width = pictures.shape
    columns = min(columns, count)
    rows = -(-count // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), np.nan)
    for k, picture in enumerate(pictures):
        row, column = divmod(k, columns)
        top, left = row * (height + gap), column * (width + gap)
        sheet[top : top + height, left : left + width] = picture
    return sheet
