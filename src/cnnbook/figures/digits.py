"""The digits themselves: pixels in gray, and the same in jet, which draws the eye to faint ones."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_digits, check_variable
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, SMALL, WIDTH, Palette, axes_at, bare, new_figure, write

WHITE = 255
"""Full ink, as MNIST stores it."""

HEADER, BETWEEN, BAR, FOOT = 0.52, 0.16, 0.62, 0.14
"""Inches for the titles, between pictures, for a colour bar with its numbers, and below."""

LARGEST = 2.6
"""Inches of a picture's side at most."""


def draw_digit(ax: Axes, image: UInt8[np.ndarray, "28 28"], *, palette: Palette, cmap: str = "gray") -> Axes:
    """Draw one digit on the scale 0 to 255, with a thin frame.

    Args:
        ax: where; pixels are its coordinates, and pixel (row, col) is the square centred there.
        image: pixel values.
        palette: the theme.
        cmap: a colour map of matplotlib.

    Returns:
        The axes.
    """
    ax.imshow(image, cmap=cmap, vmin=0, vmax=WHITE, interpolation="none")
    bare(ax)
    for spine in ax.spines.values():
        spine.set(visible=True, color=palette.faint, linewidth=0.6)
    return ax


def draw_pixel_bar(ax: Axes, *, palette: Palette, cmap: str) -> Axes:
    """Draw a vertical colour bar of pixel values, 0 to 255."""
    ax.imshow(
        np.arange(WHITE + 1)[:, None],
        cmap=cmap,
        aspect="auto",
        origin="lower",
        interpolation="none",
        extent=(0, 1, 0, WHITE),
    )
    bare(ax)
    ax.set_yticks([0, WHITE])
    ax.yaxis.tick_right()
    ax.tick_params(length=0, pad=3, labelsize=SMALL, labelcolor=palette.faint)
    words = {"color": palette.faint, "fontsize": SMALL, "rotation": 90}
    ax.text(1.6, WHITE / 2, "pixel value", ha="left", va="center", **words)
    return ax


def shown_digits(maps_of_digits: xr.Dataset, *, digits: Sequence[str] | None = None) -> xr.Dataset:
    """What `digits_figure` shows: the pictures."""
    keys = check_digits(maps_of_digits, digits)
    return check_variable(maps_of_digits, "image").sel(digit=keys).to_dataset()


@drawn_from(shown_digits)
def digits_figure(
    maps_of_digits: xr.Dataset, *, palette: Palette, digits: Sequence[str] | None = None
) -> Figure:
    """Digits in gray and in jet: one digit side by side, several one above the other.

    Args:
        maps_of_digits: with `image`, `label` and `test_index` by digit.
        palette: the theme.
        digits: keys, such as "clear-four"; None draws all.

    Raises:
        ValueError: a digit is not in the dataset.
    """
    keys = check_digits(maps_of_digits, digits)
    images = check_variable(maps_of_digits, "image").sel(digit=keys)
    single = len(keys) == 1
    across = WIDTH / 2 if single else WIDTH
    side = min(LARGEST, (across - BAR - 0.1) / len(keys) - BETWEEN)
    margin = (across - BAR - len(keys) * (side + BETWEEN)) / 2
    down = side + BETWEEN
    figure = new_figure(HEADER + (side if single else side + down) + FOOT, palette=palette)
    for number, cmap in enumerate(("gray", "jet")):
        left, top = margin + (across * number if single else 0), HEADER + (0 if single else down * number)
        for column in range(len(keys)):
            one = images.isel(digit=column)
            start = left + column * (side + BETWEEN)
            if single or number == 0:
                _write_names(figure, start, one, palette)
            draw_digit(axes_at(figure, start, top, side, side), one.values, palette=palette, cmap=cmap)
        bar = axes_at(figure, left + len(keys) * (side + BETWEEN) - 0.04, top, 0.1, side)
        draw_pixel_bar(bar, palette=palette, cmap=cmap)
    return figure


def _write_names(figure: Figure, left: float, digit: xr.DataArray, palette: Palette) -> None:
    """Write the label and the test index above a picture."""
    write(figure, left, 0.22, f"a {int(digit['label'])}", colour=palette.ink, size=LABEL)
    write(figure, left, 0.42, f"test image {int(digit['test_index'])}", colour=palette.faint, size=SMALL)
