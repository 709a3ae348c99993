"""A measure taken out of activations: its covariance becomes zero, and nothing else is touched."""

import numpy as np

from cnnbook.experiments.part_use import PARTS, WHAT, Eraser
from synthetic import measured


def test_after_erasing_no_point_varies_with_the_measure():
    rng = np.random.default_rng(0)
    measure = rng.normal(size=200)
    codes = rng.normal(size=(200, 6)) + np.outer(measure, [1, 0, 0, 2, 0, 0])
    left = Eraser(codes)(codes, measure)
    before, after = ((measure - measure.mean()) @ each / 200 for each in (codes, left))
    assert np.abs(before).max() > 0.5
    np.testing.assert_allclose(after, 0, atol=1e-12)
    np.testing.assert_allclose(left.mean(axis=0), codes.mean(axis=0), atol=1e-12)


def test_erasing_is_a_projection_along_one_direction():
    rng = np.random.default_rng(1)
    measure, codes = rng.normal(size=50), rng.normal(size=(50, 4))
    erase = Eraser(codes)
    once = erase(codes, measure)
    np.testing.assert_allclose(erase(once, measure), once, atol=1e-12)
    assert np.linalg.matrix_rank(once - codes) == 1


def test_a_measure_that_does_not_vary_takes_nothing():
    codes = np.random.default_rng(2).normal(size=(20, 3))
    np.testing.assert_array_equal(Eraser(codes)(codes, np.ones(20)), codes)


def test_measured_on_networks(nets, few_digits):
    found = measured("part_use", few_digits, nets[:2])
    assert (found.attrs["train"], found.attrs["test"]) == (48, 12)
    assert found.change.sizes == {"part": len(PARTS), "what": len(WHAT), "net": 1}
    assert (found.change >= 0).all()
    assert (found.called_before > 0.5).all()
