"""Heads on Conv_3: their errors, what changes cost, how many points they need, what answers rest on."""

import numpy as np
import xarray as xr

from cnnbook.figures.declare import Option, figure
from cnnbook.figures.dots import dots
from cnnbook.figures.page import Page
from cnnbook.figures.pictures import signed_maps
from cnnbook.figures.style import SERIES, SMALL, WIDTH

LEAST = 0.01
"""Errors below this share of a percent are drawn there."""

RANGE = "mean and range of the networks"
"""What a dot and its line are."""


@figure("accuracy: head net")
def heads_figure(heads: xr.Dataset) -> Page:
    """Errors of every head, on a logarithmic axis."""
    return dots(
        [(RANGE, np.maximum(100 * (1 - heads["accuracy"].values), LEAST))],
        [_short(name) for name in heads["head"].values],
        title="Errors of several heads on the same activations",
        label="test images misclassified (%, logarithmic)",
        log=True,
    )


@figure("changed: change net")
def changes_figure(heads: xr.Dataset) -> Page:
    """Accuracy that is left under each change of the activations or the head."""
    return dots(
        [(RANGE, 100 * heads["changed"].values)],
        [_short(name) for name in heads["change"].values],
        title="What is left when the activations are changed",
        label="test images classified correctly (%)",
        ends=(0, 101),
        form=".1f",
    )


def _short(name: object) -> str:
    """A name that fits beside the axis."""
    short = str(name).replace("random convolutions", "random conv.")
    return short.replace("new head, one hidden layer", "new head")


@figure("by_points: picked points net; accuracy: head net", at={"head": "linear head"})
def points_figure(heads: xr.Dataset) -> Page:
    """Accuracy by number of points: chosen one after another, and at random."""
    accuracy, linear = 100 * heads["by_points"], 100 * float(heads["accuracy"].mean())
    points = accuracy["points"].values
    page = Page(3.3, title="How many points of Conv_3 a linear probe needs", left=0.7)
    axis = {"xscale": "log", "xlabel": "points (logarithmic)"}
    limits = {"ylim": (0, 102), "xlim": (points[0] * 0.9, points[-1] * 1.05)}
    place = 0.7, 0.5, WIDTH - 2.6, 2.2
    chart = page.chart(*place, ylabel="classified correctly (%)", **axis, **limits)
    for each, colour, style in zip(accuracy, SERIES, ("o-", "s--"), strict=False):
        mean, words = each.mean("net").values, {"color": colour, "fontsize": SMALL, "va": "center_baseline"}
        chart.plot(points, mean, style, color=colour, ms=4, lw=1.4)
        chart.fill_between(points, each.min("net"), each.max("net"), color=colour, alpha=0.2, lw=0)
        chart.text(points[-1] * 1.08, mean[-1], str(each["picked"].values), **words)
    chart.axhline(linear, color="faint", lw=1, ls=":")
    words = {"color": "faint", "fontsize": SMALL, "va": "top"}
    chart.text(points[0], linear - 1, "a linear head on all 1,152", **words)
    chart.set_xticks(points[::2], [str(point) for point in points[::2]])
    return page


@figure("contribution: digit map row column", at={"digit": Option(name="digit")})
def attribution_figure(attribution: xr.Dataset, *, digit: str) -> Page:
    """What each point of Conv_3 adds to the logit of the answer for one digit.

    Args:
        attribution: the contributions for this digit.
        digit: its name, such as "clear-four".
    """
    title = "What each point of Conv_3 adds to the logit of the answer"
    label = "contribution, from no activation"
    return signed_maps(attribution["contribution"].values, title=title, label=label)
