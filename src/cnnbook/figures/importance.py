"""Maps that answer to one class, and maps that matter."""

import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_variable, title_of
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import LABEL, TITLE, Palette, axes_at, dress, new_figure, write

LAYERS = ("conv_1", "conv_2", "conv_3")


def shown_importance(units: xr.Dataset) -> xr.Dataset:
    """What `importance_figure` shows."""
    return units[[f"number_{layer}" for layer in LAYERS]].sel(number=["selectivity", "cost"])


@drawn_from(shown_importance)
def importance_figure(units: xr.Dataset, *, palette: Palette) -> Figure:
    """How selective each map is against what its loss costs, a panel a layer.

    Args:
        units: `number_LAYER` by number and map.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    figure = new_figure(3.0, palette=palette)
    write(figure, 0.75, 0.28, "Selective maps and maps that matter", colour=palette.ink, size=TITLE)
    for panel, layer in enumerate(LAYERS):
        numbers = check_variable(units, f"number_{layer}")
        ax = axes_at(figure, 0.75 + panel * 2.45, 0.75, 2.0, 1.6)
        selectivity, cost = (numbers.sel(number=name).values for name in ("selectivity", "cost"))
        ax.axhline(0, color=palette.grid, lw=0.9)
        ax.plot(selectivity, 100 * cost, "o", ms=3.5, mfc="none", mec=palette.accents[panel], mew=1)
        ax.set_title(title_of(layer), loc="left", color=palette.ink, fontsize=LABEL, pad=4)
        ax.set(xlim=(0, 1.03), xlabel="selectivity" if panel == 1 else "")
        ax.set_ylabel("accuracy lost (points)" if panel == 0 else "")
        dress(ax, palette)
    return figure
