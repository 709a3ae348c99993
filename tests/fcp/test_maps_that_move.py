"""Maps moved by cells, worked by hand."""

import numpy as np
import pytest

from cnnbook.fcp.equivariance import equivariance_error, moved_maps, moving_matrix

ROW = np.array([1.0, 3.0, 7.0])


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (0, [1, 3, 7]),
        (1, [None, 1, 3]),
        (-1, [3, 7, None]),
        (2, [None, None, 1]),
        (0.5, [None, 2, 5]),
        (-0.5, [2, 5, None]),
        (0.25, [None, 2.5, 6]),
        (-1.75, [6, None, None]),
    ],
)
def test_a_row_moves_by_cells_and_between_them_it_is_interpolated(cells, expected):
    matrix, inside = moving_matrix(3, cells)
    assert inside.tolist() == [each is not None for each in expected]
    assert (matrix @ ROW)[inside].tolist() == [each for each in expected if each is not None]


def test_a_row_cannot_move_out_of_itself():
    with pytest.raises(ValueError, match=r"cells=2.25: expected -2 to 2, so that some of 3 are left"):
        moving_matrix(3, 2.25)


def test_maps_move_along_both_axes():
    maps = np.arange(9.0).reshape(1, 3, 3, 1)
    moved, inside = moved_maps(maps, 1, -1)
    assert moved[0, :, :, 0].tolist() == [[1, 2], [4, 5]]
    assert inside.tolist() == [[False] * 3, [True, True, False], [True, True, False]]


def test_the_error_is_0_for_maps_that_moved_and_1_for_maps_without_a_common_cell():
    before = np.zeros((1, 3, 3, 2))
    before[0, 0, 0] = 5, 1
    after = np.zeros((1, 3, 3, 2))
    after[0, 0, 1] = 5, 1
    assert equivariance_error(before, after, 0, 1) == 0
    assert equivariance_error(before, after, 0, 0) == 1


def test_the_error_of_maps_twice_as_high_worked_by_hand():
    """Differences 1, squares 1 + 4."""
    before = np.ones((2, 3, 3, 4))
    assert equivariance_error(before, 2 * before, 0, 0) == pytest.approx(np.sqrt(1 / 5))


def test_silent_maps_have_no_error():
    assert equivariance_error(np.zeros((1, 3, 3, 1)), np.zeros((1, 3, 3, 1)), 1, 1) == 0
