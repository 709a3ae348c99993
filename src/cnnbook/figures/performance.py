"""How fast this book trains and computes maps, compared with other frameworks: rounds and their median."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.ticker import FuncFormatter

from cnnbook.figures.declare import figure, labels_of
from cnnbook.figures.page import Chart, Page
from cnnbook.figures.style import LABEL, SMALL, TITLE, WIDTH

NAMES, NUMBERS, ROW, HEAD, FOOT = 1.75, 1.05, 0.27, 0.5, 0.62
"""Inches for the frameworks' names, for medians, for a row, above a panel, and for the axis below."""


@figure("speed: work framework round [images/s]; goal: work [images/s]; times: work")
def training_speed_figure(measured: xr.Dataset) -> Page:
    """Training speed by kind of work and framework, with the speed aimed at.

    A framework that was not measured in a kind of work, whose speeds are NaN, has no row there.
    """
    speed, goals, times = (measured[name].values for name in ("speed", "goal", "times"))
    names, known = labels_of(measured, "framework"), [~np.isnan(rounds).all(axis=1) for rounds in speed]
    heights = [ROW * int(rows.sum()) for rows in known]
    page = Page(sum(heights) + HEAD * len(heights) + FOOT)
    most, top = 1.06 * max(float(np.nanmax(speed)), float(goals.max())), 0.0
    for number, (work, rows) in enumerate(zip(labels_of(measured, "work"), known, strict=True)):
        top += HEAD
        page.write(NAMES, top - 0.13, work.capitalize(), size=TITLE)
        goal = f"goal: {times[number]:g} × the fastest peer"
        page.write(WIDTH - 0.1, top - 0.13, goal, size=SMALL, colour="green", align="right")
        box = NAMES, top, WIDTH - NAMES - NUMBERS, heights[number]
        chart = page.chart(box, grid="x", xlim=(0, most))
        chart.axvline(goals[number], color="green", lw=1.4, linestyle=(0, (3, 2)), gid="goal")
        _draw_speeds(chart, speed[number][rows], [name for name, row in zip(names, rows, strict=True) if row])
        last = number == len(known) - 1
        chart.set_xlabel("training images a second" if last else "")
        chart.tick_params(labelbottom=last)
        top += heights[number]
    return page


@figure("maps_speed: framework round [images/s]; peak_memory: framework [MB]")
def inference_speed_figure(measured: xr.Dataset) -> Page:
    """Images a second whose maps are computed, and the most memory that was held, by framework."""
    speed, memory = measured["maps_speed"].values, measured["peak_memory"].values
    names, height, left = labels_of(measured, "framework"), ROW * len(speed), WIDTH - 1.9
    page = Page(HEAD + height + FOOT, title="All maps of an image", left=NAMES, top=HEAD - 0.13)
    axis = {"xlim": (0, 1.06 * float(speed.max())), "xlabel": "images a second"}
    chart = page.chart((NAMES, HEAD, left - NAMES - NUMBERS, height), grid="x", **axis)
    _draw_speeds(chart, speed, names)
    page.write(left, HEAD - 0.13, "Memory", size=TITLE)
    axis = {"xlim": (0, 1.02 * float(memory.max())), "ylim": (len(memory) - 0.5, -0.5)}
    chart = page.chart((left, HEAD, 1.15, height), yticks=[], xlabel="peak (MB)", **axis)
    for row, value in enumerate(memory):
        colour = "blue" if row else "orange"
        chart.barh(row, value, height=0.5, color=colour)
        _write_beside(chart, f"{value:,.0f} MB", (value, row), color=colour, fontsize=SMALL)
    chart.limit_ticks("x", 2)
    return page


def _draw_speeds(chart: Chart, speed: Float[np.ndarray, "frameworks rounds"], names: Sequence[str]) -> None:
    """Draw a row a framework, downwards: its rounds as dots, its median as a line and as a number."""
    for row, (name, rounds) in enumerate(zip(names, speed, strict=True)):
        colour, median = ("blue" if row else "orange"), float(np.nanmedian(rounds))
        dot = {"color": colour, "ms": 4.5, "alpha": 0.6, "mew": 0, "gid": name}
        chart.plot(rounds, np.full(len(rounds), row), "o", **dot)
        chart.vlines(median, row - 0.36, row + 0.36, color=colour, lw=2.2)
        words = {"xycoords": ("axes fraction", "data"), "color": colour, "fontsize": LABEL}
        _write_beside(chart, f"{median:,.0f}", (1, row), **words)
    chart.set_ylim(len(names) - 0.5, -0.5)
    chart.set_yticks(range(len(names)), list(names))
    chart.limit_ticks("x", 5)
    chart.call(lambda ax: ax.xaxis.set_major_formatter, FuncFormatter(lambda value, _: f"{value:,.0f}"))
    chart.tick_params(axis="y", labelcolor="ink", labelsize=LABEL, length=0)


def _write_beside(chart: Chart, text: str, point: tuple[float, float], **options: object) -> None:
    """Write to the right of a point, also outside the axes."""
    offset = {"xytext": (6, 0), "textcoords": "offset points", "annotation_clip": False}
    chart.annotate(text, point, va="center_baseline", **offset, **options)
