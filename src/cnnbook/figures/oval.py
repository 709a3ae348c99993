"""The oval: in the files, in the two inputs, and in the responses of Conv_1 to a blank image."""

import numpy as np
import xarray as xr

from cnnbook.figures.declare import figure
from cnnbook.figures.page import Page
from cnnbook.figures.pictures import Scale, draw_picture, place_bar, place_pictures, signed
from cnnbook.figures.style import SERIES, SMALL, WIDTH

SIDE, GAP, LEFT, TOP = 1.42, 0.14, 0.12, 0.92
"""Inches of a picture, between two, from the left edge, and above the first row."""


@figure(
    "mean_image: row column; oval: row column; blank_input: input row column; digit_input: input row column",
    at={"input": ("A", "B")},
)
def oval_figure(oval: xr.Dataset) -> Page:
    """A blank image and a digit under both inputs, the mean image, and the middle row of the blank image."""
    blank = oval["blank_input"].values
    title = "A blank image is blank under input A, and an oval bowl under input B"
    page, scale = Page(TOP + SIDE + 2.05, title=title, left=LEFT), signed(blank)
    ends = {"low": f"−{scale.high:.1f}", "high": f"{scale.high:.1f}"}
    label = "input value; orange above 0, blue below. Mean ink: darker is more"
    place_bar(page, LEFT, 0.44, scale, label=label, **ends)
    inputs = [("blank", blank), ("digit", oval["digit_input"].values)]
    pictures = [(f"{name}, input {one}", values[k]) for name, values in inputs for k, one in enumerate("AB")]
    for column, (name, values) in enumerate([("mean ink", oval["mean_image"].values), *pictures]):
        left, own = LEFT + column * (SIDE + GAP), scale if column else Scale()
        chart = page.panel((left, TOP + 0.14, SIDE, SIDE), draw_picture, values, own)
        chart.contour(oval["oval"].values, [0.5], colors="ink", linewidths=1, linestyles="--")
        page.write(left, TOP + 0.06, name)
    axis = {"xlabel": "column, in the middle row", "ylabel": "input", "xlim": (0, 27)}
    chart = page.chart((0.7, TOP + SIDE + 0.42, WIDTH - 2.4, 1.0), **axis)
    for number, (name, style, above) in enumerate((("A", "-", 0.16), ("B", "--", -0.3))):
        row = blank[number, blank.shape[1] // 2]
        chart.plot(row, color=SERIES[number], lw=1.6, ls=style)
        words = {"color": SERIES[number], "fontsize": SMALL}
        chart.text(28, float(row[-1]) + above, f"blank, input {name}", **words)
    return page


@figure("blank_answer: input map cell_row cell_column; kernel_sum: input net map", at={"input": ("A", "B")})
def blank_answers_figure(oval: xr.Dataset) -> Page:
    """The responses of all Conv_1 maps of the first networks to a blank image, under both inputs."""
    answers, sums = oval["blank_answer"].values, oval["kernel_sum"].values[:, 0]
    scale, tile = Scale(high=float(answers.max()) or 1.0), 0.44
    height = 2 * (tile + 0.05) + 0.44
    page = Page(TOP + 2 * height, title="What the maps of Conv_1 answer to a blank image", left=LEFT)
    label = "of the map's largest value; maps in the order of their kernels' sums"
    place_bar(page, LEFT, 0.44, scale, label=label, low="0", high=f"{100 * scale.high:.0f} %")
    for block, name in enumerate("AB"):
        top = TOP + block * height
        page.write(LEFT, top + 0.14, f"input {name}")
        ordered = answers[block][np.argsort(sums[block])]
        place_pictures(page, ordered, scale, LEFT, top + 0.24, tile)
    return page
