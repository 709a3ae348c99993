"""Numbers as text, as pages and figures show them."""

import math
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
