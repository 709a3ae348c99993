"""What layers respond to: kernels, directions of lines, their own image, and the oval of a blank one."""

import numpy as np
import xarray as xr
from jaxtyping import Float

from cnnbook.figures.charts import dot_axes, draw_dots, draw_lines
from cnnbook.figures.declare import figure, title_of
from cnnbook.figures.page import Page
from cnnbook.figures.pictures import TILE, Scale, add_colour_bar, add_pictures, draw_picture, symmetric_scale
from cnnbook.figures.style import LABEL, MARKERS, SERIES, SMALL, WIDTH

NEAREST = 0.075
"""Least distance of two labels, as a share of the axis."""


@figure("kernel: state row column map_conv_1; contour: state net map_conv_1; inputs: state net map_conv_2")
def kernels_figure(kernels: xr.Dataset) -> Page:
    """Kernels of Conv_1, trained and random; for all networks contour shares and inputs used, likewise."""
    kernel, left, block = kernels["kernel"].values, 0.2, 2 * (TILE + 0.06) + 0.3
    top = 1.3 + 2 * block
    page = Page(top + 1.7, title="The 32 kernels of Conv_1, and random ones", left=left)
    scale = symmetric_scale(kernel)
    ends = {"low": f"−{scale.high:.1f}", "high": f"{scale.high:.1f}"}
    add_colour_bar(page, left, 0.42, scale, label="weight", **ends)
    for row, (name, each) in enumerate(zip(("trained", "random: before training"), kernel, strict=True)):
        page.write(left, 1.0 + row * block, name, size=SMALL)
        add_pictures(page, np.moveaxis(each, -1, 0), scale, left, 1.08 + row * block, TILE, gaps=(0.05, 0.06))
    page.write(left, top - 0.14, "All networks: ● trained   ■ random", size=SMALL)
    series = np.stack([kernels[name].mean(axis=2).values for name in ("contour", "inputs")], 1)
    label = "share; mean over maps, a line for the range of the networks"
    draw_dots(dot_axes(page, (2.5, top, WIDTH - 2.8, 1.1), rows=2, xlabel=label), list(series))
    for row, name in enumerate(("Conv_1: share in contours", "Conv_2: share of inputs used")):
        page.write(2.36, top + 0.32 + row * 0.55, name, align="right")
    return page


@figure(
    "excess_conv_2: state map_conv_2 net; excess_conv_3: state map_conv_3 net; "
    "excess_pixels: layer; least: layer"
)
def orientation_figure(orientation: xr.Dataset) -> Page:
    """Horizontal less vertical energy of each map for 4s: trained and untrained networks, and the pixels."""
    page = Page(5.0, title="Maps of 4s: lines that lie (right) or stand (left)", left=0.7)
    edges = np.linspace(-1, 1, 21)
    for row, layer in enumerate(map(str, orientation["layer"].values)):
        of_maps, top = orientation[f"excess_{layer}"], 0.62 + row * 2.3
        axis = {"xlim": (-1, 1), "xticks": [-1, -0.5, 0, 0.5, 1], "ylabel": "maps (%)"}
        axis |= {"xlabel": "horizontal less vertical energy of a map, by their sum"} if row else {}
        chart = page.chart((0.7, top, WIDTH - 1.9, 1.6), **axis)
        page.write(0.7, top - 0.1, title_of(layer))
        series = [(f"{state} networks", _shares(of_maps.sel(state=state).values, edges)) for state in STATES]
        draw_lines(chart, (edges[:-1] + edges[1:]) / 2, series, drawstyle="steps-mid")
        for name, style, height in (("excess_pixels", ":", 0.62), ("least", "-", 0.5)):
            value = float(orientation[name].sel(layer=layer))
            chart.axvline(value, color="ink", lw=1, ls=style)
            word = "pixels" if name == "excess_pixels" else "prevails from here →"
            anchor = {"xycoords": ("data", "axes fraction"), "ha": "left", "va": "top"}
            chart.annotate(f" {word}", (value, height), color="ink", fontsize=SMALL, **anchor)
    return page


STATES = ("trained", "untrained")


def _shares(
    values: Float[np.ndarray, "maps nets"], edges: Float[np.ndarray, " n"]
) -> Float[np.ndarray, " m"]:
    """How many of the maps that are known lie between each two edges, in percent."""
    known = values[np.isfinite(values)]
    return 100 * np.histogram(known, edges)[0] / max(len(known), 1)


@figure("lines: state direction; lines_pixels: direction; beside: state shown net; beside_pixels:")
def line_directions_figure(orientation: xr.Dataset) -> Page:
    """Directions of lines on Conv_2's maps of 4s and in pixels, and how often they run side by side."""
    page = Page(4.9, title="Lines on the maps of Conv_2, test 4s", left=0.7)
    axis = {"xlabel": "degrees from the horizontal, counter-clockwise", "ylabel": "with lines (%)"}
    ticks = {"xlim": (0, 180), "xticks": [0, 45, 90, 135, 180]}
    chart = page.chart((0.7, 0.5, WIDTH - 1.9, 1.9), **axis, **ticks)
    series = [(f"maps, {state}", 100 * orientation["lines"].sel(state=state).values) for state in STATES]
    series += [("pixels", 100 * orientation["lines_pixels"].values)]
    draw_lines(chart, orientation["direction"].values, series, drawstyle="steps-mid")
    chart.axvline(75, color="faint", lw=1, ls=":")
    anchor = {"xycoords": ("data", "axes fraction"), "ha": "right", "va": "top"}
    chart.annotate("75° ", (75, 0.98), color="faint", fontsize=SMALL, **anchor)
    beside, top = 100 * orientation["beside"], 3.3
    label = "images with lines of about 75° side by side (%), mean over maps"
    high = max(1.0, 1.1 * float(beside.max()), 110 * float(orientation["beside_pixels"]))
    box = (2.0, top, WIDTH - 3.2, 1.0)
    dots = dot_axes(page, box, rows=beside.sizes["shown"], xlabel=label, xlim=(0, high))
    draw_dots(dots, [beside.sel(state=state).values for state in STATES])
    dots.axvline(100 * float(orientation["beside_pixels"]), color="faint", lw=1.2, ls=":")
    page.write(2.0, top - 0.12, "All networks: ● trained   ■ untrained   ··· pixels of 4s", size=SMALL)
    for row, name in enumerate(beside["shown"].values):
        page.write(1.86, top + 0.3 + 0.5 * row, str(name), align="right")
    return page


@figure("likeness: kind layer net")
def likeness_figure(likeness: xr.Dataset) -> Page:
    """Likeness of maps to their image by layer and kind: mean and range over networks."""
    values, means = likeness["likeness"].values, likeness["likeness"].mean("net").values
    kinds, along = likeness["kind"].values.astype(str), np.arange(values.shape[1])
    page, heights = Page(3.7), separate_labels(means[:, -1])
    axis = {"xlim": (-0.35, len(along) - 0.85), "ylim": (0, 1), "ylabel": "likeness |r|"}
    ticks = {"xticks": along, "yticks": [0, 0.25, 0.5, 0.75, 1]}
    chart = page.chart((0.72, 0.2, WIDTH - 0.72 - 2.3, 3.0), grid="y", **axis, **ticks)
    for row, (kind, mean, each) in enumerate(zip(kinds, means, values, strict=True)):
        colour, x = SERIES[row % 4], along + (row - (len(kinds) - 1) / 2) * 0.07
        chart.plot(x, mean, color=colour, lw=1.2, alpha=0.55)
        chart.vlines(x, each.min(axis=1), each.max(axis=1), color=colour, lw=1.6)
        dot = {"color": colour, "ms": 5.5, "mec": "background", "mew": 0.3, "gid": kind}
        chart.plot(x, mean, MARKERS[row % 4], **dot)
        words = {"color": colour, "fontsize": LABEL, "va": "center_baseline"}
        chart.text(along[-1] + 0.22, heights[row], f"{kind}  {mean[-1]:.2f}", **words)
    chart.set_xticklabels([title_of(layer) for layer in likeness["layer"].values])
    chart.tick_params(axis="x", labelcolor="ink", labelsize=LABEL)
    return page


def separate_labels(heights: Float[np.ndarray, " n"], least: float = NEAREST) -> Float[np.ndarray, " n"]:
    """The same heights of labels, moved as little as it takes (by least squares) to keep them apart.

    Args:
        heights: where labels would stand.
        least: distance between two of them.
    """
    order = np.argsort(heights, kind="stable")
    blocks: list[list[float]] = []  # labels that touch each other: where the lowest of them would stand
    for rank, height in enumerate(heights[order]):
        blocks.append([float(height) - rank * least])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    lowest = np.concatenate([np.full(len(block), np.mean(block)) for block in blocks])
    moved = np.empty(len(heights))
    moved[order] = lowest + least * np.arange(len(heights))
    return moved


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
    page, scale = Page(TOP + SIDE + 2.05, title=title, left=LEFT), symmetric_scale(blank)
    ends = {"low": f"−{scale.high:.1f}", "high": f"{scale.high:.1f}"}
    label = "input value; orange above 0, blue below. Mean ink: darker is more"
    add_colour_bar(page, LEFT, 0.44, scale, label=label, **ends)
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
    add_colour_bar(page, LEFT, 0.44, scale, label=label, low="0", high=f"{100 * scale.high:.0f} %")
    for block, name in enumerate("AB"):
        top = TOP + block * height
        page.write(LEFT, top + 0.14, f"input {name}")
        ordered = answers[block][np.argsort(sums[block])]
        add_pictures(page, ordered, scale, LEFT, top + 0.24, tile)
    return page
