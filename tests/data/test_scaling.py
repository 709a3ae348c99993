import numpy as np
import pytest

from cnnbook.data import fit_scaling


@pytest.fixture
def images():
    values = np.zeros((2, 28, 28), np.uint8)
    values[:, 0, 0] = [0, 255]
    values[:, 0, 1] = [51, 153]
    values[:, 0, 2] = 102
    return values


def test_unit_is_pixel_over_255(images):
    scaled = fit_scaling("unit", images)(images)
    assert scaled.shape == (2, 28, 28, 1)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled[:, 0, :3, 0], [[0, 0.2, 0.4], [1, 0.6, 0.4]], rtol=1e-7)


def test_standardised_has_mean_zero_and_standard_deviation_one_where_pixels_vary(images):
    scaling = fit_scaling("standardised", images)
    scaled = scaling(images)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled[:, 0, :2, 0], [[-1, -1], [1, 1]], rtol=1e-6)
    np.testing.assert_allclose(scaling.mean[0, :3], [0.5, 0.4, 0.4], rtol=1e-6)
    np.testing.assert_allclose(scaling.std[0, :3], [0.5, 0.2, 1], rtol=1e-6)


def test_pixels_that_never_vary_become_zero(images):
    scaled = fit_scaling("standardised", images)(images)
    assert not scaled[:, 0, 2].any()
    assert not scaled[:, 1:].any()


def test_other_images_are_scaled_with_the_training_statistics(images):
    other = np.full((1, 28, 28), 255, np.uint8)
    scaled = fit_scaling("standardised", images)(other)[0, :, :, 0]
    np.testing.assert_allclose(scaled[0, :4], [1, 3, 0.6, 1], rtol=1e-6)


def test_statistics_agree_with_the_definition_over_more_images_than_a_chunk():
    images = np.random.default_rng(0).integers(0, 256, (2500, 28, 28), dtype=np.uint8)
    scaling = fit_scaling("standardised", images)
    np.testing.assert_allclose(scaling.mean, (images / 255).mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(scaling.std, (images / 255).std(axis=0), rtol=1e-6)


def test_the_numbers_of_a_scaling_cannot_be_written_to(images):
    with pytest.raises(ValueError, match="read-only"):
        fit_scaling("standardised", images).mean[0, 0] = 1


def test_an_unknown_scaling_is_refused(images):
    with pytest.raises(ValueError, match="name='raw': expected one of unit, standardised"):
        fit_scaling("raw", images)


def test_no_images_have_no_statistics():
    with pytest.raises(ValueError, match="train_images: no images"):
        fit_scaling("standardised", np.zeros((0, 28, 28), np.uint8))
