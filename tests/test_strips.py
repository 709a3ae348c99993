"""Where numbers lie on a claim's strip."""

import math

from cnnbook.strips import strip_axis, strip_places


def test_finite_numbers_have_a_margin_and_infinite_ones_lie_at_the_ends():
    """0 to 1 with 0.15 at both sides: 0.5 is the middle, and 0 lies at 0.15 / 1.3."""
    axis = strip_axis([0.0, 1.0, math.inf, math.nan])
    assert (axis(math.inf), axis(-math.inf)) == (1.0, 0.0)
    assert round(axis(0.5), 4) == 0.5
    assert round(axis(0.0), 4) == 0.1154


def test_a_single_number_lies_in_the_middle():
    assert strip_axis([4.0])(4.0) == 0.5
    assert strip_axis([0.0])(0.0) == 0.5


def test_places_of_a_part_are_percent_and_what_is_not_known_is_none():
    zones = {"holds": [[1, None]], "fails": [[None, 0]]}
    part = {"zones": zones, "value": 0.5, "low": 0, "high": 1, "null": None}
    assert strip_places(part) == {
        "holds": [(88.5, 100.0)],
        "fails": [(0.0, 11.5)],
        "bar": (11.5, 88.5),
        "value": 50.0,
        "null": None,
    }
    nothing = part | dict.fromkeys(("value", "low", "high"))
    assert strip_places(nothing)["bar"] is None
