"""Rows of dots: kinds of one quantity by row, a dot for the mean over networks, a line for their range."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnnbook.figures.style import LABEL, SMALL, TITLE, WIDTH, Palette, axes_at, dress, new_figure, write
from cnnbook.formatting import format_number

NAMES, NUMBERS, TOP, FOOT, LINE = 2.55, 1.0, 0.86, 0.62, 0.24
"""Inches for names, for numbers, above the first row, for the axis below, and for one kind in a row."""

MARKERS = ("o", "s", "D", "^", "v")
"""One a kind, so that colour is not needed to tell them apart."""

_SIGNS = {"o": "●", "s": "■", "D": "◆", "^": "▲", "v": "▼"}


def dots_figure(
    values: Float[np.ndarray, "kinds rows nets"], kinds: Sequence[str], rows: Sequence[str], *, title: str,
    label: str, palette: Palette, ends: tuple[float, float] | None = None, form: str = ".2f",
    log: bool = False, zero: bool = False, nulls: Mapping[str, float] | None = None,
) -> Figure:  # fmt: skip
    """A figure of one such panel.

    Args:
        values: what is drawn; not a number where a kind has no such row.
        kinds: their names, for the key.
        rows: their names.
        title: above it.
        label: of the axis.
        palette: the theme.
        ends: of the axis; None takes what the values need.
        form: of the numbers at the right, which are those of the first kind.
        log: whether the axis is logarithmic.
        zero: whether a line marks zero.
        nulls: values that dotted lines mark from top to bottom, by the names written above them.
    """
    height = (LINE * len(kinds) + 0.16) * len(rows)
    figure = new_figure(TOP + height + FOOT, palette=palette)
    write(figure, NAMES, 0.28, title, colour=palette.ink, size=TITLE)
    widths = [0.085 * (len(name) + 2) + 0.22 for name in kinds]
    left = max(0.25, min(NAMES, WIDTH - sum(widths)))
    for kind, (name, marker) in enumerate(zip(kinds, MARKERS, strict=False)):
        write(figure, left, 0.54, f"{_SIGNS[marker]} {name}", colour=_colours(palette)[kind], size=SMALL)
        left += widths[kind]
    ax = axes_at(figure, NAMES, TOP, WIDTH - NAMES - NUMBERS, height)
    draw_dots(ax, values, palette=palette, ends=ends, log=log, zero=zero)
    for name, value in (nulls or {}).items():
        ax.axvline(value, color=palette.faint, lw=1.2, ls=":")
        side = "right" if value > np.mean(ax.get_xlim()) else "left"
        ax.text(value, 1.01, name, color=palette.faint, fontsize=SMALL, ha=side, va="bottom",
                transform=ax.get_xaxis_transform())  # fmt: skip
    ax.set_xlabel(label)
    for row, name in enumerate(rows):
        middle = TOP + (row + 0.5) * height / len(rows) + 0.05
        write(figure, NAMES - 0.14, middle, name, colour=palette.ink, size=LABEL, align="right")
        mean = np.nanmean(values[0, row]) if np.isfinite(values[0, row]).any() else None
        text = "" if mean is None else format_number(mean, form)
        write(figure, WIDTH - NUMBERS + 0.14, middle, text, colour=palette.ink, size=LABEL)
    return figure


def draw_dots(
    ax: Axes, values: Float[np.ndarray, "kinds rows nets"], *, palette: Palette,
    ends: tuple[float, float] | None = None, log: bool = False, zero: bool = False,
) -> Axes:  # fmt: skip
    """Draw the dots; row k fills y from k to k + 1, downwards.

    Args:
        ax: where.
        values: what is drawn.
        palette: the theme.
        ends: of the axis.
        log: whether it is logarithmic.
        zero: whether a line marks zero.

    Returns:
        The axes.
    """
    kinds, rows, _ = values.shape
    if zero:
        ax.axvline(0, color=palette.ink, lw=1)
    for row in range(rows):
        if row:
            ax.axhline(row, color=palette.grid, lw=0.8)
        for kind in range(kinds):
            each = values[kind, row][np.isfinite(values[kind, row])]
            if not len(each):
                continue
            y, colour = row + (kind + 1) / (kinds + 1), _colours(palette)[kind]
            ax.hlines(y, each.min(), each.max(), color=colour, lw=2)
            ax.plot([each.mean()], [y], MARKERS[kind], color=colour, ms=6, mec=palette.paper, mew=0.5)
    if log:
        ax.set_xscale("log")
    if ends:
        ax.set_xlim(*ends)
    ax.set(ylim=(rows, 0), yticks=[])
    ax.grid(axis="x", color=palette.grid, lw=0.8)
    ax.set_axisbelow(True)
    dress(ax, palette).spines["left"].set_visible(False)
    return ax


def _colours(palette: Palette) -> tuple[str, ...]:
    return (*palette.accents, palette.faint)
