"""Classes against each other: shared points, similarities of all pairs, and an FCP as a picture."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_variable
from cnnbook.figures.pictures import draw_picture, place_bar, rising_colours, signed_colours
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, SMALL, TITLE, WIDTH, Palette, axes_at, dress, new_figure, write
from cnnbook.tiling import tiled

SIDE, GAP = 1.72, 0.16
"""Inches of a matrix, and between two."""

TILE, COLUMNS = 0.42, 16
"""Inches of a map of an FCP, and maps in a row."""

MARKERS = ("o", "s", "D", "^")
FLOOR = 0.01
"""Fewer points than this are drawn at the lower edge."""


def shown_shared(common: xr.Dataset) -> xr.Dataset:
    """What `shared_points_figure` shows."""
    return common[["shared"]]


@drawn_from(shown_shared)
def shared_points_figure(common: xr.Dataset, *, palette: Palette) -> Figure:
    """Points that n digits share, by n: 4s and what they are compared with, one panel a threshold.

    Args:
        common: `shared` by who, threshold, digits and net.
        palette: the theme.

    Raises:
        ValueError: the variable is missing.
    """
    shared = check_variable(common, "shared").transpose("threshold", "who", "digits", "net")
    figure = new_figure(4.9, palette=palette)
    write(figure, 0.7, 0.28, "Points of Conv_3 that n digits share", colour=palette.ink, size=TITLE)
    names, left = [str(who) for who in shared["who"].values], 0.7
    for name, marker, colour in zip(names, "●■◆▲", palette.accents, strict=True):
        write(figure, left, 0.54, f"{marker} {name}", colour=colour, size=SMALL)
        left += 0.085 * len(name) + 0.5
    for panel, threshold in enumerate(shared["threshold"].values):
        ax = axes_at(figure, 0.7 + panel % 2 * 3.75, 0.92 + panel // 2 * 1.95, 3.2, 1.4)
        for row in range(len(names)):
            each = np.maximum(shared.values[panel, row], FLOOR)
            n, colour = shared["digits"].values, palette.accents[row]
            ax.plot(n, each.mean(axis=1), MARKERS[row] + "-", color=colour, ms=4, lw=1.2)
            ax.vlines(n, each.min(axis=1), each.max(axis=1), color=colour, lw=1.2)
        ax.set(yscale="log", ylim=(FLOOR, 600), xticks=shared["digits"].values[::2])
        ax.set_ylabel("points" if panel % 2 == 0 else "")
        ax.set_xlabel("n" if panel > 1 else "")
        text = f"strong: the largest {100 * float(threshold):.0f} %"
        ax.text(
            0.98, 0.95, text, color=palette.ink, fontsize=SMALL, ha="right", va="top", transform=ax.transAxes
        )
        dress(ax, palette)
    return figure


def shown_similarity(classes: xr.Dataset) -> xr.Dataset:
    """What `class_similarity_figure` shows."""
    return classes[["cosine", "within", "between", "d_prime"]]


@drawn_from(shown_similarity)
def class_similarity_figure(classes: xr.Dataset, *, palette: Palette) -> Figure:
    """Mean cosine of all pairs by class and class, for pixels and layers, on one scale.

    Args:
        classes: `cosine` by space, net, class and other; `within`, `between`, `d_prime` by space and net.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    mean = check_variable(classes, "cosine").mean("net")
    figure = new_figure(SIDE + 1.95, palette=palette)
    title = "How alike two digits are, by their classes"
    write(figure, 0.3, 0.28, title, colour=palette.ink, size=TITLE)
    colours = rising_colours(palette)
    place_bar(figure, 0.3, 0.42, palette=palette, colours=colours, low="0", high="1",
              label="mean cosine of all pairs; mean over networks")  # fmt: skip
    for column, space in enumerate(classes["space"].values):
        left = 0.3 + column * (SIDE + GAP)
        ax = axes_at(figure, left, 1.1, SIDE, SIDE)
        draw_picture(ax, mean.sel(space=space).values, palette=palette, colours=colours, low=0, high=1)
        ax.set_xticks(range(10))
        ax.set_yticks(range(10) if column == 0 else [])
        ax.tick_params(length=0, labelsize=SMALL, labelcolor=palette.faint, pad=1)
        write(figure, left, 1.02, str(space), colour=palette.ink, size=LABEL)
        here = classes.sel(space=space).mean("net")
        told = f"{float(here.within):.2f} / {float(here.between):.2f}   d′ {float(here.d_prime):.1f}"
        write(figure, left, 1.1 + SIDE + 0.38, told, colour=palette.ink, size=SMALL)
    write(figure, 0.3, 1.1 + SIDE + 0.6, "within / between classes; d′: how far these lie apart", 
          colour=palette.faint, size=SMALL)  # fmt: skip
    return figure


def shown_fcp(classes: xr.Dataset, *, digit: str, less: str) -> xr.Dataset:
    """What `fcp_figure` shows."""
    return classes[["prototype"]].sel({"class": [int(digit), int(less)]})


@drawn_from(shown_fcp)
def fcp_figure(classes: xr.Dataset, *, palette: Palette, digit: str, less: str) -> Figure:
    """The difference of two prototypes on Conv_3: all 128 maps, signed.

    Args:
        classes: `prototype` by class and point.
        palette: the theme.
        digit: the class that speaks for.
        less: the class that speaks against.

    Raises:
        ValueError: the variable or a class is missing.
    """
    known = [str(label) for label in classes["class"].values]
    for name in (digit, less):
        if name not in known:
            raise ValueError(f"digit={name!r}: expected one of {', '.join(known)}")
    means = check_variable(classes, "prototype").sel({"class": [int(digit), int(less)]})
    means = means.transpose("class", "map", "row", "column").values
    title = f"The FCP “{digit} less {less}” on Conv_3"
    return signed_maps_figure(means[0] - means[1], palette=palette, title=title, label="difference of means")


def signed_maps_figure(maps: np.ndarray, *, palette: Palette, title: str, label: str) -> Figure:
    """All maps of a layer with signed values on one scale that is symmetric about zero.

    Args:
        maps: by map, row and column.
        palette: the theme.
        title: above them.
        label: of the colour bar.
    """
    rows = -(-len(maps) // COLUMNS)
    figure = new_figure(0.98 + rows * (TILE + 0.05), palette=palette)
    write(figure, 0.2, 0.28, title, colour=palette.ink, size=TITLE)
    limit, colours = float(np.abs(maps).max()) or 1.0, signed_colours(palette)
    place_bar(figure, 0.2, 0.42, palette=palette, colours=colours, low=f"−{limit:.2g}", high=f"{limit:.2g}",
              label=label)  # fmt: skip
    left, width = 0.2, COLUMNS * (TILE + 0.05)
    ax = axes_at(figure, left, 0.88, min(width, WIDTH - 0.3), rows * (TILE + 0.05))
    draw_picture(ax, tiled(maps, COLUMNS, gap=0), palette=palette, colours=colours, low=-limit, high=limit)
    for spine in ax.spines.values():
        spine.set_visible(False)
    for column in range(1, COLUMNS):
        ax.axvline(column * 3 - 0.5, color=palette.faint, lw=0.8)
    for row in range(1, rows):
        ax.axhline(row * 3 - 0.5, color=palette.faint, lw=0.8)
    return figure
