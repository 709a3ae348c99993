"""Changed digits: what is kept, and intervals over networks and images, from numbers made by hand."""

import numpy as np
import pytest
import xarray as xr
from scipy import special

from cnnbook.data.corruptions import CORRUPTIONS
from cnnbook.experiments.robustness import LEVELS, joint_interval, table
from synthetic import facts, measured, statistic_from

RECIPES = ("reference", "wide-mlp")


@pytest.mark.parametrize(("name", "expected"), [("kept", 0.75), ("kept_by_mlp", 0.5), ("over_mlp", 0.25)])
def test_what_is_kept_at_medium_changes(name, expected):
    """Medium changes leave 0.6 and 0.4 of 0.8; weak and strong ones count nothing."""
    correct = np.zeros((2, 1, 1, len(CORRUPTIONS), 3))
    correct[0, ..., 1], correct[1, ..., 1] = 0.6, 0.4
    variables = {
        "correct": ("recipe net resample kind level", correct),
        "still": ("recipe net resample", np.full((2, 1, 1), 0.8)),
    }
    labels = {"recipe": RECIPES, "kind": CORRUPTIONS, "level": LEVELS}
    np.testing.assert_allclose(statistic_from("robustness", name, variables, **labels), [[expected]])


def test_an_interval_of_networks_alone_is_students():
    """Means 0.4 and 0.6, equal on every resample: standard error 0.1, t of one degree of freedom 12.706."""
    values = xr.DataArray([[0.45] * 3, [0.55] * 3], dims=("net", "resample"))
    low, high = joint_interval(values).values
    assert (low, high) == pytest.approx((max(0.5 - 12.7062 * 0.05, 0), min(0.5 + 12.7062 * 0.05, 1)))


def test_an_interval_of_images_alone_is_normal():
    """Two equal networks; resamples 0.4 and 0.6 have a standard deviation of 0.1414."""
    values = xr.DataArray([[0.5, 0.4, 0.6]] * 2, dims=("net", "resample"))
    half = special.ndtri(0.975) * np.sqrt(0.02)
    assert joint_interval(values).values == pytest.approx([0.5 - half, 0.5 + half])


def test_measured_on_networks(nets, few_digits):
    found = measured("robustness", few_digits, {"reference": nets[:2], "wide-mlp": nets[1:3]})
    assert found.correct.dims == ("recipe", "net", "kind", "level")
    assert (found.interval.sel(bound="low") <= found.interval.sel(bound="high")).all()
    np.testing.assert_array_equal(
        found.correct.sel(recipe="reference", net=1), found.correct.sel(recipe="wide-mlp", net=0)
    )
    assert facts("robustness", found)["worst"] in CORRUPTIONS
    assert table(found).frame.shape == (len(CORRUPTIONS), 6)
