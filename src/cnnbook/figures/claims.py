"""All claims at a glance: one box a claim, coloured and marked by its verdict."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnnbook.figures.checks import check_variable
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, SMALL, TITLE, Palette, axes_at, bare, mix, new_figure, write

WORDS = ("confirmed", "partly", "refuted", "not conclusive", "not yet tested")
"""Verdicts by their code."""

MARKS = ("✓", "~", "✗", "?", "")
"""What stands in a box, so that colour is not needed."""

COLUMNS, BOX = 15, 0.5
"""Boxes in a row, and inches of one."""


def shown_claims(claims: xr.Dataset) -> xr.Dataset:
    """What `claims_figure` shows."""
    return claims[["verdict", "committed"]]


@drawn_from(shown_claims)
def claims_figure(claims: xr.Dataset, *, palette: Palette) -> Figure:
    """A box a claim with its id and verdict; where this copy cannot judge, the verdict on all of MNIST.

    Args:
        claims: `verdict` and `committed` by claim, as codes.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    here, before = (check_variable(claims, name).values for name in ("verdict", "committed"))
    undecided = WORDS.index("not conclusive")
    drawn = np.where((here == undecided) & (before >= 0), before, here)
    rows = -(-len(drawn) // COLUMNS)
    figure = new_figure(1.1 + rows * BOX, palette=palette)
    title = "The article's claims" + (", as all of MNIST decides them" if (drawn != here).any() else "")
    write(figure, 0.25, 0.28, title, colour=palette.ink, size=TITLE)
    left = 0.25
    for code in sorted(set(drawn.tolist())):
        text = f"{MARKS[code] or '–'} {WORDS[code]}: {int((drawn == code).sum())}"
        write(figure, left, 0.58, text, colour=_colour(palette, code), size=LABEL)
        left += 0.098 * len(text) + 0.25
    ax = bare(axes_at(figure, 0.25, 0.8, COLUMNS * BOX, rows * BOX))
    ax.set(xlim=(0, COLUMNS), ylim=(rows, 0))
    for place, (name, code) in enumerate(zip(claims["claim"].values, drawn.tolist(), strict=True)):
        column, row = place % COLUMNS, place // COLUMNS
        colour = _colour(palette, code)
        fill = mix(colour, palette.paper, 0.16 if code < undecided else 0.0)
        style = "-" if code < undecided else ":"
        ax.add_patch(
            Rectangle(
                (column + 0.05, row + 0.05), 0.9, 0.9, facecolor=fill, edgecolor=colour, lw=1.2, ls=style
            )
        )
        ax.text(
            column + 0.5, row + 0.36, str(name), color=palette.ink, fontsize=SMALL, ha="center", va="center"
        )
        ax.text(column + 0.5, row + 0.7, MARKS[code], color=colour, fontsize=LABEL, ha="center", va="center")
    return figure


def _colour(palette: Palette, code: int) -> str:
    return (palette.green, palette.blue, palette.orange, palette.faint, palette.faint)[code]
