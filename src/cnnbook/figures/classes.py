"""Classes against each other: similarity of all pairs, confusions, and the FCP of a class."""

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from cnnbook.figures.declare import Option, figure
from cnnbook.figures.page import Page
from cnnbook.figures.pictures import Scale, draw_picture, place_bar, signed_maps
from cnnbook.figures.style import LABEL, SMALL, TITLE, WIDTH, Palette, bare, frame, mix, readable

SIDE, GAP = 1.72, 0.16
"""Inches of a matrix of similarities, and between two."""

LEFT, BETWEEN, TOP, FOOT = 0.62, 0.62, 0.78, 1.0
"""Inches left of the first matrix of confusions, between two, above them, and below them."""

LEAST = 0.05
"""Errors a network from which a number is written."""


@figure("cosine: space net class other; within: space net; between: space net; d_prime: space net")
def class_similarity_figure(classes: xr.Dataset) -> Page:
    """Mean cosine of all pairs of images by class and class, for pixels and layers, on one scale."""
    page, scale = Page(SIDE + 1.95, title="How alike two digits are, by their classes"), Scale()
    label = "mean cosine of all pairs; mean over networks"
    place_bar(page, 0.3, 0.42, scale, label=label, low="0", high="1")
    means = classes.mean("net")
    for column, space in enumerate(classes["space"].values):
        left, own = 0.3 + column * (SIDE + GAP), means.sel(space=space)
        chart = page.panel(left, 1.1, SIDE, SIDE, draw_picture, own["cosine"].values, scale)
        chart.set(xticks=range(10), yticks=[] if column else range(10))
        chart.tick_params(length=0, labelsize=SMALL, labelcolor="faint", pad=1)
        page.write(left, 1.02, str(space))
        numbers = f"{float(own.within):.2f} / {float(own.between):.2f}   d′ {float(own.d_prime):.1f}"
        page.write(left, 1.1 + SIDE + 0.38, numbers, size=SMALL, colour="ink")
    foot = "within / between classes; d′: how far these lie apart"
    page.write(0.3, 1.1 + SIDE + 0.6, foot, size=SMALL)
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
    return signed_maps(prototype - other, title=title, label="difference of means")


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
    side = (WIDTH - LEFT - 0.1 - BETWEEN * (len(names) - 1)) / len(names)
    page, limit = Page(TOP + side + FOOT), float(np.nanmax(errors))
    for number, (name, each) in enumerate(zip(names, errors, strict=True)):
        left = LEFT + number * (side + BETWEEN)
        page.write(left, 0.26, name, size=TITLE)
        page.write(left, 0.48, f"{np.nansum(each):.0f} errors a net", size=SMALL)
        page.panel(left, TOP, side, side, _draw_confusion, each, limit or 1.0)
    chart = page.panel(WIDTH - 2.6, TOP + side + 0.52, 2.5, 0.14, _draw_error_bar)
    words = {"color": "faint", "fontsize": SMALL}
    chart.text(0, -0.3, "0", ha="left", va="top", **words)
    chart.text(1, -0.3, f"{limit:.1f}", ha="right", va="top", **words)
    chart.text(-0.04, 0.5, "images a net, mean", ha="right", va="center_baseline", **words)
    return page


def _colours(palette: Palette) -> ListedColormap:
    """From the background, which is no error, to the palette's blue."""
    return ListedColormap([mix(palette.blue, palette.background, share) for share in np.linspace(0, 1, 256)])


def _draw_confusion(ax: Axes, errors: Float[np.ndarray, "10 10"], limit: float, *, palette: Palette) -> None:
    """Draw one matrix; columns are answers, rows true classes, and cells with errors have a number."""
    ax.imshow(errors, cmap=_colours(palette), vmin=0, vmax=limit, interpolation="none")
    for (true, answer), count in np.ndenumerate(errors):
        if true == answer:
            ax.plot([answer - 0.22, answer + 0.22], [true - 0.22, true + 0.22], color=palette.faint, lw=0.8)
        elif count >= LEAST:
            ink = readable(mix(palette.blue, palette.background, float(count) / limit), palette)
            text = f"{count:.0f}" if count >= 9.95 else f"{count:.1f}"
            ax.text(answer, true, text, color=ink, fontsize=SMALL, ha="center", va="center_baseline")
    frame(ax, palette.faint).set(xticks=range(10), yticks=range(10))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks(np.arange(-0.5, 10), minor=True)
    ax.grid(which="minor", color=palette.grid, lw=0.6)
    ax.tick_params(which="both", length=0, labelcolor=palette.ink, labelsize=LABEL)
    ax.set_xlabel("answer", color=palette.ink, fontsize=LABEL)
    ax.set_ylabel("true digit", color=palette.ink, fontsize=LABEL)


def _draw_error_bar(ax: Axes, *, palette: Palette) -> None:
    """Draw the scale that all matrices share."""
    steps = np.linspace(0, 1, 256)[None]
    bare(ax).imshow(steps, cmap=_colours(palette), aspect="auto", extent=(0, 1, 0, 1))
