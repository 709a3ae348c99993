"""What drives maps, which of them matter, and which are silent: for which classes, and what that says."""

from itertools import product

import numpy as np
import xarray as xr

from cnnbook.figures.charts import dot_plot, draw_lines, exceedance_plot
from cnnbook.figures.declare import check_variable, figure, title_of
from cnnbook.figures.page import Page
from cnnbook.figures.pictures import (
    PictureRow,
    Scale,
    add_colour_bar,
    add_picture_rows,
    draw_contact_sheet,
    draw_picture,
    sheet_height,
)
from cnnbook.figures.style import LABEL, SERIES, SMALL, WIDTH
from cnnbook.formatting import format_number

LAYERS = ("conv_1", "conv_2", "conv_3")

SHOWN, STRONGEST = 6, 9
"""Maps whose patches are drawn, those whose loss costs most; and the strongest patches of each."""


def select_costly_maps(units: xr.Dataset) -> xr.Dataset:
    """The maps of Conv_3 whose loss costs most, with their numbers as `chosen`."""
    if "chosen" in units:
        return units
    cost = check_variable(units, "number_conv_3").sel(number="cost").values
    chosen = np.argsort(-cost, kind="stable")[:SHOWN]
    own = units[["patch_conv_3", "mean_patch_conv_3", "number_conv_3"]].isel(map_conv_3=chosen)
    return own.assign(chosen=("map_conv_3", chosen, {"units": "1"}))


@figure(
    "patch_conv_3: map_conv_3 shown patch_row_conv_3 patch_column_conv_3;"
    "mean_patch_conv_3: map_conv_3 patch_row_conv_3 patch_column_conv_3;"
    "number_conv_3: number map_conv_3; chosen: map_conv_3",
    prepare=select_costly_maps,
)
def patches_figure(units: xr.Dataset) -> Page:
    """For maps of Conv_3: the strongest patches of digits, their mean, and one patch of each decile."""
    patches, mean = units["patch_conv_3"].values, units["mean_patch_conv_3"].values
    left, width, deciles = 0.95, 2.9, patches.shape[1] - STRONGEST
    side = sheet_height(STRONGEST, STRONGEST, width, height=18, across=18)
    title = "What digits drive maps of Conv_3, in their 18 × 18 windows"
    page = Page(0.95 + len(patches) * (side + 0.16) + 0.05, title=title, left=left)
    middle, right = left + width + 0.12, left + width + side + 0.3
    words = {left: "the nine strongest", middle: "mean", right: "one of each decile, strong to weak"}
    for edge, text in words.items():
        page.write(edge, 0.8, text, size=SMALL)
    rows = []
    for row, number in enumerate(units["chosen"].values):
        top, (strong, rest) = 0.9 + row * (side + 0.16), np.split(patches[row], [STRONGEST])
        rows.append(PictureRow(name=f"map {number}", pictures=strong))
        page.panel((middle, top, side, side), draw_contact_sheet, mean[row : row + 1], columns=1)
        page.panel((right, top, width * deciles / STRONGEST, side), draw_contact_sheet, rest, columns=deciles)
    add_picture_rows(page, rows, left, 0.9, width, gap=0.16, gaps=(0.1, 0.1))
    return page


@figure(
    "told: net map_conv_3; told_untrained: net map_conv_3;"
    "r2: net map_conv_3; r2_untrained: net map_conv_3; r2_class: net map_conv_3"
)
def linear_figure(patches: xr.Dataset) -> Page:
    """Share of maps that tell at least so much of their window, and whose point is predicted so well."""
    names = {
        "told": "window, by map",
        "told_untrained": "same, untrained",
        "r2": "point, by window",
        "r2_untrained": "same, untrained",
        "r2_class": "point, by class",
    }
    return exceedance_plot(
        [(name, patches[key].values.ravel()) for key, name in names.items()],
        title="What a map tells of its window, and a window of its map",
        label="R² on test images; of the window beyond the class",
        things="maps",
    )


@figure("reached: kind layer net")
def surrogates_figure(surrogates: xr.Dataset) -> Page:
    """Strong responses to surrogates, by those to digits, on each layer."""
    reached = 100 * surrogates["reached"]
    return dot_plot(
        list(zip(map(str, reached["kind"].values), reached.values, strict=True)),
        [title_of(layer) for layer in reached["layer"].values],
        title="Images that only share the digits' correlations of pixels",
        label="strong responses, by those to digits (%)",
        form=".0f",
        ends=(0, max(120.0, 1.05 * float(reached.max()))),
    )


@figure(
    "picture: layer start digit row column; target: digit row column; begin: start digit row column;"
    "likeness: layer start digit; others: layer start digit",
    at={"digit": slice(5)},
)
def inversions_figure(inversions: xr.Dataset) -> Page:
    """Digits, pictures with the same activations, and metamers with the digits they began as."""
    rows = [PictureRow(name="the digit", pictures=inversions["target"].values)]
    rows += [_inverted(inversions, layer, "fluctuations") for layer in LAYERS]
    rows.append(PictureRow(name="began as", pictures=inversions["begin"].values[1]))
    rows.append(_inverted(inversions, "conv_3", "another digit"))
    left, width = 1.4, 4.1
    height = 0.75 + len(rows) * (sheet_height(5, 5, width) + 0.1) + 0.05
    page = Page(height, title="Pictures that give a layer the same activations", left=left)
    note = "r with the digit; others: networks that classify it as they classify the digit"
    page.write(left, 0.52, note, size=SMALL)
    add_picture_rows(page, rows, left, 0.66, width, gap=0.1, gaps=(0.12, 0.15), note_size=SMALL)
    return page


def _inverted(inversions: xr.Dataset, layer: str, start: str) -> PictureRow:
    """The pictures with the same activations of a layer, and how they do."""
    own = inversions.sel(layer=layer, start=start)
    others = 100 * float(own["others"].mean("digit"))
    note = f"r {format_number(own['likeness'].mean('digit'))}, others agree {others:.0f} %"
    return PictureRow(name=f"same {title_of(layer)}", pictures=own["picture"].values, note=note)


@figure(
    "number_conv_1: number map_conv_1; number_conv_2: number map_conv_2; number_conv_3: number map_conv_3",
    at={"number": ("selectivity", "cost")},
)
def importance_figure(units: xr.Dataset) -> Page:
    """How selective each map is against what its loss costs, a panel a layer."""
    page = Page(3.0, title="Selective maps and maps that matter", left=0.75)
    for panel, layer in enumerate(LAYERS):
        selectivity, cost = units[f"number_{layer}"].values
        labels = "selectivity" if panel == 1 else "", "" if panel else "accuracy lost (points)"
        chart = page.chart(
            (0.75 + panel * 2.45, 0.75, 2.0, 1.6), xlim=(0, 1.03), xlabel=labels[0], ylabel=labels[1]
        )
        chart.axhline(0, color="grid", lw=0.9)
        chart.plot(selectivity, 100 * cost, "o", ms=3.5, mfc="none", mec=SERIES[panel], mew=1)
        chart.set_title(title_of(layer), loc="left", color="ink", fontsize=LABEL, pad=4)
    return page


STATES = ("trained", "untrained")


@figure("share: state layer kind net what", at={"what": "maps", "state": STATES, "layer": LAYERS})
def census_figure(census: xr.Dataset) -> Page:
    """Share of maps that are dead, silent for a class, always on or neither, by layer."""
    names = product(census["layer"].values, census["kind"].values)
    rows = [f"{title_of(layer)}: {kind}" for layer, kind in names]
    values = 100 * census["share"].values.reshape(len(STATES), len(rows), -1)
    return dot_plot(
        list(zip(STATES, values, strict=True)),
        rows,
        title="Maps by how often they are active",
        label="maps of the layer (%)",
        ends=(-2, 102),
        form=".0f",
    )


@figure("active_conv_2: class map_conv_2; active_conv_3: class map_conv_3")
def silence_by_class_figure(census: xr.Dataset) -> Page:
    """Share of images of each class in which each map is active; maps in the order of their mean."""
    page, scale = Page(4.5, title="How often each map is active, by class", left=0.5), Scale()
    add_colour_bar(page, 0.5, 0.42, scale, label="of the images of a class", low="0 %", high="100 %")
    for block, layer in enumerate(LAYERS[1:]):
        active = census[f"active_{layer}"].values
        ordered = active[:, np.argsort(active.mean(axis=0))]
        box = 0.5, 1.12 + block * 1.75, WIDTH - 0.7, 1.3
        chart = page.panel(box, draw_picture, ordered, scale)
        chart.set(aspect="auto", yticks=range(10))
        chart.tick_params(length=0, labelsize=SMALL, labelcolor="faint")
        name = f"{title_of(layer)}: {active.shape[1]} maps, the quietest at the left"
        page.write(0.5, 1.04 + block * 1.75, name)
    return page


@figure(
    "bits_conv_2: map_conv_2 [bits]; bits_shuffled_conv_2: map_conv_2 [bits];"
    "bits_conv_3: map_conv_3 [bits]; bits_shuffled_conv_3: map_conv_3 [bits]"
)
def silence_information_figure(census: xr.Dataset) -> Page:
    """What the silence of each map says about the class, sorted, with that of shuffled labels."""
    page = Page(3.4, title="What a map's silence says about the class", left=0.7)
    for left, layer in zip((0.7, 4.45), LAYERS[1:], strict=True):
        names = {"labels": f"bits_{layer}", "shuffled labels": f"bits_shuffled_{layer}"}
        series = [(words, -np.sort(-census[name].values)) for words, name in names.items()]
        label = "bits" if layer == LAYERS[1] else ""
        chart = page.chart((left, 0.62, 3.2, 2.2), xlabel="maps, the most informative first", ylabel=label)
        draw_lines(chart, np.arange(1, len(series[0][1]) + 1), series, right=0.97)
        chart.set_ylim(bottom=-0.02)
        page.write(left, 0.54, title_of(layer))
    return page
