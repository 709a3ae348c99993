"""Networks by several recipes on shifted digits: what is kept, from numbers made by hand."""

import numpy as np
import pytest

from cnnbook.experiments.shift_recipes import CALLED
from cnnbook.experiments.shifts import DIRECTIONS
from synthetic import measured, statistic_from


@pytest.mark.parametrize(("name", "expected"), [("kept_at_4_shifted", 0.75), ("kept_at_4_pooled", 0.5)])
def test_what_is_kept_at_four_pixels(name, expected):
    correct = np.full((len(CALLED), 1, 1, 4, 9), 0.8)
    correct[1, ..., 4], correct[3, ..., 4] = 0.6, 0.4
    variables = {"correct": ("recipe net resample direction distance", correct)}
    labels = {"recipe": CALLED, "direction": DIRECTIONS, "distance": range(9)}
    np.testing.assert_allclose(statistic_from("shift_recipes", name, variables, **labels), [[expected]])


def test_each_recipe_is_measured_with_as_many_networks_as_asked_for(nets, few_digits):
    given = {recipe: nets[:2] for recipe in CALLED}
    found = measured("shift_recipes", few_digits, given)
    assert found.correct.sizes == {"recipe": 5, "net": 1, "direction": 4, "distance": 9}
    assert found.called.sel(recipe="shifted").item() == "trained with shifts"
    np.testing.assert_array_equal(found.correct.sel(recipe="pooled"), found.correct.sel(recipe="reference"))
