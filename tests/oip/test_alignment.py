"""Likeness wherever a pattern lies: at the best shift, by spectra, and above what is found by chance."""

import numpy as np
import pytest

from cnnbook.oip.alignment import (
    aligned_correlations,
    aligned_likeness,
    corrected_for_chance,
    spectrum_correlations,
)

RNG = np.random.default_rng(0)
SCENE = RNG.random((40, 40))


def view(row: int, column: int, side: int = 26) -> np.ndarray:
    """A part of a scene: two of them show the same at different places."""
    return SCENE[row : row + side, column : column + side]


def best_by_hand(first: np.ndarray, second: np.ndarray, shift: int) -> float:
    """The largest correlation over all shifts, one after the other."""
    side, found = len(first), []
    for down in range(-shift, shift + 1):
        for across in range(-shift, shift + 1):
            one = first[max(0, down) : side + min(0, down), max(0, across) : side + min(0, across)]
            two = second[max(0, -down) : side + min(0, -down), max(0, -across) : side + min(0, -across)]
            found.append(np.corrcoef(one.ravel(), two.ravel())[0, 1])
    return max(found)


@pytest.mark.parametrize(("row", "column"), [(5, 3), (8, 0), (0, 8), (7, 8)])
def test_a_pattern_at_another_place_is_the_same_pattern(row, column):
    assert aligned_likeness(np.stack([view(0, 0), view(row, column)]))[0, 1] == pytest.approx(1, abs=1e-5)


def test_a_shift_beyond_the_largest_is_not_found():
    pictures = np.stack([view(0, 0), view(0, 9)])
    assert aligned_likeness(pictures)[0, 1] < 0.3
    assert aligned_likeness(pictures, shift=9)[0, 1] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("shift", [0, 3, 8])
def test_the_best_shift_is_that_of_trying_all(shift):
    pictures = np.stack([view(0, 0), RNG.random((26, 26)), view(3, 12)])
    pairs = np.array([[0, 1], [2, 0], [1, 2]])
    found = aligned_correlations(pictures, pictures, pairs, shift=shift)
    expected = [best_by_hand(pictures[one], pictures[two], shift) for one, two in pairs]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_pictures_without_contrast_are_like_nothing():
    """So is a picture whose only dark spot leaves the overlap: what is left has no contrast."""
    spot = np.zeros((26, 26))
    spot[0, 0] = 1
    blank = np.full((26, 26), 0.3)
    found = aligned_likeness(np.stack([blank, blank, view(0, 0), spot]))
    assert found[0].tolist() == [1, 0, 0, 0]
    assert abs(found[2, 3]) < 0.5


def test_spectra_do_not_know_where_a_pattern_lies():
    """A small cross in the middle, moved by two pixels; and waves of two lengths."""
    first, moved = np.zeros((2, 26, 26))
    first[11:14, 12] = first[12, 11:14] = 1
    moved[13:16, 14] = moved[14, 13:16] = 1
    short, long = (np.tile(np.cos(2 * np.pi * np.arange(26) / length), (26, 1)) for length in (3, 13))
    found = spectrum_correlations(
        np.stack([first, short]), np.stack([moved, long, short]), np.array([[0, 0], [1, 1], [1, 2]])
    )
    assert found[0] > 0.98
    assert found[1] < 0.1
    assert found[2] == pytest.approx(1)


@pytest.mark.parametrize(("observed", "expected"), [(1, 1), (0.6, 0), (0.8, 0.5), (0.4, -0.5)])
def test_agreement_above_chance_is_0_for_as_much_as_by_chance(observed, expected):
    assert corrected_for_chance(observed, 0.6) == pytest.approx(expected)
