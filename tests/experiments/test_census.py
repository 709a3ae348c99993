"""Silence of maps: statistics worked for two maps."""

import numpy as np
import pytest

from cnnbook.experiments.census import EVENTS, check_digits
from cnnbook.fcp.census import silent_by_resample
from synthetic import statistic_from


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("empty_for_shown_fours", [5, 0]),
        ("empty_for_any_three", [[1.5], [0.25]]),
        ("empty_for_fours_excess", [[0.5], [-0.25]]),
        ("four_only", [[0.5], [0.5]]),
        ("conv_2_silence_information", [[1.5], [0.5]]),
        ("conv_2_silence_shuffled", [[0.1], [0.2]]),
    ],
)
def test_a_statistic_is_worked_by_hand(name, expected):
    """Of two maps silent for three 4s, 1.5 are for two further 4s and half a map for a 1 and a 2.

    The second network has no such map: it speaks neither for nor against what the first says.
    """
    variables = {
        "empty": ("net", [5, 0]),
        "together": ("event net resample", [[[2.0], [0.0]], [[1.5], [0.0]], [[0.5], [0.0]]]),
        "any_three": ("net resample", [[1.5], [0.25]]),
        "most_bits": ("net resample", [[1.5], [0.5]]),
        "most_bits_shuffled": ("net resample", [[0.1], [0.2]]),
    }
    np.testing.assert_allclose(statistic_from("census", name, variables, event=EVENTS), expected)


def test_networks_count_by_their_maps_that_are_silent_for_4s():
    """Three maps of the first network and one of the second: of all four maps 1 + 1 are silent for 4s alone.

    By networks 1/3 and 1 would have the mean 2/3; by maps it is 1/2, from 1/2 + (1 − 3/2)/2 and 1/2 + 1/4.
    """
    together = [[[3.0], [1.0]], [[3.0], [1.0]], [[2.0], [0.0]]]
    found = statistic_from(
        "census", "four_only", {"together": ("event net resample", together)}, event=EVENTS
    )
    np.testing.assert_allclose(found, [[0.25], [0.75]])


def test_where_no_network_has_a_silent_map_there_is_no_difference():
    nothing = {"together": ("event net resample", np.zeros((3, 2, 1)))}
    assert statistic_from("census", "four_only", nothing, event=EVENTS).tolist() == [[0], [0]]


def test_silence_for_4s_beside_that_for_a_1_and_a_2_worked_by_hand():
    """Map 0 is silent for all 4s and nothing else, map 1 for all 4s and for half of the 1s and of the 2s.

    Of 1 + 1 maps silent for three 4s, both are for two more, and ½ · ½ are for a 1 and a 2. Map 0 is silent
    for a third of all images, map 1 for two thirds. The second resample holds only those 1s and 2s for which
    map 1 is silent. The information is at most that of "4 or not"; with labels that are all alike there is
    none.
    """
    labels = np.array([1, 1, 2, 2, 4, 4], np.uint8)
    silent = np.array([[0, 1], [0, 0], [0, 1], [0, 0], [1, 1], [1, 1]], bool)
    weights = np.array([[1.0, 1, 1, 1, 1, 1], [2, 0, 2, 0, 1, 1]])
    found = silent_by_resample(silent, labels, np.full(6, 3, np.uint8), weights)
    np.testing.assert_allclose(found["together"], [[2, 2], [2, 2], [1 / 4, 1]])
    np.testing.assert_allclose(found["any_three"], [1 / 27 + 8 / 27, 1 / 27 + 1])
    share = 1 / 3
    entropy = -share * np.log2(share) - (1 - share) * np.log2(1 - share)
    assert found["most_bits"][0] == pytest.approx(entropy - 2 / (2 * 6 * np.log(2)))
    assert found["most_bits_shuffled"][0] == pytest.approx(0)


def test_maps_that_are_dead_say_nothing():
    labels = np.array([1, 2, 4], np.uint8)
    silent = np.array([[1], [1], [1]], bool)
    found = silent_by_resample(silent, labels, labels, np.ones((2, 3)))
    assert found["most_bits"].tolist() == found["most_bits_shuffled"].tolist() == [0, 0]


def test_digits_that_claims_are_about_must_be_there():
    with pytest.raises(ValueError, match="digits: no test image of a 2; the census needs some 1s, 2s and 4s"):
        check_digits(np.array([1, 4]), [4])
    with pytest.raises(ValueError, match=r"shown: classes \[1, 2\], expected at least one 4"):
        check_digits(np.array([1, 2, 4]), [1, 2])
