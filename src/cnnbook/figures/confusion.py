"""Which digits are taken for which: confusion matrices of several kinds of nets on one scale."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_choice, check_variable, labels_of
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import (
    LABEL,
    SMALL,
    TITLE,
    WIDTH,
    Palette,
    axes_at,
    bare,
    contrast,
    mix,
    new_figure,
    write,
)

LEFT, GAP, TOP, FOOT = 0.62, 0.62, 0.78, 1.0
"""Inches left of the first matrix, between two, above them, and below for the axis and the colour bar."""

SHOWN = 0.05
"""Errors a net from which a number is written."""


def shown_confusion(mlps: xr.Dataset, *, kinds: Sequence[str] | None = None) -> xr.Dataset:
    """What `confusion_figure` shows: the matrices of the kinds drawn."""
    return mlps[["confusion"]].sel(kind=_chosen(mlps, kinds))


def _chosen(mlps: xr.Dataset, kinds: Sequence[str] | None) -> list[str]:
    """The kinds of nets to draw; None means all."""
    known = labels_of(mlps, "kind")
    return known if kinds is None else [check_choice(mlps, "kind", kind) for kind in kinds]


@drawn_from(shown_confusion)
def confusion_figure(mlps: xr.Dataset, *, palette: Palette, kinds: Sequence[str] | None = None) -> Figure:
    """Errors of a net, mean over nets, by true class and answer; the colours of all matrices are one scale.

    The diagonal, which holds what is right, is left blank.

    Args:
        mlps: `confusion` by kind, net, true and predicted, in images.
        palette: the theme.
        kinds: which to draw, from left to right; None draws all.

    Raises:
        ValueError: a kind or the variable is not in the dataset.
    """
    chosen = _chosen(mlps, kinds)
    whole = check_variable(mlps, "confusion").sel(kind=chosen).mean("net")
    errors = whole.transpose("kind", "true", "predicted").values.astype(float)
    errors[:, range(10), range(10)] = 0
    limit = float(errors.max())
    side = (WIDTH - LEFT - 0.1 - GAP * (len(chosen) - 1)) / len(chosen)
    figure = new_figure(TOP + side + FOOT, palette=palette)
    for place, (kind, one) in enumerate(zip(chosen, errors, strict=True)):
        left = LEFT + place * (side + GAP)
        write(figure, left, 0.26, kind, colour=palette.ink, size=TITLE)
        note = f"{one.sum():.0f} errors a net"
        write(figure, left, 0.48, note, colour=palette.faint, size=SMALL)
        draw_confusion(axes_at(figure, left, TOP, side, side), one, limit=limit, palette=palette)
    _draw_bar(axes_at(figure, WIDTH - 2.6, TOP + side + 0.52, 2.5, 0.14), limit, palette)
    return figure


def error_colours(palette: Palette) -> ListedColormap:
    """From paper, which is no error, to the palette's blue."""
    return ListedColormap([mix(palette.blue, palette.paper, share) for share in np.linspace(0, 1, 256)])


def draw_confusion(ax: Axes, errors: Float[np.ndarray, "10 10"], *, limit: float, palette: Palette) -> Axes:
    """Draw one matrix, with a number in each cell that has errors.

    Args:
        ax: where, square; columns are answers, rows true classes, downwards.
        errors: images by true class and answer; the diagonal is not looked at.
        limit: the number of errors with the strongest colour.
        palette: the theme.

    Returns:
        The axes.
    """
    wrong = np.where(np.eye(10, dtype=bool), np.nan, errors)
    scale = limit if limit > 0 else 1.0
    ax.imshow(wrong, cmap=error_colours(palette), vmin=0, vmax=scale, interpolation="none")
    for (true, answer), count in np.ndenumerate(wrong):
        if true == answer:
            ax.plot([answer - 0.22, answer + 0.22], [true - 0.22, true + 0.22], color=palette.faint, lw=0.8)
        elif count >= SHOWN:
            under = mix(palette.blue, palette.paper, float(count) / scale)
            ink = max((palette.ink, palette.paper), key=lambda colour: contrast(colour, under))
            said = f"{count:.0f}" if count >= 9.95 else f"{count:.1f}"
            ax.text(answer, true, said, color=ink, fontsize=SMALL, ha="center", va="center_baseline")
    ax.set_xticks(range(10))
    ax.set_yticks(range(10))
    ax.set_xticks(np.arange(-0.5, 10), minor=True)
    ax.set_yticks(np.arange(-0.5, 10), minor=True)
    ax.grid(which="minor", color=palette.grid, lw=0.6)
    ax.tick_params(which="both", length=0, labelcolor=palette.ink, labelsize=LABEL)
    for spine in ax.spines.values():
        spine.set(color=palette.faint, linewidth=0.8)
    ax.set_xlabel("answer", color=palette.ink, fontsize=LABEL)
    ax.set_ylabel("true digit", color=palette.ink, fontsize=LABEL)
    return ax


def _draw_bar(ax: Axes, limit: float, palette: Palette) -> None:
    """The scale that all matrices share."""
    bare(ax).imshow(
        np.linspace(0, 1, 256)[None], cmap=error_colours(palette), aspect="auto", extent=(0, 1, 0, 1)
    )
    words = {"color": palette.faint, "fontsize": SMALL}
    ax.text(0, -0.3, "0", ha="left", va="top", **words)
    ax.text(1, -0.3, f"{limit:.1f}", ha="right", va="top", **words)
    ax.text(-0.04, 0.5, "images a net, mean", ha="right", va="center_baseline", **words)
    ax.set(xlim=(0, 1), ylim=(0, 1))
