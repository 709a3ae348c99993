"""Shifted digits: accuracy by shift, and the maps of Conv_3 that move with the image."""

import numpy as np
import xarray as xr
from jaxtyping import Float, Int

from cnnbook.experiments.shifts import CNN_RECIPE, MLP_RECIPE
from cnnbook.figures.charts import dot_axes, draw_lines
from cnnbook.figures.declare import figure
from cnnbook.figures.page import Chart, Page
from cnnbook.figures.pictures import Scale, add_colour_bar, draw_contact_sheet, draw_picture
from cnnbook.figures.style import MARKERS, SERIES, SIGNS, SMALL, WIDTH
from cnnbook.figures.tiles import Mosaic, draw_tiles
from cnnbook.formatting import format_number

NAMES = {CNN_RECIPE: "CNN", MLP_RECIPE: "MLP of as many parameters"}
"""How figures call the networks."""

TILES, COLUMNS = 16, 4
"""Maps of Conv_3 that are shown, and maps in a row."""


@figure("grid: recipe net down right; correct: recipe net direction distance")
def shift_grid_figure(shifts: xr.Dataset) -> Page:
    """Accuracy by shift along both axes, of the CNN beside an MLP, and by the length of the shift."""
    grid, left, side, top = 100 * shifts["grid"].mean("net"), 0.62, 2.08, 0.62
    page, scale = Page(3.55), Scale(high=100)
    down, right = (shifts[name].values for name in ("down", "right"))
    shown = [int(right[0]), int(right[0]) // 2, 0, int(right[-1]) // 2, int(right[-1])]
    places, ticks = (
        [index_of_shift(right, each) for each in shown],
        [format_number(each, ".0f") for each in shown],
    )
    for number, (recipe, name) in enumerate(NAMES.items()):
        x = left + number * (side + 0.3)
        page.write(x, 0.5, name)
        chart = page.panel((x, top, side, side), draw_picture, grid.sel(recipe=recipe).values, scale)
        chart.set_xticks(places, ticks)
        chart.set_yticks(places if number == 0 else [], ticks if number == 0 else [])
        chart.tick_params(length=0, labelsize=SMALL, labelcolor="faint")
        page.write(x + side / 2, top + side + 0.36, "pixels to the right", size=SMALL, align="center")
        chart.axhline(index_of_shift(down, 0), color="faint", lw=0.6)
        chart.axvline(index_of_shift(right, 0), color="faint", lw=0.6)
    page.write(left, 0.26, "accuracy by shift (%); upwards is −, downwards +", size=SMALL)
    add_colour_bar(page, left, top + side + 0.52, scale, label="accuracy", low="0", high="100 %")
    x = left + 2 * (side + 0.3) + 0.42
    axis = {"xlabel": "pixels", "ylim": (0, 103), "xticks": shifts["distance"].values[::2]}
    chart = page.chart((x, top, 8 - x - 0.15, side), grid="y", **axis)
    by_distance = 100 * shifts["correct"].mean(["net", "direction"])
    series = [(name.split()[0], by_distance.sel(recipe=recipe).values) for recipe, name in NAMES.items()]
    draw_lines(chart, shifts["distance"].values, series)
    page.write(x, 0.5, "mean of four directions")
    return page


def index_of_shift(along: Int[np.ndarray, " n"], pixels: int) -> int:
    """The row or column of a heat map that stands for a shift."""
    return int(np.flatnonzero(along == pixels)[0])


@figure("example: shift row column [ink]; example_maps: shift row_conv_3 col_conv_3 map_conv_3; law: net")
def shift_law_figure(shifts: xr.Dataset) -> Page:
    """A digit and its shifts by two and four pixels, and the same maps of Conv_3 for all three."""
    maps, pictures = shifts["example_maps"].values, shifts["example"].values
    strongest = np.sort(np.argsort(-maps[0].max(axis=(0, 1)), kind="stable")[:TILES])
    maps = maps[..., strongest]
    side, small, top, limit = 2.3, 1.15, 0.5, float(maps.max()) or 1.0
    page = Page(top + small + side + 0.95)
    for number, (pixels, picture) in enumerate(zip(shifts["shift"].values, pictures, strict=True)):
        left = 0.25 + number * (side + 0.3)
        page.write(left, 0.3, f"{pixels} px to the right" if pixels else "a test image")
        box = left, top, small, small
        page.panel(box, draw_contact_sheet, picture[None], columns=1)
        box = left, top + small + 0.15, side, side
        options = {"columns": COLUMNS, "limit": limit, "numbered": False}
        chart = page.panel(box, draw_tiles, maps[number], **options)
        _frame_cells(chart, maps[number], int(pixels))
    law, base = float(shifts["law"].max()), top + small + side + 0.42
    words = "Framed: cells that a shift of four pixels moves by one column."
    page.write(0.25, base, f"The {TILES} strongest maps of Conv_3 on one scale. {words}", size=SMALL)
    words = f"by at most {law:.0e} of the largest activation" if law else "by nothing, to the last bit"
    page.write(0.25, base + 0.2, f"Over all shifts by whole cells they differ {words}.", size=SMALL)
    return page


def _frame_cells(chart: Chart, maps: Float[np.ndarray, "h h c"], pixels: int) -> None:
    """Frame the columns of cells that a shift by one cell carries over, before it and after it."""
    if pixels not in (0, 4):
        return
    mosaic = Mosaic(maps=maps.shape[-1], size=maps.shape[0], columns=COLUMNS)
    for number in range(maps.shape[-1]):
        left, top, cell = mosaic.unit_box(0, pixels // 4, number)
        look = {"fill": False, "edgecolor": "mark", "lw": 1.3, "clip_on": False}
        chart.rectangle((left, top), (maps.shape[1] - 1) * cell, mosaic.span, **look)


@figure("correct: recipe net direction distance")
def shift_recipes_figure(shifts: xr.Dataset) -> Page:
    """Accuracy by the length of a shift, mean over directions, of networks by several recipes."""
    left, top, width, height = 0.7, 0.55, WIDTH - 3.5, 2.3
    page = Page(top + height + 0.7, title="accuracy by the length of a shift, four directions", left=left)
    axis = {"xlabel": "pixels", "ylabel": "accuracy (%)", "ylim": (0, 103)}
    chart = page.chart((left, top, width, height), grid="y", **axis)
    values = 100 * shifts["correct"].mean(["net", "direction"])
    for number, recipe in enumerate(shifts["recipe"].values):
        colour, marker = SERIES[number], MARKERS[number]
        line = values.sel(recipe=recipe).values
        chart.plot(shifts["distance"].values, line, marker=marker, ms=4.5, lw=1.5, color=colour)
        name = str(shifts["called"].sel(recipe=recipe).item())
        page.write(left + width + 0.2, top + 0.2 + 0.3 * number, f"{SIGNS[number]} {name}", colour=colour)
    return page


@figure("correct: recipe net kind level; still: recipe net; interval: recipe kind level bound")
def robustness_figure(robustness: xr.Dataset) -> Page:
    """Accuracy on changed images by kind and strength, with intervals, of the CNN beside an MLP."""
    kinds, levels = (list(map(str, robustness[name].values)) for name in ("kind", "level"))
    left, top, pitch, gap = 1.45, 0.82, 0.3, 0.2
    width, height = (WIDTH - left - 0.2 - 2 * gap) / 3, pitch * len(kinds)
    page = Page(top + height + 0.65)
    page.legend(left, 0.3, list(NAMES.values()))
    for row, kind in enumerate(kinds):
        page.write(left - 0.12, top + (row + 0.5) * pitch + 0.05, kind, align="right")
    for column, level in enumerate(levels):
        x = left + column * (width + gap)
        page.write(x, top - 0.12, level)
        axis = {"xlim": (0, 101), "xlabel": "accuracy (%)"}
        chart = dot_axes(page, (x, top, width, height), rows=len(kinds), **axis)
        for row in range(1, len(kinds)):
            chart.axhline(row, color="grid", lw=0.8)
        for number, recipe in enumerate(NAMES):
            _draw_intervals(chart, robustness.sel(recipe=recipe, level=level), number)
    return page


def _draw_intervals(chart: Chart, changed: xr.Dataset, number: int) -> None:
    """Draw the mean of each kind as a dot, its interval as a line, and the mean without a change dotted."""
    colour = SERIES[number]
    chart.axvline(100 * float(changed["still"].mean()), color=colour, lw=1.1, ls=":")
    ends = 100 * changed["interval"].transpose("kind", "bound").values
    for row, mean in enumerate(100 * changed["correct"].mean("net").values):
        y = row + (number + 1) / 3
        chart.hlines(y, *ends[row], color=colour, lw=2)
        chart.plot([mean], [y], MARKERS[number], color=colour, ms=5, mec="background", mew=0.5)
