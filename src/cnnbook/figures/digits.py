"""Digits in gray and in jet, which draws the eye to faint pixels; and one with the maps of each layer."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from cnnbook.figures.activations import MAP_LAYERS, activations_of, draw_colour_bar
from cnnbook.figures.declare import Option, figure, index_of, title_of
from cnnbook.figures.page import Page
from cnnbook.figures.style import SMALL, WIDTH, Palette, frame_axes, hide_axes
from cnnbook.figures.tiles import draw_tiles

WHITE = 255
"""Full ink, as MNIST stores it."""

POOLED_FROM = {"pool_1": "conv_1", "pool_2": "conv_2"}
"""Pooling layers show the maps that were chosen below them, so that pooling can be seen."""


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
    return frame_axes(ax, palette.faint, 0.6)


def _draw_pixel_bar(ax: Axes, *, palette: Palette, cmap: str) -> None:
    """Draw a vertical colour bar of pixel values, 0 to 255."""
    look = {"aspect": "auto", "origin": "lower", "interpolation": "none", "extent": (0, 1, 0, WHITE)}
    ax.imshow(np.arange(WHITE + 1)[:, None], cmap=cmap, **look)
    hide_axes(ax).set_yticks([0, WHITE])
    ax.yaxis.tick_right()
    ax.tick_params(length=0, pad=3, labelsize=SMALL, labelcolor=palette.faint)
    words = {"color": palette.faint, "fontsize": SMALL, "rotation": 90}
    ax.text(1.6, WHITE / 2, "pixel value", ha="left", va="center", **words)


@figure("image: digit row col", at={"digit": Option(name="digits", several=True)})
def digits_figure(maps_of_digits: xr.Dataset, *, digits: Sequence[str] | None = None) -> Page:
    """Digits in gray and in jet: one digit side by side, several one above the other.

    Args:
        maps_of_digits: the images, with `label` and `test_index`.
        digits: keys, such as "clear-four"; None draws all.
    """
    images = maps_of_digits["image"]
    count, single, header, gap = len(images), len(images) == 1, 0.52, 0.16
    across = WIDTH / 2 if single else WIDTH
    side = min(2.6, (across - 0.72) / count - gap)
    pitch, margin = side + gap, (across - 0.62 - count * (side + gap)) / 2
    page = Page(header + (side if single else side + pitch) + 0.14)
    for number, cmap in enumerate(("gray", "jet")):
        left, top = margin + number * single * across, header + number * (not single) * pitch
        for column, image in enumerate(images):
            if single or number == 0:
                write_digit_name(page, left + column * pitch, 0.22, image)
            page.panel((left + column * pitch, top, side, side), draw_digit, image.values, cmap=cmap)
        page.panel((left + count * pitch - 0.04, top, 0.1, side), _draw_pixel_bar, cmap=cmap)
    return page


def write_digit_name(page: Page, left: float, top: float, image: xr.DataArray, *, suffix: str = "") -> None:
    """Write a digit's label, and its test index on the line below.

    Args:
        page: where.
        left: inches from the figure's left edge.
        top: inches from the figure's upper edge to the first baseline.
        image: with the coordinates `label` and `test_index`.
        suffix: follows the label, such as " on Conv_1".
    """
    page.write(left, top, f"a {int(image['label'])}{suffix}")
    index = int(image["test_index"])
    page.write(left, top + (0.18 if suffix else 0.2), f"test image {index}", size=SMALL)


def strongest_maps(maps: Float[np.ndarray, "h w c"], count: int) -> list[int]:
    """The maps with the highest mean activation, strongest first; of equals, the lower number first.

    Args:
        maps: one layer's activations for one image.
        count: how many maps.
    """
    return [int(number) for number in np.argsort(-maps.mean(axis=(0, 1)), kind="stable")[:count]]


def select_strongest_maps(maps_of_digits: xr.Dataset, *, digit: str, count: int) -> xr.Dataset:
    """The maps of every layer that are strongest for a digit; after pooling the same as before it.

    Args:
        maps_of_digits: activations by layer and digit.
        digit: key of the digit.
        count: of the maps.

    Returns:
        The same Dataset with these maps alone, under their numbers.
    """
    chosen, index = {}, index_of(maps_of_digits, "digit", digit)
    for layer in MAP_LAYERS:
        own = strongest_maps(activations_of(maps_of_digits, layer)[index], count)
        chosen[f"map_{layer}"] = chosen.get(f"map_{POOLED_FROM.get(layer)}", own)
    numbers = {dim: maps_of_digits[dim].values[indices] for dim, indices in chosen.items()}
    return maps_of_digits.isel(chosen).assign_coords(numbers)


@figure(
    "image: digit row col; conv_1: digit row_conv_1 col_conv_1 map_conv_1;"
    "pool_1: digit row_pool_1 col_pool_1 map_pool_1; conv_2: digit row_conv_2 col_conv_2 map_conv_2;"
    "pool_2: digit row_pool_2 col_pool_2 map_pool_2; conv_3: digit row_conv_3 col_conv_3 map_conv_3",
    prepare=select_strongest_maps,
    at={"digit": Option(name="digit")},
)
def journey_figure(maps_of_digits: xr.Dataset, *, digit: str = "clear-four", count: int = 4) -> Page:
    """One digit, and the strongest maps of each layer, each map on its own scale.

    Args:
        maps_of_digits: the image, and the maps to draw.
        digit: key of the digit.
        count: maps shown of each layer.
    """
    image, tile, gap, step, top, margin = maps_of_digits["image"], 0.86, 0.1, 0.32, 0.62, 0.06
    height, first = count * (tile + gap) - gap, WIDTH - margin - 5 * tile - 4 * step
    page, side = Page(top + height + 0.1), first - step - margin - 0.04
    above = top + (height - side) / 2
    _head(page, margin + side / 2, above - top, f"a {int(image['label'])}", len(image))
    page.panel((margin, above, side, side), draw_digit, image.values)
    page.panel((margin + side - 1.16, top + height - 0.3, 1.16, 0.1), draw_colour_bar, high="map’s max.")
    for column, layer in enumerate(MAP_LAYERS):
        maps, left = maps_of_digits[layer], first + column * (tile + step)
        _head(page, left + tile / 2, 0.0, title_of(layer), len(maps))
        page.panel((left - step / 2 - 0.06, top, 0.15, height), _draw_arrow)
        for row, number in enumerate(maps[f"map_{layer}"].values):
            box = left, top + row * (tile + gap), tile, tile
            look = {"columns": 1, "limit": None, "numbered": False}
            chart = page.panel(box, draw_tiles, maps.values[..., [row]], **look)
            chart.set_gid(f"{layer} {number}")
    return page


def _head(page: Page, middle: float, top: float, name: str, pixels: int) -> None:
    """Write a column's name and the size of its pictures."""
    page.write(middle, top + 0.24, name, align="center")
    page.write(middle, top + 0.45, f"{pixels} × {pixels}", size=SMALL, align="center")


def _draw_arrow(ax: Axes, *, palette: Palette) -> None:
    """Draw a small arrow head that points to the next layer, from the left to the right edge of the axes."""
    look = {"arrowstyle": "->", "mutation_scale": 11, "color": palette.faint, "lw": 1.3}
    hide_axes(ax).add_patch(
        FancyArrowPatch((0, 0.5), (1, 0.5), transform=ax.transAxes, clip_on=False, **look)
    )
