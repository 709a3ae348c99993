"""Classes against each other: points that digits share, similarities, confusions, and FCPs."""

import numpy as np
import xarray as xr
from jaxtyping import Float, Int, Real
from matplotlib.axes import Axes

from cnnbook.figures.declare import Option, figure, title_of
from cnnbook.figures.page import Chart, Page
from cnnbook.figures.pictures import Scale, add_colour_bar, draw_bar, draw_picture, signed_maps_plot
from cnnbook.figures.style import (
    LABEL,
    MARKERS,
    SERIES,
    SMALL,
    TITLE,
    WIDTH,
    Palette,
    frame_axes,
    text_colour,
    tint,
)

LEAST = 0.05
"""Errors a network from which a number is written."""


@figure("cosine: space net class other; within: space net; between: space net; d_prime: space net")
def class_similarity_figure(classes: xr.Dataset) -> Page:
    """Mean cosine of all pairs of images by class and class, for pixels and layers, on one scale."""
    side, scale = 1.72, Scale()
    page = Page(side + 1.95, title="How alike two digits are, by their classes")
    label = "mean cosine of all pairs; mean over networks"
    add_colour_bar(page, 0.3, 0.42, scale, label=label, low="0", high="1")
    means = classes.mean("net")
    for column, space in enumerate(classes["space"].values):
        left, own = 0.3 + column * (side + 0.16), means.sel(space=space)
        chart = page.panel((left, 1.1, side, side), draw_picture, own["cosine"].values, scale)
        chart.set(xticks=range(10), yticks=[] if column else range(10))
        chart.tick_params(length=0, labelsize=SMALL, labelcolor="faint", pad=1)
        page.write(left, 1.02, str(space))
        numbers = f"{float(own.within):.2f} / {float(own.between):.2f}   d′ {float(own.d_prime):.1f}"
        page.write(left, 1.1 + side + 0.38, numbers, size=SMALL, colour="ink")
    foot = "within / between classes; d′: how far these lie apart"
    page.write(0.3, 1.1 + side + 0.6, foot, size=SMALL)
    return page


@figure("prototype: class map row column", at={"class": (Option(name="digit"), Option(name="less"))})
def fcp_figure(classes: xr.Dataset, *, digit: str, less: str) -> Page:
    """The difference of two prototypes on Conv_3: all 128 maps, signed.

    Args:
        classes: the two prototypes.
        digit: the class whose prototype is positive.
        less: the class whose prototype is subtracted.
    """
    prototype, other = classes["prototype"].values
    title = f"The FCP “{digit} less {less}” on Conv_3"
    return signed_maps_plot(prototype - other, title=title, label="difference of means")


@figure("confusion: kind net true predicted [images]", at={"kind": Option(name="kinds", several=True)})
def confusion_figure(mlps: xr.Dataset, *, kinds: list[str] | None = None) -> Page:
    """Errors of a network, mean over networks, by true class and answer; all matrices have one scale.

    The diagonal, which holds what is correct, is left blank.

    Args:
        mlps: the matrices of the kinds of networks to draw.
        kinds: of networks, from left to right; None draws all.
    """
    names = [str(kind) for kind in mlps["kind"].values]
    errors = mlps["confusion"].mean("net").values.astype(float)
    errors[:, range(10), range(10)] = np.nan
    edge, top = 0.62, 0.78
    side = (WIDTH - 0.1 - edge * len(names)) / len(names)
    page, limit = Page(top + side + 1.0), float(np.nanmax(errors))
    scale = Scale(colours="tint", high=limit or 1.0)
    for number, (name, each) in enumerate(zip(names, errors, strict=True)):
        left = edge + number * (side + edge)
        page.write(left, 0.26, name, size=TITLE)
        page.write(left, 0.48, f"{np.nansum(each):.0f} errors a net", size=SMALL)
        page.panel((left, top, side, side), _draw_confusion, each, scale)
    chart = page.panel((WIDTH - 2.6, top + side + 0.52, 2.5, 0.14), draw_bar, scale)
    words = {"color": "faint", "fontsize": SMALL, "xycoords": "axes fraction"}
    chart.annotate("0", (0, -0.3), ha="left", va="top", **words)
    chart.annotate(f"{limit:.1f}", (1, -0.3), ha="right", va="top", **words)
    chart.annotate("images a net, mean", (-0.04, 0.5), ha="right", va="center_baseline", **words)
    return page


def _draw_confusion(ax: Axes, errors: Float[np.ndarray, "10 10"], scale: Scale, *, palette: Palette) -> None:
    """Draw one matrix; columns are answers, rows true classes, and cells with errors have a number."""
    ax.imshow(errors, cmap=scale.map(palette), vmin=0, vmax=scale.high, interpolation="none")
    for (true, answer), count in np.ndenumerate(errors):
        if true == answer:
            ax.plot([answer - 0.22, answer + 0.22], [true - 0.22, true + 0.22], color=palette.faint, lw=0.8)
        elif count >= LEAST:
            ink = text_colour(tint(palette.blue, palette.background, float(count) / scale.high), palette)
            text = f"{count:.0f}" if count >= 9.95 else f"{count:.1f}"
            ax.text(answer, true, text, color=ink, fontsize=SMALL, ha="center", va="center_baseline")
    frame_axes(ax, palette.faint).set(xticks=range(10), yticks=range(10))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks(np.arange(-0.5, 10), minor=True)
    ax.grid(which="minor", color=palette.grid, lw=0.6)
    ax.tick_params(which="both", length=0, labelcolor=palette.ink, labelsize=LABEL)
    ax.set_xlabel("answer", color=palette.ink, fontsize=LABEL)
    ax.set_ylabel("true digit", color=palette.ink, fontsize=LABEL)


BINS = 80
"""Bars of a distribution at most; each is a whole number of counts wide."""

FLOOR = 0.01
"""Fewer points than this are drawn at the lower edge."""


def histogram(counts: Real[np.ndarray, " n"], edges: Int[np.ndarray, " edges"]) -> Float[np.ndarray, " bins"]:
    """Shares of triples by number of common points.

    Args:
        counts: common points of each triple.
        edges: of the bins, of which each but the last leaves out its upper edge.
    """
    return np.histogram(counts, edges)[0] / counts.size


@figure(
    "count: layer kind net triple [points]; shown: layer net [points]; expected: layer net [points]",
    at={"layer": Option(name="layer")},
)
def common_points_figure(common_points: xr.Dataset, *, layer: str) -> Page:
    """Common points of triples of digits, by kind of triple, over all networks.

    Args:
        common_points: common points of each triple, of the triple that is shown, and the expected number.
        layer: such as "conv_3".
    """
    count, shown = common_points["count"].values, common_points["shown"].values
    left, right, top, pitch = 1.95, WIDTH - 1.36, 1.14, 0.62
    height = pitch * len(count)
    title = f"{title_of(layer)}: points that three digits share"
    page = Page(top + height + 0.56, title=title, left=left, top=0.26)
    key = "● mean of a net    ◇ shown 4s in a net    ◆ in the net that is drawn"
    page.write(left, 0.5, key, size=SMALL)
    end = int(max(count.max(), shown.max())) + 1.5
    axis = {"xlim": (-0.5, end), "ylim": (len(count), 0), "yticks": [], "xlabel": "common points"}
    chart = page.chart((left, top, right - left - 0.14, height), spine=False, **axis)
    _draw_distributions(chart, count, int(end))
    _draw_references(chart, shown, float(common_points["expected"].mean()), end)
    page.write(right, top - 0.06, "mean (range of nets)", size=SMALL)
    kinds = common_points["kind"].values
    for row, (kind, means) in enumerate(zip(kinds, count.mean(axis=2), strict=True), start=1):
        page.write(left - 0.14, top + row * pitch - 0.2, str(kind), align="right")
        numbers = f"{means.mean():.1f} ({means.min():.1f}–{means.max():.1f})"
        page.write(right, top + row * pitch - 0.2, numbers, size=SMALL, colour="ink")
    return page


def _draw_distributions(chart: Chart, count: Real[np.ndarray, "kinds nets triples"], end: int) -> None:
    """Draw one distribution a row, and the networks' means below it; row k fills y from k to k + 1."""
    edges = np.arange(0, end + 1, max(1, -(-(end - 1) // BINS)))
    edges = np.append(edges, 2 * edges[-1] - edges[-2])
    distributions = [histogram(kind.ravel(), edges) for kind in count]
    scale = 0.72 / max(shares.max() for shares in distributions)
    for row, shares in enumerate(distributions):
        colour, base = ("blue" if row < 2 else "faint"), row + 0.8
        look = {"fill": True, "facecolor": (colour, 0.38), "edgecolor": colour, "lw": 0.8}
        chart.stairs(base - shares * scale, edges - 0.5, baseline=base, **look)
        means = count[row].mean(axis=1)
        dot = {"color": colour, "ms": 4, "mec": "background", "mew": 0.4}
        chart.plot(means, np.full(len(means), row + 0.89), "o", **dot)


def _draw_references(chart: Chart, shown: Real[np.ndarray, " nets"], expected: float, end: float) -> None:
    """Draw the shown triple, by network, and what independent points would give."""
    diamond = {"color": "orange", "clip_on": False}
    chart.plot(shown, np.full(len(shown), 0.8), "D", ms=4.5, mfc="none", mew=1.0, **diamond)
    chart.plot(shown[:1], [0.8], "D", ms=5.5, mec="background", mew=0.5, **diamond)
    chart.vlines(shown[0], -0.24, 0.8, lw=1.2, **diamond)
    chart.vlines(expected, 0, 1, color="green", lw=1.2, linestyle=(0, (3, 2)))
    words = {"fontsize": SMALL, "va": "bottom"}
    chart.text(shown[0], -0.27, f"shown 4s: {shown[0]:.0f}", color="orange", ha="center", **words)
    side = "left" if expected < end * 0.8 else "right"
    chart.text(expected, -0.02, f"expected: {expected:.1f}", color="green", ha=side, **words)


@figure("shared: threshold who digits net [points]")
def shared_points_figure(common_points: xr.Dataset) -> Page:
    """Points that n digits share, by n: 4s and what they are compared with, one panel a threshold."""
    shared = common_points["shared"]
    page = Page(4.9, title="Points of Conv_3 that n digits share", left=0.7)
    page.legend(0.7, 0.54, [str(name) for name in shared["who"].values])
    digits, scale = shared["digits"].values, {"yscale": "log", "ylim": (FLOOR, 600)}
    for panel, threshold in enumerate(shared["threshold"].values):
        row, column = divmod(panel, 2)
        axis = {"ylabel": "" if column else "points", "xlabel": "n" if row else "", "xticks": digits[::2]}
        chart = page.chart((0.7 + column * 3.75, 0.92 + row * 1.95, 3.2, 1.4), **axis, **scale)
        for number, points in enumerate(np.maximum(shared.values[panel], FLOOR)):
            colour, marker = SERIES[number], MARKERS[number] + "-"
            chart.plot(digits, points.mean(axis=1), marker, color=colour, ms=4, lw=1.2)
            chart.vlines(digits, points.min(axis=1), points.max(axis=1), color=colour, lw=1.2)
        chart.write_in_corner(f"strong: the largest {100 * float(threshold):.0f} %", "ink")
    return page
