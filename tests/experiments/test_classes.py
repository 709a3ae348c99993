"""How alike classes are: statistics worked for a handful of points."""

import numpy as np
import pytest

from cnnbook.experiments import classes
from cnnbook.experiments.classes import class_means, pairs_of_fours
from cnnbook.maps import flat_maps, flat_pixels
from cnnbook.training.initial import untrained
from synthetic import measured, statistic_from


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("spots_kept", [[0.5, 0]]),
        ("fours_cosine", [[0.75, -0.25]]),
        ("told_apart", [[0.98, 0.96]]),
        ("told_apart_pixels", [0.95, 0.97]),
        ("told_apart_over_pixels", [[0.03, -0.01]]),
        ("told_apart_over_untrained", [[0.08, 0.06]]),
        ("nearest_mean_accuracy", [[0.9, 0.8]]),
    ],
)
def test_a_statistic_is_worked_by_hand(name, expected):
    """A 4 keeps 0.6 of its points in another 4 and 0.2 in another digit: (0.6 − 0.2) / (1 − 0.2)."""
    values = {
        "strong_shared": ("pair_of net resample", [[[0.6, 0.2]], [[0.2, 0.2]]]),
        "cosine_of_fours": ("pair_of net resample", [[[0.9, 0.5]], [[0.6, 0.6]]]),
        "separated": ("net resample", [[0.98, 0.96]]),
        "separated_untrained": ("net resample", [[0.9, 0.9]]),
        "separated_pixels": ("resample", [0.95, 0.97]),
        "nearest_mean": ("net resample", [[0.9, 0.8]]),
    }
    found = statistic_from("classes", name, values, pair_of=classes.PAIR_OF)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_pairs_of_three_fours_and_of_others_worked_by_hand():
    """Of 20 points each image has 2 strong ones; one pair of 4s shares one, the others none: 1/6 of them.

    Of six pairs with one of two other digits one shares both and two share one: 1/3. In the second resample
    there are one pair of 4s, and two with another digit, that share one, and both and one: 1/2 and 3/4.
    Cosines are the same, as all activations are equal.
    """
    points = np.zeros((5, 20))
    points[0, [0, 1]] = points[1, [1, 2]] = points[2, [5, 6]] = points[3, [0, 1]] = points[4, [5, 7]] = 1
    is_four = np.array([1, 1, 1, 0, 0], bool)
    for found in pairs_of_fours(points, is_four, np.array([[1.0, 1, 1, 1, 1], [1, 1, 0, 1, 0]])):
        np.testing.assert_allclose(found, [[1 / 6, 1 / 2], [1 / 3, 3 / 4]], atol=1e-6)


def test_pixels_and_untrained_networks_are_separated_by_means_of_their_own(nets, few_digits):
    """The parts of the test images are those of the fixed order, here all of them."""
    found = measured("classes", few_digits, nets[:2])
    images, labels = few_digits.test_images, few_digits.test_labels
    learned = few_digits.train_images[:500], few_digits.train_labels[:500]
    for name, points_of in {
        "told_apart_over_pixels": flat_pixels,
        "told_apart_over_untrained": lambda images: flat_maps(untrained(nets[1]), images, "conv_3"),
    }.items():
        means = class_means(points_of(learned[0]), learned[1])
        shares = classes._separated(points_of(images), labels, means, np.ones((1, len(labels))))
        assert float(found.told_apart[1, 0] - found[name][1, 0]) == pytest.approx(shares[0])


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
