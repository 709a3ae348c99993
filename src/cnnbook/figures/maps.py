"""All maps of one layer: for one digit on two scales, and for several digits with their common points."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Bool

from cnnbook.figures.activations import ACTIVATION, add_shared_limit, draw_colour_bar
from cnnbook.figures.declare import Option, figure, title_of
from cnnbook.figures.digits import draw_digit, write_digit_name
from cnnbook.figures.page import Page
from cnnbook.figures.style import SMALL, TITLE, WIDTH
from cnnbook.figures.tiles import draw_tiles, draw_unit_boxes, silent_maps

LEFT, EDGE, HEADER, FOOTER, GAP = 0.36, 0.04, 0.56, 0.58, 0.3
"""Inches around a panel's tiles: for row numbers, at the right edge, for title and column numbers, for the
colour bar, and between two panels."""

BETWEEN, BAR = 0.2, 0.5
"""Inches between the panels of several digits, and for the colour bar below them."""

PICTURE, NAMES = 0.72, 1.08
"""Inches of a digit's picture, and of the column for it and its name where it stands beside its maps."""

LARGEST = 3.0
"""Inches of a panel's tiles at most, where panels stand side by side."""

THICK, THIN = 1.3, 0.7
"""Points of a box's line, on maps of few and of many units."""

Marks = xr.DataArray | Bool[np.ndarray, "h h c"]
"""Units of a layer to box."""


def columns_for(maps: int) -> int:
    """Tiles in a row for a layer of so many maps: 4 × 8, 8 × 8 and 8 × 16 for 32, 64 and 128."""
    return 16 if maps > 64 else 8


@figure(
    "{layer}: digit row_{layer} col_{layer} map_{layer}; limit_{layer}:",
    prepare=add_shared_limit,
    at={"digit": Option(name="digit")},
)
def maps_figure(maps_of_digits: xr.Dataset, *, layer: str, digit: str, cmap: str = ACTIVATION) -> Page:
    """All maps of one layer for one digit, with per-map and with shared limits.

    The shared limit is the layer's largest activation over every digit of the Dataset, so that figures of one
    layer can be compared.

    Args:
        maps_of_digits: the activations, and the limit.
        layer: such as "conv_3".
        digit: key of the digit, such as "clear-four".
        cmap: one of `activations.COLOUR_MAPS`.
    """
    maps = maps_of_digits[layer].values
    columns = columns_for(maps.shape[-1])
    rows = -(-maps.shape[-1] // columns)
    beside = rows >= columns
    width = ((WIDTH - GAP) / 2 if beside else WIDTH) - LEFT - EDGE
    height = HEADER + width * rows / columns + FOOTER
    page = Page(height if beside else 2 * height)
    for number, limit in enumerate((None, float(maps_of_digits[f"limit_{layer}"]))):
        left = LEFT + number * ((WIDTH + GAP) / 2 if beside else 0.0)
        top = HEADER + (0.0 if beside else number * height)
        scale = "each map on its own scale" if limit is None else "all maps on one scale"
        page.write(left, top - HEADER + 0.24, f"{title_of(layer)}, {scale}", size=TITLE)
        box = left, top, width, width * rows / columns
        page.panel(box, draw_tiles, maps, columns=columns, limit=limit, cmap=cmap)
        foot, end = top + box[3] + 0.1, "own max." if limit is None else f"{limit:.3g}"
        page.panel((left + 0.72, foot, 1.3, 0.1), draw_colour_bar, cmap=cmap, high=end)
        note = f"× silent: {int(silent_maps(maps).sum())} of {maps.shape[-1]}"
        page.write(left + width, foot + 0.09, note, size=SMALL, align="right")
    return page


@figure(
    "{layer}: digit row_{layer} col_{layer} map_{layer}; limit_{layer}:; image: digit row col",
    prepare=add_shared_limit,
    at={"digit": Option(name="digits", several=True)},
)
def compare_maps_figure(
    maps_of_digits: xr.Dataset,
    *,
    layer: str,
    digits: Sequence[str] | None = None,
    marks: Marks | None = None,
    cmap: str = ACTIVATION,
) -> Page:
    """The maps of one layer for several digits, all on one scale.

    The limit is the layer's largest activation over every digit of the Dataset, shown or not: two such
    figures of one layer can be compared.

    Args:
        maps_of_digits: images and activations of these digits, and the limit.
        layer: such as "conv_3".
        digits: keys, such as "clear-four"; None draws all.
        marks: by row, column and map, the units to box on every panel, such as the points common to all.
        cmap: one of `activations.COLOUR_MAPS`.

    Raises:
        ValueError: `marks` has another shape than the layer.
    """
    maps, limit = maps_of_digits[layer].values, float(maps_of_digits[f"limit_{layer}"])
    panels, size, _, count = maps.shape
    beside = count > 64  # small maps stand side by side, all seen at once; large ones one below the other
    columns = 16 if 32 < count <= 64 else 8
    width = WIDTH - NAMES - LEFT - EDGE
    if beside:
        width = min((WIDTH - LEFT - EDGE - BETWEEN * (panels - 1)) / panels, LARGEST)
    height = width * -(-count // columns) / columns
    bottom = PICTURE + 0.44 + height if beside else 0.3 + panels * (height + BETWEEN) - BETWEEN
    page, note = Page(bottom + BAR), "× silent"
    boxed = None if marks is None else _check_marks(marks, maps.shape[1:], layer)
    for panel, (image, each) in enumerate(zip(maps_of_digits["image"], maps, strict=True)):
        left, top = (
            (LEFT + panel * (width + BETWEEN), 0.1) if beside else (0.06, 0.3 + panel * (height + BETWEEN))
        )
        page.panel((left, top, PICTURE, PICTURE), draw_digit, image.values)
        name = (left + PICTURE + 0.12, top + PICTURE / 2) if beside else (left, top + PICTURE + 0.18)
        write_digit_name(page, *name, image, suffix=f" on {title_of(layer)}")
        corner = (left, PICTURE + 0.44) if beside else (NAMES + LEFT, top)
        look = {"columns": columns, "limit": limit, "cmap": cmap}
        chart = page.panel((corner[0], corner[1], width, height), draw_tiles, each, **look)
        chart.set_gid(str(image["digit"].values))
        if panel:  # the first panel has the numbers of all
            chart.set(**{"yticks" if beside else "xticks": []})
        if boxed is not None:
            chart.draw(draw_unit_boxes, boxed, columns=columns, width=THICK if size < 10 else THIN)
    if boxed is not None:
        note += f"     □ common to all: {int(boxed.sum())} of {boxed.size:,} points"
    left = LEFT if beside else NAMES + LEFT
    bar = {"cmap": cmap, "high": f"{limit:.3g}"}
    page.panel((left + 0.72, bottom + 0.12, 1.3, 0.1), draw_colour_bar, **bar)
    page.write(left + 2.3, bottom + 0.21, note, size=SMALL)
    return page


def _check_marks(marks: Marks, shape: tuple[int, ...], layer: str) -> Bool[np.ndarray, "h h c"]:
    """The units to box, in the order row, column, map."""
    if isinstance(marks, xr.DataArray):
        names = (f"row_{layer}", f"col_{layer}", f"map_{layer}")
        if set(marks.dims) != set(names):
            found = ", ".join(map(str, marks.dims))
            raise ValueError(f"marks has dimensions {found}: expected {', '.join(names)}")
        marks = marks.transpose(*names).values
    if marks.shape != shape or marks.dtype != np.bool_:
        raise ValueError(
            f"marks has shape {marks.shape} and type {marks.dtype}: "
            f"expected {shape} and bool for layer={layer!r}"
        )
    return marks
