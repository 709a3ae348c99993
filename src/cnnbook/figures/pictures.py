"""Pictures of numbers on a shared scale with its colour bar, and sheets and rows of pictures of ink."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Real
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.patches import Rectangle

from cnnbook.figures.page import Page
from cnnbook.figures.style import FRAME, LABEL, SMALL, Palette, frame_axes, hide_axes
from cnnbook.tiling import tile_pictures

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


def symmetric_scale(values: Real[np.ndarray, "..."]) -> Scale:
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
    _show(ax, values, scale, palette)
    return frame_axes(ax, palette.grid)


def _show(ax: Axes, values: Real[np.ndarray, "h w"], scale: Scale, palette: Palette, **options: Any) -> None:
    """Draw one picture alone."""
    high = scale.high if scale.high > scale.low else scale.low + 1
    look = {"cmap": scale.map(palette), "vmin": scale.low, "vmax": high, "interpolation": "nearest"}
    ax.imshow(values, **look, **options)


def add_pictures(
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
    """Add square pictures in rows, all on one scale and on the same axes, whose units are inches.

    Args:
        page: where.
        pictures: from left to right, then from top to bottom; at least one.
        scale: how their numbers become colours.
        left: inches from the figure's left edge to the first.
        top: inches from the figure's upper edge to the first.
        side: of a picture, in inches.
        columns: pictures in a row.
        gaps: between two pictures in a row, and between two rows, in inches.
    """
    across, down = side + gaps[0], side + gaps[1]
    places = [(values, divmod(number, columns)) for number, values in enumerate(pictures)]
    placed = [(values, column * across, row * down) for values, (row, column) in places]
    width = min(len(placed), columns) * across - gaps[0]
    height = placed[-1][2] + side
    page.panel((left, top, width, height), _draw_pictures, placed, scale, side, limits=(width, height))


def _draw_pictures(
    ax: Axes,
    placed: Sequence[tuple[Real[np.ndarray, "h w"], float, float]],
    scale: Scale,
    side: float,
    *,
    limits: tuple[float, float],
    palette: Palette,
) -> None:
    """Draw square pictures in thin frames: each picture with its left and its upper edge."""
    hide_axes(ax).set(xlim=(0, limits[0]), ylim=(limits[1], 0))
    for values, left, top in placed:
        _show(ax, values, scale, palette, extent=(left, left + side, top + side, top), aspect="auto")
    frames = [Rectangle((left, top), side, side) for _, left, top in placed]
    look = {"facecolor": "none", "edgecolor": palette.grid, "linewidths": FRAME, "clip_on": False}
    ax.add_collection(PatchCollection(frames, **look), autolim=False)


def add_colour_bar(
    page: Page, left: float, top: float, scale: Scale, *, label: str, low: str, high: str
) -> None:
    """Add a horizontal colour bar with its ends and its meaning.

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
    hide_axes(ax).imshow(steps, cmap=scale.map(palette), aspect="auto", interpolation="nearest")


def signed_maps_plot(maps: Real[np.ndarray, "maps 3 3"], *, title: str, label: str) -> Page:
    """A figure of all maps of a layer with signed values, side by side on one scale.

    Args:
        maps: the values.
        title: above them.
        label: of the colour bar.
    """
    rows, scale = -(-len(maps) // COLUMNS), symmetric_scale(maps)
    page = Page(0.98 + rows * (TILE + 0.05), title=title, left=0.2)
    add_colour_bar(page, 0.2, 0.42, scale, label=label, low=f"−{scale.high:.2g}", high=f"{scale.high:.2g}")
    width, height = COLUMNS * (TILE + 0.05), rows * (TILE + 0.05)
    chart = page.panel((0.2, 0.88, width, height), draw_picture, tile_pictures(maps, COLUMNS, gap=0), scale)
    chart.call(lambda ax: lambda: hide_axes(ax))
    for column in range(1, COLUMNS):
        chart.axvline(column * 3 - 0.5, color="faint", lw=0.8)
    for row in range(1, rows):
        chart.axhline(row * 3 - 0.5, color="faint", lw=0.8)
    return page


GAP = 2
"""Pixels between two pictures."""


@dataclass(frozen=True, kw_only=True)
class PictureRow:
    """A row of pictures.

    Attributes:
        name: at the left of the row; line breaks make several lines.
        pictures: of one size.
        detail: a line of small text below the name.
        note: at the right of the row.
        below: a text below each picture.
        low: the value drawn black.
        high: the value drawn white.
    """

    name: str
    pictures: Real[np.ndarray, "n h w"]
    detail: str = ""
    note: str = ""
    below: Sequence[str] = ()
    low: float = 0
    high: float = 255


def add_picture_rows(
    page: Page,
    rows: Sequence[PictureRow],
    left: float,
    top: float,
    width: float,
    *,
    gap: float,
    gaps: tuple[float, float] = (0.12, 0.12),
    note_size: float = LABEL,
) -> None:
    """Add rows of pictures one below the other.

    Args:
        page: where.
        rows: from top to bottom, each with as many pictures.
        left: inches from the figure's left edge to the first picture.
        top: inches from the figure's upper edge to the first row.
        width: of a row, in inches.
        gap: between two rows, in inches; a row with text below its pictures gets 0.26 more.
        gaps: between a name and the first picture, and between the last one and the note, in inches.
        note_size: of the notes, in points.
    """
    for row in rows:
        count, high, across = row.pictures.shape
        height = sheet_height(count, count, width, height=high, across=across)
        scale = {"low": row.low, "high": row.high}
        page.panel((left, top, width, height), draw_contact_sheet, row.pictures, columns=count, **scale)
        lines = [(line, LABEL) for line in row.name.split("\n")] + [(row.detail, SMALL)] * bool(row.detail)
        middle = top + height / 2
        for number, (line, size) in enumerate(lines):
            base = middle + (0.05 if len(lines) == 1 else 0.19 * number - 0.04)
            page.write(left - gaps[0], base, line, size=size, align="right")
        page.write(left + width + gaps[1], middle + 0.05, row.note, size=note_size, colour="ink")
        for center, text in zip(column_centres(left, width, count), row.below, strict=False):
            page.write(center, top + height + 0.2, text, align="center")
        top += height + gap + 0.26 * bool(row.below)


def column_centres(left: float, width: float, count: int) -> list[float]:
    """Where the middles of so many columns lie, from left to right.

    Args:
        left: where the first column begins.
        width: of all columns.
        count: of the columns.
    """
    return [left + (column + 0.5) * width / count for column in range(count)]


def draw_contact_sheet(
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
    colours = colormaps["gray"].with_extremes(bad=palette.background)
    scale = {"cmap": colours, "vmin": low, "vmax": high}
    ax.imshow(tile_pictures(pictures, columns, gap=GAP), interpolation="nearest", aspect="auto", **scale)
    return hide_axes(ax)


def sheet_height(count: int, columns: int, width: float, *, height: int = 28, across: int = 28) -> float:
    """Height in inches of a sheet of a given width, with square pixels.

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
