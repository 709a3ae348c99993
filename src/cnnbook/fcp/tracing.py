"""A Conv_3 map traced to the Pool_2 maps that it combines, by its weights and by what they carry.

Before ReLU a point of Conv_3 is a sum over Pool_2 maps, each with a 3×3 kernel, and a bias. So what a Pool_2
map contributes is exact, and so is what a point loses when the map takes its values from another image.
"""

import numpy as np
from jaxtyping import Float, Int

Cells = Float[np.ndarray, "n 3 3 below"]
"""The Pool_2 cells that one point of Conv_3 sees."""

Kernel = Float[np.ndarray, "3 3 below above"]
"""The weights of Conv_3."""


def contributions(cells: Cells, kernel: Kernel) -> Float[np.ndarray, "n below above"]:
    """What each Pool_2 map adds to the point of each Conv_3 map; with the bias they sum to its preactivation.

    Args:
        cells: of each image.
        kernel: of Conv_3.
    """
    return np.einsum("nrcb,rcba->nba", cells, kernel, optimize=True)


def maps_needed(spread: Float[np.ndarray, "below above"], share: float = 0.8) -> Int[np.ndarray, " above"]:
    """How many Pool_2 maps hold a share of the summed variance of their contributions, for each Conv_3 map.

    Args:
        spread: standard deviation of each contribution.
        share: of the sum, above 0 and at most 1.

    Raises:
        ValueError: the share is none.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share={share}: expected a share above 0 and at most 1")
    ordered = -np.sort(-(spread**2), axis=0)
    summed = np.cumsum(ordered, axis=0)
    return 1 + (summed < share * summed[-1:] * (1 - 1e-12)).sum(axis=0)


def kept_by_patching(
    before: Float[np.ndarray, "n below"],
    after: Float[np.ndarray, "n below"],
    order: Int[np.ndarray, " below"],
) -> Float[np.ndarray, " below"]:
    """The share of a point's fall that the first Pool_2 maps of an order bring about, by their number.

    Args:
        before: contributions for images that drive the Conv_3 map.
        after: the same for the images that values are taken from, in pairs with those.
        order: of the Pool_2 maps.

    Returns:
        Mean fall when the first k maps are swapped, by that when all are; not a number where nothing falls.
    """
    falls = (before - after).mean(axis=0)[order]
    whole = falls.sum()
    return np.cumsum(falls) / whole if whole > 0 else np.full(len(falls), np.nan)
