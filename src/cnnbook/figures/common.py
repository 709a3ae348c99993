"""How many points triples of digits share: the shown ones, thousands of others, and what to expect."""

import numpy as np
import xarray as xr
from jaxtyping import Float, Int, Real
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_choice, check_variable, title_of
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, SMALL, TITLE, WIDTH, Palette, axes_at, dress, mix, new_figure, write

NAMES, NUMBERS, TOP, ROW, FOOT = 1.95, 1.5, 1.14, 0.62, 0.56
"""Inches for the kinds' names, for their numbers, above the first row, for a row, and for the axis below."""

BINS = 80
"""Bars of a distribution at most; each is a whole number of counts wide."""


def histogram(counts: Real[np.ndarray, " n"], edges: Int[np.ndarray, " edges"]) -> Float[np.ndarray, " bins"]:
    """Shares of triples by number of common points.

    Args:
        counts: common points of each triple.
        edges: of the bins, of which each but the last leaves out its upper edge.
    """
    return np.histogram(counts, edges)[0] / counts.size


def shown_counts(common_points: xr.Dataset, *, layer: str) -> xr.Dataset:
    """What `common_points_figure` shows: the counts of one layer."""
    check_choice(common_points, "layer", layer)
    return common_points[["count", "shown", "expected"]].sel(layer=[layer])


@drawn_from(shown_counts)
def common_points_figure(common_points: xr.Dataset, *, palette: Palette, layer: str) -> Figure:
    """Common points of triples, by kind of triple, over all nets.

    Args:
        common_points: `count` by layer, kind, net and triple; `shown` and `expected` by layer and net.
        palette: the theme.
        layer: such as "conv_3".

    Raises:
        ValueError: the layer or a variable is not in the dataset.
    """
    check_choice(common_points, "layer", layer)
    parts = [check_variable(common_points, name).sel(layer=layer) for name in ("count", "shown", "expected")]
    count, shown, expected = parts[0].transpose("kind", "net", "triple"), parts[1], parts[2]
    kinds = [str(kind) for kind in count["kind"].values]
    height = ROW * len(kinds)
    figure = new_figure(TOP + height + FOOT, palette=palette)
    title = f"{title_of(layer)}: points that three digits share"
    write(figure, NAMES, 0.26, title, colour=palette.ink, size=TITLE)
    key = "● mean of a net    ◇ shown 4s in a net    ◆ in the net that is drawn"
    write(figure, NAMES, 0.5, key, colour=palette.faint, size=SMALL)
    ax = axes_at(figure, NAMES, TOP, WIDTH - NAMES - NUMBERS, height)
    draw_common_points(ax, count.values, shown.values, expected.values, palette=palette)
    right = WIDTH - NUMBERS + 0.14
    write(figure, right, TOP - 0.06, "mean (range of nets)", colour=palette.faint, size=SMALL)
    for row, kind in enumerate(kinds):
        base = TOP + (row + 1) * ROW - 0.2
        means = count.values[row].mean(axis=1)
        write(figure, NAMES - 0.14, base, kind, colour=palette.ink, size=LABEL, align="right")
        numbers = f"{means.mean():.1f} ({means.min():.1f}–{means.max():.1f})"
        write(figure, right, base, numbers, colour=palette.ink, size=SMALL)
    return figure


def draw_common_points(
    ax: Axes,
    count: Real[np.ndarray, "kinds nets triples"],
    shown: Real[np.ndarray, " nets"],
    expected: Real[np.ndarray, " nets"],
    *,
    palette: Palette,
) -> Axes:
    """Draw one distribution a row, the nets' means below it, the shown triple, and what to expect.

    Args:
        ax: where; x is the number of common points, and row k fills y from k to k + 1, downwards.
        count: common points of each triple.
        shown: common points of the three shown digits, which belong to the first kind.
        expected: common points of the first kind if points were independent.
        palette: the theme.

    Returns:
        The axes.
    """
    longest = int(max(count.max(), shown.max()))
    edges = np.arange(0, longest + 2, max(1, -(-longest // BINS)))
    edges = np.append(edges, 2 * edges[-1] - edges[-2])
    parts = [histogram(kind.ravel(), edges) for kind in count]
    highest = max(shares.max() for shares in parts)
    for row, shares in enumerate(parts):
        colour = palette.blue if row < 2 else palette.faint
        base, tall = row + 0.8, 0.72 / highest
        fill = mix(colour, palette.paper, 0.38)
        ax.stairs(
            base - shares * tall,
            edges - 0.5,
            baseline=base,
            fill=True,
            facecolor=fill,
            edgecolor=colour,
            lw=0.8,
        )
        means = count[row].mean(axis=1)
        ax.plot(means, np.full(len(means), row + 0.89), "o", color=colour, ms=4, mec=palette.paper, mew=0.4)
    ax.set(xlim=(-0.5, longest + 1.5), ylim=(len(parts), 0), yticks=[], xlabel="common points")
    _draw_references(ax, shown, float(expected.mean()), palette)
    dress(ax, palette).spines["left"].set_visible(False)
    return ax


def _draw_references(ax: Axes, shown: Real[np.ndarray, " nets"], expected: float, palette: Palette) -> None:
    """The shown triple, by net, and what independent points would give."""
    ax.plot(
        shown, np.full(len(shown), 0.8), "D", color=palette.orange, ms=4.5, mfc="none", mew=1.0, clip_on=False
    )
    ax.plot(shown[:1], [0.8], "D", color=palette.orange, ms=5.5, mec=palette.paper, mew=0.5, clip_on=False)
    ax.vlines(shown[0], -0.24, 0.8, color=palette.orange, lw=1.2, clip_on=False)
    ax.vlines(expected, 0, 1, color=palette.green, lw=1.2, linestyle=(0, (3, 2)))
    words = {"fontsize": SMALL, "va": "bottom"}
    ax.text(shown[0], -0.27, f"shown 4s: {shown[0]:.0f}", color=palette.orange, ha="center", **words)
    side = "left" if expected < ax.get_xlim()[1] * 0.8 else "right"
    ax.text(expected, -0.02, f"expected: {expected:.1f}", color=palette.green, ha=side, **words)
