"""One digit on its way up: a few strong maps of every layer, left to right."""

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from cnnbook.figures.checks import MAP_LAYERS, check_choice, check_variable, maps_of_digit, title_of
from cnnbook.figures.colours import draw_colour_bar
from cnnbook.figures.digits import draw_digit
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, SMALL, WIDTH, Palette, axes_at, new_figure, write
from cnnbook.figures.tiles import draw_tiles

POOLED_FROM = {"pool_1": "conv_1", "pool_2": "conv_2"}
"""Pooling layers show the maps that were chosen below them, so that pooling can be seen."""


def strongest(maps: Float[np.ndarray, "h w c"], count: int) -> list[int]:
    """The maps with the highest mean activation, strongest first; of equals, the lower number first."""
    return [int(number) for number in np.argsort(-maps.mean(axis=(0, 1)), kind="stable")[:count]]


def chosen_maps(maps_of_digits: xr.Dataset, digit: str, count: int) -> dict[str, list[int]]:
    """The maps shown of each layer: the strongest ones, and after pooling the same as before it."""
    chosen: dict[str, list[int]] = {}
    for layer in MAP_LAYERS:
        maps = maps_of_digit(maps_of_digits, layer, digit)
        chosen[layer] = chosen.get(POOLED_FROM.get(layer, ""), strongest(maps, count))
    return chosen


def shown_maps(maps_of_digits: xr.Dataset, *, digit: str = "clear-four", count: int = 4) -> xr.Dataset:
    """What `journey_figure` shows: the picture, and the maps chosen of each layer under their numbers."""
    check_choice(maps_of_digits, "digit", digit)
    chosen = {f"map_{layer}": maps for layer, maps in chosen_maps(maps_of_digits, digit, count).items()}
    part = maps_of_digits[["image", *MAP_LAYERS]].sel(digit=[digit])
    numbers = {name: part[name].values[maps] for name, maps in chosen.items()}
    return part.isel(chosen).assign_coords(numbers)


@drawn_from(shown_maps)
def journey_figure(
    maps_of_digits: xr.Dataset, *, palette: Palette, digit: str = "clear-four", count: int = 4
) -> Figure:
    """One digit, and the strongest maps of each layer, each map on its own scale.

    Args:
        maps_of_digits: images and activations by layer and digit.
        palette: the theme.
        digit: key of the digit.
        count: maps shown of each layer.

    Raises:
        ValueError: the digit or a layer is not in the dataset.
    """
    check_choice(maps_of_digits, "digit", digit)
    image = check_variable(maps_of_digits, "image").sel(digit=digit)
    tile, gap, between, top, margin = 0.86, 0.1, 0.32, 0.62, 0.06
    height = count * (tile + gap) - gap
    figure = new_figure(top + height + 0.1, palette=palette)
    first = WIDTH - margin - 5 * tile - 4 * between
    side = first - between - margin - 0.04
    above = top + (height - side) / 2
    _head(figure, margin + side / 2, above - top, f"a {int(image['label'])}", "28 × 28", palette)
    draw_digit(axes_at(figure, margin, above, side, side), image.values, palette=palette)
    bar = axes_at(figure, margin + side - 1.16, top + height - 0.3, 1.16, 0.1)
    draw_colour_bar(bar, palette=palette, top="map’s max.")
    for column, (layer, chosen) in enumerate(chosen_maps(maps_of_digits, digit, count).items()):
        maps = maps_of_digit(maps_of_digits, layer, digit)
        numbers = maps_of_digits[layer][f"map_{layer}"].values
        left = first + column * (tile + between)
        _head(figure, left + tile / 2, 0.0, title_of(layer), f"{maps.shape[0]} × {maps.shape[0]}", palette)
        _arrow(figure, left - between / 2, top + height / 2, palette)
        for row, place in enumerate(chosen):
            ax = axes_at(figure, left, top + row * (tile + gap), tile, tile)
            draw_tiles(ax, maps[..., [place]], palette=palette, columns=1, limit=None, numbered=False)
            ax.set_gid(f"{layer} {numbers[place]}")
    return figure


def _head(figure: Figure, middle: float, top: float, name: str, size: str, palette: Palette) -> None:
    """A column's name and the size of its pictures."""
    write(figure, middle, top + 0.24, name, colour=palette.ink, size=LABEL, align="center")
    write(figure, middle, top + 0.45, size, colour=palette.faint, size=SMALL, align="center")


def _arrow(figure: Figure, middle: float, top: float, palette: Palette) -> None:
    """A small arrow head that points to the next layer."""
    height = figure.get_size_inches()[1]
    ends = [(middle - 0.06, height - top), (middle + 0.09, height - top)]
    figure.add_artist(
        FancyArrowPatch(
            *ends,
            transform=figure.dpi_scale_trans,
            arrowstyle="->",
            mutation_scale=11,
            color=palette.faint,
            lw=1.3,
        )
    )
