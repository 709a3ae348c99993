"""Contact sheets: many small pictures of ink, side by side, as one image."""

import numpy as np
from jaxtyping import Real
from matplotlib import colormaps
from matplotlib.axes import Axes

from cnnbook.figures.style import Palette, bare

GAP = 2
"""Pixels between two pictures."""


def compose_sheet(pictures: Real[np.ndarray, "n h w"], columns: int) -> np.ndarray:
    """One picture of all; gaps and places without a picture are not a number.

    Args:
        pictures: of one size.
        columns: pictures in a row.
    """
    count, height, width = pictures.shape
    rows = -(-count // columns)
    sheet = np.full((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP), np.nan)
    for k, picture in enumerate(pictures):
        row, column = divmod(k, columns)
        top, left = row * (height + GAP), column * (width + GAP)
        sheet[top : top + height, left : left + width] = picture
    return sheet


def draw_sheet(
    ax: Axes,
    pictures: Real[np.ndarray, "n h w"],
    *,
    columns: int,
    palette: Palette,
    low: float = 0,
    high: float = 255,
) -> Axes:
    """Draw pictures in rows, white ink on black as MNIST has it.

    Args:
        ax: where.
        pictures: of one size.
        columns: pictures in a row.
        palette: the theme.
        low: the value drawn black.
        high: the value drawn white.

    Returns:
        The axes.
    """
    colours = colormaps["gray"].with_extremes(bad=palette.paper)
    ax.imshow(compose_sheet(pictures, columns), cmap=colours, vmin=low, vmax=high, interpolation="nearest",
              aspect="auto")  # fmt: skip
    return bare(ax)


def sheet_height(count: int, columns: int, width: float, *, height: int = 28, across: int = 28) -> float:
    """Height in inches of a sheet that is so wide, with square pixels.

    Args:
        count: of the pictures.
        columns: pictures in a row.
        width: of the sheet, in inches.
        height: of a picture, in pixels.
        across: its width, in pixels.
    """
    rows = -(-count // columns)
    pixels = (rows * (height + GAP) - GAP, columns * (across + GAP) - GAP)
    return width * pixels[0] / pixels[1]
