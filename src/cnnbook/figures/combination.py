"""What combination means: the terms of a bilinear head, and the Pool_2 maps that a Conv_3 map combines."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from cnnbook.figures.declare import figure
from cnnbook.figures.page import Page
from cnnbook.figures.pictures import (
    PictureRow,
    add_colour_bar,
    add_picture_rows,
    add_pictures,
    draw_contact_sheet,
    symmetric_scale,
)
from cnnbook.figures.style import MARKERS, SERIES, SMALL, WIDTH
from cnnbook.formatting import format_number

DASHES = ("-", "--", "-.", ":")
"""Lines, so that colour is not needed to tell them apart."""


def _by_number(
    series: Sequence[tuple[str, xr.DataArray]],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    ends: tuple[float, float],
    level: tuple[float, str] | None = None,
) -> Page:
    """Lines over a number of things: mean over networks, and their range.

    Args:
        series: names, and percentages by number and network; the number is the first dimension.
        title: above it.
        xlabel: of the number.
        ylabel: of the percentages.
        ends: of their axis.
        level: a percentage that a dotted line marks, and its name.
    """
    page, numbers = Page(3.6, title=title, left=0.7), series[0][1][series[0][1].dims[0]].values
    limits = {"xscale": "log", "xlim": (numbers[0] * 0.9, numbers[-1] * 1.1), "ylim": ends}
    chart = page.chart((0.7, 0.86, WIDTH - 1.0, 2.1), xlabel=xlabel, ylabel=ylabel, grid="y", **limits)
    for (_, values), colour, marker, dash in zip(series, SERIES, MARKERS, DASHES, strict=False):
        chart.fill_between(numbers, values.min("net"), values.max("net"), color=colour, alpha=0.2, lw=0)
        chart.plot(numbers, values.mean("net"), marker + dash, color=colour, ms=4, lw=1.5)
    if level:
        chart.axhline(level[0], color="faint", lw=1, ls=":")
        words = {"color": "faint", "fontsize": SMALL, "va": "bottom", "ha": "left"}
        chart.text(numbers[0], level[0] + 0.01 * (ends[1] - ends[0]), level[1], **words)
    chart.set_xticks(numbers, [f"{number:,}" for number in numbers])
    page.legend(0.7, 0.56, [name for name, _ in series], pitch=0.075, gap=0.36)
    return page


@figure("kept: kind terms net; whole: net")
def bilinear_terms_figure(bilinear: xr.Dataset) -> Page:
    """Accuracy on 4s and 9s by number of terms kept, for four kinds of term."""
    kept = 100 * bilinear["kept"].transpose("kind", "terms", "net")
    return _by_number(
        [(str(each["kind"].values), each) for each in kept],
        title="How many terms of a bilinear head tell 4s from 9s",
        xlabel="terms kept, the largest first (logarithmic)",
        ylabel="4s and 9s told apart (%)",
        ends=(45, 105),
        level=(100 * float(bilinear["whole"].mean()), "all terms"),
    )


@figure("eigenvalue: sign shown net; strongest: sign shown example row column [byte]")
def eigenvectors_figure(bilinear: xr.Dataset) -> Page:
    """The test digits that the largest eigenvectors of either sign answer to most, of the first network."""
    digits, values = bilinear["strongest"].values, bilinear["eigenvalue"].isel(net=0).values
    page = Page(4.05, title="What the largest directions of the margin 4 − 9 answer to", left=0.3)
    for side, sign in enumerate(bilinear["sign"].values):
        left = 0.95 + side * 3.75
        page.write(left, 0.6, f"speaks {sign}", size=SMALL)
        rows = [
            PictureRow(name=format_number(float(value), "+.2f"), pictures=each)
            for value, each in zip(values[side], digits[side], strict=True)
        ]
        add_picture_rows(page, rows, left, 0.72, 2.85, gap=0.1)
    return page


@figure("fall: state ranking swapped net map_conv_3")
def traced_swaps_figure(traced_maps: xr.Dataset) -> Page:
    """How much of a point's fall the swap of some Pool_2 maps brings, by how they are ranked."""
    fall = 100 * traced_maps["fall"].mean("map_conv_3").transpose("state", "ranking", "swapped", "net")
    trained, untrained = fall.sel(state="trained"), fall.sel(state="untrained")
    series = [(str(each["ranking"].values), each) for each in trained]
    series.insert(1, ("by contribution, untrained", untrained.sel(ranking="by contribution")))
    return _by_number(
        series,
        title="Which Pool_2 maps carry the activation of a Conv_3 map",
        xlabel="Pool_2 maps swapped, of 64 (logarithmic)",
        ylabel="of the activation lost (%)",
        ends=(0, 128),
    )


@figure(
    "traced:; traced_pattern: row column [byte]; source: shown; source_share: shown;"
    "source_kernel: shown kernel_row kernel_column; source_pattern: shown small_row small_column [byte]"
)
def traced_map_figure(traced_maps: xr.Dataset) -> Page:
    """One Conv_3 map with its mean pattern, and the Pool_2 maps that add most to it, with their weights."""
    page, kernels = (
        Page(4.1, title="A Conv_3 map as a combination of Pool_2 maps"),
        traced_maps["source_kernel"],
    )
    scale = symmetric_scale(kernels.values)
    page.write(0.3, 0.66, f"Conv_3, map {int(traced_maps['traced'])}")
    page.write(0.3, 0.86, "mean of the 18 × 18 windows", size=SMALL)
    page.write(0.3, 1.02, "that drive it most", size=SMALL)
    page.panel(
        (0.3, 1.15, 1.7, 1.7), draw_contact_sheet, traced_maps["traced_pattern"].values[None], columns=1
    )
    shares, sources = traced_maps["source_share"].values, traced_maps["source"].values
    for place, (share, source) in enumerate(zip(shares, sources, strict=True)):
        left = 2.45 + 1.38 * place
        page.write(left, 0.66, f"Pool_2, map {int(source)}")
        page.write(left, 0.86, f"{format_number(100 * float(share), '.0f')} % of it", size=SMALL)
        pattern = traced_maps["source_pattern"].values[place]
        page.panel((left, 1.15, 1.05, 1.05), draw_contact_sheet, pattern[None], columns=1)
        add_pictures(page, [kernels.values[place]], scale, left, 2.4, 1.05)
    page.write(0.3, 3.12, "Right: the 8 × 8 windows that", size=SMALL)
    page.write(0.3, 3.28, "drive each Pool_2 map, below", size=SMALL)
    page.write(0.3, 3.44, "its 3 × 3 weights", size=SMALL)
    limit = format_number(float(np.abs(kernels.values).max()), ".2f")
    add_colour_bar(page, 2.45, 3.68, scale, label="weight", low=f"−{limit}", high=f"+{limit}")
    return page
