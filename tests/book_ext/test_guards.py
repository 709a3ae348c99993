"""Guarded words: what a number decides on a page, and what is said when it decides otherwise."""

import pytest

from cnnbook.book_ext.guards import Guard, describe_failure, parse_guard

STATISTICS = {"codes.gain": 0.03, "codes.null": 0.05}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("codes.gain > 0.02", True),
        ("codes.gain > 0.03", False),
        ("codes.gain >= 0.03", True),
        ("codes.gain < 0.03", False),
        ("codes.gain <= 0.03", True),
        ("codes.gain > codes.null", False),
        ("0.04 < codes.null", True),
        ("codes.gain>-1e-3", True),
    ],
)
def test_a_condition_compares_statistics_with_numbers_and_with_one_another(condition, holds):
    assert parse_guard(f"{condition} | more | as many").holds(STATISTICS) is holds


def test_words_may_run_over_lines():
    guard = parse_guard("codes.gain\n> 0.02 | many\nmore | not\nclearly more")
    assert guard == Guard("codes.gain", ">", "0.02", "many more", "not clearly more")


@pytest.mark.parametrize(
    "text",
    ["codes.gain > 1 | more", "codes.gain = 1 | a | b", "codes.gain | a | b", "codes.gain > 1 | a | ", ""],
)
def test_what_is_no_guard_is_answered_with_the_form(text):
    with pytest.raises(ValueError, match=r"expected 'experiment.statistic > 0.02 \| words if so \| neutral"):
        parse_guard(text)


def test_an_unknown_statistic_is_answered_with_what_is_near():
    with pytest.raises(ValueError, match=r"no statistic 'codes.gains'; did you mean codes.gain"):
        parse_guard("codes.gains > 1 | a | b").holds(STATISTICS)


def test_a_false_sentence_is_named_with_its_numbers_and_what_to_do():
    guard = parse_guard("codes.gain > codes.null | much more | not more")
    assert describe_failure(guard, STATISTICS) == (
        "“much more” is false: codes.gain > codes.null does not hold (codes.gain = 0.03, codes.null = 0.05); "
        "rewrite the sentence, or use its neutral words: not more"
    )
