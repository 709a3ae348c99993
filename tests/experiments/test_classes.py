"""How alike classes are: statistics worked for a handful of points."""

import numpy as np
import pytest

from cnnbook.experiments import classes
from cnnbook.experiments.classes import class_means, pairs_of_fours
from synthetic import statistic_from


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("spots_kept", "strong_shared"),
        ("fours_cosine", "cosine_of_fours"),
        ("told_apart", "separated"),
        ("nearest_mean_accuracy", "nearest_mean"),
    ],
)
def test_a_statistic_is_the_variable_that_was_measured_for_it(name, variable):
    names = ("strong_shared", "cosine_of_fours", "separated", "nearest_mean")
    values = {each: ("net resample", [[k, k + 0.5]]) for k, each in enumerate(names)}
    found = statistic_from("classes", name, values)
    np.testing.assert_allclose(found, [[names.index(variable), names.index(variable) + 0.5]])


def test_pairs_of_three_fours_worked_by_hand():
    """Of 20 points each image has 2 strong ones; one pair shares one, the others none: 1/6 of them.

    Cosines are 1/2 for that pair and 0 for the others; a resample of the first pair alone has 1/2 of both.
    """
    points = np.zeros((3, 20))
    points[0, [0, 1]] = points[1, [1, 2]] = points[2, [5, 6]] = 1
    strong, cosine = pairs_of_fours(points, np.array([[1.0, 1, 1], [1, 1, 0]]))
    np.testing.assert_allclose(strong, [1 / 6, 1 / 2], atol=1e-6)
    np.testing.assert_allclose(cosine, [1 / 6, 1 / 2], atol=1e-6)


def test_1s_2s_and_4s_are_separated_by_the_nearest_of_their_three_means():
    """The 7 does not count; of the others the 4 lies nearest to the mean of 2s."""
    means = np.arange(10.0)[:, None]
    points, labels = np.array([[1.1], [2.0], [2.9], [7.0]]), np.array([1, 2, 4, 7], np.uint8)
    found = classes._separated(points, labels, means, np.array([[1.0, 1, 1, 1], [1, 0, 3, 5]]))
    np.testing.assert_allclose(found, [2 / 3, 1 / 4])


def test_a_class_without_images_is_named():
    labels = np.array([0, 1, 2, 3, 4, 5, 6, 8, 9], np.uint8)
    with pytest.raises(ValueError, match="labels: no image of class 7, expected some of every class"):
        class_means(np.ones((9, 2)), labels)
