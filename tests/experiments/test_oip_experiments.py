"""Statistics of the OIPs, from cards, states and peaks made by hand."""

import numpy as np
import pytest

from cnnbook.experiments.cards import CARD
from cnnbook.experiments.oip_mixing import prediction_shares
from cnnbook.experiments.oip_search import KINDS
from synthetic import statistic_from


def card_statistic(name: str) -> np.ndarray:
    """Of two networks with four maps: the third map of the first is dead, as are all of the second."""
    card = np.full((2, len(CARD), 4), 9.0)
    card[0, CARD.index("agreement")] = 0.9, 0.8, 1.0, 0.1
    card[0, CARD.index("start_agreement")] = 0.3, 0.6, 1.0, 0.0
    live = [[True, True, False, True], [False] * 4]
    variables = {"card": ("net number map_conv_3", card), "live": ("net map_conv_3", live)}
    return statistic_from("oip_quality", name, variables, number=CARD)


def test_maps_with_one_pattern_are_counted_among_live_ones():
    np.testing.assert_allclose(card_statistic("one_mode_share"), [2 / 3, 0])


def test_start_agreement_is_the_mean_of_live_maps():
    np.testing.assert_allclose(card_statistic("start_agreement"), [0.3, 0])


@pytest.mark.parametrize(
    ("name", "expected"), [("resisting_share", [0.25, 0]), ("short_scale_loss", [0.5, 0])]
)
def test_a_share_of_live_maps_says_which_starts_wake_them(name, expected):
    """Live maps: one that none wakes, one that all wake, two that only longer scales wake; and a dead one."""
    is_woken = np.zeros((2, len(KINDS), 5), bool)
    is_woken[0, :, 1] = True
    is_woken[0, 1, 2] = is_woken[0, 0, 3] = True
    is_live = [[True, True, True, True, False], [False] * 5]
    variables = {
        "is_woken": ("net scale map_conv_3", is_woken),
        "is_live": ("net map_conv_3", is_live),
    }
    np.testing.assert_allclose(statistic_from("oip_search", name, variables, scale=KINDS), expected)


def test_repeating_oips_are_counted_among_maps_with_an_oip():
    """0.3 is a repetition, 0.29 is none; a map without an OIP does not count."""
    variables = {
        "peak": ("net map_conv_3", [[0.3, 0.29, 0.0, 0.5], [0.0] * 4]),
        "has_oip": ("net map_conv_3", [[True, True, False, True], [False] * 4]),
    }
    np.testing.assert_allclose(statistic_from("oip_shape", "repeating_share", variables), [2 / 3, 0])


def test_called_four_is_known_for_each_network_and_resample():
    shares = [[0.5, 0.25], [1.0, 0.75]]
    found = statistic_from("oip_mixing", "called_four", {"is_four": ("net resample", shares)})
    np.testing.assert_allclose(found, shares)


def test_predictions_are_shares_of_their_own_class():
    labels = np.array([*range(10), 4], np.uint8)
    predicted = np.array([*range(10), 9])
    found = prediction_shares(labels, predicted)
    assert (found[4, 4], found[4, 9], found[9, 9], found[9, 4]) == (0.5, 0.5, 1, 0)
