import numpy as np
import pytest

from cnnbook.figures.digits import digits_figure, journey_figure, strongest_maps
from cnnbook.figures.style import LIGHT


def pictures(figure):
    return [ax for ax in figure.axes if ax.images and ax.images[0].get_array().shape == (28, 28)]


def test_every_digit_is_drawn_in_gray_and_in_jet_on_the_scale_of_pixels(maps_of_digits, palette):
    drawn = pictures(digits_figure(maps_of_digits, palette=palette))
    assert [ax.images[0].get_cmap().name for ax in drawn] == ["gray"] * 5 + ["jet"] * 5
    for ax, image in zip(drawn, [*maps_of_digits["image"]] * 2, strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), image)
        assert ax.images[0].get_clim() == (0, 255)


def test_columns_name_label_and_test_index(maps_of_digits, texts):
    found = texts(digits_figure(maps_of_digits, palette=LIGHT, digits=["two", "second-four"]))
    assert [text for text in found if text.startswith(("a ", "test"))] == [
        "a 2",
        "test image 1",
        "a 4",
        "test image 33",
    ]


def test_each_colour_map_has_a_bar_from_0_to_255(maps_of_digits, texts):
    found = texts(digits_figure(maps_of_digits, palette=LIGHT))
    assert [found.count(text) for text in ("pixel value", "0", "255")] == [2, 2, 2]


def test_one_digit_stands_beside_itself(maps_of_digits):
    gray, jet = pictures(digits_figure(maps_of_digits, palette=LIGHT, digits=["one"]))
    assert gray.get_position().y0 == jet.get_position().y0
    assert gray.get_position().x1 < jet.get_position().x0


def test_a_key_instead_of_a_list_of_keys_is_refused(maps_of_digits):
    with pytest.raises(ValueError, match=r"digits='one': expected a list of labels out of clear-four"):
        digits_figure(maps_of_digits, palette=LIGHT, digits="one")


def test_strongest_maps_come_first_and_equal_ones_in_order():
    maps = np.array([[[1.0, 4.0, 1.0, 9.0]]])
    assert strongest_maps(maps, 3) == [3, 1, 0]


def test_the_journey_shows_the_strongest_maps_of_each_layer(maps_of_digits, palette):
    figure = journey_figure(maps_of_digits, palette=palette, digit="two", count=3)
    shown = [str(ax.get_gid()).split() for ax in figure.axes if ax.get_gid()]
    assert [layer for layer, _ in shown] == [
        layer for layer in ("conv_1", "pool_1", "conv_2", "pool_2", "conv_3") for _ in range(3)
    ]
    numbers = {layer: [int(n) for name, n in shown if name == layer] for layer, _ in shown}
    for layer in ("conv_1", "conv_2", "conv_3"):
        assert numbers[layer] == strongest_maps(maps_of_digits[layer].sel(digit="two").values, 3)
    assert numbers["pool_1"] == numbers["conv_1"]
    assert numbers["pool_2"] == numbers["conv_2"]


def test_the_journey_names_layers_and_sizes(maps_of_digits, texts):
    found = texts(journey_figure(maps_of_digits, palette=LIGHT))
    assert {"a 4", "28 × 28", "Conv_1", "26 × 26", "Pool_2", "5 × 5", "Conv_3", "3 × 3"} <= set(found)


def test_the_journey_of_an_unknown_digit_is_refused(maps_of_digits):
    with pytest.raises(ValueError, match=r"digit='nine'.*clear-four"):
        journey_figure(maps_of_digits, palette=LIGHT, digit="nine")


def test_the_journey_is_the_same_file_twice(maps_of_digits, svg):
    assert svg(journey_figure(maps_of_digits, palette=LIGHT)) == svg(
        journey_figure(maps_of_digits, palette=LIGHT)
    )
