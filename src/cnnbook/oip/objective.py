"""What an ascent climbs: a number read off the activations, as plain data.

An objective is a sum of terms. A term weighs the points of some maps of one layer, or the largest point of
each. Objectives add, subtract and scale, and carry a name for captions.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Int32

from cnnbook.fcp.pattern import FCP
from cnnbook.fcp.pattern import SHAPES as FCP_SHAPES

Over = Literal["points", "largest", "likeness"]
"""A weighted sum over all points, or over the largest of each map; or how near all come to the weights."""

SHAPES = {name: FCP_SHAPES[name] for name in ("conv_1", "conv_2", "conv_3")} | {"logits": (1, 1, 10)}
"""Rows, columns and maps of every layer that can be climbed; a class is a map of one point."""


class Term(NamedTuple):
    """One part of an objective.

    Attributes:
        layer: conv_1, conv_2, conv_3 or logits.
        over: what is summed.
        before: whether preactivations are asked instead of activations; logits have no ReLU.
        maps: which are looked at.
        weights: of their points; for "largest" one a map, in one row and column; for "likeness" what the
            points are to be.
    """

    layer: str
    over: Over
    before: bool
    maps: Int32[np.ndarray, " m"]
    weights: Float[np.ndarray, "rows columns m"]

    @property
    def form(self) -> tuple[str, Over, bool, int]:
        """All but the numbers: terms of one form share a compiled program."""
        return self.layer, self.over, self.before, len(self.maps)


@dataclass(frozen=True, kw_only=True, eq=False)
class Objective:
    """A sum of terms with a name.

    Attributes:
        name: for captions, such as "map 17 of Conv_3"; it also tells random numbers of objectives apart.
        terms: what is summed.
    """

    name: str
    terms: tuple[Term, ...]

    def __add__(self, other: "Objective") -> "Objective":
        """Both at once."""
        return Objective(name=f"{self.name} + {other.name}", terms=(*self.terms, *other.terms))

    def __sub__(self, other: "Objective") -> "Objective":
        """The one and not the other."""
        less = -1.0 * other
        return Objective(name=f"{self.name} − {other.name}", terms=(*self.terms, *less.terms))

    def __rmul__(self, factor: float) -> "Objective":
        """So many times as much of it."""
        terms = tuple(term._replace(weights=np.float32(factor) * term.weights) for term in self.terms)
        return Objective(name=f"{factor:g} · {self.name}", terms=terms)

    def called(self, name: str) -> "Objective":
        """The same under another name."""
        return replace(self, name=name)

    @property
    def form(self) -> tuple[tuple[str, Over, bool, int], ...]:
        """The forms of its terms."""
        return tuple(term.form for term in self.terms)

    @property
    def number(self) -> int:
        """What tells its random numbers from those of others: made of the name alone."""
        return zlib.crc32(self.name.encode()) & 0x7FFFFFFF


def check_map(layer: str, number: int) -> None:
    """Raise unless a layer has such a map.

    Raises:
        ValueError: no such layer or map.
    """
    if layer not in SHAPES:
        raise ValueError(f"layer={layer!r}: expected one of {', '.join(SHAPES)}")
    if not 0 <= number < SHAPES[layer][2]:
        raise ValueError(f"map={number}: {layer} has maps 0 to {SHAPES[layer][2] - 1}")


def _of_map(layer: str, number: int, weights: np.ndarray, name: str, over: Over, before: bool) -> Objective:
    term = Term(layer, over, before, np.array([number], np.int32), weights.astype(np.float32))
    return Objective(name=f"{name}, before ReLU" if before else name, terms=(term,))


def map_mean(layer: str, number: int, *, before: bool = False) -> Objective:
    """The mean of a map over its points.

    Raises:
        ValueError: no such layer or map.
    """
    check_map(layer, number)
    rows, columns, _ = SHAPES[layer]
    even = np.full((rows, columns, 1), 1 / (rows * columns))
    return _of_map(layer, number, even, f"map {number} of {layer.capitalize()}", "points", before)


def map_maximum(layer: str, number: int, *, before: bool = False) -> Objective:
    """The largest point of a map.

    Raises:
        ValueError: no such layer or map.
    """
    check_map(layer, number)
    name = f"largest point of map {number} of {layer.capitalize()}"
    return _of_map(layer, number, np.ones((1, 1, 1)), name, "largest", before)


def point(layer: str, number: int, row: int, column: int, *, before: bool = False) -> Objective:
    """One point of a map.

    Raises:
        ValueError: no such layer, map or point.
    """
    check_map(layer, number)
    rows, columns, _ = SHAPES[layer]
    if not (0 <= row < rows and 0 <= column < columns):
        raise ValueError(f"point ({row}, {column}): {layer} has rows and columns 0 to {rows - 1}")
    only = np.zeros((rows, columns, 1))
    only[row, column] = 1
    name = f"point ({row}, {column}) of map {number} of {layer.capitalize()}"
    return _of_map(layer, number, only, name, "points", before)


def direction(fcp: FCP, *, before: bool = False) -> Objective:
    """The weighted sum of an FCP over the points of its layer.

    Raises:
        ValueError: the FCP's layer has no ReLU of its own, as a pooling has not.
    """
    if fcp.layer not in SHAPES:
        raise ValueError(f"layer={fcp.layer!r}: expected one of {', '.join(SHAPES)}")
    every = np.arange(SHAPES[fcp.layer][2], dtype=np.int32)
    term = Term(fcp.layer, "points", before, every, fcp.weights.astype(np.float32))
    return Objective(name=f"FCP {fcp.name}", terms=(term,))


def likeness(layer: str, maps: Float[np.ndarray, "rows columns maps"], name: str) -> Objective:
    """How near a layer comes to given activations: less the squared distance by their squared length.

    To climb it is to invert the layer (A. Mahendran, A. Vedaldi, "Understanding deep image representations by
    inverting them", CVPR 2015, eq. 1).

    Raises:
        ValueError: no such layer, maps of another shape, or maps that are all zero.
    """
    if layer not in SHAPES or maps.shape != SHAPES.get(layer):
        raise ValueError(f"maps: shape {maps.shape} for layer={layer!r}, expected one of {SHAPES}")
    if not np.any(maps):
        raise ValueError(f"maps: all zero; there is nothing on {layer} to come near to")
    every = np.arange(maps.shape[-1], dtype=np.int32)
    term = Term(layer, "likeness", False, every, maps.astype(np.float32))
    return Objective(name=name, terms=(term,))


def class_score(digit: int) -> Objective:
    """What the network says for a class, its logit. "4 minus 9" is the difference of two of them.

    Raises:
        ValueError: no such class.
    """
    check_map("logits", digit)
    return _of_map("logits", digit, np.ones((1, 1, 1)), f"class {digit}", "points", False)


def stacked(objectives: Sequence[Objective]) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Maps and weights of several objectives of one form, with a first axis for the objectives.

    Raises:
        ValueError: there are none, or they differ in form.
    """
    if not objectives:
        raise ValueError("objectives: none, expected at least one")
    for one in objectives:
        if one.form != objectives[0].form:
            raise ValueError(
                f"objectives: {one.name!r} has another form than {objectives[0].name!r}; climb them apart"
            )
    parts = zip(*(one.terms for one in objectives), strict=True)
    return tuple(
        (np.stack([term.maps for term in terms]), np.stack([term.weights for term in terms]))
        for terms in parts
    )
