"""What each part of the recipe contributes: every variant's accuracy less that of the book's recipe."""

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from cnnbook.figures.checks import check_variable, labels_of
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, SMALL, TITLE, WIDTH, Palette, axes_at, dress, new_figure, write
from cnnbook.formatting import format_number

NAMES, NUMBERS, TOP, ROW, FOOT = 2.0, 2.0, 0.78, 0.46, 0.62
"""Inches for the variants' names, their numbers, above the first row, for a row, and for the axis below."""

REFERENCE = "reference"
"""The recipe at zero, which has no row."""


def shown_differences(recipes: xr.Dataset) -> xr.Dataset:
    """What `recipe_parts_figure` shows: the differences and their intervals."""
    return recipes[["difference", "difference_interval"]]


@drawn_from(shown_differences)
def recipe_parts_figure(recipes: xr.Dataset, *, palette: Palette) -> Figure:
    """One row a variant: a dot a net, their mean, and the mean's interval; zero is the book's recipe.

    Args:
        recipes: `difference` by recipe and net and `difference_interval` by recipe and bound, both shares;
            the coordinate `called` names the recipes for readers.
        palette: the theme.

    Raises:
        ValueError: a variable or the names are missing.
    """
    rows = [name != REFERENCE for name in labels_of(recipes, "recipe")]
    difference = 100 * check_variable(recipes, "difference").transpose("recipe", "net").values[rows]
    ends = check_variable(recipes, "difference_interval").transpose("recipe", "bound").values[rows]
    names = np.array(labels_of(recipes, "called"))[rows]
    height = ROW * len(names)
    figure = new_figure(TOP + height + FOOT, palette=palette)
    write(
        figure, NAMES, 0.26, "Test accuracy, less that of the book's recipe", colour=palette.ink, size=TITLE
    )
    key = f"○ one of {difference.shape[1]} nets    ● mean    — its 95 % interval"
    write(figure, NAMES, 0.5, key, colour=palette.faint, size=SMALL)
    ax = axes_at(figure, NAMES, TOP, WIDTH - NAMES - NUMBERS, height)
    draw_differences(ax, difference, 100 * ends, palette=palette)
    right = WIDTH - NUMBERS + 0.14
    write(figure, right, TOP - 0.06, "mean (interval)", colour=palette.faint, size=SMALL)
    for row, name in enumerate(names):
        base = TOP + (row + 0.5) * ROW + 0.05
        write(figure, NAMES - 0.14, base, name, colour=palette.ink, size=LABEL, align="right")
        numbers = _numbers(float(difference[row].mean()), *(100 * ends[row]))
        write(figure, right, base, numbers, colour=palette.ink, size=SMALL)
    return figure


def _numbers(mean: float, low: float, high: float) -> str:
    """A mean and its interval, such as "−0.12 (−0.20 to −0.04)"."""
    interval = "" if np.isnan(low) else f" ({format_number(low, '+.2f')} to {format_number(high, '+.2f')})"
    return f"{format_number(mean, '+.2f')}{interval}"


def draw_differences(
    ax: Axes,
    difference: Float[np.ndarray, "recipes nets"],
    ends: Float[np.ndarray, "recipes 2"],
    *,
    palette: Palette,
) -> Axes:
    """Draw one row a recipe around a line at zero; an interval that leaves out zero is coloured.

    Args:
        ax: where; row k fills y from k to k + 1, downwards.
        difference: of each net, in percentage points.
        ends: low and high ends of the mean's interval, not a number where there is none.
        palette: the theme.

    Returns:
        The axes.
    """
    ax.axvline(0, color=palette.ink, lw=1.0, gid="zero")
    for row, (each, (low, high)) in enumerate(zip(difference, ends, strict=True)):
        colour = palette.orange if high < 0 else palette.green if low > 0 else palette.faint
        ax.plot(each, np.full(len(each), row + 0.72), "o", color=colour, ms=3.5, mfc="none", mew=0.9)
        if not np.isnan(low):
            ax.hlines(row + 0.42, low, high, color=colour, lw=2.2)
        ax.plot([each.mean()], [row + 0.42], "o", color=colour, ms=7, mec=palette.paper, mew=0.6)
    finite = np.concatenate([difference.ravel(), ends[~np.isnan(ends)], [0.0]])
    margin = 0.06 * max(float(np.ptp(finite)), 0.05)
    ax.set(xlim=(finite.min() - margin, finite.max() + margin), ylim=(len(difference), 0), yticks=[])
    ax.set_xlabel("difference (percentage points)")
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda at, _: format_number(at, "+g") if at else "0"))
    ax.grid(axis="x", color=palette.grid, lw=0.8)
    ax.set_axisbelow(True)
    dress(ax, palette).spines["left"].set_visible(False)
    return ax
