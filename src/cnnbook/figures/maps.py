"""All maps of one layer for one digit, twice: each on its own scale, and all on one."""

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_choice, limit_of, maps_of_digit, maps_with_limit, title_of
from cnnbook.figures.colours import ACTIVATION, draw_colour_bar
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import SMALL, TITLE, WIDTH, Palette, axes_at, new_figure, write
from cnnbook.figures.tiles import draw_tiles, silent

LEFT, RIGHT, HEADER, FOOTER, BETWEEN = 0.36, 0.04, 0.56, 0.58, 0.3
"""Inches around a panel's tiles: for row numbers, at the right edge, for title and column numbers, for the
colour bar, and between two panels."""


def columns_for(maps: int) -> int:
    """Tiles in a row for a layer of so many maps: 4 × 8, 8 × 8 and 8 × 16 for 32, 64 and 128."""
    return 16 if maps > 64 else 8


def shown_maps(maps_of_digits: xr.Dataset, *, layer: str, digit: str, **options: str) -> xr.Dataset:
    """What `maps_figure` shows: one layer's maps for one digit, and the shared limit."""
    return maps_with_limit(maps_of_digits, layer, [check_choice(maps_of_digits, "digit", digit)])


@drawn_from(shown_maps)
def maps_figure(
    maps_of_digits: xr.Dataset, *, palette: Palette, layer: str, digit: str, cmap: str = ACTIVATION
) -> Figure:
    """All maps of one layer for one digit, with per-map and with shared limits.

    The shared limit is the layer's largest activation over every digit of the Dataset, so that figures of one
    layer can be compared.

    Args:
        maps_of_digits: activations by layer and digit.
        palette: the theme.
        layer: such as "conv_3".
        digit: key of the digit, such as "clear-four".
        cmap: one of `colours.COLOUR_MAPS`.

    Raises:
        ValueError: the layer or the digit is not in the dataset, or `cmap` is unknown.
    """
    maps = maps_of_digit(maps_of_digits, layer, digit)
    limit = limit_of(maps_of_digits, layer)
    columns = columns_for(maps.shape[-1])
    rows = -(-maps.shape[-1] // columns)
    beside = rows >= columns
    width = ((WIDTH - BETWEEN) / 2 if beside else WIDTH) - LEFT - RIGHT
    panel = HEADER + width * rows / columns + FOOTER
    figure = new_figure(panel if beside else 2 * panel, palette=palette)
    for number, shared in enumerate((None, limit)):
        left = number * (WIDTH + BETWEEN) / 2 if beside else 0.0
        top = 0.0 if beside else number * panel
        _draw_panel(figure, left, top, width, maps, palette=palette, layer=layer, limit=shared, cmap=cmap)
    return figure


def _draw_panel(
    figure: Figure,
    left: float,
    top: float,
    width: float,
    maps: Float[np.ndarray, "h h c"],
    *,
    palette: Palette,
    layer: str,
    limit: float | None,
    cmap: str,
) -> None:
    """One panel: title, tiles, colour bar and the number of silent maps."""
    columns = columns_for(maps.shape[-1])
    height = width * -(-maps.shape[-1] // columns) / columns
    scale = "each map on its own scale" if limit is None else "all maps on one scale"
    write(figure, left + LEFT, top + 0.24, f"{title_of(layer)}, {scale}", colour=palette.ink, size=TITLE)
    ax = axes_at(figure, left + LEFT, top + HEADER, width, height)
    draw_tiles(ax, maps, palette=palette, columns=columns, limit=limit, cmap=cmap)
    foot = top + HEADER + height + 0.1
    bar = axes_at(figure, left + LEFT + 0.72, foot, 1.3, 0.1)
    draw_colour_bar(bar, palette=palette, cmap=cmap, top="own max." if limit is None else f"{limit:.3g}")
    count = int(silent(maps).sum())
    note = f"× silent: {count} of {maps.shape[-1]}"
    write(figure, left + LEFT + width, foot + 0.09, note, colour=palette.faint, size=SMALL, align="right")
