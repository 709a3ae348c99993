"""A figure is declared with what it shows: what it lacks is named, and the rest is left out."""

from typing import Any

import pytest
import xarray as xr

from cnnbook.figures.declare import Option, figure
from cnnbook.figures.page import Page
from cnnbook.figures.style import LIGHT

SEEN: list[xr.Dataset] = []


@figure("rain: day station [mm]; sun_{layer}: station", at={"station": Option(name="station")})
def draw_weather(weather: xr.Dataset, *, station: str, layer: str = "low") -> Page:
    """Rain and sun of a station."""
    SEEN.append(weather)
    return Page(1.0)


@figure("rain: station day [mm]", at={"station": Option(name="stations", several=True), "day": (2, 1)})
def draw_stations(weather: xr.Dataset, *, stations: list[str] | None = None) -> Page:
    """Rain of stations."""
    return Page(1.0)


@pytest.fixture
def weather():
    return xr.Dataset(
        {
            "rain": (("station", "day"), [[1.0, 2.0], [3.0, 4.0]], {"units": "mm"}),
            "sun_low": ("station", [5, 6]),
            "wind": ("station", [7, 8]),
        },
        coords={"station": ["north", "south"], "day": [1, 2]},
    )


def part(draw: Any, *data: xr.Dataset, **options: Any) -> xr.Dataset:
    return draw.drawn_from(*data, **options)


def test_the_data_of_a_figure_are_what_it_shows_in_the_order_of_the_dataset(weather):
    shown = part(draw_weather, weather, station="south")
    assert list(shown.data_vars) == ["rain", "sun_low"]
    assert shown.rain.dims == ("station", "day")
    assert shown.rain.values.tolist() == [[3, 4]]


def test_its_function_gets_them_in_the_order_declared_and_without_single_labels(weather):
    draw_weather(weather, palette=LIGHT, station="south")
    rain, sun = SEEN[-1].rain, SEEN[-1].sun_low
    assert (rain.dims, rain.values.tolist(), int(sun)) == (("day",), [3, 4], 6)


def test_several_labels_come_in_the_order_asked_for_and_none_means_all(weather):
    assert part(draw_stations, weather).rain.values.tolist() == [[2, 1], [4, 3]]
    assert part(draw_stations, weather, stations=["south"]).rain.values.tolist() == [[4, 3]]


def test_a_missing_variable_is_named_with_figure_and_those_there_are(weather):
    with pytest.raises(ValueError, match="draw_weather: dataset has no variable 'sun_high'; it has rain"):
        part(draw_weather, weather, station="north", layer="high")


def test_other_dimensions_are_named(weather):
    with pytest.raises(ValueError, match="draw_weather: variable 'rain' has dimensions day: expected day"):
        draw_weather(weather.assign(rain=weather.rain[0]), palette=LIGHT, station="north")


def test_another_unit_is_named_and_none_at_all_is_accepted(weather):
    inches = weather.assign(rain=weather.rain.assign_attrs(units="in"))
    with pytest.raises(ValueError, match="draw_weather: variable 'rain' has units='in': expected 'mm'"):
        part(draw_weather, inches, station="north")
    assert part(draw_weather, weather.drop_attrs(), station="north").rain.values.tolist() == [[1, 2]]


def test_a_label_that_is_not_there_is_named_by_its_option(weather):
    with pytest.raises(ValueError, match="draw_weather: station='west': expected one of north, south"):
        draw_weather(weather, palette=LIGHT, station="west")


def test_no_labels_at_all_are_refused(weather):
    with pytest.raises(ValueError, match=r"stations=\[\]: expected a list of labels out of north, south"):
        part(draw_stations, weather, stations=[])


def test_a_declaration_that_cannot_be_read_is_refused(weather):
    broken = figure("rain day")(lambda weather: Page(1.0))
    with pytest.raises(ValueError, match="shows='rain day': expected 'name: dimension dimension"):
        part(broken, weather)
