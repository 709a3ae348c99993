"""Activations as figures take them from a Dataset, how they become colours, and the bar that says so.

A unit that is exactly zero is not just the low end of a scale: after a ReLU it is silent. The default map
therefore starts well above black, and black is used for zero alone. `gray` and `jet` are as the article used
them.
"""

from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, ListedColormap, Normalize
from matplotlib.patches import Rectangle

from cnnbook.figures.declare import title_of
from cnnbook.figures.style import SMALL, Palette, hide_axes

MAP_LAYERS = ("conv_1", "pool_1", "conv_2", "pool_2", "conv_3")
"""The layers that have maps, bottom first."""

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
    above = ListedColormap(whole(np.linspace(LOWEST_SHARE, 1.0, 256)), name=f"{name} above zero")
    return above.with_extremes(under=whole(0.0), bad=(0, 0, 0, 0))


def activation_scale(limit: float) -> Normalize:
    """The scale from just above zero to a limit; what is zero falls below it.

    Args:
        limit: the activation drawn brightest; a layer that is silent everywhere (0) gets the scale of 1.
    """
    top = limit if limit > 0 else 1.0
    return Normalize(vmin=top * NEGLIGIBLE, vmax=top)


def draw_colour_bar(
    ax: Axes, *, palette: Palette, high: str, cmap: str = ACTIVATION, label: str = "activation"
) -> Axes:
    """A horizontal colour bar, with a box of its own for exact zero.

    Args:
        ax: a low and wide box; the label stands to its left.
        palette: the theme.
        high: what the bright end means, such as "4.3".
        cmap: one of `COLOUR_MAPS`.
        label: the quantity.

    Returns:
        The axes; 0 to 1 along x is the scale.
    """
    hide_axes(ax)
    colours, steps = activation_colours(cmap), np.linspace(0, 1, 256)[None]
    ax.imshow(steps, cmap=colours, aspect="auto", extent=(0, 1, 0, 1), interpolation="none")
    start = 0.0
    if cmap == ACTIVATION:
        start = -0.11
        zero = colours.get_under()
        ax.add_patch(Rectangle((start, 0), 0.08, 1, facecolor=tuple(zero), edgecolor=palette.faint, lw=0.6))
    ax.set(xlim=(start - 0.01, 1), ylim=(0, 1))
    words = {"color": palette.faint, "fontsize": SMALL}
    ax.text(start + 0.04 if start else 0, -0.35, "0", ha="center", va="top", **words)
    ax.text(1, -0.35, high, ha="right", va="top", **words)
    ax.text(start - 0.06, 0.5, label, ha="right", va="center_baseline", **words)
    return ax


def activations_of(dataset: xr.Dataset, layer: str) -> Float[np.ndarray, "digits h w c"]:
    """The activations of one layer for every digit of the Dataset.

    Args:
        dataset: activations by layer and digit.
        layer: such as "conv_3".

    Raises:
        ValueError: the layer is unknown, or a value is not finite or is negative (activations follow a ReLU).
    """
    known = [name for name in MAP_LAYERS if name in dataset.data_vars]
    if layer not in known:
        raise ValueError(f"layer={layer!r}: expected one of {', '.join(known) or 'no layer'}")
    values = dataset[layer].transpose("digit", f"row_{layer}", f"col_{layer}", f"map_{layer}").values
    if not np.isfinite(values).all() or values.min() < 0:
        raise ValueError(
            f"dataset[{layer!r}] has minimum {values.min()}: expected finite values ≥ 0, after ReLU"
        )
    return values


def add_shared_limit(dataset: xr.Dataset, *, layer: str, **options: Any) -> xr.Dataset:
    """The same Dataset with the end of the scale that all figures of a layer share.

    This is the layer's largest activation over every digit. A part of a Dataset may lack some of these
    digits; then it has the limit already.

    Args:
        dataset: activations by layer and digit.
        layer: such as "conv_3".
        options: of the figure.

    Raises:
        ValueError: the layer is not in the dataset, or a value is not an activation.
    """
    values, name = activations_of(dataset, layer), f"limit_{layer}"
    if name in dataset:
        return dataset
    words = {"units": "1", "long_name": f"largest activation of {title_of(layer)} over all digits looked at"}
    return dataset.assign({name: xr.DataArray(float(values.max()), attrs=words)})
