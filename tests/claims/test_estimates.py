"""Intervals over networks and images: worked numbers, and how often they hold the truth."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.claims.estimates import estimate, mean_interval, third_moment


def estimated(values):
    array = np.asarray(values, np.float64)
    return estimate(xr.DataArray(array, dims=((), ("net",), ("net", "resample"))[array.ndim]))


def test_networks_alone_give_students_interval():
    """Of 1 … 10 the mean is 5.5, s² = 9.1667, the standard error 0.9574, and t(9) = 2.2622."""
    found = estimated(np.arange(1.0, 11.0))
    assert found.value == 5.5
    assert found.standard_error == pytest.approx(0.95743, abs=1e-5)
    assert found.interval == pytest.approx((5.5 - 2.16586, 5.5 + 2.16586), abs=1e-4)
    assert (found.nets, found.resamples) == (10, 0)


def test_the_variance_over_images_is_added_to_that_over_networks():
    """Networks 1 … 10 as before; resamples of −1 and +1 about the mean have a variance of 200 / 199."""
    values = np.arange(1.0, 11.0)[:, None] + np.array([0.0, *([-1.0, 1.0] * 100)])
    found = estimated(values)
    assert found.standard_error == pytest.approx(np.sqrt(0.916667 + 200 / 199), abs=1e-5)
    assert found.resamples == 200


def test_images_alone_count_where_there_are_no_networks():
    resamples = xr.DataArray([5.0, *([4.0, 6.0] * 100)], dims="resample")
    found = estimate(resamples)
    assert (found.value, found.nets) == (5.0, 0)
    assert found.standard_error == pytest.approx(np.sqrt(200 / 199))


def test_a_skewed_value_moves_the_end_on_its_longer_side_only():
    found = estimated([0.0] * 9 + [10.0])
    assert found.interval is not None
    low, high = found.interval
    assert 1 - low == pytest.approx(2.26216, abs=1e-4)  # Student's: the standard error is 1
    assert high - 1 > 3


def test_equal_networks_have_an_interval_without_width():
    assert estimated([0.3] * 10).interval == pytest.approx((0.3, 0.3))
    assert estimated([0.5] * 10).interval == (0.5, 0.5)


def test_a_single_network_says_nothing_of_others():
    assert estimated([0.3]).interval is None


def test_the_third_moment_is_unbiased():
    """Of 0, 0, 3 the central cubes are −1, −1 and 8, their mean 2; times 9 / 2."""
    assert third_moment(np.array([0.0, 0.0, 3.0])) == pytest.approx(9.0)
    assert third_moment(np.array([1.0, 2.0])) == 0.0


DRAWS = {
    "normal": (lambda rng, size: rng.normal(size=size), 0.0),
    "exponential": (lambda rng, size: rng.exponential(size=size), 1.0),
    "log-normal": (lambda rng, size: np.exp(rng.normal(size=size) / 2), np.exp(1 / 8)),
    "a share near 0.8": (lambda rng, size: rng.beta(8, 2, size=size), 0.8),
    "a share near 1": (lambda rng, size: rng.beta(20, 0.8, size=size), 20 / 20.8),
}


@pytest.mark.parametrize(
    ("name", "images", "nets"),
    [
        *((name, 0.0, 10) for name in DRAWS),
        *((name, 1.0, nets) for name in ("normal", "exponential", "a share near 0.8") for nets in (10, 20)),
    ],
)
def test_intervals_hold_the_truth_as_often_as_they_say(name, images, nets):
    """Of 2,000 books; the error of the images is one for all networks, and as large as that of their mean."""
    draw, truth = DRAWS[name]
    rng = np.random.default_rng(5)
    scale = images * draw(rng, 20_000).std() / np.sqrt(nets)
    hits = 0
    for _ in range(2000):
        values = draw(rng, nets) + rng.normal() * scale
        resamples = values.mean() + scale * rng.normal(size=200) if images else np.empty(0)
        (low, high), _ = mean_interval(values, resamples)
        hits += low <= truth <= high
    assert 0.94 <= hits / 2000 <= 0.97
