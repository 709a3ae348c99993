"""What the article says of five digits, and how often it would be said of others."""

import numpy as np
import xarray as xr

from cnnbook.figures.charts import dot_axes, draw_dots
from cnnbook.figures.declare import figure, labels_of
from cnnbook.figures.page import Page
from cnnbook.figures.style import SMALL, WIDTH
from cnnbook.formatting import format_number

ALL = "all statements at once"
"""What the last row is called."""


@figure("same: kind statement net; all_same: kind net; shown: statement net")
def five_digits_figure(result: xr.Dataset) -> Page:
    """How often each statement, and all, come out as for the shown digits; any five digits are the null."""
    same, together = result["same"].values, result["all_same"].values
    shares = 100 * np.concatenate([same, together[:, None]], axis=1)
    shown, names = result["shown"].values, labels_of(result, "statement")
    notes = [f"shown digits: true in {round(each.sum())} of {len(each)} networks" for each in shown]
    left, right, top, pitch = 3.05, WIDTH - 0.6, 0.86, 0.5
    page = Page(top + pitch * len(shares[0]) + 0.62, title="Said of five digits, and of others", left=0.3)
    page.legend(0.3, 0.54, labels_of(result, "kind"), gap=0.39)
    axis = {"xlabel": "choices that lead to the same statement (%)", "xlim": (-1, 101)}
    box = (left, top, right - left - 0.14, pitch * len(shares[0]))
    draw_dots(dot_axes(page, box, rows=len(shares[0]), **axis), list(shares))
    for row, (name, note) in enumerate(zip([*names, ALL], [*notes, ""], strict=True)):
        middle = top + (row + 0.5) * pitch + 0.05
        page.write(left - 0.14, middle - (0.09 if note else 0), name, align="right")
        if note:
            page.write(left - 0.14, middle + 0.11, note, size=SMALL, colour="faint", align="right")
        page.write(right, middle, format_number(shares[0, row].mean(), ".0f"))
    return page
