"""The article's statements about three 4s, a 1 and a 2, each as a rule that five images meet or do not.

The article looks at the maps of five digits and says what it sees. Here each sentence has a rule, with the
bounds of the claim that treats it alone where there is one, so that it can be made for any five images: the
first three stand for the 4s, then one for the 1 and one for the 2. What a rule needs is known for each image,
so that thousands of choices of five cost little.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from cnnbook.fcp.common_points import strong_points
from cnnbook.fcp.orientation import horizontal_excess, structure_tensors
from cnnbook.fcp.parallel_lines import has_lines_side_by_side
from cnnbook.fcp.similarity import unit_rows

STATEMENTS = (
    "each 4 has more horizontal maps",
    "some maps are empty for the 4s",
    "these are empty for 1 and 2 too",
    "all 4s have lines at 75° on a map",
    "the 4s differ a lot",
    "the 4s have points in common",
    "1 and 2 give other patterns",
    "empty maps say more on Conv_3",
)
"""The first four are about Conv_2, the others about Conv_3, the last about both."""

ALSO_EMPTY = 0.9
"""Share of the maps empty for the 4s that must be empty for the 1 and the 2 too, to be "the same maps"."""

DIFFERENT = 0.5
"""Below this three 4s differ a lot: the scale runs from 0, a 4 and another digit, to 1, equal activations."""

COMMON = 2
"""Strong points that the 4s must have in common, at least."""

_DIGITS, _FOURS = 5, 3
_AT_ONCE = 1000

Choices = Int[np.ndarray, "choices 5"]
"""Indices of five images each: three 4s, a 1 and a 2, or what stands for them."""


class MapFindings(NamedTuple):
    """What the statements are made of, for each image.

    Attributes:
        lying: maps of Conv_2 on which horizontal structure prevails, less those on which vertical does.
        empty_2: maps of Conv_2 that are zero everywhere.
        slanted: maps of Conv_2 with lines of about 75 degrees that run side by side.
        empty_3: maps of Conv_3 that are zero everywhere.
        strong: the strong points of Conv_3.
        directions: activations of Conv_3, of length 1.
    """

    lying: Int[np.ndarray, " n"]
    empty_2: Bool[np.ndarray, "n maps_2"]
    slanted: Bool[np.ndarray, "n maps_2"]
    empty_3: Bool[np.ndarray, "n maps_3"]
    strong: Bool[np.ndarray, "n points"]
    directions: Float[np.ndarray, "n points"]


def find_on_maps(
    conv_2: Float[np.ndarray, "n side side maps_2"],
    conv_3: Float[np.ndarray, "n rows columns maps_3"],
    *,
    margin: float,
    share: float,
) -> MapFindings:
    """What is seen on the maps of some images.

    Args:
        conv_2: their maps, after ReLU.
        conv_3: likewise.
        margin: by which one direction's energy exceeds the other's on a map where it prevails, by their sum.
        share: of the points of Conv_3, how many are strong.
    """
    excess = horizontal_excess(structure_tensors(conv_2))
    flat = conv_3.reshape(len(conv_3), -1)
    return MapFindings(
        lying=(excess >= margin).sum(axis=1) - (excess <= -margin).sum(axis=1),
        empty_2=conv_2.max(axis=(1, 2)) <= 0,
        slanted=has_lines_side_by_side(conv_2),
        empty_3=conv_3.max(axis=(1, 2)) <= 0,
        strong=strong_points(flat, share=share),
        directions=unit_rows(flat),
    )


def join_findings(parts: list[MapFindings]) -> MapFindings:
    """What is seen on the images of all parts, in their order."""
    return MapFindings(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def true_statements(
    seen: MapFindings, choices: Int[np.ndarray, "choices images"], *, between: float
) -> Bool[np.ndarray, "choices statements"]:
    """Which of `STATEMENTS` are true of each five images.

    Args:
        seen: on the images.
        choices: of five of them.
        between: mean cosine, on Conv_3, of a 4 and another digit; see `DIFFERENT`.

    Raises:
        ValueError: a choice has not five images.
    """
    if choices.ndim != 2 or choices.shape[1] != _DIGITS:
        raise ValueError(f"choices: shape {choices.shape}, expected (n, {_DIGITS}): three 4s, a 1 and a 2")
    parts = [choices[begin : begin + _AT_ONCE] for begin in range(0, len(choices), _AT_ONCE)]
    return np.concatenate([_true_statements(seen, part, between) for part in parts])


def _true_statements(
    seen: MapFindings, choices: Choices, between: float
) -> Bool[np.ndarray, "choices statements"]:
    """The same of some choices."""
    fours, others = choices[:, :_FOURS], choices[:, _FOURS:]
    empty_2, active_2 = _emptiness(seen.empty_2, fours, others)
    empty_3, active_3 = _emptiness(seen.empty_3, fours, others)
    told_2, told_3 = (_share(active, empty) for active, empty in ((active_2, empty_2), (active_3, empty_3)))
    slanted = np.asarray(seen.slanted[fours].all(axis=1))
    common = seen.strong[fours].all(axis=1).sum(axis=1)
    directions = seen.directions[choices]
    cosines = directions @ directions.transpose(0, 2, 1)
    alike = cosines[:, [0, 0, 1], [1, 2, 2]].mean(axis=1)
    apart = cosines[:, _FOURS:, :_FOURS].mean(axis=2)
    columns = [
        (seen.lying[fours] > 0).all(axis=1),
        empty_2 > 0,
        (empty_2 > 0) & (told_2 <= 1 - ALSO_EMPTY),
        slanted.any(axis=1),
        alike - between < DIFFERENT * (1 - between),
        common >= COMMON,
        (apart < alike[:, None]).all(axis=1),
        told_3 > told_2,
    ]
    return np.stack(columns, axis=1)


def _emptiness(
    empty: Bool[np.ndarray, "n maps"],
    fours: Int[np.ndarray, "choices 3"],
    others: Int[np.ndarray, "choices 2"],
) -> tuple[Int[np.ndarray, " choices"], Int[np.ndarray, " choices"]]:
    """Maps that are empty for all three 4s, and how many of these are active for one of the others."""
    for_fours = empty[fours].all(axis=1)
    active = for_fours & ~empty[others].all(axis=1)
    return for_fours.sum(axis=1), active.sum(axis=1)


def _share(
    part: Int[np.ndarray, " choices"], whole: Int[np.ndarray, " choices"]
) -> Float[np.ndarray, " choices"]:
    """A part as a share of the whole; 0 where there is nothing."""
    return part / np.maximum(whole, 1)


def between_classes(seen: MapFindings, is_four: Bool[np.ndarray, " n"]) -> float:
    """The mean cosine, on Conv_3, of a 4 and another digit.

    Args:
        seen: on the images.
        is_four: which of them show a 4.
    """
    fours, others = (seen.directions[which].mean(axis=0, dtype=np.float64) for which in (is_four, ~is_four))
    return float(fours @ others)


def share_by_resample(
    agrees: Bool[np.ndarray, " choices"],
    choices: Int[np.ndarray, "choices k"],
    weights: Float[np.ndarray, "resample n"],
) -> Float[np.ndarray, " resample"]:
    """Share of choices that agree, for every resample of the images they were drawn from, to first order.

    A choice of k images counts 1 + Σ (w − 1), w being how often the resample holds each of them: the product
    of the w without its higher terms, which add nothing but noise of the drawing (W. Hoeffding, "A class of
    statistics with asymptotically normal distribution", Annals of Mathematical Statistics 19 (1948) 293).

    Args:
        agrees: whether each choice does.
        choices: indices of its images.
        weights: how often each resample holds each image.
    """
    images = weights.shape[1]
    above, below = (
        np.bincount(chosen.ravel(), minlength=images).astype(np.float64)
        for chosen in (choices[agrees], choices)
    )
    part, whole = agrees.sum() + (weights - 1) @ above, len(choices) + (weights - 1) @ below
    return np.clip(part / whole, 0, 1)
