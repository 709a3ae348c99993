"""How much a layer's maps still look like the image they came from."""

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_variable, title_of
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, WIDTH, Palette, axes_at, dress, new_figure

MARKERS = ("o", "s", "D", "^")
"""One marker a kind, so that colour is not needed to tell them apart."""

NEAREST = 0.075
"""Least distance of two labels, as a share of the axis."""


def apart(places: Float[np.ndarray, " n"], least: float = NEAREST) -> Float[np.ndarray, " n"]:
    """The same places, moved as little as it takes (by least squares) to keep them apart.

    Args:
        places: where labels would stand.
        least: distance between two of them.
    """
    order = np.argsort(places, kind="stable")
    blocks: list[list[float]] = []  # labels that touch each other, as where the lowest one wants to be
    for rank, place in enumerate(places[order]):
        blocks.append([float(place) - rank * least])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    wanted = np.concatenate([np.full(len(block), np.mean(block)) for block in blocks])
    moved = np.empty(len(places))
    moved[order] = wanted + least * np.arange(len(places))
    return moved


def shown_likeness(likeness: xr.Dataset) -> xr.Dataset:
    """What `likeness_figure` shows: the likeness alone."""
    return likeness[["likeness"]]


@drawn_from(shown_likeness)
def likeness_figure(likeness: xr.Dataset, *, palette: Palette) -> Figure:
    """Likeness by layer and kind: a dot for the mean over nets, a line for their range.

    Args:
        likeness: `likeness` by kind, layer and net, 0 to 1.
        palette: the theme.

    Raises:
        ValueError: the variable is missing.
    """
    values = check_variable(likeness, "likeness").transpose("kind", "layer", "net")
    figure = new_figure(3.7, palette=palette)
    ax = axes_at(figure, 0.72, 0.2, WIDTH - 0.72 - 2.3, 3.0)
    layers = [title_of(str(layer)) for layer in values["layer"].values]
    draw_likeness(ax, values.values, [str(kind) for kind in values["kind"].values], layers, palette=palette)
    return figure


def draw_likeness(
    ax: Axes,
    values: Float[np.ndarray, "kinds layers nets"],
    kinds: list[str],
    layers: list[str],
    *,
    palette: Palette,
) -> Axes:
    """Draw one line a kind over the layers, named at its right end.

    Args:
        ax: where; layers stand at x = 0, 1, ….
        values: likeness, 0 to 1.
        kinds: names of the lines.
        layers: names of the places along x.
        palette: the theme.

    Returns:
        The axes.
    """
    along, means = np.arange(len(layers)), values.mean(axis=2)
    names_at = apart(means[:, -1])
    for row, kind in enumerate(kinds):
        colour, marker = palette.accents[row % 4], MARKERS[row % 4]
        places = along + (row - (len(kinds) - 1) / 2) * 0.07
        ax.plot(places, means[row], color=colour, lw=1.2, alpha=0.55)
        ax.vlines(places, values[row].min(axis=1), values[row].max(axis=1), color=colour, lw=1.6)
        ax.plot(places, means[row], marker, color=colour, ms=5.5, mec=palette.paper, mew=0.3, gid=kind)
        end = (along[-1] + 0.22, names_at[row])
        ax.text(*end, f"{kind}  {means[row, -1]:.2f}", color=colour, fontsize=LABEL, va="center_baseline")
    ax.set(xlim=(-0.35, len(layers) - 0.85), ylim=(0, 1), ylabel="likeness |r|")
    ax.set_xticks(along, layers)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    ax.grid(axis="y", color=palette.grid, lw=0.8)
    ax.set_axisbelow(True)
    dress(ax, palette).tick_params(axis="x", labelcolor=palette.ink, labelsize=LABEL)
    return ax
