"""What a point sees in theory and what matters to it: effective receptive fields, trained and untrained."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnnbook.figures.checks import check_variable, title_of
from cnnbook.figures.pictures import draw_picture, normal, place_bar, rising_colours
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, SMALL, TITLE, Palette, axes_at, new_figure, write

SIDE, GAP, LEFT, TOP = 1.72, 0.2, 0.12, 0.86
"""Inches of a picture, between two, from the left edge, and above the first row."""

WINDOWS = {"conv_2": (10, 8), "conv_3": (4, 18)}
"""First pixel and side of the window of the middle point."""


def shown_fields(fields: xr.Dataset) -> xr.Dataset:
    """What `effective_fields_figure` shows."""
    return fields[["field", "occlusion", "area"]]


@drawn_from(shown_fields)
def effective_fields_figure(fields: xr.Dataset, *, palette: Palette) -> Figure:
    """Mean squared gradient of the middle points by pixel, the window drawn around it, and occlusion.

    Args:
        fields: `field` by state, layer and pixel, `occlusion` by state and patch, `area` by state,
            layer and net.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    field, area = check_variable(fields, "field"), check_variable(fields, "area").mean("net")
    figure = new_figure(2 * (SIDE + 0.62) + TOP + 0.3, palette=palette)
    write(figure, LEFT, 0.28, "What matters to the middle point of a map", colour=palette.ink, size=TITLE)
    colours = rising_colours(palette)
    place_bar(figure, LEFT, 0.42, palette=palette, colours=colours, low="0", high="largest", label="")
    key = "squared gradient by pixel, each picture by its largest; frame: the window"
    write(figure, LEFT + 1.8, 0.53, key, colour=palette.faint, size=SMALL)
    for row, layer in enumerate(("conv_2", "conv_3")):
        top = TOP + 0.3 + row * (SIDE + 0.62)
        for column, state in enumerate(("trained", "untrained")):
            left = LEFT + column * (SIDE + GAP)
            values = field.sel(layer=layer, state=state).values
            ax = axes_at(figure, left, top, SIDE, SIDE)
            draw_picture(ax, normal(values), palette=palette, colours=colours, low=0, high=1)
            start, side = WINDOWS[layer]
            ax.add_patch(Rectangle((start - 0.5, start - 0.5), side, side, fill=False, ec=palette.orange))
            write(figure, left, top - 0.08, f"{title_of(layer)}, {state}", colour=palette.ink, size=LABEL)
            held = f"95 % on {100 * float(area.sel(layer=layer, state=state)):.0f} % of image"
            write(figure, left, top + SIDE + 0.18, held, colour=palette.faint, size=SMALL)
    left, top = LEFT + 2 * (SIDE + GAP), TOP + 0.3 + SIDE + 0.62
    changes = check_variable(fields, "occlusion").sel(state="trained").values
    draw_picture(
        axes_at(figure, left, top, SIDE, SIDE), normal(np.asarray(changes)), palette=palette, colours=colours,
        low=0, high=1,
    )  # fmt: skip
    write(figure, left, top - 0.08, "Conv_3, occlusion", colour=palette.ink, size=LABEL)
    write(figure, left, top + SIDE + 0.18, "by blanked patch", colour=palette.faint, size=SMALL)
    return figure
