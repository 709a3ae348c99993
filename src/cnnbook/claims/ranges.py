"""The values for which a part of a claim holds or fails, in the ledger's words."""

import math
import re
from dataclasses import dataclass

NUMBER = r"(-?\d+(?:\.\d+)?)"
"""A number as the ledger writes it."""

_ONE_SIDED = re.compile(rf"(at least|above|at most|below) {NUMBER}")
_TWO_SIDED = re.compile(rf"(between|outside) {NUMBER} and {NUMBER}")


@dataclass(frozen=True)
class Range:
    """The values for which a part of a claim holds or fails.

    Attributes:
        words: as the ledger says it, such as "between 65 and 85".
        low: its lower end, or that of the gap for "outside".
        high: its upper end, or that of the gap.
        ends: whether the ends belong to it.
        outside: whether it is all that lies outside the two ends.
    """

    words: str
    low: float
    high: float
    ends: bool
    outside: bool = False

    def holds(self, value: float) -> bool:
        """Whether a value belongs to it."""
        if self.outside:
            return value < self.low or value > self.high
        if self.ends:
            return self.low <= value <= self.high
        return self.low < value < self.high

    def holds_all(self, low: float, high: float) -> bool:
        """Whether every value of an interval belongs to it.

        Args:
            low: lower end of the interval.
            high: upper end.
        """
        both = self.holds(low) and self.holds(high)
        return both and not (self.outside and low < self.low and high > self.high)


def parse_range(words: str) -> Range:
    """A range from its words.

    Raises:
        ValueError: they are not of a form that the ledger knows.
    """
    text = " ".join(str(words).split())
    if match := _ONE_SIDED.fullmatch(text):
        value, word = float(match[2]), match[1]
        low, high = (value, math.inf) if word in ("at least", "above") else (-math.inf, value)
        return Range(text, low, high, ends=word.startswith("at "))
    if (match := _TWO_SIDED.fullmatch(text)) and float(match[2]) <= float(match[3]):
        return Range(text, float(match[2]), float(match[3]), ends=True, outside=match[1] == "outside")
    raise ValueError(
        f"{words!r}: expected 'at least 0.5', 'above 0.5', 'at most 0.5', 'below 0.5', 'between 1 and 2' or "
        "'outside 1 and 2'"
    )


def may_meet(first: Range, second: Range) -> bool:
    """Whether some value may belong to both ranges; looked for at their ends, beside and between them.

    Args:
        first: one range.
        second: the other.
    """
    ends = [end for one in (first, second) for end in (one.low, one.high) if math.isfinite(end)]
    candidates = [end + step for end in ends for step in (-1e-9, 0.0, 1e-9)]
    candidates += [(a + b) / 2 for a in ends for b in ends]
    return any(first.holds(value) and second.holds(value) for value in candidates)
