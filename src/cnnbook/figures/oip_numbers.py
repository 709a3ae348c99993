"""Numbers of OIPs: their cards beside the nulls, which starts wake maps, and how often motifs repeat."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_variable
from cnnbook.figures.dots import dots_figure
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.shares import shares_figure
from cnnbook.figures.style import LABEL, SMALL, TITLE, Palette, axes_at, dress, new_figure, write

CALLED = {
    "reach": ("reach", "by the best training image"),
    "agreement": ("agreement", "r of OIPs from many starts"),
    "modes": ("modes", "different pictures"),
    "rank": ("rank", "of the map under its OIP"),
    "strangeness": ("strangeness", "distance to digits' patches"),
    "path": ("path", "below, like digits' (1)"),
}
"""The numbers drawn: name and unit."""

KINDS = ("trained", "untrained", "shuffled labels")


def shown_quality(quality: xr.Dataset) -> xr.Dataset:
    """What `quality_figure` shows."""
    return quality[["card", "live", "null_card", "null_live"]].isel(net=[0])


@drawn_from(shown_quality)
def quality_figure(quality: xr.Dataset, *, palette: Palette) -> Figure:
    """One panel a number: medians, quartiles and nine tenths of the live maps, trained and for both nulls.

    Args:
        quality: `card` by net, number and map, `live`, and the same of the nulls.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    card, null = check_variable(quality, "card").isel(net=0), check_variable(quality, "null_card")
    live = [quality["live"].isel(net=0).values, *quality["null_live"].values]
    tables = [card.transpose("number", ...).values, *null.transpose("null", "number", ...).values]
    numbers = card["number"].values.astype(str).tolist()
    figure = new_figure(4.3, palette=palette)
    write(figure, 0.4, 0.28, "The card of OIPs on Conv_3", colour=palette.ink, size=TITLE)
    left = 0.4
    for kind, sign, colour in zip(KINDS, "●■◆", palette.accents, strict=False):
        write(figure, left, 0.54, f"{sign} {kind}", colour=colour, size=SMALL)
        left += 0.09 * len(kind) + 0.5
    write(
        figure,
        left,
        0.54,
        "median, quartiles, nine tenths of the live maps",
        colour=palette.faint,
        size=SMALL,
    )
    for panel, (name, (title, unit)) in enumerate(CALLED.items()):
        ax = axes_at(figure, 0.4 + panel % 3 * 2.55, 1.0 + panel // 3 * 1.7, 2.2, 0.85)
        for row, (table, alive) in enumerate(zip(tables, live, strict=True)):
            values = table[numbers.index(name)][alive]
            values = values[np.isfinite(values)]
            if len(values):
                _draw_spread(ax, values, row, palette.accents[row], "osD"[row], palette)
        ax.set(ylim=(2.6, -0.6), yticks=[])
        if name in ("modes", "rank"):
            ax.set_xlim(left=0)
        ax.set_title(title, loc="left", color=palette.ink, fontsize=LABEL, pad=4)
        ax.set_xlabel(unit, fontsize=SMALL)
        dress(ax, palette).spines["left"].set_visible(False)
        ax.xaxis.label.set(color=palette.faint, fontsize=SMALL)
        ax.grid(axis="x", color=palette.grid, lw=0.8)
        ax.set_axisbelow(True)
    return figure


def _draw_spread(ax, values: np.ndarray, row: int, colour: str, marker: str, palette: Palette) -> None:
    """A thin line for nine tenths, a thick one for half, a mark for the middle."""
    low, quarter, middle, three, high = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
    ax.hlines(row, low, high, color=colour, lw=1.2)
    ax.hlines(row, quarter, three, color=colour, lw=4)
    ax.plot([middle], [row], marker, color=colour, ms=7, mec=palette.paper, mew=0.8)


def shown_scales(search: xr.Dataset) -> xr.Dataset:
    """What `scales_figure` shows."""
    return search[["woken", "from_start"]]


@drawn_from(shown_scales)
def scales_figure(search: xr.Dataset, *, palette: Palette) -> Figure:
    """Live maps that starts of each scale wake, and single starts that do.

    Args:
        search: `woken` and `from_start` by net and scale, shares.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    parts = [
        100 * check_variable(search, name).transpose("scale", "net").values
        for name in ("woken", "from_start")
    ]
    names = [
        "mixed" if scale == "mixed" else f"{scale} cells a side"
        for scale in search["scale"].values.astype(str)
    ]
    return dots_figure(
        np.stack(parts), ["live maps woken by some start", "starts that wake a live map"], names,
        title="Which starts wake the maps of Conv_3", label="share (%)", palette=palette, form=".0f",
    )  # fmt: skip


def shown_shapes(shape: xr.Dataset) -> xr.Dataset:
    """What `shapes_figure` shows."""
    return shape[["peak", "null_peak", "point_peak", "start_peak", "digit_peak"]]


@drawn_from(shown_shapes)
def shapes_figure(shape: xr.Dataset, *, palette: Palette) -> Figure:
    """Share of pictures with a second peak of at least some height: OIPs and what they are compared with.

    Args:
        shape: `peak` by net and map, `null_peak`, `point_peak`, `start_peak` and `digit_peak`.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    kinds = [
        ("OIPs of maps", check_variable(shape, "peak").values.ravel()),
        ("untrained network", check_variable(shape, "null_peak").sel(null="untrained").values),
        ("OIPs of points", check_variable(shape, "point_peak").values),
        ("test digits", check_variable(shape, "digit_peak").values),
        ("starts", check_variable(shape, "start_peak").values),
    ]
    return shares_figure(
        kinds, title="How many pictures repeat their motif", label="height of the second peak, by the first",
        things="pictures", palette=palette, mark=(float(shape.attrs["repeats"]), "repeats"),
    )  # fmt: skip
