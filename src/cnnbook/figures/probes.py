"""What can be read off activations: by linear probes, by heads on Conv_3, and from how many points."""

import numpy as np
import xarray as xr

from cnnbook.figures.activations import MAP_LAYERS
from cnnbook.figures.charts import dot_plot
from cnnbook.figures.declare import Option, figure, title_of
from cnnbook.figures.page import Page
from cnnbook.figures.pictures import Scale, add_pictures, signed_maps_plot
from cnnbook.figures.style import SERIES, SMALL, WIDTH
from cnnbook.formatting import format_number

STATES = ("trained", "untrained")


def _name(layer: str, state: str) -> str:
    """A layer and its state, such as "Conv_3, untrained"."""
    return title_of(layer) + (", untrained" if state == "untrained" else "")


@figure("accuracy: state layer code net; pixels:; shuffled:")
def codes_figure(codes: xr.Dataset) -> Page:
    """Accuracy of a linear probe by code, on Conv_2 and Conv_3, trained and untrained, and of two nulls."""
    accuracy = 100 * codes["accuracy"]
    spaces = [(layer, state) for state in STATES for layer in ("conv_3", "conv_2")]
    return dot_plot(
        [(_name(*space), accuracy.sel(layer=space[0], state=space[1]).values) for space in spaces],
        [str(code) for code in codes["code"].values],
        title="What a linear probe makes of parts of the activations",
        label="test images classified correctly (%)",
        ends=(0, 101),
        form=".1f",
        nulls={"pixels": 100 * float(codes.pixels), "shuffled labels": 100 * float(codes.shuffled)},
    )


@figure(
    "read: state space net what; curve: space learned_from; control: space",
    at={"what": ("class",)},
)
def probes_figure(lost: xr.Dataset) -> Page:
    """Accuracy of the probe by layer: trained, untrained, from few images, and for labels drawn at random."""
    read, few = 100 * lost["read"].sel(what="class"), lost["curve"].isel(learned_from=0)
    series = [(state, read.sel(state=state).transpose("space", "net").values) for state in STATES]
    series.append((f"trained, {int(few['learned_from']):,} images", 100 * few.values[:, None]))
    series.append(("random labels", 100 * lost["control"].values[:, None]))
    return dot_plot(
        series,
        [title_of(space) for space in lost["space"].values],
        title="What a linear probe reads of the class",
        label="test images classified correctly (%)",
        ends=(0, 101),
        form=".1f",
    )


@figure("r2: state source net part")
def shape_probes_figure(parts: xr.Dataset) -> Page:
    """R² of bar and top of 4s beyond the mean of 4s: from Conv_3, trained and untrained, and the image."""
    r2 = parts["r2"].transpose("state", "source", "part", "net")
    series = [(_name("conv_3", state), r2.sel(state=state, source="conv_3").values) for state in STATES]
    series.append(("image", r2.sel(state="trained", source="image").values))
    return dot_plot(
        series,
        [str(name) for name in r2["part"].values],
        title="What a linear probe finds of the parts of 4s",
        label="R² on test 4s, beyond the mean of 4s",
        zero=True,
        nulls={"mean of 4s": 0.0},
    )


@figure(
    "shown: digit row column; rebuilt: state space digit row column; class_mean: digit row column;"
    "read: state space net what; by_class: what",
    at={"what": ("r2", "ssim")},
)
def decoder_figure(lost: xr.Dataset) -> Page:
    """Digits, what a linear decoder makes of each layer's activations, and the mean of the digit's class."""
    digits, null = lost["shown"].values, lost["by_class"]
    rows = [("the image", digits, "")]
    for space, state in [*((layer, "trained") for layer in MAP_LAYERS), ("conv_3", "untrained")]:
        own = lost.sel(space=space, state=state)
        r2, ssim = ((own["read"].mean("net") - null).sel(what=what) for what in ("r2", "ssim"))
        numbers = f"R² {format_number(r2, '+.2f')}   SSIM {format_number(ssim, '+.2f')}"
        rows.append((_name(space, state), own["rebuilt"].values, numbers))
    numbers = f"R² {format_number(null.sel(what='r2'))}   SSIM {format_number(null.sel(what='ssim'))}"
    rows.append(("mean of its class", lost["class_mean"].values, numbers))
    side, left, gap = 0.72, 1.62, 0.08
    height = 0.72 + len(rows) * (side + gap) + 0.1
    page = Page(height, title="Digits rebuilt from the activations of single layers", left=left)
    note = "first network; at the right: mean over networks, beyond the mean image of the class"
    page.write(left, 0.52, note, size=SMALL)
    scale, grid = Scale(colours="gray"), {"columns": len(digits), "gaps": (gap, gap)}
    for row, (name, pictures, numbers) in enumerate(rows):
        top = 0.72 + row * (side + gap)
        page.write(left - 0.12, top + side / 2 + 0.05, name, align="right")
        add_pictures(page, pictures, scale, left, top, side, **grid)
        right = left + len(digits) * (side + gap) + 0.12
        page.write(right, top + side / 2 + 0.05, numbers, size=SMALL, colour="ink")
    return page


LEAST = 0.01
"""Errors below this share of a percent are drawn there."""

RANGE = "mean and range of the networks"
"""What a dot and its line are."""


@figure("accuracy: head net")
def heads_figure(heads: xr.Dataset) -> Page:
    """Errors of every head, on a logarithmic axis; random convolutions and pixels are the nulls."""
    return dot_plot(
        [(RANGE, np.maximum(100 * (1 - heads["accuracy"].values), LEAST))],
        [_short(name) for name in heads["head"].values],
        title="Errors of several heads on the same activations",
        label="test images misclassified (%, logarithmic)",
        log=True,
    )


@figure("changed: judged change net")
def changes_figure(heads: xr.Dataset) -> Page:
    """Accuracy that is left under each change, of the own head and of one on random convolutions."""
    changed = 100 * heads["changed"].values
    return dot_plot(
        [("own head", changed[0]), ("head on random convolutions", changed[1])],
        [str(name) for name in heads["change"].values],
        title="What is left when the activations are changed",
        label="test images classified correctly (%)",
        ends=(0, 101),
        form=".1f",
    )


@figure("against_of: judged class net")
def against_figure(heads: xr.Dataset) -> Page:
    """Points that speak against the answer when they are switched on, by class, also in random heads."""
    against = 100 * heads["against_of"].values
    return dot_plot(
        [("own head", against[0]), ("head with random weights", against[1])],
        [f"digits {name}" for name in heads["class"].values],
        title="Points that speak against the answer when they are switched on",
        label="points that are off (%)",
        ends=(0, 101),
        form=".0f",
        nulls={"half": 50},
    )


@figure("accuracy: space references net")
def neighbours_figure(neighbours: xr.Dataset) -> Page:
    """Accuracy of the nearest neighbours by number of training images, on Conv_3 and on pixels."""
    accuracy = 100 * neighbours["accuracy"].values
    return dot_plot(
        [(str(name), each) for name, each in zip(neighbours["space"].values, accuracy, strict=True)],
        [f"among {int(count):,}" for count in neighbours["references"].values],
        title="Digits that have the class of most of their nearest neighbours",
        label="test images classified correctly (%)",
        form=".1f",
    )


@figure("accuracy: space net")
def better_space_figure(clusters: xr.Dataset) -> Page:
    """Errors of the same small MLP on pixels, distances to clusters and Conv_3."""
    errors = 100 * (1 - clusters["accuracy"].values)
    return dot_plot(
        [(RANGE, errors)],
        [str(name) for name in clusters["space"].values],
        title="Errors of the same small MLP in several spaces",
        label="test images misclassified (%)",
        ends=(0, 1.05 * max(float(errors.max()), LEAST)),
    )


@figure("auc: task reading net")
def combinations_figure(combinations: xr.Dataset) -> Page:
    """How well a point, a pair, all points and products tell 4s from the rest and from 9s."""
    return dot_plot(
        [(str(each["task"].values), each.values) for each in combinations["auc"]],
        [str(name) for name in combinations["reading"].values],
        title="What single points and combinations of them tell of 4s",
        label="area under the ROC curve, test images",
        ends=(0.48, 1.01),
        form=".3f",
        nulls={"chance": 0.5},
    )


def _short(name: object) -> str:
    """A name that fits beside the axis."""
    return str(name).replace("random convolutions", "random conv.").replace("points exchanged", "exchanged")


@figure("by_points: picked points net; all_points: net")
def points_figure(combinations: xr.Dataset) -> Page:
    """Accuracy by number of points: chosen one after another, and at random."""
    accuracy, whole = 100 * combinations["by_points"], 100 * float(combinations["all_points"].mean())
    points = accuracy["points"].values
    page = Page(3.3, title="How many points of Conv_3 a linear probe needs", left=0.7)
    axis = {"xscale": "log", "xlabel": "points (logarithmic)"}
    limits = {"ylim": (0, 102), "xlim": (points[0] * 0.9, points[-1] * 1.05)}
    box = 0.7, 0.5, WIDTH - 2.6, 2.2
    chart = page.chart(box, ylabel="classified correctly (%)", **axis, **limits)
    for each, colour, style in zip(accuracy, SERIES, ("o-", "s--"), strict=False):
        mean, words = each.mean("net").values, {"color": colour, "fontsize": SMALL, "va": "center_baseline"}
        chart.plot(points, mean, style, color=colour, ms=4, lw=1.4)
        chart.fill_between(points, each.min("net"), each.max("net"), color=colour, alpha=0.2, lw=0)
        chart.text(points[-1] * 1.08, mean[-1], str(each["picked"].values), **words)
    chart.axhline(whole, color="faint", lw=1, ls=":")
    words = {"color": "faint", "fontsize": SMALL, "va": "top"}
    chart.text(points[0], whole - 1, "all 1,152 points", **words)
    chart.set_xticks(points[::2], [str(point) for point in points[::2]])
    return page


@figure("contribution: digit map row column", at={"digit": Option(name="digit")})
def attribution_figure(attribution: xr.Dataset, *, digit: str) -> Page:
    """What each point of Conv_3 adds to the margin of one digit.

    Args:
        attribution: the contributions for this digit.
        digit: its name, such as "clear-four".
    """
    title = "What each point of Conv_3 adds to the margin"
    label = "contribution, from no activation"
    return signed_maps_plot(attribution["contribution"].values, title=title, label=label)
