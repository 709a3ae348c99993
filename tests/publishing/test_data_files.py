"""The data beside a figure: exactly what it was drawn from, as CSV and as netCDF."""

import csv
import io

import numpy as np
import pytest
import xarray as xr
from rain import rain

from cnnbook.publishing.data_files import (
    describe_variables,
    digest_of_data,
    drawn_data,
    write_csv,
    write_netcdf,
)
from cnnbook.publishing.formats import NETCDF
from cnnbook.publishing.stamp import Stamp
from cnnbook.results import PROVENANCE, read_result

STAMP = Stamp(
    id="fig-rain", title="Rain", theme="light", book="Weather", version="1.0", authors="A", copyright="© A",
    licence="https://example.org/licence", url="", data="d" * 64,
)  # fmt: skip


def draw(*data, palette=None, **options):
    """Shows all it is given."""


def draw_one(dataset, *, station, palette=None, marks=None):
    """Shows one station."""


draw_one.drawn_from = lambda dataset, *, station: dataset[["rain"]].sel(station=[station])  # pyright: ignore


def rows(dataset, tmp_path) -> list[dict[str, str]]:
    write_csv(dataset, tmp_path / "data.csv")
    return list(csv.DictReader(io.StringIO((tmp_path / "data.csv").read_text(encoding="utf-8"))))


def test_a_csv_has_one_value_a_line(tmp_path):
    write_csv(rain(), tmp_path / "data.csv")
    assert (tmp_path / "data.csv").read_bytes().decode().split("\n") == [
        "variable,unit,station,day,value",
        "rain,mm,north,1,0.1",
        "rain,mm,north,2,2.5",
        "rain,mm,north,3,0.0",
        'rain,mm,"south, hill",1,1.0',
        'rain,mm,"south, hill",2,NaN',
        'rain,mm,"south, hill",3,3.25',
        "wet,1,north,1,1",
        "wet,1,north,2,1",
        "wet,1,north,3,0",
        'wet,1,"south, hill",1,1',
        'wet,1,"south, hill",2,0',
        'wet,1,"south, hill",3,1',
        "mean,mm,,,1.37",
        "height,,north,,12",
        'height,,"south, hill",,340',
        "",
    ]


def test_a_number_in_a_csv_is_told_from_its_neighbours(tmp_path):
    values = np.random.default_rng(0).standard_normal(50).astype(np.float32)
    dataset = xr.Dataset({"x": ("n", values, {"units": "1"})})
    assert (
        np.array([row["value"] for row in rows(dataset, tmp_path)], np.float32).tobytes() == values.tobytes()
    )


def test_a_dimension_without_labels_is_counted_from_zero(tmp_path):
    dataset = xr.Dataset({"x": (("row", "col"), [[1, 2], [3, 4]], {"units": "1"})})
    found = [(row["row"], row["col"], row["value"]) for row in rows(dataset, tmp_path)]
    assert found == [("0", "0", "1"), ("0", "1", "2"), ("1", "0", "3"), ("1", "1", "4")]


def test_a_netcdf_says_which_figure_it_belongs_to_and_gives_the_data_back(tmp_path):
    write_netcdf(rain(), tmp_path / "data.nc", stamp=STAMP, made_from=[{"experiment": "gauges"}])
    found = read_result(tmp_path / "data.nc")
    xr.testing.assert_equal(found, rain())
    assert found.rain.attrs == {"units": "mm", "long_name": "rain a day"}
    assert found.attrs["source"] == "gauges"
    assert (found.attrs["figure_id"], found.attrs["figure_book"]) == ("fig-rain", "Weather")
    assert found.attrs[PROVENANCE] == '[{"experiment": "gauges"}]'
    assert digest_of_data(found) == digest_of_data(rain())
    assert NETCDF.is_intact((tmp_path / "data.nc").read_bytes())


def test_the_same_data_are_the_same_bytes_wherever_they_were_read_from(tmp_path):
    write_netcdf(rain(), tmp_path / "one.nc", stamp=STAMP, made_from=[])
    again = drawn_data("fig-rain", draw, [read_result(tmp_path / "one.nc").isel(day=slice(None))], {})
    assert again is not None
    again.attrs = dict(rain().attrs)
    write_netcdf(again, tmp_path / "two.nc", stamp=STAMP, made_from=[])
    assert (tmp_path / "one.nc").read_bytes() == (tmp_path / "two.nc").read_bytes()


def test_how_data_were_made_is_not_part_of_their_digest():
    signed = rain().assign_attrs({PROVENANCE: "[]"})
    signed.rain.attrs[PROVENANCE] = "[]"
    assert digest_of_data(signed) == digest_of_data(rain())
    assert digest_of_data(rain().assign(mean=rain()["mean"] + 1)) != digest_of_data(rain())


def test_all_data_given_belong_to_a_figure_also_those_among_its_options():
    marks = xr.DataArray([True, False, True], dims="day", name="marks", attrs={"units": "1"})
    unnamed = xr.DataArray(2.0, attrs={"units": "m"})
    found = drawn_data(
        "fig-rain", draw, [rain()[["rain"]]], {"marks": marks, "depth": unnamed, "title": "June"}
    )
    assert found is not None
    assert set(found.data_vars) == {"rain", "marks", "depth"}
    assert describe_variables(found)["marks"] == {"dims": ["day"], "units": "1", "long_name": ""}


def test_a_figure_that_shows_a_part_is_given_that_part():
    found = drawn_data("fig-rain", draw_one, [rain()], {"station": "north"})
    assert found is not None
    assert list(found.data_vars) == ["rain"]
    assert found.station.values.tolist() == ["north"]


def test_a_figure_without_data_has_none():
    assert drawn_data("fig-rain", draw, [], {"title": "June"}) is None


def test_a_number_without_unit_is_refused_with_figure_variable_and_remedy():
    dataset = rain()
    del dataset.wet.attrs["units"]
    with pytest.raises(ValueError, match=r"fig-rain: variable 'wet' has no units; set dataset\['wet'\]"):
        drawn_data("fig-rain", draw, [dataset], {})


def test_words_need_no_unit():
    dataset = xr.Dataset({"name": ("n", ["a", "b"])})
    assert drawn_data("fig-rain", draw, [dataset], {}) is not None


def test_a_variable_that_is_not_shown_needs_no_unit():
    dataset = rain()
    del dataset.wet.attrs["units"]
    assert drawn_data("fig-rain", draw_one, [dataset], {"station": "north"}) is not None


@pytest.mark.parametrize(
    "other",
    [rain().assign_coords(day=[4, 5, 6]), rain().assign(mean=rain()["mean"] + 1), rain().isel(station=[0])],
)
def test_data_that_contradict_each_other_are_refused(other):
    with pytest.raises(ValueError, match=r"fig-rain: its data do not fit into one Dataset \(.*drawn_from"):
        drawn_data("fig-rain", draw, [rain(), other], {})


def test_the_same_data_twice_are_data_once():
    found = drawn_data("fig-rain", draw, [rain(), rain()[["rain"]]], {})
    assert found is not None
    xr.testing.assert_equal(found, rain())
