"""What digits drive a map: its strongest patches, and how well a linear model of its window predicts it."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_variable
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.shares import shares_figure
from cnnbook.figures.sheets import draw_sheet, sheet_height
from cnnbook.figures.style import LABEL, SMALL, TITLE, Palette, axes_at, new_figure, write

SHOWN = 6
"""Maps whose patches are drawn: those whose loss costs most."""


def shown_patches(units: xr.Dataset) -> xr.Dataset:
    """What `patches_figure` shows: the patches of the maps whose loss costs most."""
    cost = check_variable(units, "number_conv_3").sel(number="cost").values
    chosen = np.argsort(-cost, kind="stable")[:SHOWN]
    return (
        units[["patch_conv_3", "mean_patch_conv_3", "number_conv_3"]]
        .isel(map_conv_3=chosen)
        .assign(chosen=("map_conv_3", chosen, {"units": "1"}))
    )


@drawn_from(shown_patches)
def patches_figure(units: xr.Dataset, *, palette: Palette) -> Figure:
    """For maps of Conv_3: the strongest patches of digits, their mean, and one patch of each decile.

    Args:
        units: `patch_conv_3` by map, shown and pixel; `mean_patch_conv_3`; `number_conv_3` by number and map.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    shown = units if "chosen" in units else shown_patches(units)
    patch = shown["patch_conv_3"].transpose("map_conv_3", "shown", ...).values
    mean = shown["mean_patch_conv_3"].transpose("map_conv_3", ...).values
    top_count = 9
    left, wide, deciles = 0.95, 2.9, patch.shape[1] - top_count
    side = sheet_height(top_count, top_count, wide, height=18, across=18)
    figure = new_figure(0.95 + len(patch) * (side + 0.16) + 0.05, palette=palette)
    title = "What digits drive maps of Conv_3, in their 18 × 18 windows"
    write(figure, left, 0.28, title, colour=palette.ink, size=TITLE)
    for at, words in ((left, "the nine strongest"), (left + wide + 0.12, "mean"),
                      (left + wide + side + 0.3, "one of each decile, strong to weak")):  # fmt: skip
        write(figure, at, 0.8, words, colour=palette.faint, size=SMALL)
    lower = wide * deciles / top_count
    for row in range(len(patch)):
        top = 0.9 + row * (side + 0.16)
        name = f"map {int(shown['chosen'][row])}"
        write(figure, left - 0.1, top + side / 2 + 0.05, name, colour=palette.ink, size=LABEL, align="right")
        draw_sheet(
            axes_at(figure, left, top, wide, side), patch[row, :top_count], columns=top_count, palette=palette
        )
        one = axes_at(figure, left + wide + 0.12, top, side, side)
        draw_sheet(one, mean[row : row + 1], columns=1, palette=palette)
        ax = axes_at(figure, left + wide + side + 0.3, top, lower, side)
        draw_sheet(ax, patch[row, top_count:], columns=deciles, palette=palette)
    return figure


def shown_linear(patches: xr.Dataset) -> xr.Dataset:
    """What `linear_figure` shows."""
    return patches[["r2", "r2_untrained", "r2_class"]]


@drawn_from(shown_linear)
def linear_figure(patches: xr.Dataset, *, palette: Palette) -> Figure:
    """Share of maps whose middle point a model predicts at least so well: linear, before training, by class.

    Args:
        patches: `r2`, `r2_untrained` and `r2_class` by net and map.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    names = {"r2": "linear in the window", "r2_untrained": "same, untrained", "r2_class": "the class alone"}
    kinds = [(name, check_variable(patches, key).values.ravel()) for key, name in names.items()]
    return shares_figure(
        kinds, title="How well a point's answer can be predicted", label="R² on test images", things="maps",
        palette=palette,
    )  # fmt: skip
