"""Directions of lines on maps, strokes below them, and lines that run side by side: cases worked by hand."""

import numpy as np
import pytest

from cnnbook.fcp.orientation import (
    SHIFTS,
    coherence,
    energy_on_lying_lines,
    horizontal_excess,
    line_angle,
    structure_tensors,
)
from cnnbook.fcp.parallel_lines import direction_shares, has_lines_side_by_side, second_line

SIDE = 11


def bars() -> dict[int, np.ndarray]:
    flat = np.zeros((9, 9))
    flat[4] = 1
    return {0: flat, 45: np.eye(9)[::-1], 90: flat.T, 135: np.eye(9)}


def line(angle: float, away: float = 0.0) -> np.ndarray:
    """A line through a square map, soft by a cell, some cells away from the middle to its left."""
    across, up = np.meshgrid(np.arange(SIDE) - 5.0, 5.0 - np.arange(SIDE))
    turned = np.radians(angle)
    distance = up * np.cos(turned) - across * np.sin(turned)
    return np.clip(1 - np.abs(distance - away), 0, None)


# Directions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("angle", [0, 45, 90, 135])
def test_the_direction_of_a_bar_is_found(angle):
    summed = structure_tensors(bars()[angle][None, ..., None])[0, 0]
    found = float(line_angle(summed[None])[0])
    assert min(abs(found - angle), 180 - abs(found - angle)) == pytest.approx(0, abs=1e-6)
    assert coherence(summed[None])[0] == pytest.approx(1)


def test_each_map_of_each_image_has_a_tensor_of_its_own():
    """Of a bar of 9 cells across a map: 8 blocks above and 8 below it, each with a difference of 1."""
    flat, upright = bars()[0], bars()[90]
    found = structure_tensors(np.stack([np.stack([flat, upright], -1), np.stack([0 * flat, flat], -1)]))
    assert found.tolist() == [[[16, 0, 0], [0, 16, 0]], [[0, 0, 0], [16, 0, 0]]]


def test_lying_lines_count_plus_and_standing_ones_minus():
    both = np.stack([bars()[0], bars()[90]], axis=-1)[None]
    np.testing.assert_allclose(horizontal_excess(structure_tensors(both)), [[1, -1]])


def test_an_even_map_has_no_direction():
    even = structure_tensors(np.ones((1, 3, 3, 1)))[:, 0]
    assert horizontal_excess(even)[0] == coherence(even)[0] == 0
    assert line_angle(even)[0] == 90


def test_directions_are_counted_for_maps_that_have_lines():
    """Of four maps two stand, one lies and one has no line."""
    maps = np.stack([bars()[90], bars()[0], np.zeros((9, 9)), bars()[90]], axis=-1)[None]
    np.testing.assert_allclose(direction_shares(structure_tensors(maps), 4), [1 / 3, 0, 2 / 3, 0])
    assert direction_shares(np.zeros((1, 2, 3)), 4).tolist() == [0, 0, 0, 0]


# Strokes below lines ---------------------------------------------------------------------------------------


def test_energy_lies_on_a_stroke_where_the_lines_of_the_picture_lie():
    """The picture's bar lies in row 4. A map with the same bar has all its 16 there, one a row up finds it
    displaced by one row, one two rows up only half of it, and one at a standing bar none.
    """
    picture = bars()[0]
    maps = np.stack([picture, np.roll(picture, -1, 0), np.roll(picture, -3, 0), bars()[90]], axis=-1)[None]
    found = energy_on_lying_lines(maps, picture[None])[:, 0]
    assert found.shape == (len(SHIFTS), 4)
    assert found[SHIFTS.index((0, 0))].tolist() == [16, 8, 0, 0]
    assert found[SHIFTS.index((1, 0))].tolist() == [8, 16, 0, 0]
    assert found[SHIFTS.index((-1, 0))].tolist() == [8, 0, 0, 0]
    assert energy_on_lying_lines(maps, bars()[90][None])[:, 0, 0].max() == 0


# Side by side ----------------------------------------------------------------------------------------------


def test_the_second_peak_of_two_lines_worked_by_hand():
    """Columns 3 and 7 of 11 less their mean of 2/11, added up: 9 for each and −2 for nine others. Four cells
    apart they give 81 + 6 · 4 = 105, of 2 · 81 + 9 · 4 = 198.
    """
    two = line(90, 2) + line(90, -2)
    np.testing.assert_allclose(second_line(two[None], np.array([90.0])), [105 / 198])
    np.testing.assert_allclose(second_line(two.T[None], np.array([0.0])), [105 / 198])


@pytest.mark.parametrize("angle", [60, 75, 90, 30, 150])
def test_two_lines_of_any_direction_have_a_second_peak_and_one_has_none(angle):
    two, one = line(angle, -2.5) + line(angle, 2.5), line(angle)
    found = second_line(np.stack([two, one, 0 * one]), np.full(3, float(angle)))
    assert found[0] > 0.35
    assert found[1] < 0.2
    assert found[2] == 0


@pytest.mark.parametrize(
    ("pictures", "expected"),
    [
        ([line(75, 2.5) + line(75, -2.5)], True),
        ([line(65, 2.5) + line(65, -2.5)], True),
        ([line(75)], False),
        ([line(30, 2.5) + line(30, -2.5)], False),
        ([line(0, 3) + line(0, -3) + line(90, 3) + line(90, -3)], False),
        ([np.zeros((SIDE, SIDE))], False),
    ],
    ids=["two of 75", "two of 65", "one of 75", "two of 30", "a grid", "none"],
)
def test_lines_of_about_75_degrees_run_side_by_side(pictures, expected):
    assert has_lines_side_by_side(np.stack(pictures)[..., None]).tolist() == [[expected]]


def test_each_map_of_each_image_is_looked_at_by_itself():
    two, one = line(75, 2.5) + line(75, -2.5), line(75)
    maps = np.stack([np.stack([two, one], -1), np.stack([one, one], -1), np.stack([one, two], -1)])
    assert has_lines_side_by_side(maps).tolist() == [[True, False], [False, False], [False, True]]
