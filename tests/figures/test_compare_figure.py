from typing import Any

import numpy as np
import pytest

from cnnbook.figures.maps import compare_maps_figure
from cnnbook.figures.style import LIGHT

FOURS = ["clear-four", "second-four", "third-four"]


@pytest.fixture(scope="module")
def marks(maps_of_digits):
    return (maps_of_digits["conv_3"].sel(digit=FOURS) > 0.5).all("digit")


def panels(figure) -> dict[str, Any]:
    return {ax.get_gid(): ax for ax in figure.axes if ax.get_gid()}


def boxes(ax):
    return [len(item.get_paths()) for item in ax.collections if item.get_gid() == "common"]


@pytest.mark.parametrize("layer", ["conv_1", "pool_1", "conv_2", "pool_2", "conv_3"])
def test_every_panel_has_the_limit_of_the_layer(maps_of_digits, layer):
    limit = float(maps_of_digits[layer].max())
    for digits in (FOURS, ["one", "two"]):
        found = panels(compare_maps_figure(maps_of_digits, palette=LIGHT, layer=layer, digits=digits))
        assert list(found) == digits
        assert {ax.images[0].norm.vmax for ax in found.values()} == {limit}


@pytest.mark.parametrize(("layer", "beside"), [("conv_3", True), ("conv_2", False)])
def test_small_maps_stand_side_by_side_and_large_ones_one_below_the_other(maps_of_digits, layer, beside):
    found = panels(compare_maps_figure(maps_of_digits, palette=LIGHT, layer=layer, digits=FOURS))
    lefts = {round(ax.get_position().x0, 6) for ax in found.values()}
    tops = {round(ax.get_position().y1, 6) for ax in found.values()}
    assert (len(lefts), len(tops)) == ((3, 1) if beside else (1, 3))


def test_each_panel_shows_its_own_digit(maps_of_digits, texts):
    figure = compare_maps_figure(maps_of_digits, palette=LIGHT, layer="conv_3", digits=["two", "one"])
    pictures: list[Any] = [ax.images[0].get_array() for ax in figure.axes if ax.images]
    shown = [picture for picture in pictures if picture.shape == (28, 28)]
    np.testing.assert_array_equal(shown[0], maps_of_digits["image"].sel(digit="two"))
    np.testing.assert_array_equal(shown[1], maps_of_digits["image"].sel(digit="one"))
    assert {"a 2 on Conv_3", "test image 1", "a 1 on Conv_3", "test image 2"} <= set(texts(figure))


def test_the_common_points_are_boxed_on_every_panel_and_counted(maps_of_digits, marks, texts):
    figure = compare_maps_figure(maps_of_digits, palette=LIGHT, layer="conv_3", digits=FOURS, marks=marks)
    count = int(marks.sum())
    assert count > 0
    assert [boxes(ax) for ax in panels(figure).values()] == [[count]] * 3
    assert any(f"common to all: {count} of 1,152 points" in text for text in texts(figure))


def test_without_marks_nothing_is_boxed(maps_of_digits, texts):
    figure = compare_maps_figure(maps_of_digits, palette=LIGHT, layer="conv_3", digits=FOURS)
    assert [boxes(ax) for ax in panels(figure).values()] == [[]] * 3
    assert not any("common" in text for text in texts(figure))


def test_no_common_point_at_all_is_a_result(maps_of_digits, marks, texts):
    none = np.zeros(marks.shape, bool)
    figure = compare_maps_figure(maps_of_digits, palette=LIGHT, layer="conv_3", digits=FOURS, marks=none)
    assert any("common to all: 0 of 1,152 points" in text for text in texts(figure))


def test_marks_may_come_in_any_order_of_dimensions(maps_of_digits, marks, svg):
    turned = marks.transpose("map_conv_3", "row_conv_3", "col_conv_3")
    first, second = (
        svg(compare_maps_figure(maps_of_digits, palette=LIGHT, layer="conv_3", digits=FOURS, marks=one))
        for one in (marks, turned)
    )
    assert first == second
    assert len(first) < 500_000


def test_marks_of_another_layer_are_refused(maps_of_digits, marks):
    with pytest.raises(ValueError, match=r"marks has dimensions .*conv_3.*: expected row_conv_2"):
        compare_maps_figure(maps_of_digits, palette=LIGHT, layer="conv_2", digits=FOURS, marks=marks)


def test_marks_of_another_shape_are_refused(maps_of_digits):
    with pytest.raises(ValueError, match=r"marks has shape \(3, 3, 64\).*\(3, 3, 128\)"):
        compare_maps_figure(
            maps_of_digits, palette=LIGHT, layer="conv_3", digits=FOURS, marks=np.zeros((3, 3, 64), bool)
        )


@pytest.mark.parametrize("digits", [[], ["clear-four", "nine"]])
def test_digits_that_are_not_there_are_refused(maps_of_digits, digits):
    with pytest.raises(ValueError, match=r"digit.*clear-four, second-four, third-four, one, two"):
        compare_maps_figure(maps_of_digits, palette=LIGHT, layer="conv_3", digits=digits)
