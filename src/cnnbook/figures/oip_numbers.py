"""Numbers of OIPs: their cards beside the nulls, which starts activate maps, and how often motifs repeat."""

import numpy as np
import xarray as xr
from jaxtyping import Float

from cnnbook.figures.charts import dot_plot, exceedance_plot
from cnnbook.figures.declare import figure
from cnnbook.figures.page import Chart, Page
from cnnbook.figures.style import LABEL, MARKERS, SERIES, SMALL

NUMBERS = {
    "relative_activation": ("relative activation", "by the best training image"),
    "agreement": ("agreement", "r of OIPs from many starts"),
    "modes": ("modes", "different pictures"),
    "rank": ("rank", "of the map under its OIP"),
    "patch_distance": ("patch distance", "distance to digits' patches"),
    "path": ("path", "below, like digits' (1)"),
}
"""The numbers drawn, with their names and units for readers."""


@figure(
    "card: net number map_conv_3; live: net map_conv_3;"
    "null_card: null number map_conv_3; null_live: null map_conv_3",
    at={"net": slice(1)},
)
def quality_figure(quality: xr.Dataset) -> Page:
    """One panel a number: medians, quartiles and nine tenths of the live maps, trained and for both nulls."""
    cards = np.concatenate([quality["card"].values, quality["null_card"].values])
    live = np.concatenate([quality["live"].values, quality["null_live"].values])
    page = Page(4.3, title="The card of OIPs on Conv_3", left=0.4)
    end = page.legend(0.4, 0.54, ("trained", "untrained", "shuffled labels"), pitch=0.09)
    page.write(end, 0.54, "median, quartiles, nine tenths of the live maps", size=SMALL)
    numbers = quality["number"].values.astype(str).tolist()
    for panel, (name, (title, unit)) in enumerate(NUMBERS.items()):
        box = 0.4 + panel % 3 * 2.55, 1.0 + panel // 3 * 1.7, 2.2, 0.85
        chart = page.chart(box, grid="x", spine=False, ylim=(2.6, -0.6), yticks=[])
        for row, (card, alive) in enumerate(zip(cards[:, numbers.index(name)], live, strict=True)):
            known = card[alive][np.isfinite(card[alive])]
            if len(known):
                _draw_spread(chart, known, row)
        if name in ("modes", "rank"):
            chart.set_xlim(left=0)
        chart.set_title(title, loc="left", color="ink", fontsize=LABEL, pad=4)
        chart.set_xlabel(unit, color="faint", fontsize=SMALL)
    return page


def _draw_spread(chart: Chart, values: Float[np.ndarray, " maps"], row: int) -> None:
    """Draw a thin line for nine tenths, a thick one for half, and a marker for the median."""
    low, quarter, median, three, high = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
    chart.hlines(row, low, high, color=SERIES[row], lw=1.2)
    chart.hlines(row, quarter, three, color=SERIES[row], lw=4)
    dot = {"color": SERIES[row], "ms": 7, "mec": "background", "mew": 0.8}
    chart.plot([median], [row], MARKERS[row], **dot)


@figure("woken: net scale; from_start: net scale")
def scales_figure(search: xr.Dataset) -> Page:
    """Live maps that starts of each scale activate, and single starts that do."""
    scales = search["scale"].values.astype(str)
    return dot_plot(
        [
            ("live maps activated by some start", 100 * search["woken"].values.T),
            ("starts that activate a live map", 100 * search["from_start"].values.T),
        ],
        [scale if scale == "mixed" else f"{scale} cells a side" for scale in scales],
        title="Which starts activate the maps of Conv_3",
        label="share (%)",
        form=".0f",
    )


@figure(
    "peak: net map_conv_3; null_peak: null map_conv_3; point_peak: map_conv_3; start_peak: begun;"
    "digit_peak: digit"
)
def shapes_figure(shape: xr.Dataset) -> Page:
    """Share of pictures with a second peak of at least some height: OIPs and what they are compared with."""
    return exceedance_plot(
        [
            ("OIPs of maps", shape["peak"].values.ravel()),
            ("untrained network", shape["null_peak"].sel(null="untrained").values),
            ("OIPs of points", shape["point_peak"].values),
            ("test digits", shape["digit_peak"].values),
            ("starts", shape["start_peak"].values),
        ],
        title="How many pictures repeat their motif",
        label="height of the second peak, by the first",
        things="pictures",
        mark=(float(shape.attrs["repeats"]), "repeats"),
    )
