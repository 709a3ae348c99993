"""Test images drawn anew: weights and means."""

import numpy as np
import pytest

from cnnbook.experiments.bootstrap import resample_weights, weighted_mean


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
