"""Lines of about one direction that run side by side: where a map has a second beside the first."""

import numpy as np
from jaxtyping import Bool, Float, Real

from cnnbook.fcp.orientation import coherence, line_angle, structure_tensors

COHERENT = 0.2
"""Coherence from which a map has lines."""

SLANT, ABOUT = 75, 15
"""The article's direction of lines on maps of 4s, and how far lines of one image may lie from it, degrees."""

SECOND = 0.2
"""Peak of the autocorrelation that a second line makes, of a fifth of the first's strength or more."""

STEP = 5.0
"""Degrees between two directions in which lines are added up."""


def has_lines_side_by_side(maps: Float[np.ndarray, "n side side c"]) -> Bool[np.ndarray, "n c"]:
    """Which maps of which images have lines of `SLANT` degrees, to within `ABOUT`, that run side by side.

    Args:
        maps: square ones, of a layer, for each image.
    """
    tensors = structure_tensors(maps)
    angle = line_angle(tensors)
    found = (np.abs(angle - SLANT) <= ABOUT) & (coherence(tensors) >= COHERENT)
    found[found] = second_line(np.moveaxis(maps, -1, 1)[found], angle[found]) >= SECOND
    return found


def direction_shares(tensors: Float[np.ndarray, "n maps 3"], bins: int) -> Float[np.ndarray, " bins"]:
    """Shares of all maps that have lines by the direction of these; zeros if none has.

    Args:
        tensors: of each map of each image.
        bins: equal parts of 0 to 180 degrees.
    """
    angles = line_angle(tensors)[coherence(tensors) >= COHERENT]
    counts, _ = np.histogram(angles, bins=bins, range=(0, 180))
    return counts / max(len(angles), 1)


def second_line(
    pictures: Real[np.ndarray, "k side side"], angles: Float[np.ndarray, " k"]
) -> Float[np.ndarray, " k"]:
    """How much of a second line runs beside the first: a peak of the autocorrelation across lines.

    A picture less its mean is added up along its lines, which leaves one number for each distance from the
    middle. The peak is the highest of these numbers' autocorrelation beyond its first fall below 0, by its
    value for no shift: about 0.5 for two equal lines, b / (1 + b²) if one is b times as strong as the other,
    and 0 without a peak.

    Args:
        pictures: square ones.
        angles: directions of their lines, degrees from the horizontal, counter-clockwise, 0 to 180.
    """
    flat = pictures.reshape(len(pictures), pictures.shape[-1] ** 2).astype(np.float64)
    flat -= flat.mean(axis=1, keepdims=True)
    bins = np.round(angles / STEP).astype(int) % round(180 / STEP)
    peaks = np.zeros(len(flat))
    for each in np.unique(bins):
        profiles = flat[bins == each] @ _projection(pictures.shape[-1], each * STEP)
        peaks[bins == each] = _second_peaks(profiles)
    return peaks


def _projection(side: int, angle: float) -> Float[np.ndarray, "cells distances"]:
    """Adds up cells by their distance from a line through the middle, shared by the two nearest numbers."""
    across, up = np.meshgrid(np.arange(side), -np.arange(side)), np.radians(angle)
    middle = (side - 1) / 2
    distance = -(across[0] - middle) * np.sin(up) + (across[1] + middle) * np.cos(up)
    place = distance.ravel() + side - 1
    return np.clip(1 - np.abs(place[:, None] - np.arange(2 * side - 1)), 0, None)


def _second_peaks(profiles: Float[np.ndarray, "k distances"]) -> Float[np.ndarray, " k"]:
    """The highest peak of each autocorrelation beyond its first fall below 0."""
    count = profiles.shape[1]
    lags = [(profiles[:, : count - lag] * profiles[:, lag:]).sum(axis=1) for lag in range(count)]
    by_lag = np.stack(lags, axis=1)
    first = by_lag[:, :1]
    by_lag = np.divide(by_lag, first, out=np.zeros_like(by_lag), where=first > 1e-12)
    beyond = np.cumsum(by_lag < 0, axis=1)[:, 1:-1] > 0
    inner = by_lag[:, 1:-1]
    is_peak = beyond & (inner >= by_lag[:, :-2]) & (inner >= by_lag[:, 2:])
    return np.where(is_peak, inner, 0.0).max(axis=1)
