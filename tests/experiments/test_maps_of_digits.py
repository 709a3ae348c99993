"""The maps of the digits shown are those of the images that `seeds/digits.yaml` names."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from cnnbook.data.digits import shown_images
from cnnbook.experiments import maps_of_digits
from cnnbook.experiments.facts import facts_of
from cnnbook.experiments.maps_of_digits import is_silent
from cnnbook.maps import feature_maps, predictions
from cnnbook.nets.geometry import MAP_LAYERS, geometry_of
from synthetic import measured


@pytest.fixture(scope="module")
def result(nets, few_digits, few_shown) -> xr.Dataset:
    return measured("maps_of_digits", few_digits, nets[:1], shown=few_shown)


def test_the_result_has_the_agreed_dimensions_and_units(result):
    assert result.digit.values.tolist() == ["clear-four", "second-four", "third-four", "one", "two"]
    assert result.label.values.tolist() == [4, 4, 4, 1, 2]
    assert result.test_index.values.tolist() == [4, 14, 24, 1, 2]
    assert result.image.dims == ("digit", "row", "col")
    assert result.image.dtype == np.uint8
    for layer in MAP_LAYERS:
        geometry = geometry_of()[layer]
        assert result[layer].dims == ("digit", f"row_{layer}", f"col_{layer}", f"map_{layer}")
        assert result[layer].shape == (5, geometry.size, geometry.size, geometry.layer.maps)
        assert result[layer].dtype == np.float32
        assert result[layer].attrs["units"] == "1"
    assert (result.attrs["data"], result.attrs["net"]) == ("sample", 0)


def test_images_maps_and_answers_are_those_of_the_first_network(result, nets, few_digits):
    image = few_digits.test_images[14:15]
    here = result.sel(digit="second-four")
    np.testing.assert_array_equal(here.image, image[0])
    maps = feature_maps(nets[0], image)
    for layer in MAP_LAYERS:
        np.testing.assert_allclose(here[layer], maps[layer][0], atol=1e-5)
    assert int(here.answer) == predictions(nets[0], image)[0]


def test_a_digit_of_another_class_is_named_with_the_file_to_mend(few_digits, few_shown):
    wrong = (*few_shown[:3], replace(few_shown[3], label=7), few_shown[4])
    message = r"one: test image 1 of the sample data is a 1, not a 7; mend seeds/digits\.yaml"
    with pytest.raises(ValueError, match=message):
        shown_images(few_digits, wrong)


@pytest.mark.parametrize("index", [-1, 120])
def test_an_index_out_of_range_is_named(few_digits, few_shown, index):
    with pytest.raises(ValueError, match=rf"two: index={index}: expected 0 to 119"):
        shown_images(few_digits, [replace(few_shown[4], index=index)])


def with_silence() -> xr.Dataset:
    """Four maps a layer: 0 is silent for all, 1 for the 4s, 2 for the clear 4, 3 for none."""
    quiet = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]], bool)
    layers = {
        layer: (
            ("digit", f"row_{layer}", f"col_{layer}", f"map_{layer}"),
            np.where(quiet[:, None, None, :], 0.0, np.eye(3)[None, :, :, None] + 0.0) * np.ones((3, 3, 3, 4)),
        )
        for layer in MAP_LAYERS
    }
    coords = {
        "digit": ["clear-four", "second-four", "one"],
        "label": ("digit", [4, 4, 1]),
        "test_index": ("digit", [425, 4, 37]),
    }
    return xr.Dataset(layers, coords=coords)


def test_silent_maps_are_zero_everywhere():
    assert int(is_silent(with_silence(), "conv_2").sel(digit="clear-four").sum()) == 3
    assert int(is_silent(with_silence(), "conv_2").sel(digit="one").sum()) == 1


def test_facts_count_maps_silent_for_one_for_the_4s_and_for_all():
    found = facts_of(maps_of_digits.maps_of_digits, with_silence())
    assert (found["silent_conv_3"], found["silent_for_fours_conv_3"]) == ("3", "2")
    assert found["silent_everywhere_conv_3"] == "1"
    assert (found["index_clear_four"], found["index_one"]) == ("425", "37")


def test_facts_are_text(result):
    assert all(isinstance(text, str) for text in facts_of(maps_of_digits.maps_of_digits, result).values())
