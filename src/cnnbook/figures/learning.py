"""How well networks do, one by one, how their training went, and what each part of the recipe contributes."""

from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.ticker import FuncFormatter, NullFormatter, ScalarFormatter

from cnnbook.figures.charts import dot_axes
from cnnbook.figures.declare import figure, labels_of
from cnnbook.figures.page import Chart, Page
from cnnbook.figures.style import SMALL, TITLE, WIDTH
from cnnbook.formatting import format_number

REFERENCE = "reference"
"""The recipe at zero, which has no row."""


def _name_nets(chart: Chart, others: int, *, below: int, **anchor: object) -> None:
    """Write which line is network 0 and which are the others, 15 points below the first."""
    words = {"textcoords": "offset points", "fontsize": SMALL, "ha": "right", **anchor}
    left = -4 if below else 0
    chart.annotate("net 0, drawn in this book", xytext=(left, -below), color="orange", **words)
    if others:
        chart.annotate(f"the other {others}", xytext=(left, -below - 15), color="blue", **words)


@figure("test_accuracy: net; image_interval: net bound; net_interval: bound; train_loss: net epoch [nat]")
def accuracy_figure(accuracy: xr.Dataset) -> Page:
    """Test accuracy of each network, and the training loss of all networks by epoch.

    Network 0, which the book draws, stands out.
    """
    height, width = max(2.2, 0.2 * accuracy.sizes["net"]), (WIDTH - 0.72 - 0.9 - 0.1) / 2
    page = Page(0.62 + height + 0.6, title="Test accuracy", left=0.72, top=0.26)
    chart = page.chart((0.72, 0.62, width, height), grid="y", xlabel="correct answers (%)", ylabel="net")
    names = ("test_accuracy", "image_interval", "net_interval")
    _draw_accuracy(chart, *(100 * accuracy[name].values for name in names))
    left, loss = 0.72 + width + 0.9, accuracy["train_loss"].values
    page.write(left, 0.26, "Training loss", size=TITLE)
    chart = page.chart((left, 0.62, width, height), grid="y", xlabel="epoch", ylabel="cross-entropy")
    epochs = np.arange(1, loss.shape[1] + 1)
    for each in loss[1:]:
        chart.plot(epochs, each, color="blue", lw=1.1, alpha=0.6)
    dot = {"ms": 4, "mec": "background", "mew": 0.5, "gid": "net 0"}
    chart.plot(epochs, loss[0], "o-", color="orange", lw=1.6, **dot)
    _name_nets(chart, len(loss) - 1, below=0, xy=(epochs[-1], loss[0].max()), va="top")
    chart.limit_ticks("x", 8, integer=True)
    return page


def _draw_accuracy(
    chart: Chart,
    accuracy: Float[np.ndarray, " nets"],
    ends: Float[np.ndarray, "nets 2"],
    mean_ends: Float[np.ndarray, " 2"],
) -> None:
    """Draw a dot a network with its interval, downwards, their mean, and a band for the mean's interval."""
    nets, mean = np.arange(len(accuracy)), float(accuracy.mean())
    if not np.isnan(mean_ends).any():
        chart.axvspan(*mean_ends, color="grid", lw=0, alpha=0.8, gid="mean's interval")
    chart.axvline(mean, color="faint", lw=1.2, linestyle=(0, (3, 2)))
    chart.hlines(nets, *ends.T, color="blue", lw=1.2, alpha=0.6)
    edge = {"mec": "background", "mew": 0.6}
    chart.plot(accuracy, nets, "o", color="blue", ms=6, **edge)
    chart.plot(accuracy[:1], nets[:1], "o", color="orange", ms=7, gid="net 0", **edge)
    anchor = {"xycoords": ("data", "axes fraction"), "xytext": (0, 4), "textcoords": "offset points"}
    words = {"color": "faint", "fontsize": SMALL, "ha": "center"}
    chart.annotate(f"mean {mean:.2f} %", (mean, 1.0), **anchor, **words)
    margin = 0.06 * (ends.max() - ends.min())
    chart.set(xlim=(ends.min() - margin, ends.max() + margin), ylim=(len(nets) - 0.4, -0.6), yticks=nets)
    chart.limit_ticks("x", 4)


@figure("loss_curve: net segment [nat]; learning_rate: update")
def learning_curves_figure(accuracy: xr.Dataset) -> Page:
    """Training loss of every network, a few points an epoch, and the learning rate of every update.

    Network 0, which the book draws, stands out.
    """
    loss, rate = accuracy["loss_curve"], accuracy["learning_rate"]
    along, updates, rates = loss["segment"].values, rate["update"].values, rate.values
    left, width, top, ends = 0.85, WIDTH - 1.05, 3.5, (0, 1.01 * float(along[-1]))
    page = Page(top + 1.7, title="Training loss", left=left, top=0.26)
    look: Any = {"yscale": "log", "ylabel": "cross-entropy (nat)"}
    upper = page.chart((left, 0.45, width, 2.5), grid="y", xlim=ends, **look)
    for each in loss.values[1:]:
        upper.plot(along, each, color="blue", lw=0.9, alpha=0.65)
    upper.plot(along, loss.values[0], color="orange", lw=1.7, gid="net 0")
    _name_nets(upper, len(loss) - 1, below=12, xy=(1, 1), xycoords="axes fraction")
    _number_plainly(upper, float(loss.min()), float(loss.max()))
    upper.call(lambda ax: ax.xaxis.set_major_formatter, NullFormatter())
    page.write(left, top - 0.19, "Learning rate", size=TITLE)
    look = {"ylim": (0, 1.08 * float(rates.max())), "xlabel": "epochs", "ylabel": "rate"}
    lower = page.chart((left, top, width, 1.1), grid="y", xlim=ends, **look)
    lower.plot(updates, rates, color="green", lw=1.6, gid="rate")
    lower.fill_between(updates, rates, 0, color="green", alpha=0.15, lw=0)
    lower.limit_ticks("y", 3)
    for chart in (upper, lower):
        chart.limit_ticks("x", 12, integer=True)
    return page


def _number_plainly(chart: Chart, low: float, high: float) -> None:
    """Write numbers that can be read on a logarithmic axis: 0.5 rather than 5 × 10^−1."""
    steps = [base * 10.0**power for power in range(-6, 3) for base in (1, 1.5, 2, 3, 5, 7)]
    chart.set_yticks([step for step in steps if low * 0.8 <= step <= high * 1.25])
    chart.call(lambda ax: ax.yaxis.set_major_formatter, ScalarFormatter())
    chart.call(lambda ax: ax.yaxis.set_minor_formatter, NullFormatter())


@figure("difference: recipe net; difference_interval: recipe bound")
def recipe_parts_figure(recipes: xr.Dataset) -> Page:
    """One row a variant: a dot a network, their mean, and the mean's interval; zero is the book's recipe.

    Where a variant has fewer networks than another, what is missing is not a number.

    The coordinate `called` names the recipes for readers.
    """
    rows = [name != REFERENCE for name in labels_of(recipes, "recipe")]
    difference = 100 * recipes["difference"].values[rows]
    ends = 100 * recipes["difference_interval"].values[rows]
    left, right, top, pitch = 2.5, WIDTH - 1.86, 0.78, 0.46
    height = pitch * len(ends)
    title = "Test accuracy, less that of the book's recipe"
    page = Page(top + height + 0.62, title=title, left=left, top=0.26)
    key = "○ a net    ● mean    — its 95 % interval"
    page.write(left, 0.5, key, size=SMALL)
    axis = {"rows": len(ends), "xlabel": "difference (percentage points)"}
    chart = dot_axes(page, (left, top, right - left - 0.14, height), **axis)
    _draw_differences(chart, difference, ends)
    page.write(right, top - 0.06, "mean (interval)", size=SMALL)
    for row, name in enumerate(np.array(labels_of(recipes, "called"))[rows]):
        base = top + (row + 0.5) * pitch + 0.05
        page.write(left - 0.14, base, name, align="right")
        low, high = (format_number(end, "+.2f") for end in ends[row])
        interval = "" if np.isnan(ends[row]).any() else f" ({low} to {high})"
        numbers = format_number(np.nanmean(difference[row]), "+.2f") + interval
        page.write(right, base, numbers, size=SMALL, colour="ink")
    return page


def _draw_differences(
    chart: Chart, difference: Float[np.ndarray, "recipes nets"], ends: Float[np.ndarray, "recipes 2"]
) -> None:
    """Draw one row a recipe around a line at zero; an interval that leaves out zero is coloured."""
    chart.axvline(0, color="ink", lw=1.0, gid="zero")
    measured = [each[~np.isnan(each)] for each in difference]
    for row, (each, (low, high)) in enumerate(zip(measured, ends, strict=True)):
        colour = "orange" if high < 0 else "green" if low > 0 else "faint"
        chart.plot(each, np.full(len(each), row + 0.72), "o", color=colour, ms=3.5, mfc="none", mew=0.9)
        if not np.isnan(low):
            chart.hlines(row + 0.42, low, high, color=colour, lw=2.2)
        chart.plot([each.mean()], [row + 0.42], "o", color=colour, ms=7, mec="background", mew=0.6)
    finite = np.concatenate([*measured, ends[~np.isnan(ends)], [0.0]])
    margin = 0.06 * max(float(np.ptp(finite)), 0.05)
    chart.set_xlim(finite.min() - margin, finite.max() + margin)
    chart.limit_ticks("x", 6)
    signs = FuncFormatter(lambda value, _: format_number(value, "+g") if value else "0")
    chart.call(lambda ax: ax.xaxis.set_major_formatter, signs)
