"""Ascents: one map watched step by step, and what each choice makes of it."""

import xarray as xr

from cnnbook.figures.declare import figure
from cnnbook.figures.page import Page
from cnnbook.figures.sheets import PictureRow, draw_sheet, middles, place_rows, sheet_height
from cnnbook.figures.style import SMALL, WIDTH

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
    for middle, stop in zip(middles(LEFT, width, len(stops)), stops, strict=True):
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
    place_rows(page, rows, LEFT, TOP, width, gap=GAP)
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
    place_rows(page, rows, left, TOP, width, gap=GAP, gaps=(0.12, 0.35))
    page.write(5.05, TOP - 0.12, "objectives, from one start", size=SMALL)
    for row, name in enumerate(climb["objective"].values.astype(str)):
        top = TOP + row * (side + GAP)
        page.panel(5.05, top, side, side, draw_sheet, asked[row : row + 1], columns=1, high=1)
        page.write(5.05 + side + 0.12, top + side / 2 + 0.05, name)
    return page
