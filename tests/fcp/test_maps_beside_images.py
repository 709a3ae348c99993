"""Maps beside images: the correlation, the window of a unit, and an image of another class."""

import numpy as np
import pytest

from cnnbook.fcp.pictures import window_means
from cnnbook.fcp.similarity import map_image_correlations, next_of_another_class
from cnnbook.nets.geometry import MAP_LAYERS, geometry_of
from helpers import noise


def test_a_map_in_proportion_to_the_image_has_r_1_and_its_negative_minus_1():
    image = np.array([[[1.0, 2.0], [3.0, 5.0]]])
    maps = np.stack([2 * image + 7, 3 - image, np.full_like(image, 4.0)], axis=-1)
    found = map_image_correlations(maps, image)
    np.testing.assert_allclose(found[0, :2], [1, -1])
    assert np.isnan(found[0, 2])


def test_r_worked_by_hand():
    """Deviations (-1, 0, 1, 0) and (-1, 1, 1, -1): 2 / √(2 · 4)."""
    image, map_ = np.array([[[1.0, 2.0], [3.0, 2.0]]]), np.array([[[0.0, 2.0], [2.0, 0.0]]])
    np.testing.assert_allclose(map_image_correlations(map_[..., None], image), [[2 / np.sqrt(8)]])


def test_a_blank_image_is_like_nothing():
    assert np.all(np.isnan(map_image_correlations(noise(0, 2, 3, 3, 4), np.zeros((2, 3, 3)))))


def test_r_is_numpys_for_any_map():
    maps, images = noise(1, 3, 5, 5, 2), noise(2, 3, 5, 5)
    expected = [
        [np.corrcoef(maps[n, ..., c].ravel(), images[n].ravel())[0, 1] for c in (0, 1)] for n in range(3)
    ]
    np.testing.assert_allclose(map_image_correlations(maps, images), expected, atol=1e-6)


@pytest.mark.parametrize("layer", MAP_LAYERS)
def test_a_unit_is_compared_with_the_mean_pixel_of_its_window(layer):
    geometry = geometry_of()[layer]
    image = np.random.default_rng(0).integers(0, 256, (1, 28, 28), dtype=np.uint8)
    found = window_means(image, geometry)
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
    np.testing.assert_allclose(window_means(image, geometry_of()["conv_3"])[0], expected)


def test_after_the_last_image_of_another_class_comes_the_first():
    assert next_of_another_class(np.array([4, 4, 4, 1, 2, 4])).tolist() == [3, 3, 3, 4, 5, 3]


def test_one_class_alone_has_no_next_of_another_class():
    with pytest.raises(ValueError, match=r"labels: all 3 are 4, expected more than one class"):
        next_of_another_class(np.array([4, 4, 4]))
