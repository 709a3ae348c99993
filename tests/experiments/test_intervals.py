"""Intervals and resamples, against numbers that can be had without the program."""

import math

import numpy as np
import pytest

from cnnbook.experiments.intervals import (
    in_percent,
    mean_interval,
    resample_weights,
    share_interval,
    weighted_mean,
)


def test_no_success_in_ten_trials_leaves_up_to_31_percent():
    """The chance of none at all is (1 − p)^10; it is 2.5 % at p = 1 − 0.025^(1/10)."""
    low, high = share_interval(0, 10)
    assert low == 0
    assert high == pytest.approx(1 - 0.025**0.1)


def test_only_successes_mirror_only_failures():
    low, high = share_interval(10, 10)
    assert (low, high) == (pytest.approx(0.025**0.1), 1)


def test_at_each_end_of_the_interval_the_count_is_as_rare_as_the_level_allows():
    """8 of 10: at the low end 8 or more have a chance of 2.5 %, at the high end 8 or fewer."""
    low, high = share_interval(8, 10)

    def chance(p: float, counts: range) -> float:
        return sum(math.comb(10, k) * p**k * (1 - p) ** (10 - k) for k in counts)

    assert chance(low, range(8, 11)) == pytest.approx(0.025)
    assert chance(high, range(9)) == pytest.approx(0.025)


def test_at_99_percent_of_10000_it_is_about_a_fifth_of_a_point_each_way():
    """The normal approximation: 1.96 · √(0.99 · 0.01 / 10,000) = 0.00195."""
    low, high = share_interval(9900, 10_000)
    assert (high - low) / 2 == pytest.approx(0.00195, rel=0.03)
    assert 0.99 - low > high - 0.99  # it is skewed away from 100 %


def test_many_counts_at_once_are_each_their_own():
    both = share_interval(np.array([[3, 0], [8, 10]]), 10)
    assert both.shape == (2, 2, 2)
    assert both[1, 0] == pytest.approx(share_interval(8, 10))


@pytest.mark.parametrize(("right", "trials"), [(11, 10), (-1, 10), (0, 0)])
def test_more_successes_than_trials_are_refused(right, trials):
    with pytest.raises(ValueError, match=rf"right={right}: expected 0 to trials={trials}"):
        share_interval(right, trials)


def test_three_values_worked_by_hand():
    """1, 2, 3: mean 2, standard deviation 1, and t with two degrees of freedom is 4.3027."""
    assert mean_interval(np.array([1.0, 2.0, 3.0])) == pytest.approx(
        [2 - 4.3027 / 3**0.5, 2 + 4.3027 / 3**0.5], rel=1e-4
    )


def test_intervals_are_taken_along_the_last_axis():
    rows = np.array([[1.0, 2.0, 3.0], [10.0, 10.0, 10.0]])
    assert mean_interval(rows)[1].tolist() == [10, 10]
    assert mean_interval(rows)[0] == pytest.approx(mean_interval(rows[0]))


def test_one_value_has_no_interval():
    ends = mean_interval(np.array([0.5]))
    assert np.isnan(ends).all()
    assert in_percent(ends) == "–"


def test_an_interval_is_written_in_percent_with_a_true_minus():
    assert in_percent(np.array([0.99361, 0.99418])) == "99.36 to 99.42"
    assert in_percent(np.array([-0.0012, 0.0003]), sign=True) == "−0.12 to +0.03"


def test_the_first_row_is_every_image_once_and_each_further_row_draws_as_many():
    weights = resample_weights(50, resamples=30, seed=1)
    assert weights.shape == (31, 50)
    assert weights[0].tolist() == [1] * 50
    assert weights.sum(axis=1).tolist() == [50] * 31
    assert len({row.tobytes() for row in weights}) == 31


def test_equal_seeds_draw_equally_and_others_do_not():
    first, again, other = (resample_weights(20, resamples=5, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_weighted_mean_worked_by_hand():
    values = np.array([[1.0, 0.0], [2.0, 0.0], [6.0, 3.0]])
    weights = np.array([[1.0, 1.0, 1.0], [0.0, 2.0, 1.0], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(weighted_mean(values, weights), [[3, 1], [10 / 3, 1], [0, 0]])


def test_the_spread_of_a_resampled_mean_is_that_of_a_mean():
    values = np.arange(400) % 10
    means = weighted_mean(values, resample_weights(400, resamples=400, seed=3))
    assert means[0] == 4.5
    assert means[1:].std() == pytest.approx(values.std() / 20, rel=0.15)


@pytest.mark.parametrize(("images", "resamples"), [(0, 5), (3, -1)])
def test_no_images_and_negative_counts_are_refused(images, resamples):
    with pytest.raises(ValueError, match=rf"images={images}, resamples={resamples}: expected at least 1"):
        resample_weights(images, resamples=resamples, seed=0)
