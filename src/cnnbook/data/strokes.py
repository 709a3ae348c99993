"""Drawn 4s: three strokes with parameters, as wide and as soft as MNIST's.

A 4 is a bar, a stem that crosses it, and an arm from the bar's left end upwards. Coordinates are rows and
columns of pixels, whose centres are whole numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, UInt8
from scipy.ndimage import gaussian_filter

from cnnbook.arrays import RawImages

CANVAS = 28
"""Rows and columns of an image."""

BLUR = 0.5
"""Standard deviation of the blur, in pixels."""

PARTS = ("bar", "stem", "arm")
"""The strokes of a 4."""

_CENTRE = (CANVAS - 1) / 2


class Stroke(NamedTuple):
    """A straight stroke from one point to another, each a row and a column."""

    start: tuple[float, float]
    stop: tuple[float, float]


Strokes = Mapping[str, Stroke]
"""Strokes by the name of the part."""


@dataclass(frozen=True, kw_only=True)
class Four:
    """A 4 by its parameters, before it is slanted and centred.

    Attributes:
        top: row in which stem and arm begin.
        bar: row of the bar.
        foot: row in which the stem ends.
        left: column of the bar's left end, where the arm ends.
        stem: column of the stem.
        right: column of the bar's right end.
        arm: column in which the arm begins.
        slant: columns to the right for each row upwards.
        width: of a stroke, in pixels.
    """

    top: float = 6.0
    bar: float = 15.5
    foot: float = 23.0
    left: float = 7.5
    stem: float = 17.0
    right: float = 20.0
    arm: float = 9.0
    slant: float = 0.12
    width: float = 2.4

    @property
    def strokes(self) -> Strokes:
        """Bar, stem and arm, upright and where the parameters say."""
        return {
            "bar": Stroke((self.bar, self.left), (self.bar, self.right)),
            "stem": Stroke((self.top, self.stem), (self.foot, self.stem)),
            "arm": Stroke((self.top, self.arm), (self.bar, self.left)),
        }


def centred(four: Four, strokes: Strokes) -> Strokes:
    """Strokes slanted as a 4 says, and moved by what brings the whole 4's centre of mass to the middle.

    So a part that is missing or moved leaves the others where they are.

    Args:
        four: whose slant, and whose centre.
        strokes: of the 4, or what was made of them.
    """
    ends = [_slanted(four, each) for each in four.strokes.values()]
    lengths = np.array([np.hypot(*np.subtract(each.stop, each.start)) for each in ends])
    middles = np.array([np.add(each.start, each.stop) / 2 for each in ends])
    down, right = _CENTRE - lengths @ middles / lengths.sum()

    def moved(point: tuple[float, float]) -> tuple[float, float]:
        return float(point[0] + down), float(point[1] + right)

    slanted = {name: _slanted(four, each) for name, each in strokes.items()}
    return {name: Stroke(moved(each.start), moved(each.stop)) for name, each in slanted.items()}


def _slanted(four: Four, stroke: Stroke) -> Stroke:
    """A stroke with its points moved to the right by the slant, the more the higher they lie."""
    (row, column), (last, end) = stroke
    return Stroke((row, column + four.slant * (_CENTRE - row)), (last, end + four.slant * (_CENTRE - last)))


def without(four: Four, part: str) -> Strokes:
    """The strokes of a 4 without one.

    Raises:
        ValueError: a 4 has no such part.
    """
    if part not in PARTS:
        raise ValueError(f"part={part!r}: expected one of {', '.join(PARTS)}")
    return {name: stroke for name, stroke in four.strokes.items() if name != part}


def draw(strokes: Strokes, *, width: float) -> UInt8[np.ndarray, "28 28"]:
    """An image of strokes, white on black: full ink inside, half at the edge, and all of it a little blurred.

    Args:
        strokes: where they lie, at most on the outermost pixels' centres.
        width: of a stroke, in pixels.

    Raises:
        ValueError: a stroke ends outside the canvas, or its width is not positive.
    """
    if width <= 0:
        raise ValueError(f"width={width:g}: expected more than 0 pixels")
    ink = np.zeros((CANVAS, CANVAS))
    for name, stroke in strokes.items():
        for row, column in stroke:
            if not (0 <= row <= CANVAS - 1 and 0 <= column <= CANVAS - 1):
                raise ValueError(
                    f"{name}: ends at row={row:.1f}, column={column:.1f}; "
                    f"expected both from 0 to {CANVAS - 1}, on the canvas"
                )
        ink = np.maximum(ink, np.clip(width / 2 + 0.5 - _distances(stroke), 0, 1))
    return np.rint(255 * np.clip(np.asarray(gaussian_filter(ink, BLUR)), 0, 1)).astype(np.uint8)


def _distances(stroke: Stroke) -> Float[np.ndarray, "28 28"]:
    """How far each pixel's centre is from a stroke."""
    start, along = np.array(stroke.start), np.subtract(stroke.stop, stroke.start)
    away = np.moveaxis(np.mgrid[:CANVAS, :CANVAS], 0, -1) - start
    length = float(along @ along)
    share = np.clip(away @ along / length, 0, 1) if length > 0 else np.zeros(away.shape[:2])
    return np.linalg.norm(away - share[..., None] * along, axis=-1)


def drawn(fours: Sequence[Four], strokes: Sequence[Strokes]) -> RawImages:
    """Images of strokes, each centred and as wide as its 4 says.

    Args:
        fours: one for each image.
        strokes: likewise.
    """
    return np.array(
        [draw(centred(four, each), width=four.width) for four, each in zip(fours, strokes, strict=True)]
    ).reshape(-1, CANVAS, CANVAS)


MOVES = ("bar at the foot", "bar at the top", "arm below the bar", "stem at the left")
"""How one part is moved to where it makes no 4, all parts kept."""


def with_a_part_moved(four: Four, move: str) -> Strokes:
    """The strokes of a 4, one of them elsewhere.

    Args:
        four: whose.
        move: one of `MOVES`.

    Raises:
        ValueError: there is no such move.
    """
    strokes = dict(four.strokes)
    if move == "bar at the foot":
        strokes["bar"] = replace(four, bar=four.foot).strokes["bar"]
    elif move == "bar at the top":
        strokes["bar"] = replace(four, bar=four.top).strokes["bar"]
    elif move == "arm below the bar":
        strokes["arm"] = Stroke((min(2 * four.bar - four.top, four.foot), four.arm), (four.bar, four.left))
    elif move == "stem at the left":
        strokes["stem"] = replace(four, stem=four.left).strokes["stem"]
    else:
        raise ValueError(f"move={move!r}: expected one of {', '.join(MOVES)}")
    return strokes


def _shorter_bar(four: Four, share: float) -> Strokes:
    """The bar retreats to its left end."""
    right = four.right + share * (four.left - four.right)
    return {**four.strokes, "bar": Stroke((four.bar, four.left), (four.bar, right))}


def _shorter_stem(four: Four, share: float) -> Strokes:
    """The stem retreats upwards to the bar."""
    foot = four.foot + share * (four.bar - four.foot)
    return {**four.strokes, "stem": Stroke((four.top, four.stem), (foot, four.stem))}


def _shorter_arm(four: Four, share: float) -> Strokes:
    """The arm retreats to the bar."""
    start, stop = four.strokes["arm"]
    begin = start[0] + share * (stop[0] - start[0]), start[1] + share * (stop[1] - start[1])
    return {**four.strokes, "arm": Stroke(begin, stop)}


def _lower_bar(four: Four, share: float) -> Strokes:
    """The bar moves from the top to the foot, without the arm's end."""
    return {
        **four.strokes,
        "bar": replace(four, bar=four.top + share * (four.foot - four.top)).strokes["bar"],
    }


def _narrower_top(four: Four, share: float) -> Strokes:
    """The arm's upper end moves to the stem's: the top closes."""
    return replace(four, arm=four.arm + share * (four.stem - four.arm)).strokes


def _stem_further_left(four: Four, share: float) -> Strokes:
    """The stem moves from the bar's right end to its left end."""
    other = replace(four, stem=four.right + share * (four.left - four.right))
    return {**four.strokes, "stem": other.strokes["stem"]}


CHANGES: Mapping[str, Callable[[Four, float], Strokes]] = {
    "bar shortened": _shorter_bar,
    "stem shortened": _shorter_stem,
    "arm shortened": _shorter_arm,
    "top closed": _narrower_top,
    "bar lowered": _lower_bar,
    "stem moved left": _stem_further_left,
}
"""How parameters run from one end to the other."""
