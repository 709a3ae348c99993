"""Silent maps: how many there are, for which classes, and what their silence says."""

from itertools import product

import numpy as np
import xarray as xr

from cnnbook.figures.charts import dots, draw_curves
from cnnbook.figures.declare import figure, title_of
from cnnbook.figures.page import Page
from cnnbook.figures.pictures import Scale, draw_picture, place_bar
from cnnbook.figures.style import SMALL, WIDTH

STATES = ("trained", "untrained")

LAYERS = ("conv_2", "conv_3")
"""The layers whose maps are shown one by one."""


@figure(
    "share: state layer kind net what", at={"what": "maps", "state": STATES, "layer": ("conv_1", *LAYERS)}
)
def census_figure(census: xr.Dataset) -> Page:
    """Share of maps that are dead, silent for a class, always on or neither, by layer."""
    names = product(census["layer"].values, census["kind"].values)
    rows = [f"{title_of(layer)}: {kind}" for layer, kind in names]
    values = 100 * census["share"].values.reshape(len(STATES), len(rows), -1)
    return dots(
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
    place_bar(page, 0.5, 0.42, scale, label="of the images of a class", low="0 %", high="100 %")
    for block, layer in enumerate(LAYERS):
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
    for left, layer in zip((0.7, 4.45), LAYERS, strict=True):
        names = {"labels": f"bits_{layer}", "shuffled labels": f"bits_shuffled_{layer}"}
        series = [(words, -np.sort(-census[name].values)) for words, name in names.items()]
        label = "bits" if layer == LAYERS[0] else ""
        chart = page.chart((left, 0.62, 3.2, 2.2), xlabel="maps, the most informative first", ylabel=label)
        draw_curves(chart, np.arange(1, len(series[0][1]) + 1), series, right=0.97)
        chart.set_ylim(bottom=-0.02)
        page.write(left, 0.54, title_of(layer))
    return page
