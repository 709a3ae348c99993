"""Likeness of a map and an image: the correlation, what a unit sees, and the two nulls."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.config.questions import LikenessConfig
from cnnbook.experiments import likeness
from cnnbook.experiments.likeness import KINDS, correlations, facts, measure, seen_by, strangers
from cnnbook.experiments.resampling import Resampled
from cnnbook.maps import feature_maps
from cnnbook.nets.geometry import MAP_LAYERS, geometry_of
from helpers import noise


def test_a_map_in_proportion_to_the_image_has_r_1_and_its_negative_minus_1():
    image = np.array([[[1.0, 2.0], [3.0, 5.0]]])
    maps = np.stack([2 * image + 7, 3 - image, np.full_like(image, 4.0)], axis=-1)
    found = correlations(maps, image)
    np.testing.assert_allclose(found[0, :2], [1, -1])
    assert np.isnan(found[0, 2])


def test_r_worked_by_hand():
    """Deviations (-1, 0, 1, 0) and (-1, 1, 1, -1): 2 / √(2 · 4)."""
    image, map_ = np.array([[[1.0, 2.0], [3.0, 2.0]]]), np.array([[[0.0, 2.0], [2.0, 0.0]]])
    np.testing.assert_allclose(correlations(map_[..., None], image), [[2 / np.sqrt(8)]])


def test_a_blank_image_is_like_nothing():
    assert np.all(np.isnan(correlations(noise(0, 2, 3, 3, 4), np.zeros((2, 3, 3)))))


def test_r_is_numpys_for_any_map():
    maps, images = noise(1, 3, 5, 5, 2), noise(2, 3, 5, 5)
    expected = [
        [np.corrcoef(maps[n, ..., c].ravel(), images[n].ravel())[0, 1] for c in (0, 1)] for n in range(3)
    ]
    np.testing.assert_allclose(correlations(maps, images), expected, atol=1e-6)


@pytest.mark.parametrize("layer", MAP_LAYERS)
def test_a_unit_sees_the_mean_pixel_of_its_window(layer):
    geometry = geometry_of()[layer]
    image = np.random.default_rng(0).integers(0, 256, (1, 28, 28), dtype=np.uint8)
    found = seen_by(image, geometry)
    assert found.shape == (1, geometry.size, geometry.size)
    for row, column in ((0, 0), (geometry.size - 1, 0), (1, geometry.size - 1)):
        (top, bottom), (left, right) = geometry.window(row), geometry.window(column)
        window = image[0, top : bottom + 1, left : right + 1]
        assert found[0, row, column] == pytest.approx(window.mean() / 255)


def test_conv_3_sees_18_by_18_pixels_of_which_one_inked_one_counts_1_in_324():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 0, 0] = image[0, 27, 27] = 255  # the second lies where nobody looks
    expected = np.zeros((3, 3))
    expected[0, 0] = 1 / 324
    np.testing.assert_allclose(seen_by(image, geometry_of()["conv_3"])[0], expected)


def test_a_stranger_is_the_next_image_of_another_class():
    assert strangers(np.array([4, 4, 4, 1, 2, 4])).tolist() == [3, 3, 3, 4, 5, 3]


def test_one_class_alone_has_no_strangers():
    with pytest.raises(ValueError, match=r"labels: all 3 are 4, expected more than one class"):
        strangers(np.array([4, 4, 4]))


@pytest.fixture(scope="module")
def result(nets, few_digits) -> xr.Dataset:
    return measure(nets[:2], few_digits, Resampled(LikenessConfig(images=20, alike=0.5, margin=0.05), 25, 0))


def test_the_result_has_the_agreed_dimensions_units_and_claims(result):
    for name in ("likeness", "alike", "live"):
        assert result[name].dims == ("kind", "layer", "net")
        assert result[name].attrs["units"] == "1"
        assert float(result[name].min()) >= 0
        assert float(result[name].max()) <= 1
    assert result.kind.values.tolist() == ["own image", "another digit", "untrained, own image"]
    assert result.layer.values.tolist() == list(MAP_LAYERS)
    assert result.net.values.tolist() == [0, 1]
    assert (result.attrs["data"], result.attrs["images"], result.attrs["threshold"]) == ("sample", 20, 0.5)
    assert result.attrs["claims"]


def test_the_likeness_of_conv_1_is_the_mean_of_its_maps(result, nets, few_digits):
    images = few_digits.test_images[:20]
    maps = feature_maps(nets[1], images, ("conv_1",))["conv_1"]
    r = np.abs(correlations(maps, seen_by(images, geometry_of()["conv_1"])))
    here = result.sel(kind="own image", layer="conv_1", net=1)
    assert float(here.likeness) == pytest.approx(np.nanmean(r))
    assert float(here.alike) == pytest.approx((r >= 0.5).sum() / (~np.isnan(r)).sum())
    assert float(here.live) == pytest.approx(1 - np.isnan(r).mean())


def test_a_map_of_conv_1_is_more_like_its_image_than_like_another_digit(result):
    conv_1 = result.likeness.sel(layer="conv_1")
    assert np.all(conv_1.sel(kind="own image") > conv_1.sel(kind="another digit") + 0.1)


def made_up(own: list[float], other: float) -> xr.Dataset:
    """A result in which all layers of two networks are alike."""
    values = np.zeros((3, 5, 2))
    values[0], values[1] = own, other
    return xr.Dataset(
        {"likeness": (("kind", "layer", "net"), values)},
        coords={"kind": list(KINDS), "layer": list(MAP_LAYERS), "net": [0, 1]},
        attrs={"margin": 0.05, "images": 1000},
    )


@pytest.mark.parametrize(
    ("own", "shows"),
    [([0.36, 0.36], True), ([0.40, 0.31], True), ([0.32, 0.36], False), ([0.50, 0.29], False)],
)
def test_a_layer_shows_the_digit_by_the_margin_on_average_and_in_every_network(own, shows):
    assert likeness.shows_the_digit(made_up(own, 0.30), "conv_3") is shows


def test_facts_name_the_layers_that_show_the_digit():
    result = made_up([0.30, 0.30], 0.28)
    result.likeness.loc[{"kind": "own image", "layer": ["conv_1", "pool_1", "conv_2"]}] = 0.6
    found = facts(result)
    assert (found["showing"], found["lost"]) == ("Conv_1, Pool_1 and Conv_2", "Pool_2 and Conv_3")
    assert (found["conv_1"], found["conv_1_other"], found["conv_1_excess"]) == ("0.60", "0.28", "0.32")
    assert (found["conv_3_untrained"], found["images"], found["nets"]) == ("0.00", "1,000", "2")


def test_facts_say_so_when_no_layer_shows_the_digit():
    assert facts(made_up([0.3, 0.3], 0.3))["showing"] == "no layer"


def test_facts_are_text(result):
    assert all(isinstance(text, str) for text in facts(result).values())
