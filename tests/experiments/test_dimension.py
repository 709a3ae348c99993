"""Dimensions of layers: ratios from numbers made by hand."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments.dimension import SPACES
from synthetic import fact, statistic_from

STATES = ("trained", "untrained")


@pytest.mark.parametrize(
    ("name", "variable"), [("variance_ratio", "components"), ("intrinsic_ratio", "intrinsic")]
)
def test_a_ratio_is_conv_3_by_image_of_each_trained_network(name, variable):
    """Two networks: 30 and 60 by 20 dimensions trained; everything else is 7 or 99."""
    values = {
        each: ("state space net", np.full((2, len(SPACES), 2), 99.0)) for each in ("components", "intrinsic")
    }
    numbers = values[variable][1]
    numbers[1] = 7
    numbers[0, SPACES.index("image")], numbers[0, SPACES.index("conv_3")] = 20, (30, 60)
    found = statistic_from("dimension", name, values, state=STATES, space=SPACES)
    np.testing.assert_allclose(found, [1.5, 3])


def test_conv_3_has_1152_nodes_for_784_pixels():
    assert statistic_from("dimension", "nodes_ratio", {}) == pytest.approx(1152 / 784)


@pytest.mark.parametrize(("ratio", "word"), [(1.03, "more"), (1.0, "about as many"), (0.97, "fewer")])
def test_prose_says_whether_there_are_more_dimensions(ratio, word):
    result = xr.Dataset({"variance_ratio": ("net", [ratio, ratio])})
    assert fact("dimension", "variance_ratio_word", result) == {"variance_ratio_word": word}
