"""Heads on Conv_3: their errors, what changes cost, how many points they need, what answers rest on."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_choice, check_variable
from cnnbook.figures.classes import signed_maps_figure
from cnnbook.figures.dots import dots_figure
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import SMALL, TITLE, WIDTH, Palette, axes_at, dress, new_figure, write

LEAST = 0.01
"""Errors below this share of a percent are drawn there."""


def shown_heads(heads: xr.Dataset) -> xr.Dataset:
    """What `heads_figure` shows."""
    return heads[["accuracy"]]


@drawn_from(shown_heads)
def heads_figure(heads: xr.Dataset, *, palette: Palette) -> Figure:
    """Errors of every head, on a logarithmic axis.

    Args:
        heads: `accuracy` by head and net.
        palette: the theme.

    Raises:
        ValueError: the variable is missing.
    """
    accuracy = check_variable(heads, "accuracy").transpose("head", "net")
    errors = np.maximum(100 * (1 - accuracy.values), LEAST)[None]
    return dots_figure(
        errors, ["mean and range of the networks"], [_short(name) for name in accuracy["head"].values],
        title="Errors of several heads on the same activations",
        label="test images named wrongly (%, logarithmic)",
        palette=palette, log=True,
    )  # fmt: skip


def shown_changes(heads: xr.Dataset) -> xr.Dataset:
    """What `changes_figure` shows."""
    return heads[["changed"]]


@drawn_from(shown_changes)
def changes_figure(heads: xr.Dataset, *, palette: Palette) -> Figure:
    """Accuracy that is left under each change of the activations or the head.

    Args:
        heads: `changed` by change and net.
        palette: the theme.

    Raises:
        ValueError: the variable is missing.
    """
    changed = check_variable(heads, "changed").transpose("change", "net")
    return dots_figure(
        100 * changed.values[None], ["mean and range of the networks"],
        [_short(name) for name in changed["change"].values],
        title="What is left when the activations are changed", label="test images named rightly (%)",
        palette=palette, ends=(0, 101), form=".1f",
    )  # fmt: skip


def _short(name: object) -> str:
    """A name that fits beside the axis."""
    return (
        str(name)
        .replace("random convolutions", "random conv.")
        .replace("new head, one hidden layer", "new head")
    )


def shown_points(heads: xr.Dataset) -> xr.Dataset:
    """What `points_figure` shows."""
    return heads[["by_points", "accuracy"]].sel(head=["linear head"])


@drawn_from(shown_points)
def points_figure(heads: xr.Dataset, *, palette: Palette) -> Figure:
    """Accuracy by number of points: chosen one after another, and at random.

    Args:
        heads: `by_points` by picked, points and net; `accuracy` by head and net.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    by_points = 100 * check_variable(heads, "by_points").transpose("picked", "points", "net")
    linear = 100 * float(check_variable(heads, "accuracy").sel(head="linear head").mean())
    figure = new_figure(3.3, palette=palette)
    write(
        figure, 0.7, 0.28, "How many points of Conv_3 a linear reader needs", colour=palette.ink, size=TITLE
    )
    ax = axes_at(figure, 0.7, 0.5, WIDTH - 2.6, 2.2)
    points = by_points["points"].values
    for row, (colour, style) in enumerate(((palette.blue, "o-"), (palette.orange, "s--"))):
        each = by_points.values[row]
        ax.plot(points, each.mean(axis=1), style, color=colour, ms=4, lw=1.4)
        ax.fill_between(points, each.min(axis=1), each.max(axis=1), color=colour, alpha=0.2, lw=0)
        name = str(by_points["picked"].values[row])
        ax.text(points[-1] * 1.08, each[-1].mean(), name, color=colour, fontsize=SMALL, va="center_baseline")
    ax.axhline(linear, color=palette.faint, lw=1, ls=":")
    ax.text(
        points[0], linear - 1, "a linear head on all 1,152", color=palette.faint, fontsize=SMALL, va="top"
    )
    ax.set(xscale="log", xlabel="points (logarithmic)", ylabel="named rightly (%)", ylim=(0, 102))
    ax.set_xticks(points[::2], [str(point) for point in points[::2]])
    ax.set_xlim(points[0] * 0.9, points[-1] * 1.05)
    dress(ax, palette)
    return figure


def shown_contributions(attribution: xr.Dataset, *, digit: str) -> xr.Dataset:
    """What `attribution_figure` shows."""
    check_choice(attribution, "digit", digit)
    return attribution[["contribution"]].sel(digit=[digit])


@drawn_from(shown_contributions)
def attribution_figure(attribution: xr.Dataset, *, palette: Palette, digit: str) -> Figure:
    """What each point of Conv_3 adds to the logit of the answer for one digit.

    Args:
        attribution: `contribution` by digit and point.
        palette: the theme.
        digit: its name, such as "clear-four".

    Raises:
        ValueError: the variable or the digit is missing.
    """
    check_choice(attribution, "digit", digit)
    maps = (
        check_variable(attribution, "contribution").sel(digit=digit).transpose("map", "row", "column").values
    )
    return signed_maps_figure(
        maps, palette=palette, title="What each point of Conv_3 adds to the logit of the answer",
        label="contribution, from no activation",
    )  # fmt: skip
