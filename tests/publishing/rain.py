"""A book of weather that trains nothing: what it publishes with, and its one figure."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import yaml
from matplotlib.figure import Figure

from cnnbook.publishing.publisher import Publisher, open_publisher
from cnnbook.store import Store

ID = "fig-rain"

BOOK_YAML: dict[str, Any] = {
    "title": "Rain & <wind>",
    "authors": [
        {"family": "Müller", "given": "Ada", "orcid": "0000-0002-1825-0097"},
        {"name": "The 50 % group"},
    ],
    "released": "2026-03-01",
    "version": "2.1",
    "licences": {
        "text": {"id": "CC-BY-4.0", "name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        "code": {"id": "MIT", "name": "MIT", "url": "https://opensource.org/license/mit"},
    },
    "copyright": "© 2026 Ada Müller and others",
    "abstract": "When it rains.",
    "keywords": ["rain", "wind"],
}  # fmt: skip

FIGURES = [
    {"id": ID, "title": "Rain by day – 5 stations", "since": "1.0", "withdrawn": None},
    {"id": "fig-wind", "title": "Wind by day", "since": "2.0", "withdrawn": None},
    {"id": "fig-fog", "title": "Fog", "since": "1.0", "withdrawn": "in 2.0: the station was moved"},
]


@dataclass(frozen=True)
class Palette:
    """Two colours."""

    background: str
    ink: str


LIGHT, DARK = Palette("#ffffff", "#111111"), Palette("#121212", "#eeeeee")


def rain() -> xr.Dataset:
    """Rain of three days at two stations; the second has a gap."""
    return xr.Dataset(
        {
            "rain": (
                ("station", "day"),
                np.array([[0.1, 2.5, 0.0], [1.0, np.nan, 3.25]], np.float32),
                {"units": "mm", "long_name": "rain a day"},
            ),
            "wet": (("station", "day"), np.array([[True, True, False], [True, False, True]]), {"units": "1"}),
            "mean": ((), 1.37, {"units": "mm"}),
        },
        coords={"station": ["north", "south, hill"], "day": [1, 2, 3], "height": ("station", [12, 340])},
        attrs={"source": "gauges"},
    )


def draw_rain(dataset: xr.Dataset, *, palette: Palette, title: str = "Rain", **_: Any) -> Figure:
    """A line for each station."""
    figure = Figure(figsize=(3, 2), layout="constrained")
    axes = figure.subplots()
    for station in dataset.station.values:
        axes.plot(dataset.day, dataset.rain.sel(station=station), color=palette.ink)
    axes.imshow(np.nan_to_num(dataset.rain.values), extent=(1, 2, 0, 1))
    axes.set_title(f"{title} × ½", color=palette.ink)
    return figure


def make_book(root: Path, **changes: Any) -> Path:
    """Lay the book's two files into a folder."""
    root.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(BOOK_YAML | changes, allow_unicode=True).replace("'2026-03-01'", "2026-03-01")
    (root / "book.yaml").write_text(text, encoding="utf-8")
    (root / "figures.yaml").write_text(yaml.safe_dump(FIGURES, allow_unicode=True), encoding="utf-8")
    return root


def publisher_of(root: Path, store: Path, **changes: Any) -> Publisher:
    """What publishes the book's figures."""
    return open_publisher(
        light=LIGHT, dark=DARK, root=make_book(root, **changes), store=Store(store, notify=print)
    )
