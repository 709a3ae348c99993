"""Silence of maps: statistics worked for two maps."""

import numpy as np
import pytest

from cnnbook.experiments.census import check_digits, of_silence
from synthetic import statistic_from


@pytest.mark.parametrize(
    ("name", "expected"),
    [("empty_for_shown_fours", 5), ("also_empty", 0.25), ("conv_2_silence_information", 1.5)],
)
def test_a_statistic_is_the_variable_that_was_measured_for_it(name, expected):
    variables = {
        "empty": ("net", [5]),
        "also": ("net resample", [[0.25]]),
        "bits": ("net resample", [[1.5]]),
    }
    np.testing.assert_allclose(statistic_from("census", name, variables).ravel(), [expected])


def test_silence_for_4s_beside_that_for_a_1_and_a_2_worked_by_hand():
    """Map 0 is silent for all 4s and nothing else, map 1 for all 4s and for half of the 1s and of the 2s.

    Of 1 + 1 maps silent for three 4s, ½ · ½ are for a 1 and a 2 as well: 1/8. The second resample holds only
    those 1s and 2s for which map 1 is silent: 1/2. The information is at most that of "4 or not".
    """
    labels = np.array([1, 1, 2, 2, 4, 4], np.uint8)
    silent = np.array([[0, 1], [0, 0], [0, 1], [0, 0], [1, 1], [1, 1]], bool)
    weights = np.array([[1.0, 1, 1, 1, 1, 1], [2, 0, 2, 0, 1, 1]])
    also, bits = of_silence(silent, np.array([True, True]), labels, weights)
    np.testing.assert_allclose(also, [1 / 8, 1 / 2])
    share = 1 / 3
    entropy = -share * np.log2(share) - (1 - share) * np.log2(1 - share)
    assert bits[0] == pytest.approx(entropy - 2 / (2 * 6 * np.log(2)))


def test_maps_that_are_dead_say_nothing():
    labels = np.array([1, 2, 4], np.uint8)
    silent = np.array([[1], [1], [1]], bool)
    _, bits = of_silence(silent, np.array([False]), labels, np.ones((2, 3)))
    assert bits.tolist() == [0, 0]


def test_digits_that_claims_are_about_must_be_there():
    with pytest.raises(ValueError, match="digits: no test image of a 2; the census needs some 1s, 2s and 4s"):
        check_digits(np.array([1, 4]), [4])
    with pytest.raises(ValueError, match=r"shown: classes \[1, 2\], expected at least one 4"):
        check_digits(np.array([1, 2, 4]), [1, 2])
