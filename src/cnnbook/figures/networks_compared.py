"""Two networks side by side: likeness of layers and maps, stitches, and the loss on the path between them."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float

from cnnbook.figures.charts import dot_axes, dot_plot, draw_dots
from cnnbook.figures.declare import check_variable, figure, title_of
from cnnbook.figures.page import Box, Chart, Page
from cnnbook.figures.pictures import column_centres, draw_contact_sheet, sheet_height
from cnnbook.figures.style import LABEL, MARKERS, SERIES, SMALL, TITLE, WIDTH
from cnnbook.formatting import format_number

LEFT, PANEL, GAP, HIGH = 0.5, 2.12, 0.3, 1.9
"""Inches: left of the first panel, of a panel's width and of the space between two, and of their height."""

NOTES = {
    "CKA": "up to a rotation of all points",
    "Procrustes": "up to a rotation of the maps",
    "permutation": "map by map, mean r",
}
"""What the measures leave open."""


def _panels(
    page: Page,
    alike: Float[np.ndarray, "measures x series nets"],
    measures: Sequence[str],
    ticks: Sequence[str],
    *,
    top: float,
) -> None:
    """Draw a panel for each measure: means over networks as lines, and their range."""
    for panel, (measure, values) in enumerate(zip(measures, alike, strict=True)):
        box = LEFT + panel * (PANEL + GAP), top, PANEL, HIGH
        page.write(box[0], top - 0.28, measure, size=TITLE)
        page.write(box[0], top - 0.1, NOTES[measure], size=SMALL)
        axis = {"xlim": (-0.4, len(ticks) - 0.6), "ylim": (-0.03, 1.05), "yticks": [0, 0.5, 1]}
        chart = page.chart(box, grid="y", xticks=range(len(ticks)), **axis)
        chart.set_xticklabels(list(ticks))
        chart.axhline(1, color="faint", lw=1.2, ls=":")
        chart.tick_params(axis="x", labelcolor="ink")
        if panel:
            chart.tick_params(labelleft=False)
        _lines(chart, values.swapaxes(0, 1))


def _lines(chart: Chart, values: Float[np.ndarray, "series x nets"]) -> None:
    for number, each in enumerate(values):
        x = np.arange(len(each)) + (number - (len(values) - 1) / 2) * 0.08
        look = {"color": SERIES[number]}
        chart.plot(x, each.mean(axis=1), lw=1.2, alpha=0.6, **look)
        chart.vlines(x, each.min(axis=1), each.max(axis=1), lw=1.8, **look)
        chart.plot(x, each.mean(axis=1), MARKERS[number], ms=5.5, mec="background", mew=0.4, **look)


def join_layers_and_maps(layers: xr.Dataset, maps: xr.Dataset | None = None) -> xr.Dataset:
    """The likeness of layers beside the shares and correlations of maps, on all images."""
    if maps is None:
        return layers
    chosen = [check_variable(maps, name).isel(resample=0, drop=True) for name in ("universal", "r")]
    return xr.merge([layers[["alike"]], *chosen], combine_attrs="override", join="outer")


@figure(
    "alike: kind measure layer net; universal: pool net; r: pairing net",
    prepare=join_layers_and_maps,
)
def alignment_figure(layers: xr.Dataset) -> Page:
    """Likeness of two networks by measure and layer; universal maps and mean r, with nulls and ceiling."""
    kinds = layers["kind"].values.astype(str).tolist()
    page = Page(6.5, title="How alike two trained networks are", left=LEFT)
    page.legend(LEFT, 0.54, kinds)
    page.write(WIDTH - 0.1, 0.28, "dotted: a network and itself", size=SMALL, align="right")
    alike = layers["alike"].transpose("measure", "layer", "kind", "net").values
    ticks = [title_of(layer).replace("Hidden", "hidden") for layer in layers["layer"].values]
    _panels(page, alike, layers["measure"].values.astype(str).tolist(), ticks, top=1.12)
    page.write(LEFT, 3.72, "Maps of Conv_3 in other networks", size=TITLE)
    rows = [("maps with r ≥ 0.8 in every other network", *_named(layers["universal"], "pool"))]
    rows.append(("mean r of a map and its partner", *_named(layers["r"], "pairing")))
    top = 3.86
    for title, names, values in rows:
        page.write(LEFT, top + 0.16, title, size=SMALL)
        top = _share_rows(page, (2.55, top + 0.24, WIDTH - 3.4, 0.21 * len(names)), names, values)
    return page


def _named(values: xr.DataArray, dim: str) -> tuple[list[str], Float[np.ndarray, "rows nets"]]:
    return values[dim].values.astype(str).tolist(), values.transpose(dim, "net").values


def _share_rows(page: Page, box: Box, names: Sequence[str], values: Float[np.ndarray, "rows nets"]) -> float:
    """Draw a row for each name, with the mean at its right; returns the lower edge."""
    left, top, width, height = box
    chart = dot_axes(page, box, rows=len(names), xlim=(0, 1), xticks=[0, 0.25, 0.5, 0.75, 1])
    draw_dots(chart, [values])
    for row, (name, each) in enumerate(zip(names, values, strict=True)):
        middle = top + (row + 0.5) * height / len(names) + 0.05
        page.write(left - 0.12, middle, name, align="right")
        page.write(left + width + 0.12, middle, format_number(float(each.mean()), ".2f"))
    return top + height + 0.26


@figure("alike: kind measure layer pair", at={"layer": "conv_3"})
def recipe_likeness_figure(likeness: xr.Dataset) -> Page:
    """Likeness of Conv_3 of two networks by what the second differs by, and by measure."""
    alike = likeness["alike"].transpose("measure", "kind", "pair")
    return dot_plot(
        list(zip(likeness["measure"].values.astype(str).tolist(), alike.values, strict=True)),
        likeness["kind"].values.astype(str).tolist(),
        title="Conv_3 of a network and of another one",
        label="likeness; 1 for a network and itself",
        ends=(0, 1.02),
    )


@figure("alignment: measure layer stage net")
def alignment_by_epoch_figure(result: xr.Dataset) -> Page:
    """Likeness of a network and the next one by measure, stage of training and layer."""
    page = Page(3.85, title="When networks become alike", left=LEFT)
    page.legend(LEFT, 0.54, [title_of(layer).replace("Hidden", "hidden") for layer in result["layer"].values])
    page.write(WIDTH - 0.1, 0.28, "dotted: a network and itself", size=SMALL, align="right")
    alike = result["alignment"].transpose("measure", "stage", "layer", "net").values
    _panels(page, alike, result["measure"].values.astype(str).tolist(), ["0", "¼", "½", "1", "all"], top=1.12)
    page.write(LEFT + 1.5 * PANEL + GAP, 3.6, "epochs of training", align="center")
    return page


@figure(
    "shown: shown_map; shown_r: shown_map column; patch: shown_map column strongest patch_row patch_column"
)
def universal_maps_figure(matching: xr.Dataset) -> Page:
    """Strongest patches of maps of the first network and of their partners, with the correlations."""
    patches, r = matching["patch"].values, matching["shown_r"].values
    maps, columns, count = patches.shape[:3]
    left, gap = 0.85, 0.14
    width = (WIDTH - 0.1 - left - gap * (columns - 1)) / columns
    height = sheet_height(count, count, width, height=patches.shape[-2], across=patches.shape[-1])
    page = Page(0.82 + maps * (height + 0.36) + 0.22, title="Maps of Conv_3 and their partners", left=left)
    centres = column_centres(left, WIDTH - 0.1 - left + gap, columns)
    for centre, name in zip(centres, matching["column"].values.astype(str), strict=True):
        page.write(centre - gap / 2, 0.6, name, size=SMALL, align="center")
    for row, number in enumerate(matching["shown"].values):
        top = 0.72 + row * (height + 0.36) + 0.22 * (row >= maps // 2)
        page.write(left - 0.1, top + height / 2 + 0.05, f"map {number}", align="right")
        for column, centre in enumerate(centres):
            box = left + column * (width + gap), top, width, height
            page.panel(box, draw_contact_sheet, patches[row, column], columns=count)
            below = f"r = {r[row, column]:.2f}" if column else ""
            page.write(centre - gap / 2, top + height + 0.17, below, size=SMALL, align="center")
    return page


@figure("accuracy: source net")
def stitching_figure(stitching: xr.Dataset) -> Page:
    """Accuracy of dense layers that get maps of another network, stitched by one affine layer."""
    return dot_plot(
        [("accuracy", 100 * stitching["accuracy"].values)],
        stitching["source"].values.astype(str).tolist(),
        title="A network's dense layers on other maps",
        label="test images classified correctly (%)",
        ends=(0, 101),
        form=".1f",
        nulls={"chance": 10.0},
    )


@figure("loss: path point net [nats]")
def barrier_figure(minima: xr.Dataset) -> Page:
    """Training loss along the straight path between two networks, mean and range over networks."""
    loss, share = minima["loss"].transpose("path", "net", "point").values, minima["point"].values
    page = Page(3.7, title="The loss on the way from one network to another", left=0.72)
    axis = {"xlim": (0, 1), "ylim": (0, 1.05 * float(loss.max())), "ylabel": "training loss (nats)"}
    ticks = {"xlabel": "share of the second network's weights", "xticks": [0, 0.25, 0.5, 0.75, 1]}
    width = WIDTH - 0.72 - 2.35
    chart = page.chart((0.72, 0.55, width, 2.55), grid="y", **axis, **ticks)
    names = minima["path"].values.astype(str)
    for number, (name, values) in enumerate(zip(names, loss, strict=True)):
        mean, colour = values.mean(axis=0), SERIES[number]
        chart.fill_between(share, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.18, lw=0)
        chart.plot(share, mean, color=colour, lw=1.4, gid=name)
        chart.plot(share, mean, MARKERS[number], color=colour, ms=5, mec="background", mew=0.4)
        rise = format_number(float(mean.max() - (mean[0] + mean[-1]) / 2), ".2f")
        top = 0.95 + 0.5 * number
        page.write(0.72 + width + 0.2, top, name, size=LABEL, colour=colour)
        page.write(0.72 + width + 0.2, top + 0.19, f"barrier {rise}", size=SMALL)
    return page
