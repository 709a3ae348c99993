"""Ranges in words: what they hold, and what is refused."""

import pytest

from cnnbook.claims.ranges import may_meet, parse_range


@pytest.mark.parametrize(
    ("words", "inside", "outside"),
    [
        ("at least 0.5", [0.5, 7], [0.49]),
        ("above 0.5", [0.51], [0.5, 0]),
        ("at most -1", [-1, -3], [0]),
        ("below 2", [1.9], [2, 3]),
        ("between 65 and 85", [65, 70, 85], [64.9, 85.1]),
        ("outside 65 and 85", [64.9, 85.1], [65, 85]),
    ],
)
def test_a_range_holds_what_its_words_say(words, inside, outside):
    found = parse_range(words)
    assert all(found.holds(value) for value in inside)
    assert not any(found.holds(value) for value in outside)


def test_all_of_an_interval_must_lie_inside():
    assert parse_range("at least 1").holds_all(1, 2)
    assert not parse_range("at least 1").holds_all(0.9, 2)
    assert parse_range("outside 65 and 85").holds_all(86, 90)
    assert not parse_range("outside 65 and 85").holds_all(60, 90)


@pytest.mark.parametrize("words", ["more than 3", "at least", "between 3 and 1", "0.5", "at least 1 or so"])
def test_other_words_are_refused(words):
    with pytest.raises(ValueError, match=r"expected 'at least 0\.5', 'above 0\.5'"):
        parse_range(words)


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        ("at least 1", "below 1", False),
        ("at least 1", "at most 1", True),
        ("above 1", "at most 1", False),
        ("between 1 and 3", "outside 1 and 3", False),
        ("between 1 and 3", "outside 2 and 4", True),
        ("at least 1", "below 2", True),
    ],
)
def test_ranges_that_share_values_are_found(first, second, meet):
    assert may_meet(parse_range(first), parse_range(second)) is meet
