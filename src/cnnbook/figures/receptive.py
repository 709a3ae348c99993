"""What units see: their windows on a digit, and which pixels matter to the middle point of a map."""

from itertools import pairwise, product
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float, Int, UInt8
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from cnnbook.figures.declare import check_variable, figure, index_of, title_of
from cnnbook.figures.digits import draw_digit
from cnnbook.figures.page import Chart, Page
from cnnbook.figures.pictures import Scale, add_colour_bar, draw_picture
from cnnbook.figures.style import DARK, LIGHT, SMALL, Palette, hide_axes, text_colour, tint

WINDOW_COLOURS = (DARK.orange, DARK.purple, DARK.green, "#f0e442", DARK.blue)
"""Colours of windows, bottom layer first: bright in both themes, since they lie on a black image."""

WINDOWS = ("size", "jump", "receptive_field", "first_start")
"""What of a layer's geometry says where its windows lie."""

MIDDLE_WINDOWS = {"conv_2": (10, 8), "conv_3": (4, 18)}
"""First pixel and side of the window of the middle point."""


def layer_windows(geometry: xr.Dataset, layer: str) -> Int[np.ndarray, "units 2"]:
    """First and last pixel (inclusive) that the units in each row (or column) of a layer see.

    Args:
        geometry: `size`, `jump`, `receptive_field` and `first_start` by layer.
        layer: such as "conv_3".

    Raises:
        ValueError: the layer or a variable is not in the dataset.
    """
    index = index_of(geometry, "layer", layer)
    size, jump, field, first = (int(check_variable(geometry, name)[index]) for name in WINDOWS)
    starts = first + jump * np.arange(size)
    return np.stack([starts, starts + field - 1], axis=1)


def units_per_pixel(windows: Int[np.ndarray, "units 2"], pixels: int) -> Int[np.ndarray, "pixels pixels"]:
    """How many units of a layer see each pixel of a square image.

    Args:
        windows: first and last pixel, as `layer_windows` gives them.
        pixels: along the side of the image.
    """
    positions = np.arange(pixels)
    along = ((windows[:, :1] <= positions) & (positions <= windows[:, 1:])).sum(axis=0)
    return np.outer(along, along)


def add_image(
    geometry: xr.Dataset, image: UInt8[np.ndarray, "28 28"] | xr.DataArray | None = None, **options: Any
) -> xr.Dataset:
    """The geometry of all layers, with the digit below the windows.

    Args:
        geometry: by layer.
        image: the digit; None takes the variable `image` of the geometry.
        options: of the figure.
    """
    if image is None:
        return geometry
    pixels = xr.DataArray(image, dims=("row", "col")) if isinstance(image, np.ndarray) else image
    words = {"units": "1", "long_name": "pixel, 0 to 255"} | pixels.attrs
    return geometry.assign(image=pixels.assign_attrs(words))


@figure(
    "size: layer; jump: layer [px]; receptive_field: layer [px]; first_start: layer [px]; image: row col",
    prepare=add_image,
)
def receptive_fields_figure(geometry: xr.Dataset, *, layer: str = "conv_3") -> Page:
    """Windows of one unit of each layer, all windows of one layer, and how many of its units see each pixel.

    Args:
        geometry: where the windows lie, and the digit below them.
        layer: whose windows are drawn all together.
    """
    image, windows = geometry["image"].values, layer_windows(geometry, layer)
    counts = units_per_pixel(windows, len(image))
    side, top, lefts = 2.12, 0.62, (0.06, 3.31, 5.67)
    page = Page(top + side + 0.12)
    name, units = title_of(layer), len(windows) ** 2
    titles = ("one unit of each layer", f"all {units} units of {name}", f"units of {name} that see a pixel")
    for left, title in zip(lefts, titles, strict=True):
        page.write(left, 0.26, title)
    one, all_windows, seen = (page.panel((left, top, side, side)) for left in lefts)
    one.draw(draw_digit, image)
    _draw_windows(one, geometry, len(image) - 0.5)
    all_windows.draw(draw_digit, image)
    _draw_layer(all_windows, windows, len(image))
    seen.draw(_draw_counts, counts)
    _hatch(seen, counts, "faint")
    unseen = np.flatnonzero(np.diag(counts) == 0)
    if unseen.size:
        page.write(lefts[1], 0.46, f"rows, columns {unseen[0]}–{unseen[-1]}: unseen", size=SMALL)
    return page


def _draw_windows(chart: Chart, geometry: xr.Dataset, edge: float) -> None:
    """Draw the window of each layer's central unit, and name it to the right of the image's edge.

    Each smaller window is drawn a little further inwards, so that common edges stay apart.
    """
    for number, layer in enumerate(map(str, geometry["layer"].values[::-1])):
        windows = layer_windows(geometry, layer)
        start, stop = (int(pixel) for pixel in windows[len(windows) // 2])
        colour, inset = WINDOW_COLOURS[-1 - number % len(WINDOW_COLOURS)], 0.14 * number
        corner, side = start + inset - 0.5, stop - start + 1 - 2 * inset
        chart.rectangle((corner, corner), side, side, fill=False, edgecolor=colour, gid=layer, lw=1.4)
        height = 2.5 + 3.6 * number
        ends = [stop + 0.5 - inset, edge], [start - 0.5 + inset, height]
        chart.plot(*ends, color=colour, lw=0.9, scalex=False, scaley=False)
        text = f"{title_of(layer)}, {stop - start + 1} px"
        chart.text(edge + 0.8, height, text, color="ink", fontsize=SMALL, va="center_baseline")


def _draw_layer(chart: Chart, windows: Int[np.ndarray, "units 2"], pixels: int) -> None:
    """Draw the windows of all units of a layer, the central one thick, and hatch what none sees."""
    middle = len(windows) // 2
    for row, (top, last) in enumerate(windows.astype(float)):
        for col, (left, _) in enumerate(windows.astype(float)):
            width = 2.2 if row == middle and col == middle else 0.7
            corner, side = (left - 0.5, top - 0.5), last - top + 1
            chart.rectangle(corner, side, side, fill=False, edgecolor=DARK.blue, gid="window", lw=width)
    _hatch(chart, units_per_pixel(windows, pixels), DARK.faint)


def _draw_counts(ax: Axes, counts: Int[np.ndarray, "pixels pixels"], *, palette: Palette) -> None:
    """Draw how many units see each pixel, with the number written on each region."""
    most = max(1, int(counts.max()))
    tints = [tint(palette.blue, palette.background, 0.08 + 0.92 * count / most) for count in range(most + 1)]
    scale = {"cmap": ListedColormap(tints), "vmin": -0.5, "vmax": most + 0.5}
    hide_axes(ax).imshow(counts, interpolation="none", **scale)
    edges = np.flatnonzero(np.diff(np.diag(counts))) + 1
    bands = list(pairwise([0, *edges, len(counts)]))
    for (top, bottom), (left, right) in product(bands, bands):
        if count := int(counts[top, left]):
            words = {"color": text_colour(tints[count], LIGHT), "fontsize": SMALL}
            middle = (left + right - 1) / 2, (top + bottom - 1) / 2
            ax.text(*middle, str(count), ha="center", va="center_baseline", **words)


def _hatch(chart: Chart, counts: Int[np.ndarray, "pixels pixels"], colour: str) -> None:
    """Hatch the last rows and columns, which no unit sees."""
    pixels, first = len(counts), int((np.diag(counts) > 0).sum())
    look = {"facecolor": "none", "edgecolor": colour, "hatch": "/////", "lw": 0, "gid": "unseen"}
    if first < pixels:
        chart.rectangle((-0.5, first - 0.5), pixels, pixels - first, **look)
        chart.rectangle((first - 0.5, -0.5), pixels - first, first, **look)


@figure("field: state layer row column; occlusion: state patch_row patch_column; area: state layer net")
def effective_fields_figure(fields: xr.Dataset) -> Page:
    """Mean squared gradient of the middle points by pixel, the window drawn around it, and occlusion."""
    area = 100 * fields["area"].mean("net")
    page = Page(5.84, title="What matters to the middle point of a map", left=0.12)
    add_colour_bar(page, 0.12, 0.42, Scale(), label="", low="0", high="largest")
    key = "squared gradient by pixel, each picture by its largest; frame: the window"
    page.write(1.92, 0.53, key, size=SMALL)
    for row, (layer, (start, side)) in enumerate(MIDDLE_WINDOWS.items()):
        for column, state in enumerate(("trained", "untrained")):
            share = float(area.sel(layer=layer, state=state))
            values = fields["field"].sel(layer=layer, state=state).values
            above, below = f"{title_of(layer)}, {state}", f"95 % on {share:.0f} % of image"
            chart = _place_field(page, row, column, values, above, below)
            chart.rectangle((start - 0.5, start - 0.5), side, side, fill=False, ec="orange")
    changes = fields["occlusion"].sel(state="trained").values
    _place_field(page, 1, 2, changes, "Conv_3, occlusion", "by blanked patch")
    return page


def _place_field(
    page: Page, row: int, column: int, values: Float[np.ndarray, "h w"], above: str, below: str
) -> Chart:
    """Place a picture, by its largest value, with a line above and one below it."""
    side = 1.72
    left, top = 0.12 + column * (side + 0.2), 1.16 + row * (side + 0.62)
    page.write(left, top - 0.08, above)
    page.write(left, top + side + 0.18, below, size=SMALL)
    return page.panel((left, top, side, side), draw_picture, values / (values.max() or 1.0), Scale())
