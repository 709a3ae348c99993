"""Reports on claims: numbers as text, records, counts, the Dataset of a picture."""

from dataclasses import replace

import numpy as np
import pytest
from test_verdicts import CLAIM, PART, judged

from cnnbook.claims import judge
from cnnbook.claims.accepted import Accepted
from cnnbook.claims.ranges import parse_range
from cnnbook.claims.report import as_dataset, claim_record, facts
from cnnbook.formatting import short_number

AWAITS = judge(replace(CLAIM, id="C02", awaits="more"), {}, is_sample=False)
REFUTED = Accepted(on="2026-11-26", made_by={}, verdicts={"C01": "refuted"}, values={})


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.41327, "0.413"), (18432.0, "18,432"), (-0.2, "−0.2"), (3.0, "3"), (0.00042, "0.00042"), (0.0, "0")],
)
def test_numbers_are_told_shortly(value, text):
    assert short_number(value) == text


def test_a_record_has_the_rule_the_numbers_and_the_verdict():
    found = claim_record(judged([1.9, 2.1] * 5, replace(CLAIM, parts=(replace(PART, null="0.2"),))))
    assert (found["id"], found["verdict"], found["chapter"]) == ("C01", "confirmed", "book/a")
    (part,) = found["parts"]
    assert (part["statistic"], part["holds"], part["state"]) == ("census.bits", "at least 1", "holds")
    assert part["text"] == "2 (1.92 to 2.08; 10 networks)"
    assert part["stays"] == (
        "holds for any range that contains 1.92 to 2.08; 30.0 standard errors from the nearest bound"
    )
    assert (part["null"], part["zones"]) == (0.2, {"holds": [[1.0, None]], "fails": [[None, 0.5]]})


def test_an_open_part_says_which_bounds_would_decide_it():
    (part,) = claim_record(judged([0.6, 0.8] * 5))["parts"]
    assert part["stays"].startswith("decided only by a bound outside 0.625 to 0.775; 6.0 standard errors")


def test_too_few_networks_are_told():
    (part,) = claim_record(judged([2.0] * 3))["parts"]
    assert (part["text"], part["stays"]) == ("2 (2 to 2; 3 networks)", "too few networks to decide")


def test_the_badge_is_the_accepted_verdict_where_this_copy_judges_nothing():
    sample = judged([2.0] * 10, is_sample=True)
    found = claim_record(sample, "d", [REFUTED])
    assert (found["verdict"], found["badge"], found["badge_from"]) == (
        "not conclusive",
        "refuted",
        "all of MNIST, 2026-11-26",
    )
    assert claim_record(sample)["badge"] == "not tested"
    assert claim_record(judged([2.0] * 10), "d", [REFUTED])["badge"] == "confirmed"


def test_every_accepted_verdict_stays_with_its_date_and_reason():
    later = replace(REFUTED, on="2026-11-30", verdicts={"C01": "confirmed"}, reasons={"C01": "A new rule."})
    assert claim_record(judged([2.0] * 10), "d", [REFUTED, later])["history"] == [
        {"on": "2026-11-26", "verdict": "refuted", "why": ""},
        {"on": "2026-11-30", "verdict": "confirmed", "why": "A new rule."},
    ]


def test_counts_of_verdicts_and_badges():
    records = {"C01": claim_record(judged([2.0] * 10)), "C02": claim_record(AWAITS)}
    found = facts(records)
    assert (found["count"], found["tested"], found["confirmed"], found["not_tested"]) == ("2", "1", "1", "1")
    assert (found["accepted_confirmed"], found["C02"]) == ("1", "not tested")


def test_a_picture_gets_values_bounds_and_codes_part_by_part():
    inside, outside = parse_range("between 1 and 3"), parse_range("outside 1 and 3")
    two_sided = replace(PART, holds=inside, fails=outside)
    both = [judged([2.0] * 10, replace(CLAIM, parts=(PART, two_sided))), AWAITS]
    found = as_dataset([claim_record(one) for one in both])
    assert found.claim.values.tolist() == ["C01", "C01", "C02"]
    assert found.badge.values.tolist() == [0, 0, 5]
    assert found.state.values.tolist() == [0, 0, 3]
    assert found.holds_low.values.tolist() == [1, 1, 1]
    assert found.holds_high.values.tolist() == [np.inf, 3, np.inf]
    assert (found.fails_low.values[1], found.fails_high.values[1]) == (3, 1)
    assert np.isnan(found.value.values[2])
