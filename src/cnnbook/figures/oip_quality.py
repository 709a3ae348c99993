"""How far OIPs can be trusted, as numbers: scores, strongest patches, starts, and repeated motifs."""

import numpy as np
import xarray as xr
from jaxtyping import Float

from cnnbook.figures.charts import dot_plot, exceedance_plot
from cnnbook.figures.declare import figure
from cnnbook.figures.page import Chart, Page
from cnnbook.figures.style import LABEL, MARKERS, SERIES, SMALL, WIDTH

NUMBERS = {
    "relative_activation": ("relative activation", "by the best training image"),
    "agreement": ("agreement", "r of OIPs from many starts"),
    "modes": ("modes", "different pictures"),
    "rank": ("rank", "of the map under its OIP"),
    "patch_distance": ("patch distance", "distance to digits' patches"),
    "path": ("path", "1: like strong digits, 0: random ones"),
}
"""The numbers drawn, with their names and units for readers."""


@figure("card: training net number map_conv_3; live: training net map_conv_3")
def quality_figure(quality: xr.Dataset) -> Page:
    """One panel a number: the live maps of all networks, trained and for both nulls."""
    scores, live = quality["card"].values, quality["live"].values
    page = Page(4.3, title="Quality scores of the OIPs of Conv_3", left=0.4)
    end = page.legend(0.4, 0.54, ("trained", "untrained", "shuffled labels"), pitch=0.09)
    page.write(end, 0.54, "median, quartiles, nine tenths of the live maps", size=SMALL)
    numbers = quality["number"].values.astype(str).tolist()
    for panel, (name, (title, unit)) in enumerate(NUMBERS.items()):
        box = 0.4 + panel % 3 * 2.55, 1.0 + panel // 3 * 1.7, 2.2, 0.85
        chart = page.chart(box, grid="x", spine=False, ylim=(2.6, -0.6), yticks=[])
        for row, (score, alive) in enumerate(zip(scores[:, :, numbers.index(name)], live, strict=True)):
            known = score[alive][np.isfinite(score[alive])]
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


@figure(
    "coherence: state set net map_conv_3; is_one: state set net map_conv_3;"
    "correct: state reference net map_conv_3"
)
def typical_patches_figure(result: xr.Dataset) -> Page:
    """Likeness of patches, maps of one pattern and correct predictions, each above its nulls."""
    asked = (("coherence", "likeness"), ("is_one", "one pattern"), ("correct", "predicted"))
    labels = {
        "coherence": result["set"].values.astype(str),
        "is_one": result["set"].values.astype(str),
        "correct": result["reference"].values.astype(str),
    }
    rows = [f"{title}: {label}" for name, title in asked for label in labels[name]]
    means = np.concatenate([result[name].mean("map_conv_3").values for name, _ in asked], axis=1)
    return dot_plot(
        [("trained", means[0]), ("before training", means[1])],
        rows,
        title="The strongest patches of the maps of Conv_3",
        label="mean over maps",
        ends=(0, 1),
    )


@figure("woken: state net scale; from_start: state net scale")
def scales_figure(search: xr.Dataset) -> Page:
    """Live maps that starts of each scale activate, and single starts that do, also before training."""
    scales = search["scale"].values.astype(str)
    woken, from_start = (100 * search[name].values.swapaxes(1, 2) for name in ("woken", "from_start"))
    return dot_plot(
        [
            ("live maps", woken[0]),
            ("before training", woken[1]),
            ("single starts", from_start[0]),
            ("before training", from_start[1]),
        ],
        [scale if scale == "mixed" else f"{scale} cells a side" for scale in scales],
        title="Which starts activate the maps of Conv_3",
        label="share (%)",
        form=".0f",
    )


@figure(
    "peak: state net map_conv_3; point_peak: map_conv_3; start_peak: begun; digit_peak: digit;"
    "large: state net; large_conv_2: net; start_long_share: begun; digit_long_share: digit"
)
def shapes_figure(shape: xr.Dataset) -> Page:
    """Share of pictures with a second peak of at least some height, and of contrast at long wavelengths."""
    page = exceedance_plot(
        [
            ("OIPs of maps", shape["peak"].values[0].ravel()),
            ("before training", shape["peak"].values[1].ravel()),
            ("OIPs of points", shape["point_peak"].values),
            ("test digits", shape["digit_peak"].values),
            ("starts", shape["start_peak"].values),
        ],
        title="How many pictures repeat their motif",
        label="height of the second peak, by the first",
        things="pictures",
        mark=(float(shape.attrs["repeats"]), "repeats"),
    )
    large = shape["large"].mean("net").values
    shares = {
        "OIPs of maps": large[0],
        "before training": large[1],
        "OIPs of Conv_2": shape["large_conv_2"].values.mean(),
        "test digits": shape["digit_long_share"].values.mean(),
        "starts": shape["start_long_share"].values.mean(),
    }
    page.write(WIDTH - 2.15, 2.2, f"contrast beyond {shape.attrs['long']} pixels (%)", size=SMALL)
    for row, (name, share) in enumerate(shares.items()):
        page.write(WIDTH - 1.9, 2.38 + 0.16 * row, f"{100 * share:.0f}", size=SMALL, align="right")
        page.write(WIDTH - 1.82, 2.38 + 0.16 * row, name, size=SMALL)
    return page
