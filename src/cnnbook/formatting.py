"""Numbers and names as text, as pages, figures and messages show them."""

import difflib
import math
from collections.abc import Iterable, Sequence
from typing import SupportsFloat


def format_number(value: SupportsFloat, form: str = ".2f") -> str:
    """A number with a true minus sign, never a minus before zero; "–" for what is not a number.

    Args:
        value: any number.
        form: Python's format specification, such as ".2f", "+.1f" or ".0e".
    """
    number = float(value)
    if math.isnan(number):
        return "–"
    sign, digits = ("+", form[1:]) if form.startswith("+") else ("", form)
    return format(number, f"{sign}z{digits}").replace("-", "−")


def short_number(value: float) -> str:
    """A number with three significant digits or, if it is large, all before the point.

    Args:
        value: any number.
    """
    text = format_number(value, ",.0f" if abs(value) >= 100 or value == round(value) else ".3g")
    return format_number(value, ".4f").rstrip("0").rstrip(".") if "e" in text else text


def listed(names: Sequence[str], *, none: str = "none") -> str:
    """Names as a phrase: "Conv_1, Pool_1 and Conv_2".

    Args:
        names: in their order.
        none: what stands for no name.
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or none


def suggestion(name: str, known: Iterable[str], *, count: int = 3) -> str:
    """The end of a message about an unknown name: "; did you mean fig-rain?"; "" where none is alike.

    Args:
        name: that is unknown.
        known: all names that there are.
        count: how many are suggested at most.
    """
    alike = difflib.get_close_matches(name, list(known), n=count, cutoff=0.5)
    return f"; did you mean {', '.join(alike)}?" if alike else ""
