"""Objectives: what an ascent maximises, as plain data.

An objective is a sum of terms. A term is a weighted sum over the points of some maps of one layer, or over
the largest point of each. Objectives add, subtract and scale, and carry a name for captions.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from jax import Array
from jaxtyping import Float, Int32

from cnnbook.fcp.pattern import FCP
from cnnbook.fcp.pattern import SHAPES as FCP_SHAPES

Aggregation = Literal["points", "largest", "distance"]
"""A weighted sum over all points, or over the largest of each map; or less their distance to the weights."""

SHAPES = {name: FCP_SHAPES[name] for name in ("conv_1", "conv_2", "conv_3")} | {"logits": (1, 1, 10)}
"""Rows, columns and maps of every layer with objectives; a class is a map of one point."""

TermArrays = tuple[tuple[Array, Array], ...]
"""Maps and weights of each term, with a first axis for the pictures."""

Structure = tuple[tuple[str, Aggregation, bool, int], ...]
"""Layer, aggregation, ReLU and number of maps of each term: all of an objective that a program depends on."""


class Term(NamedTuple):
    """One part of an objective.

    Attributes:
        layer: conv_1, conv_2, conv_3 or logits.
        aggregation: what is summed.
        before_relu: whether preactivations are meant instead of activations; logits have no ReLU.
        maps: their numbers.
        weights: of their points; for "largest" one a map, in one row and column; for "distance" what the
            points are to be.
    """

    layer: str
    aggregation: Aggregation
    before_relu: bool
    maps: Int32[np.ndarray, " m"]
    weights: Float[np.ndarray, "rows columns m"]

    @property
    def structure(self) -> tuple[str, Aggregation, bool, int]:
        """All but the values of the arrays: terms of one structure share a compiled program."""
        return self.layer, self.aggregation, self.before_relu, len(self.maps)


@dataclass(frozen=True, kw_only=True, eq=False)
class Objective:
    """A sum of terms with a name.

    Attributes:
        name: for captions, such as "map 17 of Conv_3"; random keys follow from it too.
        terms: what is summed.
    """

    name: str
    terms: tuple[Term, ...]

    def __add__(self, other: "Objective") -> "Objective":
        """The sum of both."""
        return Objective(name=f"{self.name} + {other.name}", terms=(*self.terms, *other.terms))

    def __sub__(self, other: "Objective") -> "Objective":
        """The difference of both."""
        less = -1.0 * other
        return Objective(name=f"{self.name} − {other.name}", terms=(*self.terms, *less.terms))

    def __rmul__(self, factor: float) -> "Objective":
        """A multiple of it."""
        terms = tuple(term._replace(weights=np.float32(factor) * term.weights) for term in self.terms)
        return Objective(name=f"{factor:g} · {self.name}", terms=terms)

    def with_name(self, name: str) -> "Objective":
        """The same under another name."""
        return replace(self, name=name)

    def before_relu(self) -> "Objective":
        """The same of the values before ReLU."""
        terms = tuple(term._replace(before_relu=True) for term in self.terms)
        return Objective(name=f"{self.name}, before ReLU", terms=terms)

    @property
    def structure(self) -> Structure:
        """The structures of its terms."""
        return tuple(term.structure for term in self.terms)

    @property
    def key_number(self) -> int:
        """A number for random keys, from the name alone."""
        return zlib.crc32(self.name.encode()) & 0x7FFFFFFF


def check_map(layer: str, number: int) -> None:
    """Raise unless a layer has such a map.

    Args:
        layer: its name.
        number: of the map.

    Raises:
        ValueError: no such layer or map.
    """
    if layer not in SHAPES:
        raise ValueError(f"layer={layer!r}: expected one of {', '.join(SHAPES)}")
    if not 0 <= number < SHAPES[layer][2]:
        raise ValueError(f"map={number}: {layer} has maps 0 to {SHAPES[layer][2] - 1}")


def _name(layer: str, number: int) -> str:
    """A map's name for captions."""
    return f"map {number} of {layer.capitalize()}"


def _single_term(
    layer: str,
    maps: Sequence[int],
    weights: Float[np.ndarray, "rows columns m"],
    name: str,
    aggregation: Aggregation = "points",
) -> Objective:
    """An objective of one term."""
    term = Term(layer, aggregation, False, np.array(maps, np.int32), weights.astype(np.float32))
    return Objective(name=name, terms=(term,))


def map_mean(layer: str, number: int) -> Objective:
    """The mean of a map over its points.

    Args:
        layer: conv_1, conv_2, conv_3 or logits.
        number: of the map.

    Raises:
        ValueError: no such layer or map.
    """
    check_map(layer, number)
    rows, columns, _ = SHAPES[layer]
    even = np.full((rows, columns, 1), 1 / (rows * columns))
    return _single_term(layer, [number], even, _name(layer, number))


def map_maximum(layer: str, number: int) -> Objective:
    """The largest point of a map.

    Args:
        layer: conv_1, conv_2, conv_3 or logits.
        number: of the map.

    Raises:
        ValueError: no such layer or map.
    """
    check_map(layer, number)
    name = f"largest point of {_name(layer, number)}"
    return _single_term(layer, [number], np.ones((1, 1, 1)), name, "largest")


def map_point(layer: str, number: int, row: int, column: int) -> Objective:
    """One point of a map.

    Args:
        layer: conv_1, conv_2, conv_3 or logits.
        number: of the map.
        row: of the point.
        column: of the point.

    Raises:
        ValueError: no such layer, map or point.
    """
    check_map(layer, number)
    rows, columns, _ = SHAPES[layer]
    if not (0 <= row < rows and 0 <= column < columns):
        raise ValueError(f"point ({row}, {column}): {layer} has rows and columns 0 to {rows - 1}")
    only = np.zeros((rows, columns, 1))
    only[row, column] = 1
    return _single_term(layer, [number], only, f"point ({row}, {column}) of {_name(layer, number)}")


def fcp_response(fcp: FCP) -> Objective:
    """The weighted sum of an FCP over the points of its layer.

    Raises:
        ValueError: the FCP's layer has no ReLU of its own, as a pooling has not.
    """
    check_map(fcp.layer, 0)
    return _single_term(fcp.layer, range(SHAPES[fcp.layer][2]), fcp.weights, f"FCP {fcp.name}")


def feature_inversion(layer: str, maps: Float[np.ndarray, "rows columns maps"], name: str) -> Objective:
    """Less the squared distance of a layer to given activations, divided by their squared length.

    To maximise it is to invert the layer (A. Mahendran, A. Vedaldi, "Understanding deep image representations
    by inverting them", CVPR 2015, eq. 1).

    Args:
        layer: conv_1, conv_2, conv_3 or logits.
        maps: the activations.
        name: of the objective.

    Raises:
        ValueError: no such layer, maps of another shape, or maps that are all zero.
    """
    if layer not in SHAPES or maps.shape != SHAPES.get(layer):
        raise ValueError(f"maps: shape {maps.shape} for layer={layer!r}, expected one of {SHAPES}")
    if not np.any(maps):
        raise ValueError(f"maps: all zero; there is nothing on {layer} to come near to")
    return _single_term(layer, range(maps.shape[-1]), maps, name, "distance")


def class_logit(digit: int) -> Objective:
    """The logit of a class. "4 minus 9" is the difference of two of them.

    Raises:
        ValueError: no such class.
    """
    check_map("logits", digit)
    return _single_term("logits", [digit], np.ones((1, 1, 1)), f"class {digit}")


def stack_terms(
    objectives: Sequence[Objective],
) -> tuple[tuple[Int32[np.ndarray, "n m"], Float[np.ndarray, "n rows columns m"]], ...]:
    """Maps and weights of several objectives of one structure, with a first axis for the objectives.

    Raises:
        ValueError: there are none, or they differ in structure.
    """
    if not objectives:
        raise ValueError("objectives: none, expected at least one")
    first = objectives[0]
    for each in objectives:
        if each.structure != first.structure:
            differs = f"{each.name!r} has another structure than {first.name!r}"
            raise ValueError(f"objectives: {differs}; maximise them in two calls")
    parts = zip(*(each.terms for each in objectives), strict=True)
    return tuple(
        (np.stack([term.maps for term in terms]), np.stack([term.weights for term in terms]))
        for terms in parts
    )
