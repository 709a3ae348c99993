"""How well a linear model predicts: R² worked by hand, and the mean over maps that can be judged."""

import numpy as np
import pytest

from cnnbook.experiments.patches import Config, Regression, Responses, partial_r2, r2
from synthetic import measured, statistic_from


def test_r2_is_1_less_the_squared_error_by_the_deviation_from_the_training_mean():
    """Training mean 1; test values 0 and 2 deviate by 1 and 1; errors 0.5 and 0 are 0.25 of 2."""
    values = np.array([[[0.0, 5.0]], [[2.0, 5.0]]])
    responses = Responses(values, values)
    predicted = np.array([[0.5, 5.0], [2.0, 5.0]])
    weights = np.array([[1.0, 1.0], [2.0, 0.0]])
    np.testing.assert_allclose(r2(responses, predicted, weights), [[0.875, 0], [0.75, 0]])


def test_the_regression_recovers_a_line_up_to_its_ridge():
    """Inputs −1 and 1: their squares sum to 2, to which a hundredth of 2 is added."""
    coefficients, intercepts = Regression(np.array([[-1.0], [1.0]])).fit(np.array([[1.0], [3.0]]))
    np.testing.assert_allclose(coefficients, [[2 / 2.02]])
    np.testing.assert_allclose(intercepts, [2.0])


def test_a_map_that_responds_to_few_images_is_not_judged():
    train = np.zeros((200, 3, 2))
    train[0, 1, 0], train[:2, 1, 1], train[:, 0] = 1, 1, 9
    assert Responses(train, train).is_active.tolist() == [False, True]


def test_told_by_a_map_is_the_mean_over_judged_maps_and_0_where_there_are_none():
    values = [[[0.2, np.nan, 0.6], [0.4, np.nan, 0.4]], [[np.nan] * 3, [np.nan] * 3]]
    found = statistic_from(
        "patches", "told_by_a_map", {"told_of_images": ("net resample map_conv_3", values)}
    )
    assert found.ravel().tolist() == pytest.approx([0.4, 0.4, 0, 0])


def test_a_map_tells_the_pixels_that_follow_from_its_points_and_no_others():
    """One map of one point, which is the first of two pixels of equal variance; another map is silent.

    The ridge of a hundredth shrinks the weight to 1/1.01, which leaves (0.01/1.01)² of the first pixel.
    """
    x = np.array([[[1.0, 0.0]], [[-1.0, 0.0]]])
    y = np.array([[1.0, 1.0], [-1.0, 1.0]])
    y_test = np.array([[1.0, 1.0], [-1.0, -1.0]])
    told = partial_r2(x, x, y, y_test, np.array([[1.0, 1.0], [0.0, 2.0]]))
    left = (0.01 / 1.01) ** 2
    np.testing.assert_allclose(told, [[1 - (left + 1) / 2, 0]] * 2, atol=1e-12)


def test_the_share_told_is_that_of_a_plain_regression_of_every_pixel():
    rng = np.random.default_rng(1)
    x, x_test = rng.normal(size=(40, 9, 2)), rng.normal(size=(15, 9, 2))
    mix = rng.normal(size=(9, 6))
    y, y_test = (each[..., 0] @ mix + rng.normal(size=(len(each), 6)) for each in (x, x_test))
    told = partial_r2(x, x_test, y, y_test, np.ones((1, 15)))[0]
    for k in range(2):
        gram = x[..., k].T @ x[..., k]
        table = np.linalg.solve(gram + 0.01 * np.trace(gram) / 9 * np.eye(9), x[..., k].T @ y)
        expected = 1 - ((y_test - x_test[..., k] @ table) ** 2).sum() / (y_test**2).sum()
        assert told[k] == pytest.approx(expected)


def test_maps_are_judged_beyond_the_class_and_only_where_they_respond(nets, few_digits):
    found = measured("patches", few_digits, nets[:1], config=Config(train=400, test=100))
    live = np.isfinite(found.told)
    np.testing.assert_array_equal(live, np.isfinite(found.r2))
    assert live.any()
    assert float(found.told.max()) < 1
    assert found.told_by_a_map.shape == (1, 3)
