"""Silent maps: how many there are, for which classes, and what their silence says."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_variable, title_of
from cnnbook.figures.dots import dots_figure
from cnnbook.figures.pictures import draw_picture, place_bar, rising_colours
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, SMALL, TITLE, WIDTH, Palette, axes_at, dress, new_figure, write

LAYERS = ("conv_1", "conv_2", "conv_3")


def shown_census(census: xr.Dataset) -> xr.Dataset:
    """What `census_figure` shows."""
    return census[["share"]].sel(what=["maps"])


@drawn_from(shown_census)
def census_figure(census: xr.Dataset, *, palette: Palette) -> Figure:
    """Share of maps that are dead, silent for a class, always on or neither, by layer.

    Args:
        census: `share` by state, layer, what, kind and net.
        palette: the theme.

    Raises:
        ValueError: the variable is missing.
    """
    share = check_variable(census, "share").sel(what="maps").transpose("state", "layer", "kind", "net")
    kinds = [str(kind) for kind in share["kind"].values]
    rows = [f"{title_of(layer)}: {kind}" for layer in LAYERS for kind in kinds]
    values = 100 * np.stack([share.sel(layer=list(LAYERS)).values[s].reshape(len(rows), -1) for s in (0, 1)])
    return dots_figure(
        values, ["trained", "untrained"], rows, title="Maps by how often they are active",
        label="maps of the layer (%)", palette=palette, ends=(-2, 102), form=".0f",
    )  # fmt: skip


def shown_by_class(census: xr.Dataset) -> xr.Dataset:
    """What `silence_by_class_figure` shows."""
    return census[["active_conv_2", "active_conv_3"]]


@drawn_from(shown_by_class)
def silence_by_class_figure(census: xr.Dataset, *, palette: Palette) -> Figure:
    """Share of images of each class in which each map is active; maps in the order of their mean.

    Args:
        census: `active_conv_2` and `active_conv_3` by class and map.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    figure = new_figure(4.5, palette=palette)
    write(figure, 0.5, 0.28, "How often each map is active, by class", colour=palette.ink, size=TITLE)
    colours = rising_colours(palette)
    place_bar(figure, 0.5, 0.42, palette=palette, colours=colours, low="0 %", high="100 %",
              label="of the images of a class")  # fmt: skip
    for block, layer in enumerate(LAYERS[1:]):
        active = check_variable(census, f"active_{layer}").transpose("class", ...).values
        order = np.argsort(active.mean(axis=0))
        ax = axes_at(figure, 0.5, 1.12 + block * 1.75, WIDTH - 0.7, 1.3)
        draw_picture(ax, active[:, order], palette=palette, colours=colours, low=0, high=1)
        ax.set_aspect("auto")
        ax.set_yticks(range(0, 10, 1), [str(k) for k in range(10)])
        ax.tick_params(length=0, labelsize=SMALL, labelcolor=palette.faint)
        name = f"{title_of(layer)}: {active.shape[1]} maps, the quietest at the left"
        write(figure, 0.5, 1.04 + block * 1.75, name, colour=palette.ink, size=LABEL)
    return figure


def shown_information(census: xr.Dataset) -> xr.Dataset:
    """What `silence_information_figure` shows."""
    return census[[f"bits{end}_{layer}" for layer in LAYERS[1:] for end in ("", "_shuffled")]]


@drawn_from(shown_information)
def silence_information_figure(census: xr.Dataset, *, palette: Palette) -> Figure:
    """What the silence of each map says about the class, sorted, with that of shuffled labels.

    Args:
        census: `bits_LAYER` and `bits_shuffled_LAYER` by map.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    figure = new_figure(3.4, palette=palette)
    write(figure, 0.7, 0.28, "What a map's silence says about the class", colour=palette.ink, size=TITLE)
    for block, layer in enumerate(LAYERS[1:]):
        ax = axes_at(figure, 0.7 + block * 3.75, 0.62, 3.2, 2.2)
        for name, colour, style, words in (
            (f"bits_{layer}", palette.blue, "-", "— labels"),
            (f"bits_shuffled_{layer}", palette.orange, "--", "- - shuffled labels"),
        ):
            bits = -np.sort(-check_variable(census, name).values)
            ax.plot(np.arange(1, len(bits) + 1), bits, style, color=colour, lw=1.6)
            height = 0.95 if words == "— labels" else 0.82
            ax.text(0.97, height, words, color=colour, fontsize=SMALL, ha="right", va="top",
                    transform=ax.transAxes)  # fmt: skip
        ax.set(xlabel="maps, the most telling first", ylim=(-0.02, None))
        ax.set_ylabel("bits" if not block else "")
        dress(ax, palette)
        write(figure, 0.7 + block * 3.75, 0.54, title_of(layer), colour=palette.ink, size=LABEL)
    return figure
