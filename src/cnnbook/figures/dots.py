"""Dot plots: a quantity by row and series, a dot for the mean over networks, a line for their range."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from cnnbook.figures.page import Chart, Page
from cnnbook.figures.style import MARKERS, SERIES, SMALL, WIDTH
from cnnbook.formatting import format_number

NAMES, NUMBERS, TOP, FOOT, LINE = 2.55, 1.0, 0.86, 0.62, 0.24
"""Inches for names, for numbers, above the first row, for the axis below, and for one series in a row."""


def dots(
    series: Sequence[tuple[str, Float[np.ndarray, "rows nets"]]],
    rows: Sequence[str],
    *,
    title: str,
    label: str,
    ends: tuple[float, float] | None = None,
    form: str = ".2f",
    log: bool = False,
    zero: bool = False,
    nulls: Mapping[str, float] | None = None,
) -> Page:
    """A figure of one dot plot, with the mean of the first series written at the right of each row.

    Args:
        series: names for the key, and values by row and network; not a number where a series has no such row.
        rows: their names.
        title: above it.
        label: of the axis.
        ends: of the axis; None takes what the values need.
        form: of the numbers at the right, such as ".1f".
        log: whether the axis is logarithmic.
        zero: whether a line marks zero.
        nulls: values that dotted lines mark from top to bottom, by the names written above them.
    """
    height = (LINE * len(series) + 0.16) * len(rows)
    page = Page(TOP + height + FOOT, title=title, left=NAMES)
    names = [name for name, _ in series]
    width = sum(0.085 * len(name) + 0.39 for name in names)
    page.key(max(0.25, min(NAMES, WIDTH - width)), 0.54, names, gap=0.39)
    axis = {"xlabel": label, "xscale": "log" if log else "linear"} | ({"xlim": ends} if ends else {})
    chart = dot_chart(page, NAMES, TOP, WIDTH - NAMES - NUMBERS, height, rows=len(rows), **axis)
    if zero:
        chart.axvline(0, color="ink", lw=1)
    draw_dots(chart, [values for _, values in series])
    for name, value in (nulls or {}).items():
        chart.axvline(value, color="faint", lw=1.2, ls=":")
        place = {"xycoords": ("data", "axes fraction"), "va": "bottom"}
        side = "right" if ends and value > sum(ends) / 2 else "left"
        chart.annotate(name, (value, 1.01), color="faint", fontsize=SMALL, ha=side, **place)
    for row, name in enumerate(rows):
        known = series[0][1][row][np.isfinite(series[0][1][row])]
        number = format_number(known.mean(), form) if len(known) else ""
        middle = TOP + (row + 0.5) * height / len(rows) + 0.05
        page.write(NAMES - 0.14, middle, name, align="right")
        page.write(WIDTH - NUMBERS + 0.14, middle, number)
    return page


def dot_chart(
    page: Page, left: float, top: float, width: float, height: float, *, rows: int, **settings: object
) -> Chart:
    """Axes whose row k fills y from k to k + 1, downwards.

    Args:
        page: where.
        left: inches from the figure's left edge to the axes' box.
        top: inches from the figure's upper edge to the axes' box.
        width: of the box, in inches.
        height: of the box, in inches.
        rows: how many.
        settings: of the axes, such as `xlabel`.
    """
    place = left, top, width, height
    return page.chart(*place, grid="x", spine=False, ylim=(rows, 0), yticks=[], **settings)


def draw_dots(chart: Chart, series: Sequence[Float[np.ndarray, "rows nets"]]) -> None:
    """Draw the mean over networks as a dot and their range as a line, by row and series.

    Args:
        chart: rows as in `dot_chart`.
        series: values; what is not a number does not count.
    """
    for row in range(1, len(series[0])):
        chart.axhline(row, color="grid", lw=0.8)
    for number, (values, colour, marker) in enumerate(zip(series, SERIES, MARKERS, strict=False)):
        for row, each in enumerate(values):
            known, y = each[np.isfinite(each)], row + (number + 1) / (len(series) + 1)
            if len(known):
                chart.hlines(y, known.min(), known.max(), color=colour, lw=2)
                chart.plot([known.mean()], [y], marker, color=colour, ms=6, mec="background", mew=0.5)
