"""Pictures of numbers, signed or not, on a scale that several of them share, with its colour bar."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Real
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap

from cnnbook.figures.page import Page
from cnnbook.figures.style import SMALL, Palette, bare, frame
from cnnbook.tiling import tiled

TILE, COLUMNS = 0.42, 16
"""Inches of a small map, and maps in a row."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How numbers become colours.

    Attributes:
        colours: "signed": blue below zero, the background at zero, orange above; "rising": the background at
            the lower end, the ink at the upper one; "tint": from the background to blue; or the name of a
            colour map of matplotlib.
        low: the value at the lower end.
        high: the value at the upper end.
    """

    colours: str = "rising"
    low: float = 0.0
    high: float = 1.0

    def map(self, palette: Palette) -> Colormap:
        """The colour map in a theme."""
        own = {
            "signed": [palette.blue, palette.background, palette.orange],
            "rising": [palette.background, palette.blue, palette.ink],
            "tint": [palette.background, palette.blue],
        }
        if self.colours not in own:
            return colormaps[self.colours]
        return LinearSegmentedColormap.from_list(self.colours, own[self.colours])


def signed(values: Real[np.ndarray, "..."]) -> Scale:
    """A scale for values of both signs that is symmetric about zero."""
    limit = float(np.abs(values).max()) or 1.0
    return Scale(colours="signed", low=-limit, high=limit)


def draw_picture(ax: Axes, values: Real[np.ndarray, "h w"], scale: Scale, *, palette: Palette) -> Axes:
    """Draw one picture in a thin frame; row 0 is at the top.

    Args:
        ax: where.
        values: the numbers.
        scale: how they become colours.
        palette: the theme.

    Returns:
        The axes.
    """
    high = scale.high if scale.high > scale.low else scale.low + 1
    colours = scale.map(palette)
    ax.imshow(values, cmap=colours, vmin=scale.low, vmax=high, interpolation="nearest")
    return frame(ax, palette.grid)


def place_pictures(
    page: Page,
    pictures: Iterable[Real[np.ndarray, "h w"]],
    scale: Scale,
    left: float,
    top: float,
    side: float,
    *,
    columns: int = COLUMNS,
    gaps: tuple[float, float] = (0.05, 0.05),
) -> None:
    """Place square pictures in rows, all on one scale.

    Args:
        page: where.
        pictures: from left to right, then from top to bottom.
        scale: how their numbers become colours.
        left: inches from the figure's left edge to the first.
        top: inches from the figure's upper edge to the first.
        side: of a picture, in inches.
        columns: pictures in a row.
        gaps: between two pictures in a row, and between two rows, in inches.
    """
    for number, values in enumerate(pictures):
        row, column = divmod(number, columns)
        corner = left + column * (side + gaps[0]), top + row * (side + gaps[1])
        page.panel((*corner, side, side), draw_picture, values, scale)


def place_bar(page: Page, left: float, top: float, scale: Scale, *, label: str, low: str, high: str) -> None:
    """Place a horizontal colour bar with its ends and its meaning.

    Args:
        page: where.
        left: inches from the figure's left edge.
        top: inches from the figure's upper edge.
        scale: its colours.
        label: what they stand for.
        low: what the lower end means.
        high: what the upper end means.
    """
    page.panel((left, top, 1.6, 0.1), draw_bar, scale)
    page.write(left, top + 0.28, low, size=SMALL)
    page.write(left + 1.6, top + 0.28, high, size=SMALL, align="right")
    page.write(left + 1.75, top + 0.11, label, size=SMALL)


def draw_bar(ax: Axes, scale: Scale, *, palette: Palette) -> None:
    """Draw a colour bar alone.

    Args:
        ax: where, low and wide.
        scale: its colours.
        palette: the theme.
    """
    steps = np.linspace(0, 1, 128)[None]
    bare(ax).imshow(steps, cmap=scale.map(palette), aspect="auto", interpolation="nearest")


def signed_maps(maps: Real[np.ndarray, "maps 3 3"], *, title: str, label: str) -> Page:
    """A figure of all maps of a layer with signed values, side by side on one scale.

    Args:
        maps: the values.
        title: above them.
        label: of the colour bar.
    """
    rows, scale = -(-len(maps) // COLUMNS), signed(maps)
    page = Page(0.98 + rows * (TILE + 0.05), title=title, left=0.2)
    place_bar(page, 0.2, 0.42, scale, label=label, low=f"−{scale.high:.2g}", high=f"{scale.high:.2g}")
    width, height = COLUMNS * (TILE + 0.05), rows * (TILE + 0.05)
    chart = page.panel((0.2, 0.88, width, height), draw_picture, tiled(maps, COLUMNS, gap=0), scale)
    chart.then(lambda ax: lambda: bare(ax))
    for column in range(1, COLUMNS):
        chart.axvline(column * 3 - 0.5, color="faint", lw=0.8)
    for row in range(1, rows):
        chart.axhline(row * 3 - 0.5, color="faint", lw=0.8)
    return page
