"""Statistics of the kernels, from numbers made by hand."""

import numpy as np
import pytest

from synthetic import statistic_from

STATES = ("trained", "untrained")


def test_the_contour_statistics_compare_trained_with_untrained_maps_of_one_network():
    """Two networks of two maps: trained means 0.8 and 0.6, untrained 0.5 and 0.7."""
    contour = [[[0.9, 0.7], [0.5, 0.7]], [[0.4, 0.6], [0.7, 0.7]]]
    variables = {"contour": ("state net map_conv_1", contour)}
    share = statistic_from("kernels", "contour_share", variables, state=STATES)
    gain = statistic_from("kernels", "contour_gain", variables, state=STATES)
    np.testing.assert_allclose(share, [0.8, 0.6])
    np.testing.assert_allclose(gain, [0.3, -0.1])


@pytest.mark.parametrize(
    ("name", "variable", "dims", "values", "expected"),
    [
        ("inputs_used", "inputs", "state net map_conv_2", [[[0.5, 0.7]], [[0.1, 0.1]]], [0.6]),
        ("most_similar_pair", "most_similar", "state net", [[0.4], [0.9]], [0.4]),
    ],
)
def test_a_statistic_of_conv_2_is_that_of_trained_networks(name, variable, dims, values, expected):
    found = statistic_from("kernels", name, {variable: (dims, values)}, state=STATES)
    np.testing.assert_allclose(found, expected)
