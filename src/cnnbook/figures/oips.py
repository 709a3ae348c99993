"""OIPs as pictures: by map, mode, step and choice, and mixed."""

import numpy as np
import xarray as xr
from jaxtyping import Int

from cnnbook.figures.declare import check_variable, figure, title_of
from cnnbook.figures.page import Page
from cnnbook.figures.pictures import (
    PictureRow,
    add_picture_rows,
    column_centres,
    draw_contact_sheet,
    sheet_height,
)
from cnnbook.figures.style import SMALL, WIDTH
from cnnbook.formatting import format_number

COLUMNS = 16
"""Maps in a row."""

MODES, ROWS = 8, 6
"""Most modes drawn of a map, and maps with most modes."""

SHOWN_NETS = 4
"""Networks whose steadiest maps are drawn."""


@figure("best_{layer}: map_{layer} row column; reached_{layer}: map_{layer} start")
def layer_oips_figure(oips: xr.Dataset, *, layer: str) -> Page:
    """The best OIP of every map of a layer; a gap where no start activates the map.

    Args:
        oips: the best OIP of every map, ink 0 to 255, and how strongly each start activates it.
        layer: conv_1, conv_2 or conv_3.
    """
    active = oips[f"reached_{layer}"].max("start").values > 0
    best = np.where(active[:, None, None], oips[f"best_{layer}"].values, np.nan)
    width, rows = WIDTH - 0.9, -(-len(best) // COLUMNS)
    height = sheet_height(len(best), COLUMNS, width)
    title = f"The OIPs of {title_of(layer)}: of each map, the one that reaches most"
    page = Page(0.62 + height + 0.12, title=title, left=0.6)
    note = "at the left: number of the row's first map; a gap: no start activates this map"
    page.write(0.6, 0.5, note, size=SMALL)
    page.panel((0.6, 0.62, width, height), draw_contact_sheet, best, columns=COLUMNS)
    for row, middle in enumerate(column_centres(0.62, height, rows)):
        page.write(0.5, middle + 0.05, str(row * COLUMNS), size=SMALL, align="right")
    return page


def maps_with_most_modes(quality: xr.Dataset) -> Int[np.ndarray, " chosen"]:
    """The live maps of Conv_3 with most modes in the first network, most first; of equals the first."""
    counts = check_variable(quality, "mode_conv_3").max("mixed").values + 1
    live = check_variable(quality, "live").isel(training=0, net=0).values
    return np.argsort(-np.where(live, counts, 0), kind="stable")[:ROWS]


def select_modes(*data: xr.Dataset) -> xr.Dataset:
    """The pictures of the maps with most modes, and which mode each belongs to.

    Args:
        data: the results "oips" and "oip_quality", or what this function has made of them.
    """
    if "mode_picture" in data[0]:
        return data[0]
    oips, quality = data
    chosen = maps_with_most_modes(quality)
    mixed = np.flatnonzero(oips["kind"].values.astype(str) == "mixed")
    pictures = check_variable(oips, "picture_conv_3").isel(map_conv_3=chosen, start=mixed)
    return xr.Dataset(
        {
            "mode_picture": (("chosen", "mixed", "row", "column"), pictures.values, {"units": "1"}),
            "mode": (("chosen", "mixed"), quality["mode_conv_3"].values[chosen], {"units": "1"}),
            "number": ("chosen", chosen, {"units": "1"}),
            "modes": quality["card"]
            .sel(number="modes", drop=True)
            .where(quality["live"])
            .median(["net", "map_conv_3"]),
        },
        attrs=quality.attrs,
    )


@figure(
    "mode_picture: chosen mixed row column; mode: chosen mixed; number: chosen; modes: training",
    prepare=select_modes,
)
def modes_figure(shown: xr.Dataset) -> Page:
    """Maps with many OIPs: one picture of each mode, with the number of starts that lead to it."""
    mode, side, pitch = shown["mode"].values, 0.72, 0.82
    height = 0.88 + len(mode) * (side + 0.32)
    page = Page(height, title="Maps of Conv_3 with many OIPs: one of each mode", left=1.2)
    trained, untrained = (f"{float(value):.0f}" for value in shown["modes"].values[:2])
    note = f"below: of {mode.shape[1]} starts, how many lead there; others do not activate the map"
    page.write(1.2, 0.5, note, size=SMALL)
    note = f"modes of all live maps, in the median: {trained}, before training {untrained}"
    page.write(1.2, 0.68, note, size=SMALL)
    for row, number in enumerate(shown["number"].values):
        top = 0.8 + row * (side + 0.32)
        page.write(1.1, top + side / 2 + 0.05, f"map {number}", align="right")
        sizes = np.bincount(mode[row][mode[row] >= 0])
        for column in range(min(MODES, len(sizes))):
            left, first = 1.2 + column * pitch, np.flatnonzero(mode[row] == column)[:1]
            picture = shown["mode_picture"].values[row, first]
            page.panel((left, top, side, side), draw_contact_sheet, picture, columns=1)
            below = left + side / 2, top + side + 0.16
            page.write(*below, str(sizes[column]), size=SMALL, align="center")
    return page


@figure(
    "oip: net scale row column; steadiest: net; steadiness: net map_conv_3;"
    "untrained_steadiness: net map_conv_3; partner_oip: net row column",
    at={"net": slice(SHOWN_NETS)},
)
def steadiest_map_figure(result: xr.Dataset) -> Page:
    """The steadiest map of some networks from starts of every scale, and the partner of the first one."""
    scales, width, steadiest = result["scale"].values.astype(str), 4.4, result["steadiest"].values
    side = sheet_height(len(scales), len(scales), width)
    height = 1.0 + len(steadiest) * (side + 0.14) + 0.1
    page = Page(height, title="The steadiest map of each network")
    note = "r of its OIPs, in brackets that of the steadiest map before training"
    page.write(1.75, 0.5, note, size=SMALL)
    page.write(1.75, 0.68, "cells a side of the fluctuations it started from", size=SMALL)
    for middle, scale in zip(column_centres(1.75, width, len(scales)), scales, strict=True):
        page.write(middle, 0.86, scale, size=SMALL, align="center")
    page.write(6.3, 0.86, f"partner of map {int(steadiest[0])}", size=SMALL)
    rows = []
    for row, (net, number) in enumerate(zip(result["net"].values, map(int, steadiest), strict=True)):
        before = result["untrained_steadiness"].values[row].max()
        detail = f"r {format_number(result['steadiness'].values[row, number])} ({format_number(before)})"
        pictures = result["oip"].values[row]
        rows.append(PictureRow(name=f"net {net}, map {number}", detail=detail, pictures=pictures))
        partner = result["partner_oip"].values[row : row + 1]
        page.panel(
            (6.3, 0.95 + row * (side + 0.14), side, side), draw_contact_sheet, partner, columns=1, high=1
        )
    add_picture_rows(page, rows, 1.75, 0.95, width, gap=0.14)
    return page


@figure("mixture: way class row column; digit: class row column; called: way net class answer")
def mixtures_figure(mixing: xr.Dataset) -> Page:
    """A digit of each class, the mixture of its maps' OIPs, one of other maps', and the networks' answers."""
    called = 100 * mixing["called"].mean("net").values
    names = ("its maps' OIPs", "others' OIPs")
    rows = [PictureRow(name="a digit", pictures=mixing["digit"].values)]
    for name, pictures, shares in zip(names, mixing["mixture"].values, called, strict=True):
        below = [f"{share:.0f}" for share in np.diag(shares)]
        rows.append(PictureRow(name=name, pictures=pictures, below=below))
    left, width = 1.45, WIDTH - 1.7
    height = 0.75 + 3 * sheet_height(10, 10, width) + 2 * 0.42 + 0.5
    page = Page(height, title="The OIPs of a digit's maps, laid over each other", left=left)
    note = "below: share of such mixtures that the networks classify as the digit's class (%)"
    page.write(left, 0.5, note, size=SMALL)
    add_picture_rows(page, rows, left, 0.66, width, gap=0.1, gaps=(0.1, 0.1))
    return page


LEFT, RIGHT, TOP, GAP = 1.55, 1.0, 0.92, 0.12
"""Inches for the rows' names, for numbers, above the first row, and between rows."""


@figure("watched: begun stop row column; height: begun stop; best:")
def climb_figure(climb: xr.Dataset) -> Page:
    """One row a start: the picture after more and more steps, and how high it is in the end."""
    watched, width = climb["watched"].values, WIDTH - LEFT - RIGHT
    stops, best = climb["stop"].values, float(climb["best"]) or 1.0
    side = sheet_height(len(stops), len(stops), width)
    title = f"Map {climb.attrs['map']} of Conv_3: the picture after so many steps"
    page = Page(TOP + len(watched) * (side + GAP) + 0.1, title=title, left=LEFT)
    for middle, stop in zip(column_centres(LEFT, width, len(stops)), stops, strict=True):
        page.write(middle, TOP - 0.1, str(stop), size=SMALL, align="center")
    page.write(WIDTH - RIGHT + 0.12, TOP - 0.1, "reached", size=SMALL)
    note = "reached: the map's mean, by that under the best training image"
    page.write(LEFT, 0.54, note, size=SMALL)
    names = [name.replace(", ", "\n", 1) for name in climb["begun"].values.astype(str)]
    notes = [f"{height / best:.2f}" for height in climb["height"].values[:, -1]]
    rows = [
        PictureRow(name=name, pictures=pictures, note=note, high=1)
        for name, pictures, note in zip(names, watched, notes, strict=True)
    ]
    add_picture_rows(page, rows, LEFT, TOP, width, gap=GAP)
    return page


@figure("chosen: preset start row column; chosen_reach: preset start; asked: objective row column; best:")
def choices_figure(climb: xr.Dataset) -> Page:
    """The same map by preset and start, and by objective from the first of these starts."""
    chosen, asked = climb["chosen"].values, climb["asked"].values
    reach = climb["chosen_reach"].mean("start").values / (float(climb["best"]) or 1)
    starts, width, left = chosen.shape[1], 2.5, LEFT - 0.25
    side = sheet_height(starts, starts, width)
    height = TOP + max(len(chosen), len(asked)) * (side + GAP) + 0.1
    page = Page(height, title=f"Map {climb.attrs['map']} of Conv_3: the same map, other choices")
    page.write(left, TOP - 0.12, f"presets, from {starts} starts", size=SMALL)
    page.write(4.15, TOP - 0.12, "reached", size=SMALL)
    presets = climb["preset"].values.astype(str)
    rows = []
    for name, pictures, share in zip(presets, chosen, reach, strict=True):
        low, high = min(0.0, float(pictures.min())), max(1.0, float(pictures.max()))
        note = f"{share:.2f}"
        rows.append(PictureRow(name=name, pictures=pictures, note=note, low=low, high=high))
    add_picture_rows(page, rows, left, TOP, width, gap=GAP, gaps=(0.12, 0.35))
    page.write(5.05, TOP - 0.12, "objectives, from one start", size=SMALL)
    for row, name in enumerate(climb["objective"].values.astype(str)):
        top = TOP + row * (side + GAP)
        page.panel((5.05, top, side, side), draw_contact_sheet, asked[row : row + 1], columns=1, high=1)
        page.write(5.05 + side + 0.12, top + side / 2 + 0.05, name)
    return page
