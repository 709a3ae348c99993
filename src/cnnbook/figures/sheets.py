"""Contact sheets of small pictures of ink, and rows of them with names and numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Real
from matplotlib import colormaps
from matplotlib.axes import Axes

from cnnbook.figures.page import Page
from cnnbook.figures.style import LABEL, SMALL, Palette, bare
from cnnbook.tiling import tiled

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


def place_rows(
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
    """Place rows of pictures one below the other.

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
        page.panel((left, top, width, height), draw_sheet, row.pictures, columns=count, **scale)
        lines = [(line, LABEL) for line in row.name.split("\n")] + [(row.detail, SMALL)] * bool(row.detail)
        middle = top + height / 2
        for number, (line, size) in enumerate(lines):
            base = middle + (0.05 if len(lines) == 1 else 0.19 * number - 0.04)
            page.write(left - gaps[0], base, line, size=size, align="right")
        page.write(left + width + gaps[1], middle + 0.05, row.note, size=note_size, colour="ink")
        for center, text in zip(middles(left, width, count), row.below, strict=False):
            page.write(center, top + height + 0.2, text, align="center")
        top += height + gap + 0.26 * bool(row.below)


def middles(left: float, width: float, count: int) -> list[float]:
    """Where the middles of so many columns lie, from left to right.

    Args:
        left: where the first column begins.
        width: of all columns.
        count: of the columns.
    """
    return [left + (column + 0.5) * width / count for column in range(count)]


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
    colours = colormaps["gray"].with_extremes(bad=palette.background)
    scale = {"cmap": colours, "vmin": low, "vmax": high}
    ax.imshow(tiled(pictures, columns, gap=GAP), interpolation="nearest", aspect="auto", **scale)
    return bare(ax)


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
