"""What a book of one's own needs: data, a function that draws them, and two palettes."""

from dataclasses import dataclass

import xarray as xr
from matplotlib.figure import Figure

from cnnbook.publishing.publisher import Publisher, open_publisher


@dataclass(frozen=True)
class Palette:
    """Two colours."""

    background: str
    ink: str


def measured() -> xr.Dataset:
    """Rain by month."""
    rain = xr.DataArray([61.0, 122.0], dims="month", coords={"month": ["June", "July"]}, name="rain")
    rain.attrs = {"units": "mm", "long_name": "depth of rain"}
    return rain.to_dataset()


def rain_figure(data: xr.Dataset, *, palette: Palette, colour: str) -> Figure:
    """Draw it as bars."""
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots()
    axes.bar(data.month.values, data.rain.values, color=colour)
    axes.tick_params(colors=palette.ink)
    return figure


def publisher() -> Publisher:
    """Publishes this book's figures."""
    return open_publisher(light=Palette("white", "black"), dark=Palette("black", "white"))
