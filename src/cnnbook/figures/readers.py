"""What linear readers find: by code, by layer, for classes, pixels and strokes."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_variable, title_of
from cnnbook.figures.dots import dots_figure
from cnnbook.figures.pictures import draw_picture
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, SMALL, TITLE, Palette, axes_at, new_figure, write

SIDE, LEFT, TOP, ACROSS = 0.72, 1.62, 0.72, 0.08
"""Inches of a picture, for the rows' names, above the first row, and between two pictures."""


def shown_codes(codes: xr.Dataset) -> xr.Dataset:
    """What `codes_figure` shows."""
    return codes[["accuracy", "pixels", "shuffled"]]


@drawn_from(shown_codes)
def codes_figure(codes: xr.Dataset, *, palette: Palette) -> Figure:
    """Accuracy of a linear reader by code, on Conv_2 and Conv_3, trained and untrained, and of two nulls.

    Args:
        codes: `accuracy` by state, layer, code and net; `pixels` and `shuffled`.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    accuracy = check_variable(codes, "accuracy").transpose("layer", "state", "code", "net").values
    kinds = ["Conv_3", "Conv_2", "Conv_3, untrained", "Conv_2, untrained"]
    values = 100 * np.stack([accuracy[1, 0], accuracy[0, 0], accuracy[1, 1], accuracy[0, 1]])
    rows = [str(code) for code in codes["code"].values]
    nulls = {name: 100 * float(check_variable(codes, key)) for name, key in
             (("pixels", "pixels"), ("shuffled labels", "shuffled"))}  # fmt: skip
    return dots_figure(
        values, kinds, rows, title="What a linear reader makes of parts of the activations",
        label="test images named rightly (%)", palette=palette, ends=(0, 101), form=".1f", nulls=nulls,
    )  # fmt: skip


def shown_probes(lost: xr.Dataset) -> xr.Dataset:
    """What `probes_figure` shows."""
    return lost[["read"]].sel(what=["class", "control"])


@drawn_from(shown_probes)
def probes_figure(lost: xr.Dataset, *, palette: Palette) -> Figure:
    """Accuracy of the probe by layer: trained, untrained, and for labels drawn at random.

    Args:
        lost: `read` by state, space, net and what.
        palette: the theme.

    Raises:
        ValueError: the variable is missing.
    """
    read = 100 * check_variable(lost, "read").transpose("what", "state", "space", "net")
    asked = (("class", "trained"), ("class", "untrained"), ("control", "trained"))
    values = [read.sel(what=what, state=state).values for what, state in asked]
    names = [title_of(str(space)) for space in lost["space"].values]
    return dots_figure(
        np.stack(values), ["trained", "untrained", "random labels"], names,
        title="What a linear probe reads of the class", label="test images named rightly (%)",
        palette=palette, ends=(0, 101), form=".1f",
    )  # fmt: skip


def shown_shapes(lost: xr.Dataset) -> xr.Dataset:
    """What `shape_probes_figure` shows."""
    return lost[["read"]].drop_sel(what=["class", "control", "ssim"])


@drawn_from(shown_shapes)
def shape_probes_figure(lost: xr.Dataset, *, palette: Palette) -> Figure:
    """R² of pixels and of stroke measures of 4s, on the image, on Conv_1, Conv_3 and untrained Conv_3.

    Args:
        lost: `read` by state, space, net and what.
        palette: the theme.

    Raises:
        ValueError: the variable is missing.
    """
    read = check_variable(lost, "read").drop_sel(what=["class", "control", "ssim"], errors="ignore")
    read = read.transpose("state", "space", "what", "net")
    asked = (("conv_3", "trained"), ("conv_3", "untrained"), ("conv_1", "trained"), ("image", "trained"))
    values = np.stack([read.sel(space=space, state=state).values for space, state in asked])
    names = ["pixels" if name == "r2" else str(name) for name in read["what"].values]
    return dots_figure(
        values, ["Conv_3", "Conv_3, untrained", "Conv_1", "image"], names,
        title="What a linear reader finds of pixels and strokes", label="R² on test images; strokes of 4s",
        palette=palette, zero=True,
    )  # fmt: skip


def shown_decoder(lost: xr.Dataset) -> xr.Dataset:
    """What `decoder_figure` shows."""
    return lost[["shown", "rebuilt", "mean_image", "read"]].sel(what=["r2", "ssim"])


@drawn_from(shown_decoder)
def decoder_figure(lost: xr.Dataset, *, palette: Palette) -> Figure:
    """Digits, and what a linear decoder makes of each layer's activations; the mean image as the null.

    Args:
        lost: `shown`, `rebuilt` and `mean_image` by pixel; `read` by state, space, net and what.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    shown, rebuilt = check_variable(lost, "shown").values, check_variable(lost, "rebuilt")
    read = check_variable(lost, "read").mean("net")
    rows = [("the image", shown, "")]
    for space, state in (("conv_1", "trained"), ("pool_1", "trained"), ("conv_2", "trained"),
                         ("pool_2", "trained"), ("conv_3", "trained"), ("conv_3", "untrained")):  # fmt: skip
        here = read.sel(space=space, state=state)
        name = title_of(space) + (", untrained" if state == "untrained" else "")
        told = f"R² {float(here.sel(what='r2')):.2f}   SSIM {float(here.sel(what='ssim')):.2f}"
        rows.append((name, rebuilt.sel(space=space, state=state).values, told))
    mean = check_variable(lost, "mean_image").values
    rows.append(("mean image", np.broadcast_to(mean, shown.shape), "R² 0 by definition"))
    figure = new_figure(TOP + len(rows) * (SIDE + ACROSS) + 0.1, palette=palette)
    title = "Digits rebuilt from the activations of single layers"
    write(figure, LEFT, 0.28, title, colour=palette.ink, size=TITLE)
    write(figure, LEFT, 0.52, "first network; at the right: all test images asked, mean over networks",
          colour=palette.faint, size=SMALL)  # fmt: skip
    for row, (name, pictures, told) in enumerate(rows):
        top = TOP + row * (SIDE + ACROSS)
        write(figure, LEFT - 0.12, top + SIDE / 2 + 0.05, name, colour=palette.ink, size=LABEL, align="right")
        for column, picture in enumerate(pictures):
            ax = axes_at(figure, LEFT + column * (SIDE + ACROSS), top, SIDE, SIDE)
            draw_picture(ax, picture, palette=palette, colours="gray", low=0, high=1)
        left = LEFT + len(pictures) * (SIDE + ACROSS) + 0.12
        write(figure, left, top + SIDE / 2 + 0.05, told, colour=palette.ink, size=SMALL)
    return figure
