"""How fast this book trains and looks, beside other frameworks: every round a dot, the median a line."""

from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from cnnbook.figures.checks import check_variable, labels_of
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, SMALL, TITLE, WIDTH, Palette, axes_at, dress, new_figure, write

NAMES, NUMBERS, ROW, HEAD, FOOT = 1.75, 1.05, 0.27, 0.5, 0.62
"""Inches for the frameworks' names, for medians, for a row, above a panel, and for the axis below."""

BESIDE: Any = {"xytext": (6, 0), "textcoords": "offset points", "va": "center_baseline"}
"""Where a number stands: a little to the right of its place."""


def shown_speeds(measured: xr.Dataset) -> xr.Dataset:
    """What `training_speed_figure` shows: all rounds and the goals."""
    return measured[["speed", "goal", "times"]]


@drawn_from(shown_speeds)
def training_speed_figure(measured: xr.Dataset, *, palette: Palette) -> Figure:
    """Training speed by kind of work and framework, with the speed aimed at.

    Args:
        measured: `speed` by work, framework and round, NaN where nothing was measured; `goal` and `times` by
            work.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    speed = check_variable(measured, "speed").transpose("work", "framework", "round").values
    goals, times = (check_variable(measured, name).values for name in ("goal", "times"))
    names = np.array(labels_of(measured, "framework"))
    known = [~np.isnan(rounds).all(axis=1) for rounds in speed]
    heights = [ROW * int(rows.sum()) for rows in known]
    figure = new_figure(sum(heights) + HEAD * len(heights) + FOOT, palette=palette)
    most, top = 1.06 * max(float(np.nanmax(speed)), float(goals.max())), 0.0
    for place, work in enumerate(labels_of(measured, "work")):
        top += HEAD
        here, rows = speed[place][known[place]], known[place]
        write(figure, NAMES, top - 0.13, work.capitalize(), colour=palette.ink, size=TITLE)
        goal = f"goal: {times[place]:g} × the fastest peer"
        write(figure, WIDTH - 0.1, top - 0.13, goal, colour=palette.green, size=SMALL, align="right")
        ax = axes_at(figure, NAMES, top, WIDTH - NAMES - NUMBERS, heights[place])
        last = place == len(heights) - 1
        draw_speeds(ax, here, list(names[rows]), palette=palette, most=most, goal=float(goals[place]))
        ax.set_xlabel("training images a second" if last else "")
        ax.tick_params(labelbottom=last)
        top += heights[place]
    return figure


def shown_maps(measured: xr.Dataset) -> xr.Dataset:
    """What `inference_speed_figure` shows: all rounds, and the memory held."""
    return measured[["maps_speed", "peak_memory"]]


@drawn_from(shown_maps)
def inference_speed_figure(measured: xr.Dataset, *, palette: Palette) -> Figure:
    """Images a second whose maps are computed, and the most memory that was held, by framework.

    Args:
        measured: `maps_speed` by framework and round, `peak_memory` in MB by framework.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    speed = check_variable(measured, "maps_speed").transpose("framework", "round").values
    memory = check_variable(measured, "peak_memory").values
    names = labels_of(measured, "framework")
    height = ROW * len(names)
    figure = new_figure(HEAD + height + FOOT, palette=palette)
    right = 1.9
    write(figure, NAMES, HEAD - 0.13, "All maps of an image", colour=palette.ink, size=TITLE)
    ax = axes_at(figure, NAMES, HEAD, WIDTH - NAMES - NUMBERS - right, height)
    draw_speeds(ax, speed, names, palette=palette, most=1.06 * float(speed.max()))
    ax.set_xlabel("images a second")
    left = WIDTH - right
    write(figure, left, HEAD - 0.13, "Memory", colour=palette.ink, size=TITLE)
    draw_memory(axes_at(figure, left, HEAD, right - 0.75, height), memory, palette=palette)
    return figure


def draw_speeds(
    ax: Axes,
    speed: Float[np.ndarray, "frameworks rounds"],
    names: list[str],
    *,
    palette: Palette,
    most: float,
    goal: float | None = None,
) -> Axes:
    """Draw a row a framework: its rounds as dots, its median as a line and as a number at the right.

    Args:
        ax: where; rows stand at y = 0, 1, …, downwards.
        speed: images a second; NaN for a round that was not measured.
        names: of the frameworks; the first is this book's own.
        palette: the theme.
        most: end of the axis.
        goal: the speed aimed at, as a dashed line.

    Returns:
        The axes.
    """
    if goal is not None:
        ax.axvline(goal, color=palette.green, lw=1.4, linestyle=(0, (3, 2)), gid="goal")
    for row, (name, rounds) in enumerate(zip(names, speed, strict=True)):
        colour = palette.orange if row == 0 else palette.blue
        median = float(np.nanmedian(rounds))
        ax.plot(rounds, np.full(len(rounds), row), "o", color=colour, ms=4.5, alpha=0.6, mew=0, gid=name)
        ax.vlines(median, row - 0.36, row + 0.36, color=colour, lw=2.2)
        ax.annotate(f"{median:,.0f}", (1, row), xycoords=("axes fraction", "data"), color=colour,
                    fontsize=LABEL, annotation_clip=False, **BESIDE)  # fmt: skip
    ax.set(xlim=(0, most), ylim=(len(names) - 0.5, -0.5))
    ax.set_yticks(range(len(names)), names)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.grid(axis="x", color=palette.grid, lw=0.8)
    ax.set_axisbelow(True)
    dress(ax, palette).tick_params(axis="y", labelcolor=palette.ink, labelsize=LABEL, length=0)
    return ax


def draw_memory(ax: Axes, memory: Float[np.ndarray, " frameworks"], *, palette: Palette) -> Axes:
    """Draw a bar a framework, with its number.

    Args:
        ax: where; rows stand at y = 0, 1, …, downwards.
        memory: the most that a process held, in MB.
        palette: the theme.

    Returns:
        The axes.
    """
    colours = [palette.orange, *[palette.blue] * (len(memory) - 1)]
    ax.barh(np.arange(len(memory)), memory, height=0.5, color=colours)
    for row, value in enumerate(memory):
        ax.annotate(f"{value:,.0f} MB", (value, row), color=colours[row], fontsize=SMALL,
                    annotation_clip=False, **BESIDE)  # fmt: skip
    ax.set(
        xlim=(0, 1.02 * float(memory.max())), ylim=(len(memory) - 0.5, -0.5), yticks=[], xlabel="peak (MB)"
    )
    ax.xaxis.set_major_locator(MaxNLocator(2))
    return dress(ax, palette)
