"""How many dimensions the image and each layer use, by three counts."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_variable, title_of
from cnnbook.figures.dots import dots_figure
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import Palette


def shown_dimensions(dimension: xr.Dataset) -> xr.Dataset:
    """What `dimensions_figure` shows."""
    return dimension[["components", "intrinsic"]]


@drawn_from(shown_dimensions)
def dimensions_figure(dimension: xr.Dataset, *, palette: Palette) -> Figure:
    """Components for 95 % of the variance and intrinsic dimension, by space, trained and untrained.

    Args:
        dimension: both by state, space and net.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    names = [title_of(str(space)) for space in dimension["space"].values]
    parts = [
        check_variable(dimension, name).sel(state=state).transpose("space", "net").values
        for name in ("components", "intrinsic")
        for state in ("trained", "untrained")
    ]
    kinds = ["95 % of variance", "same, untrained", "two neighbours", "same, untrained"]
    return dots_figure(
        np.stack(parts), kinds, names, title="Dimensions in use", label="dimensions (logarithmic)",
        palette=palette, form=".0f", log=True,
    )  # fmt: skip
