"""Curves: two lines in one chart, and the share of values that are at least so large."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Real

from cnnbook.figures.page import Chart, Page
from cnnbook.figures.style import SERIES, SMALL, WIDTH

LEFT, RIGHT, TOP, HEIGHT, FOOT, LINE = 0.7, 2.45, 0.55, 2.2, 0.6, 0.28
"""Inches beside the axes, for the key, above, of the axes, below, and of a line of the key."""

STYLES = (("-", "—"), ("--", "- -"), ("-.", "– ·"), (":", "· · ·"), ((0, (1, 3)), "·  ·"))
"""How lines are drawn, and how the key says it, so that colour is not needed to tell them apart."""


def draw_curves(
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
        chart.inside(f"{sign} {name}", SERIES[number], top=0.95 - 0.13 * number, right=right)


def shares(
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
    page = Page(TOP + HEIGHT + FOOT, title=title, left=LEFT)
    axis = {"xlabel": label, "ylabel": f"{things} with at least that (%)", "xlim": (0, 1), "ylim": (0, 103)}
    chart = page.chart(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT, **axis)
    grid = np.linspace(0, 1, 101)
    for number, ((name, values), (style, sign)) in enumerate(zip(series, STYLES, strict=False)):
        known, colour = values[np.isfinite(values)], SERIES[number]
        falling = [100 * float((known >= x).mean()) if len(known) else 0.0 for x in grid]
        chart.plot(grid, falling, color=colour, ls=style, lw=1.8)
        left, base = WIDTH - RIGHT + 0.15, TOP + 0.2 + LINE * number
        page.write(left + 0.36, base, sign, colour=colour, align="right")
        page.write(left + 0.44, base, name, colour=colour)
    if mark:
        chart.axvline(mark[0], color="ink", lw=0.9)
        chart.text(mark[0], 104, mark[1], color="ink", fontsize=SMALL, ha="center", va="bottom")
    return page
