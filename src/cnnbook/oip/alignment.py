"""Likeness of pictures that does not mind where in the picture a pattern lies.

Two measures: the largest correlation over small shifts of one picture against the other, and the correlation
of amplitude spectra, which no circular shift changes. Either is high for pictures that have little in common
too, for it takes the best of many shifts or forgets all phases; so neither says anything without the same
measure of pictures that have nothing to do with each other (`corrected_for_chance`).
"""

from typing import TypeVar

import numpy as np
import xarray as xr
from jaxtyping import Float, Int, Real
from scipy import fft

SHIFT = 8
"""Pixels by which an OIP is shifted at most in each direction, to lie as another one does."""

LEAST_CONTRAST = 0.1
"""Share of a picture's variance that its part in an overlap must have for the shift to count."""

_CHUNK = 1000
"""Pairs whose shifts are held in memory at once."""

_Number = TypeVar("_Number", float, np.ndarray, xr.DataArray)


def aligned_correlations(
    first: Real[np.ndarray, "n h w"],
    second: Real[np.ndarray, "m h w"],
    pairs: Int[np.ndarray, "pairs 2"],
    *,
    shift: int = SHIFT,
) -> Float[np.ndarray, " pairs"]:
    """Pearson's correlation of two pictures where they overlap, at the shift for which it is largest.

    Normalised cross-correlation (J. P. Lewis, "Fast normalized cross-correlation", Vision Interface 1995).

    Args:
        first: pictures.
        second: others of the same size.
        pairs: for each pair the number of a picture of `first` and of one of `second`.
        shift: pixels in each direction at most.

    Returns:
        Of each pair, from −1 to 1. A shift that leaves too little of either picture's contrast in the overlap
        (`LEAST_CONTRAST`) counts as 0, as do pictures without contrast.
    """
    sides = first.shape[1:]
    size = [int(fft.next_fast_len(side + shift, real=True) or side + shift) for side in sides]
    parts = [_standardised(each) for each in (first, second)]
    spectra = [np.asarray(fft.rfft2(each, s=size)) for each in parts]
    sums, squares = ([_overlap_sums(each**power, shift) for each in parts] for power in (1, 2))
    ones = _overlap_sums(np.ones((1, *sides)), shift)
    shifts = np.arange(-shift, shift + 1)
    found = np.zeros(len(pairs))
    for begin in range(0, len(pairs), _CHUNK):
        one, two = pairs[begin : begin + _CHUNK].T
        cross = np.asarray(fft.irfft2(spectra[0][one] * spectra[1][two].conj(), s=size))
        cross = cross[:, shifts % size[0]][:, :, shifts % size[1]].astype(np.float64)
        mean_one, mean_two = sums[0][one] / ones, sums[1][two][:, ::-1, ::-1] / ones
        spread_one = squares[0][one] / ones - mean_one**2
        spread_two = squares[1][two][:, ::-1, ::-1] / ones - mean_two**2
        enough = (spread_one >= LEAST_CONTRAST) & (spread_two >= LEAST_CONTRAST)
        scale = np.sqrt(np.where(enough, spread_one * spread_two, 1))
        r = np.where(enough, (cross / ones - mean_one * mean_two) / scale, 0)
        found[begin : begin + _CHUNK] = r.max(axis=(1, 2))
    return np.clip(found, -1, 1)


def _standardised(pictures: Real[np.ndarray, "n h w"]) -> Float[np.ndarray, "n h w"]:
    """Each picture with mean 0 and variance 1; all 0 where it has no contrast."""
    values = np.asarray(pictures, np.float64)
    away = values - values.mean(axis=(1, 2), keepdims=True)
    spread = away.std(axis=(1, 2), keepdims=True)
    varies = spread > 1e-9 * (1 + np.abs(values).max(initial=0))
    return np.where(varies, away / np.where(varies, spread, 1), 0).astype(np.float32)


def _overlap_sums(values: Real[np.ndarray, "n h w"], shift: int) -> Float[np.ndarray, "n shifts shifts"]:
    """Sums over the part of a picture that overlaps another one, by how far the other one is shifted."""
    integral = np.pad(values, ((0, 0), (1, 0), (1, 0))).astype(np.float64).cumsum(axis=1).cumsum(axis=2)
    shifts = np.arange(-shift, shift + 1)
    (top, bottom), (left, right) = (
        (np.maximum(shifts, 0), side + np.minimum(shifts, 0)) for side in values.shape[1:]
    )

    def corner(rows: Int[np.ndarray, " shifts"], columns: Int[np.ndarray, " shifts"]) -> np.ndarray:
        return integral[:, rows][:, :, columns]

    return corner(bottom, right) - corner(top, right) - corner(bottom, left) + corner(top, left)


def aligned_likeness(pictures: Real[np.ndarray, "n h w"], *, shift: int = SHIFT) -> Float[np.ndarray, "n n"]:
    """The aligned correlation of all pairs of some pictures; of each with itself it is 1.

    Args:
        pictures: of one size.
        shift: pixels in each direction at most.
    """
    rows, columns = np.triu_indices(len(pictures), 1)
    likeness = np.eye(len(pictures))
    pairs = np.stack([rows, columns], axis=1)
    likeness[rows, columns] = likeness[columns, rows] = aligned_correlations(
        pictures, pictures, pairs, shift=shift
    )
    return likeness


def amplitude_spectra(pictures: Real[np.ndarray, "n h w"]) -> Float[np.ndarray, "n frequencies"]:
    """Amplitudes of all frequencies but zero, one row a picture, under a Hann window.

    Args:
        pictures: of one size.
    """
    window = np.outer(*(np.hanning(side + 2)[1:-1] for side in pictures.shape[1:]))
    away = _standardised(pictures) * window
    return np.abs(np.asarray(fft.rfft2(away))).reshape(len(pictures), -1)[:, 1:]


def spectrum_correlations(
    first: Real[np.ndarray, "n h w"],
    second: Real[np.ndarray, "m h w"],
    pairs: Int[np.ndarray, "pairs 2"],
) -> Float[np.ndarray, " pairs"]:
    """Pearson's correlation of the amplitude spectra of two pictures; 0 for one without contrast.

    Args:
        first: pictures.
        second: others of the same size.
        pairs: for each pair the number of a picture of `first` and of one of `second`.
    """
    rows = [amplitude_spectra(each) for each in (first, second)]
    away = [each - each.mean(axis=1, keepdims=True) for each in rows]
    lengths = [np.linalg.norm(each, axis=1, keepdims=True) for each in away]
    one, two = (each / np.where(length > 0, length, 1) for each, length in zip(away, lengths, strict=True))
    return np.einsum("pd,pd->p", one[pairs[:, 0]], two[pairs[:, 1]])


def corrected_for_chance(observed: _Number, expected: _Number) -> _Number:
    """What is observed above what is expected, by the most that it could be above it.

    1 for full agreement, 0 for as much as is expected without any: the form of Cohen's kappa (J. Cohen, "A
    coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960) 37). J.
    Landis and G. Koch (Biometrics 33 (1977) 159) call 0.4 to 0.6 moderate, and from 0.6 substantial.

    Args:
        observed: agreement, at most 1.
        expected: the same of what has nothing to do with each other, below 1.
    """
    return (observed - expected) / (1 - expected)
