"""Contributions of Pool_2 maps to a point of Conv_3, by hand."""

import numpy as np
import pytest

from cnnbook.fcp.tracing import contributions, kept_by_patching, maps_needed


def test_contributions_are_the_products_of_cells_and_weights_by_map():
    """Of two maps, the first has 2 in a corner with weight 3, the second 5 in the middle with weight −1."""
    cells, kernel = np.zeros((1, 3, 3, 2)), np.zeros((3, 3, 2, 1))
    cells[0, 0, 0, 0], kernel[0, 0, 0, 0] = 2, 3
    cells[0, 1, 1, 1], kernel[1, 1, 1, 0] = 5, -1
    kernel[2, 2, 0, 0] = 100  # where there is nothing
    assert contributions(cells, kernel).tolist() == [[[6.0], [-5.0]]]


def test_the_fewest_maps_are_counted_that_hold_the_share():
    """Variances 9, 4, 4, 1 of 18: two hold 72 %, three 94 %; of one map alone, one."""
    spread = np.array([[2.0, 0.0], [3.0, 5.0], [1.0, 0.0], [2.0, 0.0]])
    assert maps_needed(spread, 0.8).tolist() == [3, 1]
    assert maps_needed(spread, 1.0).tolist() == [4, 1]


def test_swapping_all_maps_brings_the_whole_fall_and_an_order_adds_up():
    """Falls of 6, 0 and 2: the third and the first map bring 2 and 8 of 8."""
    before, after = np.array([[6.0, 1, 3], [8.0, 1, 1]]), np.array([[1.0, 0, 0], [1.0, 2, 0]])
    curve = kept_by_patching(before, after, np.array([2, 0, 1]))
    assert curve.tolist() == [2 / 8, 8 / 8, 1.0]


def test_a_point_that_does_not_fall_has_no_share():
    assert np.isnan(kept_by_patching(np.zeros((1, 2)), np.ones((1, 2)), np.array([0, 1]))).all()


@pytest.mark.parametrize("share", [0, 1.5])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(ValueError, match=f"share={share}: expected a share above 0 and at most 1"):
        maps_needed(np.ones((2, 1)), share)
