"""The oval: in the files, in the two inputs, and in the answers of Conv_1 to a blank image."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_variable
from cnnbook.figures.pictures import draw_picture, place_bar, rising_colours, signed_colours
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, SMALL, TITLE, WIDTH, Palette, axes_at, dress, new_figure, write

SIDE, GAP, LEFT, TOP = 1.42, 0.14, 0.12, 0.92
"""Inches of a picture, between two, from the left edge, and above the first row."""

TILE, COLUMNS = 0.44, 16
"""Inches of a map's answer, and maps in a row."""


def shown_oval(oval: xr.Dataset) -> xr.Dataset:
    """What `oval_figure` shows."""
    return oval[["mean_image", "oval", "blank_input", "digit_input"]]


@drawn_from(shown_oval)
def oval_figure(oval: xr.Dataset, *, palette: Palette) -> Figure:
    """A blank image and a digit under both inputs, the mean image, and the middle row of the blank image.

    Args:
        oval: `mean_image` and `oval` by pixel, `blank_input` and `digit_input` by input and pixel.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    blank, digit = check_variable(oval, "blank_input"), check_variable(oval, "digit_input")
    figure = new_figure(TOP + SIDE + 2.05, palette=palette)
    title = "A blank image is blank under input A, and an oval bowl under input B"
    write(figure, LEFT, 0.28, title, colour=palette.ink, size=TITLE)
    signed, rising = signed_colours(palette), rising_colours(palette)
    limit = float(np.abs(blank).max()) or 1.0
    place_bar(figure, LEFT, 0.44, palette=palette, colours=signed, low=f"−{limit:.1f}", high=f"{limit:.1f}",
              label="input value; orange above 0, blue below. Mean ink: darker is more")  # fmt: skip
    shown = [
        ("mean ink", check_variable(oval, "mean_image").values, rising, 0.0, 1.0),
        ("blank, input A", blank.sel(input="A").values, signed, -limit, limit),
        ("blank, input B", blank.sel(input="B").values, signed, -limit, limit),
        ("digit, input A", digit.sel(input="A").values, signed, -limit, limit),
        ("digit, input B", digit.sel(input="B").values, signed, -limit, limit),
    ]
    for column, (name, values, colours, low, high) in enumerate(shown):
        left = LEFT + column * (SIDE + GAP)
        ax = axes_at(figure, left, TOP + 0.14, SIDE, SIDE)
        draw_picture(ax, values, palette=palette, colours=colours, low=low, high=high)
        ax.contour(
            check_variable(oval, "oval").values, [0.5], colors=palette.ink, linewidths=1, linestyles="--"
        )
        write(figure, left, TOP + 0.06, name, colour=palette.ink, size=LABEL)
    ax = axes_at(figure, 0.7, TOP + SIDE + 0.42, WIDTH - 2.4, 1.0)
    row = blank.sizes["row"] // 2
    for name, colour, style in (("A", palette.blue, "-"), ("B", palette.orange, "--")):
        ax.plot(blank.sel(input=name).values[row], color=colour, lw=1.6, ls=style)
        end = float(blank.sel(input=name).values[row, -1])
        ax.text(
            28, end + (0.16 if name == "A" else -0.3), f"blank, input {name}", color=colour, fontsize=SMALL
        )
    ax.set(xlabel="column, in the middle row", ylabel="input", xlim=(0, 27))
    dress(ax, palette)
    return figure


def shown_answers(oval: xr.Dataset) -> xr.Dataset:
    """What `blank_answers_figure` shows."""
    return oval[["blank_answer", "kernel_sum"]]


@drawn_from(shown_answers)
def blank_answers_figure(oval: xr.Dataset, *, palette: Palette) -> Figure:
    """The answers of all Conv_1 maps of the first networks to a blank image, under both inputs.

    Args:
        oval: `blank_answer` by input, map and cell; `kernel_sum` by input, net and map.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    answers, sums = check_variable(oval, "blank_answer"), check_variable(oval, "kernel_sum").isel(net=0)
    height = 2 * (2 * (TILE + 0.05) + 0.44)
    figure = new_figure(TOP + height, palette=palette)
    title = "What the maps of Conv_1 answer to a blank image"
    write(figure, LEFT, 0.28, title, colour=palette.ink, size=TITLE)
    colours = rising_colours(palette)
    top = float(answers.max()) or 1.0
    place_bar(figure, LEFT, 0.44, palette=palette, colours=colours, low="0", high=f"{100 * top:.0f} %",
              label="of the map's largest value; maps in the order of their kernels' sums")  # fmt: skip
    for block, name in enumerate(("A", "B")):
        above = TOP + block * height / 2
        write(figure, LEFT, above + 0.14, f"input {name}", colour=palette.ink, size=LABEL)
        for place, number in enumerate(np.argsort(sums.sel(input=name).values)):
            left = LEFT + place % COLUMNS * (TILE + 0.05)
            low = above + 0.24 + place // COLUMNS * (TILE + 0.05)
            ax = axes_at(figure, left, low, TILE, TILE)
            values = answers.sel(input=name).values[number]
            draw_picture(ax, values, palette=palette, colours=colours, low=0, high=top)
    return figure
