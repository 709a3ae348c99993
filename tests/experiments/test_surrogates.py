"""How strongly maps respond to surrogates, from numbers made by hand."""

import numpy as np

from cnnbook.experiments.surrogates import KINDS, LAYERS, strength_ratio
from synthetic import statistic_from


def test_reached_share_is_that_of_equal_covariance_on_conv_3():
    reached = np.zeros((3, 3, 2))
    reached[0, 2] = 0.5, 0.75
    reached[1, 2] = reached[0, 1] = 9
    found = statistic_from(
        "surrogates", "reached_share", {"reached": ("kind layer net", reached)}, kind=KINDS, layer=LAYERS
    )
    np.testing.assert_allclose(found, [0.5, 0.75])


def test_strong_responses_are_compared_by_their_99th_percentile():
    """Of 0 to 100 it is 99; of twice and half as much twice and half of that; a silent map has no ratio."""
    values = np.arange(101.0)
    digits = np.stack([values, values, 0 * values], axis=1)
    surrogates = np.stack([2 * values, values / 2, values], axis=1)
    np.testing.assert_allclose(strength_ratio(surrogates, digits), [2, 0.5, np.nan])
