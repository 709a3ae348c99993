"""Statistics of the kernels, from numbers made by hand."""

import numpy as np
import pytest
import xarray as xr

from synthetic import fact, statistic_from

STATES = ("trained", "untrained")


def test_the_contours_of_trained_kernels_are_compared_with_random_ones_of_one_network():
    """Two networks of two maps: trained means 0.8 and 0.6, untrained 0.5 and 0.7."""
    contour = [[[0.9, 0.7], [0.5, 0.7]], [[0.4, 0.6], [0.7, 0.7]]]
    gain = statistic_from(
        "kernels", "contour_gain", {"contour": ("state net map_conv_1", contour)}, state=STATES
    )
    np.testing.assert_allclose(gain, [0.3, -0.1])


@pytest.mark.parametrize(
    ("name", "variable", "dims", "values", "expected"),
    [
        ("inputs_used", "inputs", "state net map_conv_2", [[[0.5, 0.7]], [[0.1, 0.3]]], [0.6]),
        ("inputs_used_untrained", "inputs", "state net map_conv_2", [[[0.5, 0.7]], [[0.1, 0.3]]], [0.2]),
        ("most_similar_pair", "most_similar", "state net", [[0.4], [0.9]], [0.4]),
        ("most_similar_untrained", "most_similar", "state net", [[0.4], [0.9]], [0.9]),
    ],
)
def test_a_statistic_of_conv_2_is_that_of_the_state_that_it_names(name, variable, dims, values, expected):
    found = statistic_from("kernels", name, {variable: (dims, values)}, state=STATES)
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize(("gain", "word"), [(0.02, "larger"), (-0.004, "about the same"), (-0.05, "smaller")])
def test_prose_says_whether_training_adds_contours(gain, word):
    result = xr.Dataset({"contour_gain": ("net", [gain, gain])})
    assert fact("kernels", "contour_is", result) == {"contour_is": word}
