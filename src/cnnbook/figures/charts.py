"""Forms that charts share: dot plots, lines with a key, and falling shares."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Real

from cnnbook.figures.page import Box, Chart, Page
from cnnbook.figures.style import MARKERS, SERIES, SMALL, WIDTH
from cnnbook.formatting import format_number


def dot_plot(
    series: Sequence[tuple[str, Float[np.ndarray, "rows _nets"]]],
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
    left, right, top, pitch = 2.55, WIDTH - 0.86, 0.86, 0.24 * len(series) + 0.16
    height, names = pitch * len(rows), [name for name, _ in series]
    page = Page(top + height + 0.62, title=title, left=left)
    width = sum(0.085 * len(name) + 0.39 for name in names)
    page.legend(max(0.25, min(left, WIDTH - width)), 0.54, names, gap=0.39)
    axis = {"xlabel": label, "xscale": "log" if log else "linear"} | ({"xlim": ends} if ends else {})
    chart = dot_axes(page, (left, top, right - left - 0.14, height), rows=len(rows), **axis)
    if zero:
        chart.axvline(0, color="ink", lw=1)
    draw_dots(chart, [values for _, values in series])
    for name, value in (nulls or {}).items():
        chart.axvline(value, color="faint", lw=1.2, ls=":")
        anchor = {"xycoords": ("data", "axes fraction"), "va": "bottom"}
        side = "right" if ends and value > sum(ends) / 2 else "left"
        chart.annotate(name, (value, 1.01), color="faint", fontsize=SMALL, ha=side, **anchor)
    for row, name in enumerate(rows):
        known = series[0][1][row][np.isfinite(series[0][1][row])]
        number = format_number(known.mean(), form) if len(known) else ""
        middle = top + (row + 0.5) * pitch + 0.05
        page.write(left - 0.14, middle, name, align="right")
        page.write(right, middle, number)
    return page


def dot_axes(page: Page, box: Box, *, rows: int, **settings: object) -> Chart:
    """Axes whose row k fills y from k to k + 1, downwards.

    Args:
        page: where.
        box: of the axes.
        rows: how many.
        settings: of the axes, such as `xlabel`.
    """
    return page.chart(box, grid="x", spine=False, ylim=(rows, 0), yticks=[], **settings)


def draw_dots(chart: Chart, series: Sequence[Float[np.ndarray, "rows _nets"]]) -> None:
    """Draw the mean over networks as a dot and their range as a line, by row and series.

    Args:
        chart: rows as in `dot_axes`.
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


STYLES = (("-", "—"), ("--", "- -"), ("-.", "– ·"), (":", "· · ·"), ((0, (1, 3)), "·  ·"))
"""How lines are drawn, and how the key says it, so that colour is not needed to tell them apart."""


def draw_lines(
    chart: Chart,
    x: Real[np.ndarray, " points"],
    series: Sequence[tuple[str, Real[np.ndarray, " points"]]],
    *,
    right: float = 0.98,
    drawstyle: str = "default",
) -> None:
    """Draw lines and their key in the upper right corner.

    Args:
        chart: where.
        x: where the points lie.
        series: names and values.
        right: edge of the key, as a share of the axes' width.
        drawstyle: "steps-mid" draws each value as a step around its x.
    """
    for number, ((name, values), (style, sign)) in enumerate(zip(series, STYLES, strict=False)):
        chart.plot(x, values, color=SERIES[number], lw=1.6, ls=style, drawstyle=drawstyle)
        chart.write_in_corner(f"{sign} {name}", SERIES[number], top=0.95 - 0.13 * number, right=right)


def exceedance_plot(
    series: Sequence[tuple[str, Real[np.ndarray, " _n"]]],
    *,
    title: str,
    label: str,
    things: str,
    mark: tuple[float, str] | None = None,
) -> Page:
    """A figure of falling lines: of each series, the share whose value is at least x, for x from 0 to 1.

    Args:
        series: their names and values; what is not a number does not count.
        title: above it.
        label: of the values.
        things: what the share is of, such as "pictures".
        mark: a value that an upright line marks, and its name.

    Raises:
        ValueError: more series than there are lines that can be told apart.
    """
    if len(series) > len(STYLES):
        raise ValueError(f"series: {len(series)} of them, expected at most {len(STYLES)} different lines")
    page, left, top, width, height = Page(3.35, title=title, left=0.7), 0.7, 0.55, WIDTH - 3.15, 2.2
    axis = {"xlabel": label, "ylabel": f"{things} with at least that (%)", "xlim": (0, 1), "ylim": (0, 103)}
    chart = page.chart((left, top, width, height), **axis)
    grid = np.linspace(0, 1, 101)
    for number, ((name, values), (style, sign)) in enumerate(zip(series, STYLES, strict=False)):
        known, colour = values[np.isfinite(values)], SERIES[number]
        falling = [100 * float((known >= x).mean()) if len(known) else 0.0 for x in grid]
        chart.plot(grid, falling, color=colour, ls=style, lw=1.8)
        right, base = left + width + 0.15, top + 0.2 + 0.28 * number
        page.write(right + 0.36, base, sign, colour=colour, align="right")
        page.write(right + 0.44, base, name, colour=colour)
    if mark:
        chart.axvline(mark[0], color="ink", lw=0.9)
        chart.text(mark[0], 104, mark[1], color="ink", fontsize=SMALL, ha="center", va="bottom")
    return page
