"""The data beside a figure suffice to draw it: from its netCDF alone, the same picture to the last byte."""

import io
from typing import Any

import matplotlib
import pytest
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from results_of_figures import FIGURES as ON_CLAIMS

from cnnbook.experiments import find_experiments
from cnnbook.figures.classes import common_points_figure
from cnnbook.figures.digits import digits_figure, journey_figure
from cnnbook.figures.kernels import likeness_figure
from cnnbook.figures.learning import accuracy_figure
from cnnbook.figures.maps import compare_maps_figure, maps_figure
from cnnbook.figures.network import network_figure
from cnnbook.figures.receptive import receptive_fields_figure
from cnnbook.figures.style import DARK, LIGHT, SMALL
from cnnbook.publishing.data_files import drawn_data
from cnnbook.results import read_result, write_result


@pytest.fixture(scope="module")
def results(open_tiny) -> dict[str, xr.Dataset]:
    """Every result of a tiny book."""
    book = open_tiny()
    return {name: book.result(name) for name in find_experiments()}


FIGURES = {
    "journey": (journey_figure, ["maps_of_digits"], {}),
    "maps of conv_1": (maps_figure, ["maps_of_digits"], {"layer": "conv_1", "digit": "one"}),
    "maps of conv_3": (maps_figure, ["maps_of_digits"], {"layer": "conv_3", "digit": "clear-four"}),
    "compare": (compare_maps_figure, ["maps_of_digits"], {"layer": "conv_2", "digits": ["one", "two"]}),
    "compare all": (compare_maps_figure, ["maps_of_digits"], {"layer": "conv_3"}),
    "one digit": (digits_figure, ["maps_of_digits"], {"digits": ["two"]}),
    "digits": (digits_figure, ["maps_of_digits"], {}),
    "network": (network_figure, ["geometry"], {}),
    "likeness": (likeness_figure, ["likeness"], {}),
    "accuracy": (accuracy_figure, ["accuracy"], {}),
    "common points": (common_points_figure, ["common_points"], {"layer": "conv_3"}),
    **ON_CLAIMS,
}


def picture(figure) -> bytes:
    written = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "same"}):
        figure.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue()


def from_file(dataset, tmp_path) -> xr.Dataset:
    write_result(dataset, tmp_path / "data.nc")
    return read_result(tmp_path / "data.nc")


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_a_figure_is_drawn_from_its_own_data_alone(results, tmp_path, name, palette):
    draw, wanted, options = FIGURES[name]
    given = [results[one] for one in wanted]
    data = drawn_data("fig-x", draw, given, options)
    whole = picture(draw(*given, palette=palette, **options))
    assert picture(draw(from_file(data, tmp_path), palette=palette, **options)) == whole


def test_marks_belong_to_the_data(results, tmp_path):
    maps, marks = results["maps_of_digits"], results["common_points"]["common_conv_3"]
    options = {"layer": "conv_3", "digits": ["clear-four", "one"]}
    data = drawn_data("fig-x", compare_maps_figure, [maps], {**options, "marks": marks})
    own = from_file(data, tmp_path)
    again = compare_maps_figure(own, marks=own["common_conv_3"], palette=LIGHT, **options)
    assert picture(again) == picture(compare_maps_figure(maps, marks=marks, palette=LIGHT, **options))


def test_windows_and_the_digit_below_them_are_one_dataset(results, tmp_path):
    image = results["maps_of_digits"].image.sel(digit="one")
    own = from_file(drawn_data("fig-x", receptive_fields_figure, [results["geometry"], image], {}), tmp_path)
    again = receptive_fields_figure(own, own["image"], palette=LIGHT)
    assert picture(again) == picture(receptive_fields_figure(results["geometry"], image, palette=LIGHT))


def test_a_picture_given_as_an_array_gets_a_unit(results):
    image = results["maps_of_digits"].image.sel(digit="one").values
    drawn: Any = receptive_fields_figure
    data = drawn.drawn_from(results["geometry"], image)
    assert data.image.attrs["units"] == "1"


def test_a_part_is_no_larger_than_what_is_shown(results):
    maps = results["maps_of_digits"]
    one = drawn_data("fig-x", maps_figure, [maps], {"layer": "conv_3", "digit": "one"})
    assert one is not None
    assert dict(one.sizes) == {"digit": 1, "row_conv_3": 3, "col_conv_3": 3, "map_conv_3": 128}
    journey = drawn_data("fig-x", journey_figure, [maps], {"count": 3})
    assert journey is not None
    assert journey.sizes["map_conv_1"] == journey.sizes["map_pool_1"] == 3
    assert journey.map_conv_1.values.tolist() == journey.map_pool_1.values.tolist()


def test_the_shared_limit_is_that_of_all_digits_also_in_a_part(results):
    maps = results["maps_of_digits"]
    one = drawn_data("fig-x", maps_figure, [maps], {"layer": "conv_2", "digit": "one"})
    assert one is not None
    assert float(one.limit_conv_2) == pytest.approx(float(maps.conv_2.max()))


@pytest.mark.parametrize("name", ON_CLAIMS)
def test_no_text_of_a_figure_on_claims_is_small_or_leaves_the_figure(results, name):
    draw, wanted, options = ON_CLAIMS[name]
    figure = draw(*(results[one] for one in wanted), palette=LIGHT, **options)
    FigureCanvasAgg(figure).draw()
    width, height = figure.get_size_inches() * figure.dpi
    beside = [[ax.title, ax.xaxis.label, ax.yaxis.label, *ax.texts] for ax in figure.axes]
    for text in figure.findobj(Text):
        assert not text.get_text() or float(text.get_fontsize()) >= SMALL
    for text in (*figure.texts, *(one for some in beside for one in some)):
        if text.get_text().strip() and text.get_visible():
            box = text.get_window_extent()
            beyond = max(-box.x0, box.x1 - width, -box.y0, box.y1 - height)
            assert beyond <= 2, text.get_text()


@pytest.mark.parametrize("name", ON_CLAIMS)
def test_a_figure_on_claims_names_the_variable_that_is_missing(results, name):
    draw, wanted, options = ON_CLAIMS[name]
    empty = [results[one].drop_vars(list(results[one].data_vars)) for one in wanted]
    with pytest.raises(ValueError, match="dataset has no variable"):
        draw(*empty, palette=LIGHT, **options)


def test_an_unknown_class_of_an_fcp_is_named_with_those_there_are(results):
    with pytest.raises(ValueError, match=r"digit='ten': expected one of 0, 1, 2"):
        ON_CLAIMS["fcp"][0](results["classes"], palette=LIGHT, digit="ten", less="9")
