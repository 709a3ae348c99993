"""Drawn 4s: what a change of their strokes does to the probability of a 4."""

import xarray as xr

from cnnbook.experiments.strokes import NETWORK, TEMPLATE
from cnnbook.figures.declare import figure, labels_of
from cnnbook.figures.page import Page
from cnnbook.figures.pictures import (
    PictureRow,
    add_picture_rows,
    column_centres,
    draw_contact_sheet,
    sheet_height,
)
from cnnbook.figures.style import SMALL, WIDTH

LOOKS = {NETWORK: ("blue", "o-", "● network"), TEMPLATE: ("orange", "s--", "■ template matcher")}
"""Colour, line and key of each source."""


@figure(
    "along: source net change step; picture: change shown row column [ink];"
    "whole: source net; without: source net part; moved: source net move; example: kind row column [ink]"
)
def strokes_figure(strokes: xr.Dataset) -> Page:
    """The probability of a 4 without parts and with parts moved, and while one parameter runs."""
    top, width, height = 0.62, 2.2, 1.0
    pitch, first = height + 0.95, 2.35
    page = Page(first + 2 * pitch + 0.1)
    left = 0.3
    for colour, _, key in LOOKS.values():
        page.write(left, 0.27, key, size=SMALL, colour=colour)
        left += 0.09 * len(key) + 0.3
    page.write(left, 0.27, "mean probability of a 4; both agree on whole drawn 4s", size=SMALL)
    _place_examples(page, strokes, top)
    for number, change in enumerate(labels_of(strokes, "change")):
        row, column = divmod(number, 3)
        x, y = 0.5 + column * (width + 0.32), first + row * pitch
        page.write(x, y - 0.09, change)
        axis = {"xlim": (-0.02, 1.02), "ylim": (0, 1.03), "xticks": [], "yticks": [0, 0.5, 1]}
        chart = page.chart((x, y, width, height), grid="y", **axis)
        chart.tick_params(labelleft=column == 0)
        for source, (colour, line, _) in LOOKS.items():
            values = strokes["along"].sel(source=source, change=change).mean("net").values
            chart.plot(strokes["step"].values, values, line, color=colour, ms=3.5, lw=1.5)
        pictures = strokes["picture"].sel(change=change).values
        count = len(pictures)
        box = x, y + height + 0.06, width, sheet_height(count, count, width)
        page.panel(box, draw_contact_sheet, pictures, columns=count)
    return page


def _place_examples(page: Page, strokes: xr.Dataset, top: float) -> None:
    """Place the first drawn 4 with what both make of it: whole, without parts, with parts moved."""
    removed, moved = strokes["without"].mean("net"), strokes["moved"].mean("net")
    kinds, width = labels_of(strokes, "kind"), WIDTH - 0.6
    parts, moves = labels_of(strokes, "part"), labels_of(strokes, "move")
    names = ["whole", *(f"no {part}" for part in parts), *(move.replace(" at ", "\nat ") for move in moves)]
    values = [strokes["whole"].mean("net"), *removed.transpose("part", ...), *moved.transpose("move", ...)]
    count = len(kinds)
    height = sheet_height(count, count, width)
    page.panel((0.3, top, width, height), draw_contact_sheet, strokes["example"].values, columns=count)
    for centre, name, value in zip(column_centres(0.3, width, count), names, values, strict=True):
        lines = name.replace("arm below", "arm\nbelow").replace(" the bar", " bar").split("\n")
        for line, text in enumerate(lines):
            page.write(centre, top + height + 0.18 + 0.15 * line, text, size=SMALL, align="center")
        for line, (source, (colour, _, _)) in enumerate(LOOKS.items()):
            text = f"{float(value.sel(source=source)):.2f}"
            x = centre + (-0.22, 0.22)[line]
            page.write(x, top - 0.08, text, size=SMALL, colour=colour, align="center")


@figure(
    "example: kind which row column [ink]; example_probability: kind which;"
    "called: kind net; accepted: kind net"
)
def nonsense_figure(nonsense: xr.Dataset) -> Page:
    """Pictures of each kind with the highest probability of a 4, and the shares that are called a 4."""
    left, width, top = 1.75, 3.9, 0.72
    rows = [
        PictureRow(
            name=kind,
            pictures=nonsense["example"].sel(kind=kind).values,
            below=[f"{each:.2f}" for each in nonsense["example_probability"].sel(kind=kind).values],
        )
        for kind in labels_of(nonsense, "kind")
    ]
    count = nonsense.sizes["which"]
    side = sheet_height(count, count, width)
    page = Page(top + len(rows) * (side + 0.36) + 0.05)
    add_picture_rows(page, rows, left, top, width, gap=0.1)
    columns = (left + width + 0.65, left + width + 1.65)
    page.write(left, top - 0.35, "those with the highest probability of a 4", size=SMALL)
    names = (("called", "a 4"), ("as sure as", "the median 4"))
    for x, (first, second) in zip(columns, names, strict=True):
        page.write(x, top - 0.35, first, size=SMALL, align="center")
        page.write(x, top - 0.18, second, size=SMALL, align="center")
    for row, kind in enumerate(labels_of(nonsense, "kind")):
        base = top + row * (side + 0.36) + side / 2 + 0.05
        for x, name in zip(columns, ("called", "accepted"), strict=True):
            page.write(x, base, f"{100 * float(nonsense[name].sel(kind=kind).mean()):.0f} %", align="center")
    return page
