"""Contact sheets: many small pictures of ink, side by side, as one image."""

import numpy as np
from jaxtyping import Real
from matplotlib import colormaps
from matplotlib.axes import Axes

from cnnbook.figures.style import Palette, bare
from cnnbook.tiling import tiled

GAP = 2
"""Pixels between two pictures."""


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
    ax.imshow(tiled(pictures, columns, gap=GAP), cmap=colours, vmin=low, vmax=high, interpolation="nearest",
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
