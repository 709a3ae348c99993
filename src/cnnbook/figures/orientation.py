"""Directions on maps: horizontal against vertical, and the lines of 4s."""

import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_variable, title_of
from cnnbook.figures.dots import dots_figure
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.style import SMALL, TITLE, WIDTH, Palette, axes_at, dress, new_figure, write

FOUR = 4


def shown_orientation(orientation: xr.Dataset) -> xr.Dataset:
    """What `orientation_figure` shows."""
    return orientation[["excess"]].sel({"class": [FOUR]})


@drawn_from(shown_orientation)
def orientation_figure(orientation: xr.Dataset, *, palette: Palette) -> Figure:
    """Horizontal less vertical energy of 4s by layer: maps, turned digits, untrained networks, pixels.

    Args:
        orientation: `excess` by kind, layer, class and net.
        palette: the theme.

    Raises:
        ValueError: the variable is missing.
    """
    excess = check_variable(orientation, "excess").sel({"class": FOUR}).transpose("kind", "layer", "net")
    layers = [title_of(str(layer)) for layer in excess["layer"].values]
    return dots_figure(
        excess.values, [str(kind) for kind in excess["kind"].values], layers,
        title="Maps of 4s: lying lines (right) or standing ones (left)",
        label="horizontal less vertical energy, by their sum", palette=palette, ends=(-1, 1), form="+.2f",
        zero=True,
    )  # fmt: skip


def shown_lines(orientation: xr.Dataset) -> xr.Dataset:
    """What `line_directions_figure` shows."""
    return orientation[["lines"]]


@drawn_from(shown_lines)
def line_directions_figure(orientation: xr.Dataset, *, palette: Palette) -> Figure:
    """How many 4s have which prevailing direction of lines: Conv_2's maps of the first network, and pixels.

    Args:
        orientation: `lines` by of and direction.
        palette: the theme.

    Raises:
        ValueError: the variable is missing.
    """
    lines = check_variable(orientation, "lines")
    figure = new_figure(3.0, palette=palette)
    write(figure, 0.7, 0.28, "Prevailing direction of lines, test 4s", colour=palette.ink, size=TITLE)
    ax = axes_at(figure, 0.7, 0.5, WIDTH - 1.9, 1.9)
    for name, colour, style in (("Conv_2", palette.blue, "-"), ("pixels", palette.orange, "--")):
        shares = 100 * lines.sel(of=name).values
        ax.step(lines["direction"].values, shares, where="mid", color=colour, lw=1.6, ls=style)
        height = 0.95 if name == "Conv_2" else 0.82
        ax.text(0.98, height, f"{'—' if style == '-' else '- -'} {name}", color=colour, fontsize=SMALL,
                ha="right", va="top", transform=ax.transAxes)  # fmt: skip
    ax.axvline(75, color=palette.faint, lw=1, ls=":")
    ax.text(75, 0.98, "75° ", color=palette.faint, fontsize=SMALL, ha="right", va="top",
            transform=ax.get_xaxis_transform())  # fmt: skip
    ax.set(xlabel="degrees from the horizontal, counter-clockwise", ylabel="4s (%)", xlim=(0, 180))
    ax.set_xticks([0, 45, 90, 135, 180])
    dress(ax, palette)
    return figure
