"""How well a linear model predicts: R² worked by hand, and the mean over maps that can be judged."""

import numpy as np
import pytest

from cnnbook.experiments.patches import Regression, Responses, r2
from synthetic import statistic_from


def test_r2_is_1_less_the_squared_error_by_the_deviation_from_the_training_mean():
    """Training mean 1; test values 0 and 2 deviate by 1 and 1; errors 0.5 and 0 are 0.25 of 2."""
    responses = Responses(np.array([[0.0, 5.0], [2.0, 5.0]]), np.array([[0.0, 5.0], [2.0, 5.0]]))
    predicted = np.array([[0.5, 5.0], [2.0, 5.0]])
    weights = np.array([[1.0, 1.0], [2.0, 0.0]])
    np.testing.assert_allclose(r2(responses, predicted, weights), [[0.875, 0], [0.75, 0]])


def test_the_regression_recovers_a_line_up_to_its_ridge():
    """Inputs −1 and 1: their squares sum to 2, to which a hundredth of 2 is added."""
    coefficients, intercepts = Regression(np.array([[-1.0], [1.0]])).fit(np.array([[1.0], [3.0]]))
    np.testing.assert_allclose(coefficients, [[2 / 2.02]])
    np.testing.assert_allclose(intercepts, [2.0])


def test_a_map_that_responds_to_few_images_is_not_judged():
    train = np.zeros((200, 2))
    train[0, 0], train[:2, 1] = 1, 1
    assert Responses(train, train).is_active.tolist() == [False, True]


def test_linear_r2_is_the_mean_over_judged_maps_and_0_where_there_are_none():
    values = [[[0.2, np.nan, 0.6], [0.4, np.nan, 0.4]], [[np.nan] * 3, [np.nan] * 3]]
    found = statistic_from("patches", "linear_r2", {"r2_of_images": ("net resample map_conv_3", values)})
    assert found.ravel().tolist() == pytest.approx([0.4, 0.4, 0, 0])
