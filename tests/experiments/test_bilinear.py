"""How few terms of a bilinear head tell 4s from 9s, on points made by hand."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments import bilinear
from cnnbook.experiments.bilinear import KINDS, SIZES, Pair, _by_products, _squares
from cnnbook.fcp.bilinear import BilinearHead, eigen_form, margin_direction


def head() -> BilinearHead:
    """The margin 4 − 9 is x·y + 0.1 z²."""
    left, right, scores = np.zeros((3, 2)), np.zeros((3, 2)), np.zeros((2, 10))
    left[0, 0], right[1, 0], scores[0, 4] = 1, 1, 1
    left[2, 1], right[2, 1], scores[1, 4] = 1, 1, 0.1
    return BilinearHead(left, right, scores, np.zeros(10))


def pair() -> Pair:
    """A 4 has x and y of one sign, a 9 of two; z is noise of mean square 1."""
    signs = np.array([[1, 1], [-1, -1], [1, -1], [-1, 1]] * 25, float)
    codes = np.concatenate([2 * signs, np.tile([[1.0]], (100, 1))], axis=1)
    return Pair(codes, codes, signs[:, 0] == signs[:, 1])


def test_one_product_of_two_points_suffices_where_it_is_all_there_is():
    form = eigen_form(head(), margin_direction(4, 9))
    assert _by_products(head(), form, pair()) == [1.0] * len(SIZES)


def test_squares_of_single_points_tell_nothing_of_a_product():
    assert _squares(head(), pair()) == pytest.approx(0, abs=1e-12)
    only = BilinearHead(np.eye(3)[:, :1], np.eye(3)[:, :1], np.eye(10)[4][None], np.zeros(10))
    codes = np.array([[1.0, 0, 0], [3.0, 0, 0], [2.0, 0, 0]])
    assert _squares(only, Pair(codes, codes, np.array([True, True, False]))) == pytest.approx(1)


def test_the_fewest_terms_are_those_that_keep_98_percent_of_the_accuracy():
    kept = np.full((len(KINDS), len(SIZES), 1), 0.5)
    kept[0, 3:] = 0.97  # from 5 terms on, of 0.98
    found = xr.Dataset(
        {"kept": (("kind", "terms", "net"), kept), "whole": ("net", [0.98])},
        coords={"kind": list(KINDS), "terms": list(SIZES)},
    )
    assert bilinear._fewest("eigenvectors")(found).item() == 5
    assert bilinear._fewest("random directions")(found).item() == SIZES[-1]
