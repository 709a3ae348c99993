"""All claims at a glance: one box a claim, coloured and marked by its verdict."""

import numpy as np
import xarray as xr

from cnnbook.figures.declare import figure
from cnnbook.figures.page import Page
from cnnbook.figures.style import LABEL, SMALL, hide_axes

VERDICTS = (
    ("confirmed", "✓", "green"),
    ("partly", "~", "blue"),
    ("refuted", "✗", "orange"),
    ("not conclusive", "?", "faint"),
    ("not yet tested", "", "faint"),
)
"""Verdicts by their code: a word, what stands in a box so that colour is not needed, and the colour."""

UNDECIDED = 3
"""The first code without a decision."""

COLUMNS, BOX = 15, 0.5
"""Boxes in a row, and inches of one."""


@figure("verdict: claim; committed: claim")
def claims_figure(claims: xr.Dataset) -> Page:
    """A box a claim with its id and verdict; where this copy cannot judge, the verdict on all of MNIST."""
    own, committed = claims["verdict"].values, claims["committed"].values
    codes = np.where((own == UNDECIDED) & (committed >= 0), committed, own)
    rows = -(-len(codes) // COLUMNS)
    title = "The article's claims" + (", as all of MNIST decides them" if (codes != own).any() else "")
    page, left = Page(1.1 + rows * BOX, title=title, left=0.25), 0.25
    for code in sorted(set(codes.tolist())):
        word, mark, colour = VERDICTS[code]
        text = f"{mark or '–'} {word}: {int((codes == code).sum())}"
        page.write(left, 0.58, text, colour=colour)
        left += 0.08 * len(text) + 0.25
    chart = page.panel((0.25, 0.8, COLUMNS * BOX, rows * BOX), hide_axes)
    chart.set(xlim=(0, COLUMNS), ylim=(rows, 0))
    for number, (name, code) in enumerate(zip(claims["claim"].values, codes.tolist(), strict=True)):
        row, column = divmod(number, COLUMNS)
        (_, mark, colour), decided = VERDICTS[code], code < UNDECIDED
        look = {"facecolor": (colour, 0.16 if decided else 0.0), "ls": "-" if decided else ":"}
        chart.rectangle((column + 0.05, row + 0.05), 0.9, 0.9, edgecolor=colour, lw=1.2, **look)
        words = {"ha": "center", "va": "center"}
        chart.text(column + 0.5, row + 0.36, name, color="ink", fontsize=SMALL, **words)
        chart.text(column + 0.5, row + 0.7, mark, color=colour, fontsize=LABEL, **words)
    return page
