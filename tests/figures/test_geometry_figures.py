from typing import Any

import numpy as np
import pytest

from cnnbook.figures.network import network_blocks, network_figure
from cnnbook.figures.receptive import layer_windows, receptive_fields_figure, units_per_pixel
from cnnbook.figures.style import LIGHT


def drawn(ax, gid) -> list[Any]:
    return [patch for patch in ax.patches if patch.get_gid() == gid]


def test_the_network_is_enumerated_with_sizes_maps_and_parameters(geometry, palette, texts):
    found = texts(network_figure(geometry, palette=palette, dense=(100, 10)))
    names = ["input", "Conv_1", "Pool_1", "Conv_2", "Pool_2", "Conv_3", "flat", "hidden", "logits"]
    assert [text for text in found if text in names] == names
    assert {"28 × 28", "26 × 26", "1,152", "18,496", "73,856", "115,300", "1,010", "208,982"} <= set(found)


def test_stacks_have_a_sheet_for_every_eight_maps_and_the_size_of_their_maps(geometry):
    ax = network_figure(geometry, palette=LIGHT).axes[0]
    assert [len(drawn(ax, name)) for name in ("input", "Conv_1", "Conv_2", "Conv_3")] == [1, 4, 8, 16]
    sides = {name: drawn(ax, name)[0].get_width() for name in ("input", "Conv_1", "Conv_3")}
    assert sides["Conv_1"] / sides["input"] == pytest.approx(26 / 28)
    assert sides["Conv_3"] / sides["input"] == pytest.approx(3 / 28)


def test_dense_layers_come_from_the_dataset_or_are_left_out(geometry):
    assert [block.name for block in network_blocks(geometry, ())][-1] == "Conv_3"
    attrs = geometry.assign_attrs(dense=[100, 10])
    assert len(network_figure(attrs, palette=LIGHT).texts) > len(
        network_figure(geometry, palette=LIGHT).texts
    )


def test_a_dataset_without_sizes_is_refused(geometry):
    with pytest.raises(ValueError, match=r"no variable 'size'; it has maps, parameters"):
        network_figure(geometry.drop_vars("size"), palette=LIGHT)


def test_windows_of_conv_3_start_every_4_pixels_and_leave_out_the_last_two(geometry):
    assert layer_windows(geometry, "conv_3").tolist() == [[0, 17], [4, 21], [8, 25]]


def test_the_central_ten_pixels_are_seen_by_all_nine_units(geometry):
    counts = units_per_pixel(layer_windows(geometry, "conv_3"), 28)
    assert np.argwhere(counts == 9).tolist() == [[row, col] for row in range(8, 18) for col in range(8, 18)]
    assert (counts[26:] == 0).all()
    assert (counts[:, 26:] == 0).all()
    assert (counts[:26, :26] > 0).all()


def test_windows_are_drawn_where_they_are(geometry, maps_of_digits, palette):
    figure = receptive_fields_figure(geometry, maps_of_digits["image"].values[0], palette=palette)
    one, layer, _ = figure.axes
    layers = ("conv_1", "pool_1", "conv_2", "pool_2", "conv_3")
    sides = [drawn(one, name)[0].get_width() for name in layers]
    assert sides == pytest.approx([3, 4, 8, 10, 18], abs=1.2)  # common edges are drawn a little apart
    assert sides[-1] == 18
    corners = sorted((patch.get_x(), patch.get_y(), patch.get_width()) for patch in drawn(layer, "window"))
    assert corners == [(col - 0.5, row - 0.5, 18) for col in (0, 4, 8) for row in (0, 4, 8)]


def test_the_unseen_rows_and_columns_are_hatched_and_named(geometry, maps_of_digits, texts):
    figure = receptive_fields_figure(geometry, maps_of_digits["image"].sel(digit="one"), palette=LIGHT)
    for ax in figure.axes[1:]:
        bottom, right = drawn(ax, "unseen")
        assert (bottom.get_xy(), bottom.get_width(), bottom.get_height()) == ((-0.5, 25.5), 28, 2)
        assert (right.get_xy(), right.get_width(), right.get_height()) == ((25.5, -0.5), 2, 26)
    assert "rows, columns 26–27: unseen" in texts(figure)


def test_every_region_says_how_many_units_see_it(geometry, maps_of_digits):
    figure = receptive_fields_figure(geometry, maps_of_digits["image"].values[0], palette=LIGHT)
    numbers = [text.get_text() for text in figure.axes[2].texts]
    assert numbers == list("1232124642369632464212321")


def test_a_layer_that_sees_every_pixel_has_nothing_hatched(geometry, maps_of_digits, texts):
    image = maps_of_digits["image"].values[0]
    figure = receptive_fields_figure(geometry, image, palette=LIGHT, layer="conv_1")
    assert not drawn(figure.axes[1], "unseen")
    assert not any("unseen" in text for text in texts(figure))


def test_an_unknown_layer_is_named_with_those_that_exist(geometry):
    with pytest.raises(ValueError, match=r"layer='conv_4'.*conv_1, pool_1, conv_2, pool_2, conv_3"):
        layer_windows(geometry, "conv_4")


def test_drawn_twice_it_is_the_same_file(geometry, maps_of_digits, svg):
    image = maps_of_digits["image"].values[0]
    first, second = (svg(receptive_fields_figure(geometry, image, palette=LIGHT)) for _ in range(2))
    assert first == second
