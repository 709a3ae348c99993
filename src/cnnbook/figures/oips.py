"""OIPs of whole layers, their different modes, and the steadiest of them."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_variable, title_of
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.sheets import draw_sheet, sheet_height
from cnnbook.figures.style import LABEL, SMALL, TITLE, WIDTH, Palette, axes_at, new_figure, write
from cnnbook.formatting import format_number

COLUMNS = 16
"""Maps in a row."""

MODES, ROWS = 8, 6
"""Most modes drawn of a map, and maps with most modes."""


def shown_layer(oips: xr.Dataset, *, layer: str) -> xr.Dataset:
    """What `layer_oips_figure` shows."""
    check_variable(oips, f"best_{layer}")
    return oips[[f"best_{layer}", f"reached_{layer}"]]


@drawn_from(shown_layer)
def layer_oips_figure(oips: xr.Dataset, *, palette: Palette, layer: str) -> Figure:
    """The best OIP of every map of a layer.

    Args:
        oips: `best_LAYER` by map and pixel, ink 0 to 255; `reached_LAYER` by map and start.
        palette: the theme.
        layer: conv_1, conv_2 or conv_3.

    Raises:
        ValueError: the layer is missing.
    """
    best = check_variable(oips, f"best_{layer}").transpose(f"map_{layer}", "row", "column").values
    found = check_variable(oips, f"reached_{layer}").max("start").values > 0
    best = np.where(found[:, None, None], best, np.nan)
    width = WIDTH - 0.9
    tall = sheet_height(len(best), COLUMNS, width)
    figure = new_figure(0.62 + tall + 0.12, palette=palette)
    write(figure, 0.6, 0.28, f"The OIPs of {title_of(layer)}: of each map, the one that reaches most",
          colour=palette.ink, size=TITLE)  # fmt: skip
    told = "at the left: number of the row's first map; a gap: no start wakes this map"
    write(figure, 0.6, 0.5, told, colour=palette.faint, size=SMALL)
    draw_sheet(axes_at(figure, 0.6, 0.62, width, tall), best, columns=COLUMNS, palette=palette)
    rows = -(-len(best) // COLUMNS)
    for row in range(rows):
        write(figure, 0.5, 0.62 + (row + 0.5) * tall / rows + 0.05, str(row * COLUMNS), colour=palette.faint,
              size=SMALL, align="right")  # fmt: skip
    return figure


def shown_modes(oips: xr.Dataset, quality: xr.Dataset) -> xr.Dataset:
    """What `modes_figure` shows: the pictures of the maps with most modes, and which mode each belongs to."""
    chosen = most_modes(quality)
    mixed = np.flatnonzero(oips["kind"].values.astype(str) == "mixed")
    pictures = check_variable(oips, "picture_conv_3").isel(map_conv_3=chosen, start=mixed)
    return xr.Dataset(
        {
            "mode_picture": (("chosen", "mixed", "row", "column"), pictures.values, {"units": "1"}),
            "mode": (("chosen", "mixed"), quality["mode_conv_3"].values[chosen], {"units": "1"}),
            "number": ("chosen", chosen, {"units": "1"}),
        },
        attrs=quality.attrs,
    )


def most_modes(quality: xr.Dataset) -> np.ndarray:
    """The live maps of Conv_3 with most modes in the first network, most first; of equals the first."""
    counts = check_variable(quality, "mode_conv_3").max("mixed").values + 1
    live = check_variable(quality, "live").isel(net=0).values
    return np.argsort(-np.where(live, counts, 0), kind="stable")[:ROWS]


@drawn_from(shown_modes)
def modes_figure(*data: xr.Dataset, palette: Palette) -> Figure:
    """Maps with many OIPs: one picture of each mode, with the number of starts that lead to it.

    Args:
        data: the results "oips" and "oip_quality", or what `shown_modes` makes of them.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    shown = data[0] if "mode_picture" in data[0] else shown_modes(*data)
    pictures, mode, number = (shown[name].values for name in ("mode_picture", "mode", "number"))
    side, pitch = 0.72, 0.78
    figure = new_figure(0.7 + len(number) * (side + 0.32), palette=palette)
    write(
        figure, 1.2, 0.28, "Maps of Conv_3 with many OIPs: one of each mode", colour=palette.ink, size=TITLE
    )
    starts = f"below: of {mode.shape[1]} starts, how many lead there; others do not wake the map"
    write(figure, 1.2, 0.5, starts, colour=palette.faint, size=SMALL)
    for row in range(len(number)):
        top = 0.62 + row * (side + 0.32)
        write(figure, 1.1, top + side / 2 + 0.05, f"map {number[row]}", colour=palette.ink, size=LABEL,
              align="right")  # fmt: skip
        sizes = np.bincount(mode[row][mode[row] >= 0])
        for column in range(min(MODES, len(sizes))):
            left = 1.2 + column * (pitch + 0.04)
            first = pictures[row, np.flatnonzero(mode[row] == column)[0]]
            draw_sheet(axes_at(figure, left, top, side, side), first[None], columns=1, palette=palette)
            write(figure, left + side / 2, top + side + 0.16, str(sizes[column]), colour=palette.faint,
                  size=SMALL, align="center")  # fmt: skip
    return figure


def shown_hand(hand: xr.Dataset) -> xr.Dataset:
    """What `hand_figure` shows."""
    return hand[["hand", "steadiest", "steadiness", "partner_hand"]]


@drawn_from(shown_hand)
def hand_figure(hand: xr.Dataset, *, palette: Palette) -> Figure:
    """The steadiest map of each network from starts of every scale, and the partner of the first one.

    Args:
        hand: `hand` by net, scale and pixel; `steadiest`; `steadiness` by net and map; `partner_hand` by net.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    pictures = check_variable(hand, "hand").transpose("net", "scale", "row", "column").values
    partner = check_variable(hand, "partner_hand").transpose("net", "row", "column").values
    scales, width = hand["scale"].values.astype(str), 4.4
    side = sheet_height(len(scales), len(scales), width)
    figure = new_figure(1.0 + len(pictures) * (side + 0.14) + 0.1, palette=palette)
    write(figure, 0.3, 0.28, "The steadiest map of each network", colour=palette.ink, size=TITLE)
    write(figure, 1.75, 0.62, "cells a side of the fluctuations it started from", colour=palette.faint,
          size=SMALL)  # fmt: skip
    pitch = width / len(scales)
    for column, scale in enumerate(scales):
        write(figure, 1.75 + (column + 0.5) * pitch, 0.86, scale, colour=palette.faint, size=SMALL,
              align="center")  # fmt: skip
    last = f"partner of map {int(hand['steadiest'][0])}"
    write(figure, 6.3, 0.86, last, colour=palette.faint, size=SMALL)
    for row, net in enumerate(hand["net"].values):
        top = 0.95 + row * (side + 0.14)
        number = int(hand["steadiest"][row])
        steadiness = float(hand["steadiness"][row, number])
        write(figure, 1.63, top + side / 2 - 0.04, f"net {net}, map {number}", colour=palette.ink, size=LABEL,
              align="right")  # fmt: skip
        write(figure, 1.63, top + side / 2 + 0.15, f"r {format_number(steadiness)}",
              colour=palette.faint, size=SMALL, align="right")  # fmt: skip
        draw_sheet(axes_at(figure, 1.75, top, width, side), pictures[row], columns=len(scales),
                   palette=palette)  # fmt: skip
        one = axes_at(figure, 6.3, top, side, side)
        draw_sheet(one, partner[row : row + 1], columns=1, palette=palette, high=1)
    return figure
