"""An autoencoder on the same convolutions: what it rebuilds, and what is told of parts and of patches."""

import numpy as np
import xarray as xr

from cnnbook.figures.charts import dot_plot
from cnnbook.figures.declare import figure, labels_of
from cnnbook.figures.page import Page
from cnnbook.figures.pictures import Scale, add_pictures
from cnnbook.figures.style import SMALL
from cnnbook.formatting import format_number

ROWS = {
    "autoencoder": "the autoencoder",
    "classifier": "behind the classifier",
    "untrained": "behind untrained",
}
"""What rebuilds the digits, in the order of the rows."""


@figure(
    "image: digit row column; rebuilt: encoder digit row column; rebuilt_r2: encoder;"
    "class_mean: digit row column"
)
def autoencoder_figure(result: xr.Dataset) -> Page:
    """Digits, what each decoder makes of them, and the mean image of the digit's class as the null."""
    digits = result["image"].values
    rows = [("the image", digits, "")]
    for encoder, name in ROWS.items():
        own = result.sel(encoder=encoder)
        rows.append((name, own["rebuilt"].values, f"R² {format_number(own['rebuilt_r2'], '.2f')}"))
    rows.append(("mean of its class", result["class_mean"].values, ""))
    side, left, gap = 0.8, 1.95, 0.08
    page = Page(0.82 + len(rows) * (side + gap), title="Digits that decoders rebuild from Conv_3", left=left)
    page.write(left, 0.52, "first network; the same decoder behind each encoder", size=SMALL)
    scale, grid = Scale(colours="gray"), {"columns": len(digits), "gaps": (gap, gap)}
    for row, (name, pictures, number) in enumerate(rows):
        top = 0.72 + row * (side + gap)
        page.write(left - 0.12, top + side / 2 + 0.05, name, align="right")
        add_pictures(page, pictures, scale, left, top, side, **grid)
        page.write(left + len(digits) * (side + gap) + 0.12, top + side / 2 + 0.05, number, size=SMALL)
    return page


@figure("r2: encoder net part; correct: encoder reference net map_conv_3")
def autoencoder_parts_figure(result: xr.Dataset) -> Page:
    """R² of the parts of 4s and pairs of patches that OIPs tell, by encoder; untrained ones are the null."""
    result = result.sel(encoder=list(ROWS))
    r2 = result["r2"].transpose("encoder", "part", "net").values
    told = result["correct"].mean("map_conv_3").transpose("encoder", "reference", "net").values
    names = [f"R²: {name}" for name in labels_of(result, "part")]
    names += [f"pairs told by {name}" for name in labels_of(result, "reference")]
    series = zip(labels_of(result, "encoder"), np.concatenate([r2, told], axis=1), strict=True)
    return dot_plot(
        list(series),
        names,
        title="Parts of 4s and patches, as three encoders tell them",
        label="R² beyond the mean of 4s; share of pairs, 0.5 by chance",
    )
