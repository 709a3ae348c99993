"""4 or 9: pairs that networks confuse, points that decide, points put into a 4, and images on the border."""

import numpy as np
import xarray as xr
from jaxtyping import Float

from cnnbook.figures.charts import STYLES, dot_plot
from cnnbook.figures.declare import figure
from cnnbook.figures.page import Box, Chart, Page
from cnnbook.figures.pictures import (
    Scale,
    add_pictures,
    draw_picture,
    symmetric_scale,
)
from cnnbook.figures.style import MARKERS, SERIES, SIGNS, SMALL, WIDTH
from cnnbook.formatting import format_number
from cnnbook.tiling import tile_pictures

FOUR_NINE = "4–9"

LEFT = 0.72
"""Inches to the left of charts."""


@figure("pair_errors: kind net pair [images]; badly_errors: kind net pair")
def pairs_figure(pairs: xr.Dataset) -> Page:
    """Confusions of all pairs by kind of network, and errors on the badly written tenth of each pair."""
    order = np.argsort(-pairs["pair_errors"].isel(kind=1).mean("net").values, kind="stable")
    shown = pairs.isel(pair=order)
    names = [str(name) for name in shown["pair"].values]
    page = Page(5.75, title="Pairs of digits that networks confuse", left=LEFT)
    page.legend(LEFT, 0.54, [str(kind) for kind in shown["kind"].values], gap=0.39)
    rows = (
        ("pair_errors", 1, "confusions a network", "mean of 45 pairs"),
        ("badly_errors", 100, "errors, badly written (%)", "mean of the other 44"),
    )
    for row, (name, scale, label, null) in enumerate(rows):
        values = scale * shown[name].mean("net").values
        box = LEFT, 0.78 + row * 2.42, WIDTH - LEFT - 0.15, 1.75
        ends = {"xlim": (-0.7, len(names) - 0.3), "ylim": (0, 1.12 * float(values.max()) or 1)}
        chart = page.chart(box, grid="y", ylabel=label, **ends)
        among = [each for each in range(len(names)) if row == 0 or names[each] != FOUR_NINE]
        _draw_pairs(chart, values, names, f"{null}, {shown['kind'].values[1]}", among)
    page.write(LEFT, 5.63, "pairs, from the most confused by the small MLP on", size=SMALL)
    return page


def _draw_pairs(
    chart: Chart, values: Float[np.ndarray, "kinds pairs"], names: list[str], null: str, among: list[int]
) -> None:
    """Draw a dot a kind for each pair, a band behind 4–9, and the mean of some pairs as the null."""
    place = names.index(FOUR_NINE)
    chart.axvspan(place - 0.5, place + 0.5, color="grid", lw=0, alpha=0.9, gid=FOUR_NINE)
    level = float(values[1][among].mean())
    chart.axhline(level, color=SERIES[1], lw=1.2, ls=":")
    chart.write_in_corner(f"· · · {null}", SERIES[1])
    for colour, marker, each in zip(SERIES, MARKERS, values, strict=False):
        chart.plot(range(len(each)), each, marker, color=colour, ms=4, mec="background", mew=0.4)
    chart.set_xticks(range(len(names)), [name.replace("–", "\n") for name in names])
    chart.tick_params(axis="x", length=0, pad=2)


@figure("kept: order points net; left: order points net")
def points_curves_figure(four_nine: xr.Dataset) -> Page:
    """Accuracy on 4s and 9s by number of points that stay, and by number that take other values."""
    page, gap = Page(3.75, title="How many points decide between 4 and 9", left=LEFT), 0.62
    width = (WIDTH - LEFT - 0.15 - gap) / 2
    end = page.legend(LEFT, 0.54, [str(name) for name in four_nine["order"].values], gap=0.39)
    page.write(end, 0.54, "mean and range of networks", size=SMALL)
    heads = (("kept", "points that stay"), ("left", "points that take other values"))
    for column, (name, label) in enumerate(heads):
        box = LEFT + column * (width + gap), 0.78, width, 2.35
        axis = {"xscale": "log", "xlabel": label, "ylim": (40, 102), "xlim": (0.9, 1300)}
        chart = page.chart(box, ylabel="" if column else "called correctly (%)", **axis)
        _draw_curves(chart, 100 * four_nine[name].isel(points=slice(1, None)))
        _mark(chart, 50.0, "chance")
        if not column:
            whole = 98 * float(four_nine["kept"].isel(points=-1, order=0).mean())
            _mark(chart, whole, "98 % of what all points give")
        chart.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    return page


def _draw_curves(chart: Chart, curves: xr.DataArray) -> None:
    """Draw the mean of each order as a line with markers, and the range of networks as a band."""
    points = curves["points"].values
    for colour, marker, (style, _), each in zip(SERIES, MARKERS, STYLES, curves, strict=False):
        look = {"color": colour, "ms": 3.5, "lw": 1.4, "ls": style, "markevery": 6}
        chart.plot(points, each.mean("net").values, marker=marker, **look)
        chart.fill_between(points, each.min("net"), each.max("net"), color=colour, alpha=0.15, lw=0)


def _mark(chart: Chart, level: float, name: str, x: float = 0.02) -> None:
    """Draw a dotted line across a chart, with its name above its left end."""
    chart.axhline(level, color="faint", lw=1, ls=":")
    words = {"xycoords": ("axes fraction", "data"), "xytext": (0, 1), "textcoords": "offset points"}
    chart.annotate(name, (x, level), color="faint", fontsize=SMALL, va="bottom", **words)


@figure(
    "shown: which row column [ink]; changed: map cell_row cell_column; shown_along: order step [logits];"
    "flips: order net four [points]"
)
def patching_figure(patching: xr.Dataset) -> Page:
    """A 4 and its 9, what was put into the 4 until it was a 9, the margin on the way, and all 4s."""
    maps = patching["changed"].values
    page, tile = Page(6.3, title="Points of a 9 put into a 4", left=0.2), 0.345
    ink = Scale(colours="gray")
    for row, (name, image) in enumerate(zip(("the 4", "its 9"), patching["shown"].values, strict=True)):
        top = 0.68 + row * 1.28
        page.write(0.2, top - 0.06, name)
        page.panel((0.2, top, 1.02, 1.02), draw_picture, image, ink)
    count, scale = int((maps != 0).sum()), symmetric_scale(maps)
    note = f"what was changed on Conv_3: {count} points, up (orange) or down (blue)"
    page.write(1.55, 0.62, note)
    sheet = tile_pictures(maps, 16, gap=0)
    chart = page.panel((1.55, 0.72, 18 * tile, 18 * tile * 8 / 16), draw_picture, sheet, scale)
    for line in range(1, 16):
        chart.axvline(line * 3 - 0.5, color="grid", lw=0.7)
    for line in range(1, 8):
        chart.axhline(line * 3 - 0.5, color="grid", lw=0.7)
    _add_ways(page, patching, top=4.15)
    return page


def _add_ways(page: Page, patching: xr.Dataset, *, top: float) -> None:
    """Add the margin by number of points for the shown 4, and the share of all 4s that are taken for 9s."""
    page.legend(LEFT, top - 0.12, [str(name) for name in patching["order"].values], gap=0.39)
    gap = 0.8
    width = (WIDTH - LEFT - 0.15 - gap) / 2
    axis = {"xscale": "log", "xlabel": "points put in", "xlim": (0.9, 1300)}
    along = patching["shown_along"].isel(step=slice(1, None))
    chart = page.chart((LEFT, top, width, 1.5), ylabel="margin of 4 over 9", **axis)
    flips = patching["flips"].values
    others = page.chart(
        (LEFT + width + gap, top, width, 1.5), ylabel="4s that are 9s (%)", ylim=(0, 103), **axis
    )
    grid = np.unique(np.round(np.geomspace(1, 1152, 80)))
    series = zip(SERIES, MARKERS, STYLES, along.values, flips, strict=False)
    for colour, marker, (style, _), each, counts in series:
        look = {"color": colour, "ms": 3.5, "lw": 1.4, "ls": style, "marker": marker, "markevery": 8}
        chart.plot(along["step"].values, each, **look)
        known = counts[np.isfinite(counts)]
        share = [100 * float((known <= x).mean()) if len(known) else 0.0 for x in grid]
        others.plot(grid, share, **look)
    _mark(chart, 0.0, "below: a 9")
    for each in (chart, others):
        each.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])


@figure(
    "opened_image: opened row column [ink]; opened_other: opened row column [ink];"
    "opened_margin: opened net [logits]; opened_flips: opened net [points]"
)
def opened_figure(patching: xr.Dataset) -> Page:
    """Images opened one by one: with the nearest of the other class, margins, and points that turn them."""
    names, labels = patching["opened"].values, patching["label"].values
    side, pitch, top = 1.0, 1.22, 0.95
    page = Page(top + pitch * len(names) + 0.5, title="Images opened one by one", left=0.2)
    heads = ((0.2, "the image"), (1.55, "nearest other"), (3.0, "margin of 4 over 9, a dot a network"))
    for left, text in heads:
        page.write(left, top - 0.14, text, size=SMALL)
    margins, ink = patching["opened_margin"].values, Scale(colours="gray")
    reach = 1.08 * max(float(np.abs(margins).max()), 1e-6)
    for row, (name, label) in enumerate(zip(names, labels, strict=True)):
        base = top + row * pitch
        images = (patching[f"opened_{which}"].values[row] for which in ("image", "other"))
        for left, image in zip((0.2, 1.55), images, strict=True):
            page.panel((left, base, side, side), draw_picture, image, ink)
        page.write(3.0, base + 0.16, f"test image {name}, labelled {label}")
        chart = page.chart((3.0, base + 0.3, 3.3, 0.42), spine=False, yticks=[], xlim=(-reach, reach))
        chart.set_ylim(-1, 1)
        chart.axvline(0, color="ink", lw=1)
        chart.plot(
            margins[row], np.zeros(margins.shape[1]), "o", color="blue", ms=5, mec="background", mew=0.5
        )
        flips = patching["opened_flips"].values[row]
        turned = flips[flips > 0]
        page.write(
            6.45, base + 0.5, f"{len(turned)} of {len(flips)} networks agree", size=SMALL, colour="ink"
        )
        if len(turned):
            text = f"points to turn it: {format_number(turned.mean(), '.0f')}"
            page.write(6.45, base + 0.7, text, size=SMALL, colour="ink")
    page.write(3.0, top + pitch * len(names) + 0.1, "← a 9          a 4 →", size=SMALL)
    return page


@figure("accuracy: reader where net")
def border_figure(border: xr.Dataset) -> Page:
    """How many 4s and 9s readers call what they are, on the border and in all."""
    accuracy = 100 * border["accuracy"].transpose("where", "reader", "net").values
    return dot_plot(
        [(str(name), each) for name, each in zip(border["where"].values, accuracy, strict=True)],
        [str(name) for name in border["reader"].values],
        title="4s and 9s that are called what they are",
        label="test 4s and 9s (%)",
        ends=(45, 101),
        form=".1f",
        nulls={"chance": 50},
    )


@figure("border_image: written row column [ink]; border_label: written; border_right: written reader net")
def border_images_figure(border: xr.Dataset) -> Page:
    """The worst written 4s and 9s with their label, and how many networks and overlap rules are right."""
    images, columns, side, gap = border["border_image"].values, 10, 0.66, (0.09, 0.28)
    rows = -(-len(images) // columns)
    title = "The worst written 4s and 9s of the test images"
    page = Page(0.78 + rows * (side + gap[1]) + 0.1, title=title, left=0.3)
    nets = border.sizes["net"]
    key = f"label, and of {nets} networks how many are right {SIGNS[0]} and how many overlap rules {SIGNS[1]}"
    page.write(0.3, 0.54, key, size=SMALL)
    add_pictures(page, images, Scale(colours="gray"), 0.3, 0.7, side, columns=columns, gaps=gap)
    right = border["border_right"].sum("net").transpose("reader", "written").values
    for number, label in enumerate(border["border_label"].values):
        row, column = divmod(number, columns)
        left, base = 0.3 + column * (side + gap[0]), 0.7 + row * (side + gap[1]) + side + 0.16
        page.write(left, base, f"{int(label)}")
        page.write(left + 0.17, base, f"{SIGNS[0]}{right[2, number]:.0f}", size=SMALL, colour=SERIES[0])
        page.write(left + 0.43, base, f"{SIGNS[1]}{right[0, number]:.0f}", size=SMALL, colour=SERIES[1])
    return page


@figure("nodes: layer class example node; separation: space axis net")
def hidden_nodes_figure(border: xr.Dataset) -> Page:
    """The nodes of the hidden layer for 4s and for 9s, trained and before training, first network."""
    nodes = border["nodes"].values
    examples, left, width = nodes.shape[2], 0.75, WIDTH - 0.95
    height = 0.066 * examples
    page = Page(0.95 + 2 * (2 * height + 0.62), title="The hidden layer for 4s and 9s", left=left)
    page.write(left, 0.54, "a row an image, a column a node, from nodes of 9s to nodes of 4s", size=SMALL)
    for row, (name, layer) in enumerate(zip(border["layer"].values, nodes, strict=True)):
        top = 0.95 + row * (2 * height + 0.62)
        apart = border["separation"].sel(space=name).isel(axis=0).mean()
        page.write(left, top - 0.1, f"{name}, d′ {format_number(float(apart), '.1f')}")
        scale = Scale(high=float(np.quantile(layer, 0.99)) or 1.0)
        for part, (label, images) in enumerate(zip(border["class"].values, layer, strict=True)):
            box: Box = (left, top + part * (height + 0.05), width, height)
            page.panel(box, draw_picture, images, scale).set_aspect("auto")
            page.write(left - 0.12, box[1] + height / 2 + 0.05, f"{label}s", align="right")
    return page


@figure("separation: space axis net")
def separation_figure(border: xr.Dataset) -> Page:
    """d′ of 4s and 9s by space, along the difference of means and along Fisher's axis."""
    separation = border["separation"].transpose("axis", "space", "net").values
    return dot_plot(
        [(str(name), each) for name, each in zip(border["axis"].values, separation, strict=True)],
        [str(name).replace("untrained hidden", "untrained hid.") for name in border["space"].values],
        title="How far apart 4s and 9s lie",
        label="d′ of test 4s and 9s",
        form=".1f",
        zero=True,
    )
