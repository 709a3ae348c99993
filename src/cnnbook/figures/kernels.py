"""The kernels of Conv_1, and what training makes of kernels."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_variable
from cnnbook.figures.dots import draw_dots
from cnnbook.figures.pictures import draw_picture, place_bar, signed_colours
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, SMALL, TITLE, WIDTH, Palette, axes_at, new_figure, write

TILE, COLUMNS, LEFT, TOP = 0.42, 16, 0.2, 0.9
"""Inches of a kernel, kernels in a row, inches from the left edge and above the first row."""


def shown_kernels(kernels: xr.Dataset) -> xr.Dataset:
    """What `kernels_figure` shows."""
    return kernels[["kernel", "contour", "inputs"]]


@drawn_from(shown_kernels)
def kernels_figure(kernels: xr.Dataset, *, palette: Palette) -> Figure:
    """The 32 kernels of Conv_1, and for all networks contour shares and inputs used, trained and untrained.

    Args:
        kernels: `kernel` by cell and map, `contour` and `inputs` by state, net and map.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    kernel = check_variable(kernels, "kernel").values
    figure = new_figure(TOP + 2 * (TILE + 0.06) + 2.2, palette=palette)
    write(figure, LEFT, 0.28, "The 32 kernels of Conv_1, trained", colour=palette.ink, size=TITLE)
    limit, colours = float(np.abs(kernel).max()) or 1.0, signed_colours(palette)
    place_bar(figure, LEFT, 0.42, palette=palette, colours=colours, low=f"−{limit:.1f}", high=f"{limit:.1f}",
              label="weight")  # fmt: skip
    for number in range(kernel.shape[-1]):
        left = LEFT + number % COLUMNS * (TILE + 0.05)
        top = TOP + number // COLUMNS * (TILE + 0.06)
        ax = axes_at(figure, left, top, TILE, TILE)
        draw_picture(ax, kernel[..., number], palette=palette, colours=colours, low=-limit, high=limit)
    top = TOP + 2 * (TILE + 0.06) + 0.5
    write(figure, LEFT, top - 0.14, "All networks: ● trained   ■ untrained", colour=palette.faint, size=SMALL)
    rows = ("Conv_1: share in contours", "Conv_2: share of inputs used")
    values = np.stack(
        [check_variable(kernels, name).mean(axis=2).values for name in ("contour", "inputs")], 1
    )
    ax = axes_at(figure, 2.5, top, WIDTH - 2.8, 1.1)
    draw_dots(ax, values, palette=palette)
    ax.set_xlabel("share; mean over maps, a line for the range of the networks")
    for row, name in enumerate(rows):
        write(figure, 2.36, top + 0.32 + row * 0.55, name, colour=palette.ink, size=LABEL, align="right")
    return figure
