"""The OIPs of a digit's maps, laid over each other, and what networks call the mixture."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_variable
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.sheets import draw_sheet, sheet_height
from cnnbook.figures.style import LABEL, SMALL, TITLE, WIDTH, Palette, axes_at, new_figure, write


def shown_mixtures(mixing: xr.Dataset) -> xr.Dataset:
    """What `mixtures_figure` shows."""
    return mixing[["mixture", "digit", "called"]]


@drawn_from(shown_mixtures)
def mixtures_figure(mixing: xr.Dataset, *, palette: Palette) -> Figure:
    """A digit of each class, the mixture of its maps' OIPs, one of other maps', and what networks call such.

    Args:
        mixing: `digit` by class and pixel; `mixture` by way, class and pixel; `called` by way, net, class and
            answer.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    digit = check_variable(mixing, "digit").transpose("class", "row", "column").values
    mixture = check_variable(mixing, "mixture").transpose("way", "class", "row", "column").values
    called = 100 * check_variable(mixing, "called").mean("net").transpose("way", "class", "answer").values
    left, width = 1.45, WIDTH - 1.7
    side, pitch = sheet_height(10, 10, width), width / 10
    figure = new_figure(0.75 + 3 * side + 2 * 0.42 + 0.5, palette=palette)
    write(
        figure, left, 0.28, "The OIPs of a digit's maps, laid over each other", colour=palette.ink, size=TITLE
    )
    told = "below: share of such mixtures that the networks call by the digit's class (%)"
    write(figure, left, 0.5, told, colour=palette.faint, size=SMALL)
    rows = (
        ("a digit", digit, None),
        ("its maps' OIPs", mixture[0], called[0]),
        ("others' OIPs", mixture[1], called[1]),
    )
    top = 0.66
    for name, pictures, shares in rows:
        write(figure, left - 0.1, top + side / 2 + 0.05, name, colour=palette.ink, size=LABEL, align="right")
        draw_sheet(axes_at(figure, left, top, width, side), pictures, columns=10, palette=palette)
        for column, share in enumerate([] if shares is None else np.diag(shares)):
            middle = left + (column + 0.5) * pitch
            write(figure, middle, top + side + 0.2, f"{share:.0f}", colour=palette.ink, align="center")
        top += side + (0.1 if shares is None else 0.36)
    return figure
