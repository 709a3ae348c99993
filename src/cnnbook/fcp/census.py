"""Silence and what it says: maps counted by how often they are active, and information about the class.

Information is in bits, by counting, less the bias that counting brings: (rows − 1) (columns − 1) / (2 n ln
2), of G. Miller, "Note on the bias of information estimates" (1955). It can come out slightly below zero.
"""

import numpy as np
from jaxtyping import Bool, Float, Int, Integer

from cnnbook.nets.geometry import CLASSES

Labels = Integer[np.ndarray, " n"]

KINDS = ("dead", "silent for a class", "sometimes", "always on")
"""What a map or point may be, each beyond those before it."""


def activity_kinds(
    active: Float[np.ndarray, "10 maps"], dead: Bool[np.ndarray, " maps"], *, rare: float
) -> Int[np.ndarray, " maps"]:
    """Which kind each map is, as an index in `KINDS`.

    Args:
        active: share of images of each class in which the map is active.
        dead: whether it is active in no image at all.
        rare: share below which it counts as silent for a class, and beyond 1 less which as always on.
    """
    found = np.full(active.shape[1], KINDS.index("sometimes"))
    found[(active > 1 - rare).all(axis=0)] = KINDS.index("always on")
    found[(active < rare).any(axis=0)] = KINDS.index("silent for a class")
    found[dead] = KINDS.index("dead")
    return found


def silence_information(
    silent: Float[np.ndarray, "*more classes maps"], total: Float[np.ndarray, "*more classes"]
) -> Float[np.ndarray, "*more maps"]:
    """What the silence of each map says about the class, in bits, less the bias; 0 if it never varies.

    Args:
        silent: images of each class in which a map is silent.
        total: images of each class.
    """
    images = total.sum(axis=-1)[..., None, None]
    joint = np.stack([silent, total[..., None] - silent], axis=-3) / images[..., None, :, :]
    by_state = joint.sum(axis=-2, keepdims=True)
    by_class = joint.sum(axis=-3, keepdims=True)
    chance = by_state * by_class
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = np.where(joint > 0, joint * np.log2(joint / chance), 0.0).sum(axis=(-3, -2))
    varies = (by_state[..., 0, 0, :] > 0) & (by_state[..., 1, 0, :] > 0)
    present = (total > 0).sum(axis=-1)[..., None]
    return np.where(varies, bits - (present - 1) / (2 * images[..., 0] * np.log(2)), 0.0)


def lifetime_sparseness(
    mean: Float[np.ndarray, " maps"], square: Float[np.ndarray, " maps"], images: int
) -> Float[np.ndarray, " maps"]:
    """Of each map over images: 0 if it responds to all alike, 1 if to one image alone; 0 for a dead map.

    (1 − (E a)² / E a²) / (1 − 1/n), of W. Vinje and J. Gallant, Science 287 (2000) 1273.

    Args:
        mean: of a map's responses.
        square: mean of their squares.
        images: how many.
    """
    ratio = np.divide(mean**2, square, out=np.ones_like(mean), where=square > 0)
    return (1 - ratio) / (1 - 1 / images) if images > 1 else np.zeros_like(mean)


def silent_together(rates: Float[np.ndarray, "*more classes maps"]) -> Float[np.ndarray, "*more 3"]:
    """Maps silent for three random 4s; of these silent for two further 4s; and for a random 1 and a random 2.

    Exact numbers to be expected of images drawn with replacement.

    Args:
        rates: share of images of each class, 0 to 9, for which each map is silent.
    """
    four = rates[..., 4, :]
    three = four**3
    by_event = (three, three * four**2, three * rates[..., 1, :] * rates[..., 2, :])
    return np.stack([event.sum(axis=-1) for event in by_event], axis=-1)


def silent_by_resample(
    is_silent: Bool[np.ndarray, "n maps"],
    labels: Labels,
    shuffled: Labels,
    weights: Float[np.ndarray, "resample n"],
) -> dict[str, np.ndarray]:
    """Maps empty together, see `silent_together`, for three images of any class, and the most bits.

    Args:
        is_silent: whether each map is silent for each test image.
        labels: of the test images.
        shuffled: the labels of others.
        weights: how often each resample holds each image.
    """
    silent = is_silent.astype(np.float64)
    by_class, totals = _by_class(silent, labels, weights)
    rates = by_class / np.maximum(totals, 1)[..., None]
    return {
        "together": silent_together(rates).T,
        "any_three": ((weights @ silent / weights.sum(axis=1, keepdims=True)) ** 3).sum(axis=1),
        "most_bits": silence_information(by_class, totals).max(axis=1),
        "most_bits_shuffled": silence_information(*_by_class(silent, shuffled, weights)).max(axis=1),
    }


def _by_class(
    silent: Float[np.ndarray, "n maps"], labels: Labels, weights: Float[np.ndarray, "resample n"]
) -> tuple[Float[np.ndarray, "resample 10 maps"], Float[np.ndarray, "resample 10"]]:
    """Images of each class and resample for which each map is silent, and images of each class."""
    members = [labels == k for k in range(CLASSES)]
    counts = [weights[:, member] @ silent[member] for member in members]
    return np.stack(counts, axis=1), np.stack([weights @ member for member in members], axis=-1)
