"""What surrogates share with digits, and how strongly maps respond to them, worked by hand."""

import numpy as np
import pytest

from cnnbook.experiments.surrogates import (
    KINDS,
    LAYERS,
    Config,
    largest_responses,
    strength_ratio,
    with_amplitudes,
    with_covariance,
)
from cnnbook.maps import map_responses, predictions
from synthetic import measured, run_of, statistic_from


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gaussian_share", [0.5, 0.75]),
        ("adjusted_share", [0.9, 0.8]),
        ("shuffled_share", [0.2, 0.3]),
        ("adjusted_over_shuffled", [0.7, 0.5]),
    ],
)
def test_a_statistic_is_that_of_its_kind_on_conv_3(name, expected):
    reached = np.full((4, 3, 2), 9.0)
    reached[0, 2], reached[1, 2], reached[3, 2] = (0.5, 0.75), (0.9, 0.8), (0.2, 0.3)
    found = statistic_from(
        "surrogates", name, {"reached": ("kind layer net", reached)}, kind=KINDS, layer=LAYERS
    )
    np.testing.assert_allclose(found, expected)


def test_strong_responses_are_compared_by_their_99th_percentile():
    """Of 0 to 100 it is 99; of twice and half as much twice and half of that; a silent map has no ratio."""
    values = np.arange(101.0)
    digits = np.stack([values, values, 0 * values], axis=1)
    surrogates = np.stack([2 * values, values / 2, values], axis=1)
    np.testing.assert_allclose(strength_ratio(surrogates, digits), [2, 0.5, np.nan])


def test_values_are_given_a_mean_and_a_covariance_exactly():
    """Of variance 4 and 1 and correlation 1/2; cutting off what is negative would change both."""
    wanted = np.array([[4.0, 1.0], [1.0, 1.0]])
    found = with_covariance(np.random.default_rng(1).normal(size=(50, 2)), np.array([1.0, 2.0]), wanted)
    np.testing.assert_allclose(np.cov(found.T, bias=True), wanted)
    np.testing.assert_allclose(found.mean(axis=0), [1, 2])
    assert found.min() < 0


def test_amplitudes_are_exchanged_in_the_order_of_size():
    values, of = np.array([[3.0, 0], [1, 5], [2, 9]]), np.array([[7.0, 0], [0, 0], [4, 1]])
    assert with_amplitudes(values, of).tolist() == [[7, 0], [0, 0], [4, 1]]


def test_gaussian_surrogates_have_the_mean_and_the_variance_of_digits(few_digits):
    """Up to the chance of drawing 2,000: clipped to ink they would have 43 % less variance on MNIST."""
    run = run_of("surrogates", few_digits, config=Config(images=2000))
    drawn, digits = KINDS["Gaussian"](run), few_digits.train_images.astype(float)
    assert drawn.min() < 0
    assert drawn.max() > 255
    assert drawn.mean() == pytest.approx(digits.mean(), rel=0.03)
    assert drawn.var(axis=0).sum() == pytest.approx(digits.var(axis=0).sum(), rel=0.05)


def test_every_pixel_of_an_adjusted_surrogate_has_the_values_of_digits(few_digits):
    run = run_of("surrogates", few_digits, config=Config(images=300))
    drawn = KINDS["amplitude-adjusted"](run)
    np.testing.assert_array_equal(np.sort(drawn, axis=0), np.sort(few_digits.train_images[:300], axis=0))


def test_digits_given_as_real_numbers_are_answered_as_digits(nets, few_digits):
    images = few_digits.test_images[:110]
    largest, predicted = largest_responses(nets[0], images.astype(np.float64))
    usual = map_responses(nets[0], images, LAYERS)
    for layer in LAYERS:
        np.testing.assert_allclose(largest[layer], usual[layer].largest, atol=1e-4)
    np.testing.assert_array_equal(predicted, predictions(nets[0], images))


def test_adjusted_surrogates_keep_more_of_the_covariance_than_shuffled_digits(nets, few_digits):
    error = measured("surrogates", few_digits, nets[:1], config=Config(images=100)).covariance_error
    assert float(error.sel(kind="amplitude-adjusted")) < float(error.sel(kind="pixels shuffled"))
