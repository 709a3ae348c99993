"""How many points several digits share: those shown, thousands of others, and what to expect."""

import numpy as np
import xarray as xr
from jaxtyping import Float, Int, Real

from cnnbook.figures.declare import Option, figure, title_of
from cnnbook.figures.page import Chart, Page
from cnnbook.figures.style import MARKERS, SERIES, SMALL, WIDTH

NAMES, NUMBERS, TOP, ROW, FOOT = 1.95, 1.5, 1.14, 0.62, 0.56
"""Inches for the kinds' names, for their numbers, above the first row, for a row, and for the axis below."""

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
    height, right = ROW * len(count), WIDTH - NUMBERS + 0.14
    title = f"{title_of(layer)}: points that three digits share"
    page = Page(TOP + height + FOOT, title=title, left=NAMES, top=0.26)
    key = "● mean of a net    ◇ shown 4s in a net    ◆ in the net that is drawn"
    page.write(NAMES, 0.5, key, size=SMALL)
    end = int(max(count.max(), shown.max())) + 1.5
    axis = {"xlim": (-0.5, end), "ylim": (len(count), 0), "yticks": [], "xlabel": "common points"}
    chart = page.chart(NAMES, TOP, WIDTH - NAMES - NUMBERS, height, spine=False, **axis)
    _draw_distributions(chart, count, int(end))
    _draw_references(chart, shown, float(common_points["expected"].mean()), end)
    page.write(right, TOP - 0.06, "mean (range of nets)", size=SMALL)
    kinds = common_points["kind"].values
    for row, (kind, means) in enumerate(zip(kinds, count.mean(axis=2), strict=True), start=1):
        page.write(NAMES - 0.14, TOP + row * ROW - 0.2, str(kind), align="right")
        numbers = f"{means.mean():.1f} ({means.min():.1f}–{means.max():.1f})"
        page.write(right, TOP + row * ROW - 0.2, numbers, size=SMALL, colour="ink")
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
    page.key(0.7, 0.54, [str(name) for name in shared["who"].values])
    digits, scale = shared["digits"].values, {"yscale": "log", "ylim": (FLOOR, 600)}
    for panel, threshold in enumerate(shared["threshold"].values):
        row, column = divmod(panel, 2)
        axis = {"ylabel": "" if column else "points", "xlabel": "n" if row else "", "xticks": digits[::2]}
        chart = page.chart(0.7 + column * 3.75, 0.92 + row * 1.95, 3.2, 1.4, **axis, **scale)
        for number, points in enumerate(np.maximum(shared.values[panel], FLOOR)):
            colour, marker = SERIES[number], MARKERS[number] + "-"
            chart.plot(digits, points.mean(axis=1), marker, color=colour, ms=4, lw=1.2)
            chart.vlines(digits, points.min(axis=1), points.max(axis=1), color=colour, lw=1.2)
        chart.inside(f"strong: the largest {100 * float(threshold):.0f} %", "ink")
    return page
