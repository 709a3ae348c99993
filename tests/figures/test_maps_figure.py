from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from cnnbook.figures.maps import maps_figure
from cnnbook.figures.style import DARK, LIGHT
from cnnbook.figures.tiles import (
    Mosaic,
    draw_tiles,
    draw_unit_boxes,
    mosaic_image,
    scale_each_map,
    silent_maps,
)

SHAPES = {"conv_1": (4, 8), "pool_1": (4, 8), "conv_2": (8, 8), "pool_2": (8, 8), "conv_3": (8, 16)}


def tile(ax, number, size, maps) -> Any:
    """What a mosaic's picture shows of one map: one sample a unit."""
    rows, columns = _grid(ax)
    mosaic = Mosaic(maps=maps, size=size, columns=columns)
    assert mosaic.rows == rows
    column, row = (step * mosaic.pitch for step in mosaic.corner(number))
    side = size * mosaic.repeat
    picture = ax.images[0].get_array()
    return picture[row : row + side : mosaic.repeat, column : column + side : mosaic.repeat]


def _grid(ax):
    left, right, bottom, top = ax.images[0].get_extent()
    return round(bottom - top), round(right - left)


def panels(figure) -> list[Any]:
    """The axes of the tiles: those with numbered rows."""
    return [ax for ax in figure.axes if len(ax.get_yticks()) > 1]


@pytest.mark.parametrize("layer", SHAPES)
def test_all_maps_are_there_twice_in_the_articles_arrangement(maps_of_digits, layer):
    figure = maps_figure(maps_of_digits, palette=LIGHT, layer=layer, digit="clear-four")
    own, shared = panels(figure)
    values = maps_of_digits[layer].sel(digit="clear-four").values
    assert _grid(own) == _grid(shared) == SHAPES[layer]
    for number in np.flatnonzero(values.max((0, 1)) > 0).tolist():
        one = values[..., number]
        np.testing.assert_allclose(tile(own, number, len(one), values.shape[-1]), one / one.max(), rtol=1e-6)
        np.testing.assert_allclose(tile(shared, number, len(one), values.shape[-1]), one, rtol=1e-6)


@pytest.mark.parametrize("layer", SHAPES)
def test_the_shared_limit_is_the_layers_maximum_over_all_digits(maps_of_digits, layer):
    limits = set()
    for digit in ("clear-four", "one", "two"):
        own, shared = panels(maps_figure(maps_of_digits, palette=LIGHT, layer=layer, digit=digit))
        assert own.images[0].norm.vmax == 1
        limits.add(shared.images[0].norm.vmax)
    assert limits == {float(maps_of_digits[layer].max())}


def test_silent_maps_are_crossed_out_and_counted(maps_of_digits, texts):
    figure = maps_figure(maps_of_digits, palette=LIGHT, layer="conv_3", digit="one")
    quiet = silent_maps(maps_of_digits["conv_3"].sel(digit="one").values)
    assert quiet[:3].all()
    for ax in panels(figure):
        crosses, frames = (item for item in ax.collections if item.get_gid() == "silent")
        assert len(crosses.get_segments()) == 2 * quiet.sum()
        assert len(frames.get_paths()) == quiet.sum()
        assert tile(ax, 0, 3, 128).mask.all()
    assert texts(figure).count(f"× silent: {quiet.sum()} of 128") == 2


def test_rows_say_the_number_of_their_first_map_and_columns_what_to_add(maps_of_digits):
    figure = maps_figure(maps_of_digits, palette=LIGHT, layer="conv_3", digit="one")
    for ax in panels(figure):
        assert [label.get_text() for label in ax.get_yticklabels()] == [str(n) for n in range(0, 128, 16)]
        assert [label.get_text() for label in ax.get_xticklabels()] == [str(n) for n in range(16)]


def test_both_scales_have_a_labelled_colour_bar(maps_of_digits, texts):
    found = texts(maps_figure(maps_of_digits, palette=LIGHT, layer="conv_2", digit="two"))
    assert found.count("activation") == 2
    assert {"own max.", f"{float(maps_of_digits['conv_2'].max()):.3g}"} <= set(found)
    assert {"Conv_2, each map on its own scale", "Conv_2, all maps on one scale"} <= set(found)


@pytest.mark.parametrize("cmap", ["gray", "jet"])
def test_the_articles_colour_maps_can_be_had(maps_of_digits, cmap):
    figure = maps_figure(maps_of_digits, palette=LIGHT, layer="conv_1", digit="one", cmap=cmap)
    assert {ax.images[0].get_cmap().name for ax in panels(figure)} == {cmap}


def test_drawn_twice_it_is_the_same_file_and_a_small_one(maps_of_digits, svg):
    first, second = (
        svg(maps_figure(maps_of_digits, palette=DARK, layer="conv_3", digit="two")) for _ in range(2)
    )
    assert first == second
    assert len(first) < 500_000


def test_light_and_dark_differ_in_paper_alone_not_in_values(maps_of_digits):
    light, dark = (
        maps_figure(maps_of_digits, palette=palette, layer="pool_2", digit="two") for palette in (LIGHT, DARK)
    )
    assert light.get_facecolor() != dark.get_facecolor()
    for one, other in zip(panels(light), panels(dark), strict=True):
        np.testing.assert_array_equal(one.images[0].get_array(), other.images[0].get_array())
        assert one.images[0].get_cmap() == other.images[0].get_cmap()


def test_an_unknown_layer_is_named_with_those_that_exist(maps_of_digits):
    with pytest.raises(ValueError, match=r"layer='conv_4'.*conv_1, pool_1, conv_2, pool_2, conv_3"):
        maps_figure(maps_of_digits, palette=LIGHT, layer="conv_4", digit="one")


def test_an_unknown_digit_is_named_with_those_that_exist(maps_of_digits):
    with pytest.raises(ValueError, match=r"digit='nine'.*clear-four, second-four, third-four, one, two"):
        maps_figure(maps_of_digits, palette=LIGHT, layer="conv_1", digit="nine")


def test_values_before_the_relu_are_refused(maps_of_digits):
    negative = maps_of_digits.assign(conv_3=maps_of_digits["conv_3"] - 1)
    with pytest.raises(ValueError, match=r"'conv_3'.*minimum -1.*after ReLU"):
        maps_figure(negative, palette=LIGHT, layer="conv_3", digit="one")


def test_compose_puts_each_map_in_its_place_and_leaves_gaps():
    maps = np.zeros((2, 2, 3))
    maps[0, 1, 2] = 5.0
    maps[1, 0, 0] = 7.0
    mosaic = Mosaic(maps=3, size=2, columns=2)
    picture = mosaic_image(maps, mosaic)
    assert (mosaic.rows, mosaic.repeat, mosaic.gap, mosaic.pitch) == (2, 12, 2, 26)
    assert picture.shape == (52, 52)
    assert (picture[12:24, 0:12] == 7).all()
    assert (picture[26:38, 12:24] == 5).all()
    assert np.isnan(picture[:, 24:26]).all()
    assert np.isnan(picture[0:24, 26:50]).all(), "map 1 is silent"
    assert np.isnan(picture[26:, 26:]).all(), "there is no map 3"


def test_per_map_scales_each_map_to_one_and_keeps_silent_maps():
    maps = np.array([[[2.0, 0.0, 8.0]], [[1.0, 0.0, 4.0]]])
    np.testing.assert_array_equal(scale_each_map(maps), [[[1, 0, 1]], [[0.5, 0, 0.5]]])


def test_boxes_lie_on_the_marked_units():
    maps, marks = np.ones((3, 3, 20)), np.zeros((3, 3, 20), bool)
    marks[2, 0, 17] = True
    ax = draw_tiles(Figure().add_subplot(), maps, palette=LIGHT, columns=8, limit=1.0)
    draw_unit_boxes(ax, marks, palette=LIGHT, columns=8)
    boxes = [item for item in ax.collections if item.get_gid() == "common"]
    assert len(boxes) == 1
    (path,) = boxes[0].get_paths()
    side = 24 / 26 / 3  # a tile is 24 of 26 samples
    (left, top), (right, bottom) = path.get_extents().get_points()
    assert (left, top, right, bottom) == pytest.approx(
        (1, 2 + 2 * side, 1 + side, 2 + 3 * side), abs=0.1 * side
    )
