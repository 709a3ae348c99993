"""One layer's maps for several digits, on one scale, with the points that they share boxed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Bool
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnnbook.figures.checks import (
    check_digits,
    check_variable,
    limit_of,
    maps_of_digit,
    maps_with_limit,
    title_of,
)
from cnnbook.figures.colours import ACTIVATION, draw_colour_bar
from cnnbook.figures.digits import draw_digit
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, SMALL, WIDTH, Palette, axes_at, new_figure, write
from cnnbook.figures.tiles import draw_marks, draw_tiles

LEFT, EDGE, BETWEEN, FOOTER = 0.36, 0.04, 0.2, 0.5
"""Inches for row numbers, the right edge, between panels, and for the colour bar."""

PICTURE, NAMES = 0.72, 1.08
"""Inches of a digit's picture, and of the column for it and its name where it stands beside its maps."""

WIDEST = 3.0
"""Inches of a panel's tiles at most, where panels stand side by side."""

THICK, THIN = 1.3, 0.7
"""Points of a box's line, on maps of few and of many units."""


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """Where the panels lie, in inches.

    Attributes:
        columns: tiles in a row of each panel.
        width: of a panel's tiles.
        height: likewise.
        tiles: left and top of every panel's tiles.
        pictures: left and top of every digit's picture.
        names: left and top of the space for every digit's name.
    """

    columns: int
    width: float
    height: float
    tiles: list[tuple[float, float]]
    pictures: list[tuple[float, float]]
    names: list[tuple[float, float]]


def _side_by_side(maps: int, panels: int) -> _Layout:
    """Tall panels of 8 tiles in a row, each below its digit: for small maps, all seen at once."""
    columns, top = 8, PICTURE + 0.44
    width = min((WIDTH - LEFT - EDGE - BETWEEN * (panels - 1)) / panels, WIDEST)
    lefts = [LEFT + panel * (width + BETWEEN) for panel in range(panels)]
    return _Layout(
        columns=columns,
        width=width,
        height=width * -(-maps // columns) / columns,
        tiles=[(left, top) for left in lefts],
        pictures=[(left, 0.1) for left in lefts],
        names=[(left + PICTURE + 0.12, 0.1 + PICTURE / 2 - 0.18) for left in lefts],
    )


def _one_below_the_other(maps: int, panels: int) -> _Layout:
    """Low and wide panels, each to the right of its digit: for large maps."""
    columns, top = (16 if maps > 32 else 8), 0.3
    width = WIDTH - NAMES - LEFT - EDGE
    height = width * -(-maps // columns) / columns
    tops = [top + panel * (height + BETWEEN) for panel in range(panels)]
    return _Layout(
        columns=columns,
        width=width,
        height=height,
        tiles=[(NAMES + LEFT, start) for start in tops],
        pictures=[(0.06, start) for start in tops],
        names=[(0.06, start + PICTURE) for start in tops],
    )


def shown_maps(
    maps_of_digits: xr.Dataset, *, layer: str, digits: Sequence[str] | None = None, **options: object
) -> xr.Dataset:
    """What `compare_maps_figure` shows, besides its marks: pictures, maps, and the shared limit."""
    keys = check_digits(maps_of_digits, digits)
    images = check_variable(maps_of_digits, "image").sel(digit=keys)
    return maps_with_limit(maps_of_digits, layer, keys).assign(image=images)


@drawn_from(shown_maps)
def compare_maps_figure(
    maps_of_digits: xr.Dataset,
    *,
    palette: Palette,
    layer: str,
    digits: Sequence[str] | None = None,
    marks: xr.DataArray | Bool[np.ndarray, "h h c"] | None = None,
    cmap: str = ACTIVATION,
) -> Figure:
    """The maps of one layer for several digits, all on one scale.

    The limit is the layer's largest activation over every digit of the Dataset, shown or not: two such
    figures of one layer can be compared.

    Args:
        maps_of_digits: images and activations by layer and digit.
        palette: the theme.
        layer: such as "conv_3".
        digits: keys, such as "clear-four"; None draws all.
        marks: by row, column and map, the units to box on every panel, such as the points common to all.
        cmap: one of `colours.COLOUR_MAPS`.

    Raises:
        ValueError: the layer or a digit is not in the dataset, or `marks` has another shape than the layer.
    """
    keys = check_digits(maps_of_digits, digits)
    images = check_variable(maps_of_digits, "image")
    limit = limit_of(maps_of_digits, layer)
    shape = maps_of_digit(maps_of_digits, layer, keys[0]).shape
    boxed = None if marks is None else _check_marks(marks, shape, layer)
    layout = (_side_by_side if shape[-1] > 64 else _one_below_the_other)(shape[-1], len(keys))
    bottom = layout.tiles[-1][1] + layout.height
    figure = new_figure(bottom + FOOTER, palette=palette)
    for panel, key in enumerate(keys):
        _draw_name(figure, images.sel(digit=key), title_of(layer), layout, panel, palette)
        ax = axes_at(figure, *layout.tiles[panel], layout.width, layout.height)
        ax.set_gid(key)
        maps = maps_of_digit(maps_of_digits, layer, key)
        draw_tiles(ax, maps, palette=palette, columns=layout.columns, limit=limit, cmap=cmap)
        _number_once(ax, first_left=layout.tiles[0][0] == layout.tiles[panel][0], first=panel == 0)
        if boxed is not None:
            line = THICK if shape[0] < 10 else THIN
            draw_marks(ax, boxed, palette=palette, columns=layout.columns, width=line)
    _draw_foot(figure, layout, bottom, palette=palette, cmap=cmap, top=f"{limit:.3g}", boxed=boxed)
    return figure


def _check_marks(
    marks: xr.DataArray | Bool[np.ndarray, "h h c"], shape: tuple[int, ...], layer: str
) -> Bool[np.ndarray, "h h c"]:
    """The units to box, in the order row, column, map."""
    if isinstance(marks, xr.DataArray):
        names = (f"row_{layer}", f"col_{layer}", f"map_{layer}")
        if set(marks.dims) != set(names):
            raise ValueError(
                f"marks has dimensions {', '.join(map(str, marks.dims))}: expected {', '.join(names)}"
            )
        marks = marks.transpose(*names).values
    if marks.shape != shape or marks.dtype != np.bool_:
        raise ValueError(
            f"marks has shape {marks.shape} and type {marks.dtype}: "
            f"expected {shape} and bool for layer={layer!r}"
        )
    return marks


def _number_once(ax: Axes, *, first_left: bool, first: bool) -> None:
    """Keep row numbers in the leftmost panels and column numbers in the topmost ones."""
    side_by_side = not first and not first_left
    if side_by_side:
        ax.set_yticks([])
    elif not first:
        ax.set_xticks([])


def _draw_name(
    figure: Figure, digit: xr.DataArray, layer: str, layout: _Layout, panel: int, palette: Palette
) -> None:
    """A digit's picture, label and test index."""
    draw_digit(axes_at(figure, *layout.pictures[panel], PICTURE, PICTURE), digit.values, palette=palette)
    left, top = layout.names[panel]
    write(figure, left, top + 0.18, f"a {int(digit['label'])} on {layer}", colour=palette.ink, size=LABEL)
    write(
        figure, left, top + 0.36, f"test image {int(digit['test_index'])}", colour=palette.faint, size=SMALL
    )


def _draw_foot(
    figure: Figure,
    layout: _Layout,
    bottom: float,
    *,
    palette: Palette,
    cmap: str,
    top: str,
    boxed: Bool[np.ndarray, "h h c"] | None,
) -> None:
    """The colour bar, and what a cross and a box mean."""
    left = layout.tiles[0][0]
    draw_colour_bar(
        axes_at(figure, left + 0.72, bottom + 0.12, 1.3, 0.1), palette=palette, cmap=cmap, top=top
    )
    note = "× silent"
    if boxed is not None:
        note += f"     □ common to all: {int(boxed.sum())} of {boxed.size:,} points"
    write(figure, left + 2.3, bottom + 0.21, note, colour=palette.faint, size=SMALL)
