"""Small pictures of numbers: signed or not, on a scale that several of them share, with its bar."""

import numpy as np
from jaxtyping import Float, Real
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure

from cnnbook.figures.style import SMALL, Palette, axes_at, bare, write


def signed_colours(palette: Palette) -> Colormap:
    """Blue below zero, the paper at zero, orange above."""
    return LinearSegmentedColormap.from_list("signed", [palette.blue, palette.paper, palette.orange])


def rising_colours(palette: Palette) -> Colormap:
    """The paper at zero, the ink at the top."""
    return LinearSegmentedColormap.from_list("rising", [palette.paper, palette.blue, palette.ink])


def draw_picture(
    ax: Axes,
    values: Real[np.ndarray, "h w"],
    *,
    palette: Palette,
    colours: Colormap | str,
    low: float,
    high: float,
) -> Axes:
    """Draw one picture in a thin frame; row 0 is at the top.

    Args:
        ax: where.
        values: the numbers.
        palette: the theme.
        colours: a colour map.
        low: the value at its lower end.
        high: the value at its upper end.

    Returns:
        The axes.
    """
    ax.imshow(values, cmap=colours, vmin=low, vmax=high if high > low else low + 1, interpolation="nearest")
    bare(ax)
    for spine in ax.spines.values():
        spine.set_visible(True)
        spine.set(color=palette.grid, linewidth=0.8)
    return ax


def place_bar(
    figure: Figure, left: float, top: float, *, palette: Palette, colours: Colormap | str,
    low: str, high: str, label: str,
) -> None:  # fmt: skip
    """A horizontal colour bar with its ends and its meaning, placed in inches."""
    ax = axes_at(figure, left, top, 1.6, 0.1)
    ax.imshow(np.linspace(0, 1, 128)[None], cmap=colours, aspect="auto", interpolation="nearest")
    bare(ax)
    write(figure, left, top + 0.28, low, colour=palette.faint, size=SMALL)
    write(figure, left + 1.6, top + 0.28, high, colour=palette.faint, size=SMALL, align="right")
    write(figure, left + 1.75, top + 0.11, label, colour=palette.faint, size=SMALL)


def normal(values: Float[np.ndarray, "h w"]) -> Float[np.ndarray, "h w"]:
    """The same numbers by the largest of them; zeros stay."""
    top = values.max()
    return values / top if top > 0 else values
