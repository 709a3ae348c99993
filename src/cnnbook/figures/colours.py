"""How an activation becomes a colour, and the bar that says so.

A unit that is exactly zero is not just the low end of a scale: after a ReLU it is silent. The default map
therefore starts well above black, and black is kept for zero alone. `gray` and `jet` are as the article used
them.
"""

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, ListedColormap, Normalize
from matplotlib.patches import Rectangle

from cnnbook.figures.style import SMALL, Palette, bare

ACTIVATION = "magma"
"""The colour map of activations: perceptually even, and colour-blind-safe."""

COLOUR_MAPS = (ACTIVATION, "gray", "jet")
"""The colour maps that figures accept."""

LOWEST_SHARE = 0.22
"""Where on magma the smallest positive activation lies; below it magma is too close to black."""

NEGLIGIBLE = 1e-6
"""Share of the largest activation below which a unit is drawn as zero."""


def activation_colours(name: str = ACTIVATION) -> Colormap:
    """A colour map whose `under` colour is zero and whose `bad` colour, for gaps, is transparent.

    Args:
        name: one of `COLOUR_MAPS`.

    Raises:
        ValueError: it is none of them.
    """
    if name not in COLOUR_MAPS:
        raise ValueError(f"cmap={name!r}: expected one of {', '.join(COLOUR_MAPS)}")
    whole = colormaps[name]
    if name != ACTIVATION:
        return whole.with_extremes(under=whole(0.0), bad=(0, 0, 0, 0))
    kept = ListedColormap(whole(np.linspace(LOWEST_SHARE, 1.0, 256)), name=f"{name} above zero")
    return kept.with_extremes(under=whole(0.0), bad=(0, 0, 0, 0))


def activation_scale(limit: float) -> Normalize:
    """The scale from just above zero to a limit; what is zero falls below it.

    Args:
        limit: the activation drawn brightest; a layer that is silent everywhere (0) gets the scale of 1.
    """
    top = limit if limit > 0 else 1.0
    return Normalize(vmin=top * NEGLIGIBLE, vmax=top)


def draw_colour_bar(
    ax: Axes, *, palette: Palette, cmap: str = ACTIVATION, top: str, low: str = "0", label: str = "activation"
) -> Axes:
    """A horizontal colour bar, with a box of its own for exact zero.

    Args:
        ax: a low and wide box; the label stands to its left.
        palette: the theme.
        cmap: one of `COLOUR_MAPS`.
        top: what the bright end means, such as "4.3".
        low: what the dark end means.
        label: the quantity.

    Returns:
        The axes; 0 to 1 along x is the scale.
    """
    bare(ax)
    colours = activation_colours(cmap)
    ax.imshow(
        np.linspace(0, 1, 256)[None], cmap=colours, aspect="auto", extent=(0, 1, 0, 1), interpolation="none"
    )
    start = 0.0
    if cmap == ACTIVATION:
        start = -0.11
        zero = colours.get_under()
        ax.add_patch(Rectangle((start, 0), 0.08, 1, facecolor=tuple(zero), edgecolor=palette.faint, lw=0.6))
    ax.set(xlim=(start - 0.01, 1), ylim=(0, 1))
    words = {"color": palette.faint, "fontsize": SMALL}
    ax.text(start + 0.04 if start else 0, -0.35, low, ha="center", va="top", **words)
    ax.text(1, -0.35, top, ha="right", va="top", **words)
    ax.text(start - 0.06, 0.5, label, ha="right", va="center_baseline", **words)
    return ax
