"""What units see: their windows on a digit, and how many units of one layer see each pixel."""

import numpy as np
import xarray as xr
from jaxtyping import Int, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnnbook.figures.checks import check_choice, check_variable, title_of
from cnnbook.figures.digits import draw_digit
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import (
    DARK,
    LABEL,
    LIGHT,
    SMALL,
    Palette,
    axes_at,
    bare,
    contrast,
    mix,
    new_figure,
    write,
)

WINDOW_COLOURS = (DARK.orange, DARK.purple, DARK.green, "#f0e442", DARK.blue)
"""Colours of windows, bottom layer first: bright in both themes, since they lie on a black image."""

SIDE, TOP, LABELS, BETWEEN = 2.12, 0.62, 1.02, 0.24
"""Inches: a panel's side, above it, the layers' names beside the first panel, and between panels."""


WINDOWS = ("size", "jump", "receptive_field", "first_start")
"""What of a layer's geometry says where its windows lie."""

INSET = 0.14
"""Pixels by which each smaller window is drawn further inwards: common edges then stay apart."""

FIRST_NAME, NAME_STEP = 2.5, 3.6
"""Pixels from the top of the first panel to the first name, and from name to name."""


def windows_of(geometry: xr.Dataset, layer: str) -> Int[np.ndarray, "units 2"]:
    """First and last pixel (inclusive) that the units in each row (or column) of a layer see.

    Raises:
        ValueError: the layer or a variable is not in the dataset.
    """
    check_choice(geometry, "layer", layer)
    size, jump, field, first = (int(check_variable(geometry, name).sel(layer=layer)) for name in WINDOWS)
    starts = first + jump * np.arange(size)
    return np.stack([starts, starts + field - 1], axis=1)


def seen_by(windows: Int[np.ndarray, "units 2"], pixels: int) -> Int[np.ndarray, "pixels pixels"]:
    """How many units of a layer see each pixel of a square image."""
    places = np.arange(pixels)
    along = ((windows[:, :1] <= places) & (places <= windows[:, 1:])).sum(axis=0)
    return np.outer(along, along)


def shown_geometry(
    geometry: xr.Dataset, image: UInt8[np.ndarray, "28 28"] | xr.DataArray, **options: str
) -> xr.Dataset:
    """What `receptive_fields_figure` shows: where each layer's windows lie, and the digit below them."""
    pixels = xr.DataArray(image, dims=("row", "col")) if isinstance(image, np.ndarray) else image
    words = {"units": "1", "long_name": "pixel, 0 to 255"} | pixels.attrs
    return geometry[list(WINDOWS)].assign(image=pixels.assign_attrs(words))


@drawn_from(shown_geometry)
def receptive_fields_figure(
    geometry: xr.Dataset,
    image: UInt8[np.ndarray, "28 28"] | xr.DataArray,
    *,
    palette: Palette,
    layer: str = "conv_3",
) -> Figure:
    """Windows of one unit of each layer, all windows of one layer, and how many of its units see each pixel.

    Args:
        geometry: `size`, `jump`, `receptive_field`, `first_start` by layer.
        image: the digit below the windows.
        palette: the theme.
        layer: whose windows are drawn all together.

    Raises:
        ValueError: the layer or a variable is not in the dataset.
    """
    pixels = np.asarray(image)
    windows = windows_of(geometry, layer)
    lefts = (0.06, 0.06 + SIDE + LABELS + BETWEEN - 0.13, 0.06 + 2 * SIDE + LABELS + 2 * BETWEEN - 0.13)
    figure = new_figure(TOP + SIDE + 0.12, palette=palette)
    name, units = title_of(layer), len(windows) ** 2
    titles = ("one unit of each layer", f"all {units} units of {name}", f"units of {name} that see a pixel")
    for left, title in zip(lefts, titles, strict=True):
        write(figure, left, 0.26, title, colour=palette.ink, size=LABEL)
    draw_windows(axes_at(figure, lefts[0], TOP, SIDE, SIDE), geometry, pixels, palette=palette)
    draw_layer(axes_at(figure, lefts[1], TOP, SIDE, SIDE), windows, pixels, palette=palette)
    draw_counts(axes_at(figure, lefts[2], TOP, SIDE, SIDE), seen_by(windows, len(pixels)), palette=palette)
    unseen = np.flatnonzero(np.diag(seen_by(windows, len(pixels))) == 0)
    if unseen.size:
        note = f"rows, columns {unseen[0]}–{unseen[-1]}: unseen"
        write(figure, lefts[1], 0.46, note, colour=palette.faint, size=SMALL)
    return figure


def draw_windows(
    ax: Axes, geometry: xr.Dataset, image: UInt8[np.ndarray, "28 28"], *, palette: Palette
) -> Axes:
    """Draw the window of each layer's central unit on a digit, and name it at the right.

    Args:
        ax: where.
        geometry: as `receptive_fields_figure` takes it.
        image: the digit.
        palette: the theme.

    Returns:
        The axes.
    """
    draw_digit(ax, image, palette=palette)
    layers = [str(layer) for layer in geometry["layer"].values]
    edge = len(image) - 0.5
    for number, layer in enumerate(reversed(layers)):
        windows = windows_of(geometry, layer)
        start, stop = (int(pixel) for pixel in windows[len(windows) // 2])
        colour = WINDOW_COLOURS[-1 - number % len(WINDOW_COLOURS)]
        inset = INSET * number
        _frame(ax, start + inset, start + inset, stop - start + 1 - 2 * inset, colour, gid=layer, width=1.4)
        height = FIRST_NAME + number * NAME_STEP
        ends = [stop + 0.5 - inset, edge], [start - 0.5 + inset, height]
        ax.plot(*ends, color=colour, lw=0.9, scalex=False, scaley=False)
        text = f"{title_of(layer)}, {stop - start + 1} px"
        ax.text(edge + 0.8, height, text, color=palette.ink, fontsize=SMALL, va="center_baseline")
    return ax


def draw_layer(
    ax: Axes, windows: Int[np.ndarray, "units 2"], image: UInt8[np.ndarray, "28 28"], *, palette: Palette
) -> Axes:
    """Draw the windows of all units of a layer on a digit, the central one thick, and hatch what none sees.

    Args:
        ax: where.
        windows: first and last pixel, as `windows_of` gives them.
        image: the digit.
        palette: the theme.

    Returns:
        The axes.
    """
    draw_digit(ax, image, palette=palette)
    middle = len(windows) // 2
    for row, (top, last) in enumerate(windows):
        for col, (left, _) in enumerate(windows):
            width = 2.2 if row == middle and col == middle else 0.7
            side = float(last - top + 1)
            _frame(ax, float(left), float(top), side, DARK.blue, gid="window", width=width)
    _hatch(ax, int(windows[-1, 1]) + 1, len(image), DARK.faint)
    return ax


def draw_counts(ax: Axes, counts: Int[np.ndarray, "pixels pixels"], *, palette: Palette) -> Axes:
    """Draw how many units see each pixel, with the number written on each region.

    Args:
        ax: where.
        counts: as `seen_by` gives them.
        palette: the theme.

    Returns:
        The axes.
    """
    strongest = max(1, int(counts.max()))
    tints = [
        mix(palette.blue, palette.paper, 0.08 + 0.92 * count / strongest) for count in range(strongest + 1)
    ]
    rgb = np.array([[int(tint[at : at + 2], 16) for at in (1, 3, 5)] for tint in tints], dtype=np.uint8)
    ax.imshow(rgb[counts], interpolation="none")
    bare(ax)
    edges = np.flatnonzero(np.diff(np.diag(counts))) + 1
    bands = list(zip([0, *edges], [*edges, len(counts)], strict=True))
    for top, bottom in bands:
        for left, right in bands:
            count = int(counts[top, left])
            if count == 0:
                continue
            ink = max((LIGHT.ink, LIGHT.paper), key=lambda colour: contrast(colour, tints[count]))
            place = ((left + right - 1) / 2, (top + bottom - 1) / 2)
            ax.text(*place, str(count), color=ink, fontsize=SMALL, ha="center", va="center_baseline")
    seen = np.flatnonzero(np.diag(counts))
    _hatch(ax, int(seen[-1]) + 1 if seen.size else 0, len(counts), palette.faint)
    return ax


def _frame(ax: Axes, left: float, top: float, side: float, colour: str, *, gid: str, width: float) -> None:
    """A square around whole pixels."""
    box = Rectangle((left - 0.5, top - 0.5), side, side, fill=False, edgecolor=colour, lw=width, gid=gid)
    ax.add_patch(box)


def _hatch(ax: Axes, first: int, pixels: int, colour: str) -> None:
    """Hatch the last rows and columns, from a pixel on."""
    rest = pixels - first
    if rest <= 0:
        return
    for corner, wide, high in (((-0.5, first - 0.5), pixels, rest), ((first - 0.5, -0.5), rest, first)):
        box = Rectangle(
            corner, wide, high, facecolor="none", edgecolor=colour, hatch="/////", lw=0, gid="unseen"
        )
        ax.add_patch(box)
