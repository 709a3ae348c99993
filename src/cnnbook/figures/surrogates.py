"""What drives a map without being a digit: surrogates, and pictures with the same activations."""

import xarray as xr
from matplotlib.figure import Figure

from cnnbook.figures.checks import check_variable, title_of
from cnnbook.figures.dots import dots_figure
from cnnbook.figures.selection import drawn_from
from cnnbook.figures.sheets import draw_sheet, sheet_height
from cnnbook.figures.style import LABEL, SMALL, TITLE, Palette, axes_at, new_figure, write
from cnnbook.formatting import format_number

LAYERS = ("conv_1", "conv_2", "conv_3")


def shown_surrogates(surrogates: xr.Dataset) -> xr.Dataset:
    """What `surrogates_figure` shows."""
    return surrogates[["reached"]]


@drawn_from(shown_surrogates)
def surrogates_figure(surrogates: xr.Dataset, *, palette: Palette) -> Figure:
    """Strong answers to surrogates, by those to digits, on each layer.

    Args:
        surrogates: `reached` by kind, layer and net.
        palette: the theme.

    Raises:
        ValueError: the variable is missing.
    """
    reached = check_variable(surrogates, "reached").transpose("kind", "layer", "net")
    return dots_figure(
        100 * reached.values, [str(kind) for kind in reached["kind"].values],
        [title_of(str(layer)) for layer in reached["layer"].values],
        title="Images that only share the digits' correlations of pixels",
        label="strong answers, by those to digits (%)", palette=palette, form=".0f",
        ends=(0, max(120.0, 105 * float(reached.max()))),
    )  # fmt: skip


def shown_inversions(inversions: xr.Dataset) -> xr.Dataset:
    """What `inversions_figure` shows: the first five digits."""
    return inversions[["picture", "target", "begin", "likeness", "others"]].isel(digit=slice(5))


@drawn_from(shown_inversions)
def inversions_figure(inversions: xr.Dataset, *, palette: Palette) -> Figure:
    """Digits, pictures with the same activations, and metamers with the digits they began as.

    Args:
        inversions: `picture` by layer, start, digit and pixel; `target`, `begin`; `likeness` and `others`.
        palette: the theme.

    Raises:
        ValueError: a variable is missing.
    """
    shown = check_variable(inversions, "picture").isel(digit=slice(5))
    target, begin = inversions["target"].values[:5], inversions["begin"].values[:, :5]
    like, others = (inversions[name].isel(digit=slice(5)).mean("digit") for name in ("likeness", "others"))
    rows = [("the digit", target, "")]
    for layer in LAYERS:
        here = {"layer": layer, "start": "fluctuations"}
        told = f"r {format_number(like.sel(here))}, others agree {100 * float(others.sel(here)):.0f} %"
        rows.append((f"same {title_of(layer)}", shown.sel(here).values, told))
    there = {"layer": "conv_3", "start": "another digit"}
    told = f"r {format_number(like.sel(there))}, others agree {100 * float(others.sel(there)):.0f} %"
    rows += [("began as", begin[1], ""), ("same Conv_3", shown.sel(there).values, told)]
    left, width = 1.4, 4.1
    side = sheet_height(5, 5, width)
    figure = new_figure(0.75 + len(rows) * (side + 0.1) + 0.05, palette=palette)
    write(
        figure, left, 0.28, "Pictures that give a layer the same activations", colour=palette.ink, size=TITLE
    )
    write(figure, left, 0.52, "r with the digit; others: networks that call it as they call the digit",
          colour=palette.faint, size=SMALL)  # fmt: skip
    for row, (name, pictures, told) in enumerate(rows):
        top = 0.66 + row * (side + 0.1)
        write(figure, left - 0.12, top + side / 2 + 0.05, name, colour=palette.ink, size=LABEL, align="right")
        draw_sheet(axes_at(figure, left, top, width, side), pictures, columns=5, palette=palette)
        write(figure, left + width + 0.15, top + side / 2 + 0.05, told, colour=palette.ink, size=SMALL)
    return figure
