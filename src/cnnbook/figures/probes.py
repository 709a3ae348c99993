"""What linear probes find: by code, by layer, for classes, pixels and strokes."""

import numpy as np
import xarray as xr

from cnnbook.figures.declare import figure, title_of
from cnnbook.figures.dots import dots
from cnnbook.figures.page import Page
from cnnbook.figures.pictures import Scale, place_pictures
from cnnbook.figures.style import SMALL

SIDE, LEFT, TOP, ACROSS = 0.72, 1.62, 0.72, 0.08
"""Inches of a picture, for the rows' names, above the first row, and between two pictures."""

STATES = ("trained", "untrained")

LAYERS = ("conv_1", "pool_1", "conv_2", "pool_2", "conv_3")
"""The layers from which digits are rebuilt."""


def _name(layer: str, state: str) -> str:
    """A layer and its state, such as "Conv_3, untrained"."""
    return title_of(layer) + (", untrained" if state == "untrained" else "")


@figure("accuracy: state layer code net; pixels:; shuffled:")
def codes_figure(codes: xr.Dataset) -> Page:
    """Accuracy of a linear probe by code, on Conv_2 and Conv_3, trained and untrained, and of two nulls."""
    accuracy = 100 * codes["accuracy"]
    spaces = [(layer, state) for state in STATES for layer in ("conv_3", "conv_2")]
    return dots(
        [(_name(*space), accuracy.sel(layer=space[0], state=space[1]).values) for space in spaces],
        [str(code) for code in codes["code"].values],
        title="What a linear probe makes of parts of the activations",
        label="test images classified correctly (%)",
        ends=(0, 101),
        form=".1f",
        nulls={"pixels": 100 * float(codes.pixels), "shuffled labels": 100 * float(codes.shuffled)},
    )


@figure("read: state space net what", at={"what": ("class", "control")})
def probes_figure(lost: xr.Dataset) -> Page:
    """Accuracy of the probe by layer: trained, untrained, and for labels drawn at random."""
    read = 100 * lost["read"].transpose("what", "state", "space", "net")
    asked = {"trained": ("class", "trained"), "untrained": ("class", "untrained")}
    asked["random labels"] = ("control", "trained")
    return dots(
        [(name, read.sel(what=what, state=state).values) for name, (what, state) in asked.items()],
        [title_of(space) for space in lost["space"].values],
        title="What a linear probe reads of the class",
        label="test images classified correctly (%)",
        ends=(0, 101),
        form=".1f",
    )


@figure(
    "read: state space what net",
    at={"what": ("r2", "slant", "stroke width", "height of the bar", "openness of the top")},
)
def shape_probes_figure(lost: xr.Dataset) -> Page:
    """R² of pixels and of stroke measures of 4s, on the image, on Conv_1, Conv_3 and untrained Conv_3."""
    read = lost["read"]
    spaces = (("conv_3", "trained"), ("conv_3", "untrained"), ("conv_1", "trained"))
    series = [(_name(*space), read.sel(space=space[0], state=space[1]).values) for space in spaces]
    return dots(
        [*series, ("image", read.sel(space="image", state="trained").values)],
        ["pixels" if name == "r2" else str(name) for name in read["what"].values],
        title="What a linear probe finds of pixels and strokes",
        label="R² on test images; strokes of 4s",
        zero=True,
    )


@figure(
    "shown: digit row column; rebuilt: state space digit row column; mean_image: row column;"
    "read: state space net what",
    at={"what": ("r2", "ssim")},
)
def decoder_figure(lost: xr.Dataset) -> Page:
    """Digits, and what a linear decoder makes of each layer's activations; the mean image as the null."""
    digits, mean = lost["shown"].values, lost["mean_image"].values
    rows = [("the image", digits, "")]
    for space, state in [*((layer, "trained") for layer in LAYERS), ("conv_3", "untrained")]:
        own = lost.sel(space=space, state=state)
        r2, ssim = (float(own["read"].sel(what=what).mean("net")) for what in ("r2", "ssim"))
        rows.append((_name(space, state), own["rebuilt"].values, f"R² {r2:.2f}   SSIM {ssim:.2f}"))
    rows.append(("mean image", np.broadcast_to(mean, digits.shape), "R² 0 by definition"))
    height = TOP + len(rows) * (SIDE + ACROSS) + 0.1
    page = Page(height, title="Digits rebuilt from the activations of single layers", left=LEFT)
    note = "first network; at the right: all test images asked, mean over networks"
    page.write(LEFT, 0.52, note, size=SMALL)
    scale, grid = Scale(colours="gray"), {"columns": len(digits), "gaps": (ACROSS, ACROSS)}
    for row, (name, pictures, numbers) in enumerate(rows):
        top = TOP + row * (SIDE + ACROSS)
        page.write(LEFT - 0.12, top + SIDE / 2 + 0.05, name, align="right")
        place_pictures(page, pictures, scale, LEFT, top, SIDE, **grid)
        left = LEFT + len(digits) * (SIDE + ACROSS) + 0.12
        page.write(left, top + SIDE / 2 + 0.05, numbers, size=SMALL, colour="ink")
    return page
