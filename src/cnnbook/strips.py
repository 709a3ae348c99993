"""Where numbers lie on a strip: a short axis that shows an interval between the bounds of a rule."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any


def strip_axis(numbers: Iterable[float]) -> Callable[[float], float]:
    """A function from numbers to places on a strip from 0 to 1.

    The finite numbers get a margin at both sides; infinite ones lie at the ends.

    Args:
        numbers: all that the strip must show; those that are not numbers do not count.
    """
    finite = [number for number in numbers if math.isfinite(number)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    margin = 0.15 * (high - low) or abs(high) / 2 or 1.0
    low, high = low - margin, high + margin
    return lambda number: min(max((number - low) / (high - low), 0.0), 1.0)


def strip_places(part: Mapping[str, Any]) -> dict[str, Any]:
    """What a strip shows of a claim's part, in percent of its width.

    Args:
        part: its `zones`, `value`, `low`, `high` and `null`: see `cnnbook.claims.report.claim_record`.

    Returns:
        "holds" and "fails" with the ends of their zones; "bar", the ends of the interval, "value" and
        "null", each None where it is not known.
    """
    names = ("value", "low", "high", "null")
    numbers = {name: part[name] for name in names if part[name] is not None}
    ends = [end for zones in part["zones"].values() for zone in zones for end in zone if end is not None]
    axis = strip_axis([*numbers.values(), *ends])

    def percent(number: float) -> float:
        return round(100 * axis(number), 1)

    zones = {
        side: [
            (percent(-math.inf if low is None else low), percent(math.inf if high is None else high))
            for low, high in zones
        ]
        for side, zones in part["zones"].items()
    }
    found = {name: percent(numbers[name]) if name in numbers else None for name in names}
    bar = (found["low"], found["high"]) if "value" in numbers else None
    return zones | {"bar": bar, "value": found["value"], "null": found["null"]}
