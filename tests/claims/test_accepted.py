"""Accepted verdicts: kept by date, with reasons, and with the definition that each was found by."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from test_verdicts import CLAIM, judged

from cnnbook.claims.accepted import (
    JUDGE,
    Accepted,
    accept,
    current_verdict,
    flips,
    read_accepted,
    undeclared_changes,
)
from cnnbook.claims.ledger import Change

DEFINITIONS = {"C01": "aaaaaaaa-bbbbbbbb-cccccccc", JUDGE: "11111111-22222222"}
GOOD, BAD = [2.0] * 10, [0.1] * 10


@pytest.fixture
def root(tmp_path):
    (tmp_path / "seeds").mkdir()
    return tmp_path


def accepted(values=GOOD, *, root: Path, claim=CLAIM, why=""):
    found = [judged(values, claim)]
    accept(root, found, definitions=DEFINITIONS, made_by={"profile": "book"}, why=why)
    return read_accepted(root)


def test_what_is_accepted_comes_back_behind_what_was_accepted_before(root):
    (first,) = accepted(root=root)
    assert (first.on, first.made_by) == (date.today().isoformat(), {"profile": "book"})
    assert (first.verdicts, first.values) == ({"C01": "confirmed"}, {"census.bits": 2.0})
    assert first.definitions == DEFINITIONS
    both = accepted(BAD, root=root, why="New networks.")
    assert [each.verdicts["C01"] for each in both] == ["confirmed", "refuted"]
    assert both[1].reasons == {"C01": "New networks."}


def test_a_flip_needs_a_reason_which_the_ledger_may_give(root):
    accepted(root=root)
    with pytest.raises(ValueError, match=r"C01 is refuted and was confirmed, and nothing says why: give"):
        accepted(BAD, root=root)
    changed = replace(CLAIM, changed=(Change(on="2999-01-01", was="x", why="It decided nothing."),))
    assert accepted(BAD, root=root, claim=changed)[1].reasons == {"C01": "It decided nothing."}


def test_verdicts_of_the_sample_are_not_accepted(tmp_path):
    with pytest.raises(ValueError, match="come from the sample: nothing is accepted"):
        accept(tmp_path, [judged(GOOD, is_sample=True)], definitions={}, made_by={})
    assert not (tmp_path / "seeds").exists()


def test_a_damaged_file_of_verdicts_is_named(root):
    (root / "seeds" / "verdicts.yaml").write_text("accepted: [{verdicts: {}}]\n")
    with pytest.raises(ValueError, match=r"verdicts.yaml, entry 1: expected definitions, made_by"):
        read_accepted(root)


def test_a_flip_is_told_but_not_on_the_sample(root):
    before = accepted(root=root)
    assert flips([judged(GOOD)], before) == ()
    assert flips([judged(BAD)], before) == ("C01 is refuted; seeds/verdicts.yaml says confirmed",)
    assert flips([judged(BAD, is_sample=True)], before) == ()
    assert flips([judged(BAD)], ()) == ()


@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        ("aaaaaaa0-bbbbbbbb-cccccccc", "rule"),
        ("aaaaaaaa-bbbbbbb0-cccccccc", "config"),
        ("aaaaaaaa-bbbbbbbb-ccccccc0", "source"),
        ("aaaaaaaa-bbbbbbb0-ccccccc0", "config and source"),
    ],
)
def test_a_definition_that_nobody_declared_is_named_with_what_to_do(root, now, kinds):
    before = accepted(root=root)
    assert undeclared_changes([CLAIM], (), DEFINITIONS, before) == ()
    (line,) = undeclared_changes([CLAIM], (), DEFINITIONS | {"C01": now}, before)
    assert line.startswith(f"seeds/claims.yaml: claim C01: its {kinds} differs from what its verdict was")
    assert f"definition: {now}, was: …, why: …, seen: …" in line


def test_a_declared_definition_passes_until_it_changes_again(root):
    before, now = accepted(root=root), "aaaaaaa0-bbbbbbbb-cccccccc"
    change = Change(on="2026-12-01", was="x", why="y", definition=now)
    claim = replace(CLAIM, changed=(change,))
    assert undeclared_changes([claim], (), DEFINITIONS | {"C01": now}, before) == ()
    assert len(undeclared_changes([claim], (), DEFINITIONS | {"C01": "aaaaaaa9-b-c"}, before)) == 1


def test_a_claim_that_waited_for_its_experiment_has_no_definition_to_defend(root):
    (first,) = accepted(root=root)
    waiting = replace(first, verdicts={"C01": "not tested"})
    assert undeclared_changes([CLAIM], (), DEFINITIONS | {"C01": "x-y-z"}, [waiting]) == ()
    assert len(undeclared_changes([CLAIM], (), DEFINITIONS | {"C01": "x-y-z"}, [first])) == 1


def test_the_judge_is_defended_too(root):
    before = accepted(root=root)
    (line,) = undeclared_changes([CLAIM], (), DEFINITIONS | {JUDGE: "other"}, before)
    assert line.startswith("seeds/claims.yaml: the judge: its ")


def test_a_verdict_counts_until_the_definition_changes(root):
    before = accepted(root=root)
    assert current_verdict(CLAIM, DEFINITIONS["C01"], before) == "confirmed"
    assert current_verdict(CLAIM, "another", before) == ""
    assert current_verdict(CLAIM, "another", ()) == ""


def test_a_verdict_stays_where_its_definition_was_written_anew_and_decides_the_same(root):
    """An entry without verdicts has the definition in another form; with it the old verdict counts."""
    (first,) = accepted(root=root)
    before = (first, replace(first, verdicts={}, values={}, definitions={"C01": "r-c-s2"}))
    assert current_verdict(CLAIM, "r-c-s2", before) == "confirmed"
    assert current_verdict(CLAIM, DEFINITIONS["C01"], before) == ""


def test_of_verdicts_without_definitions_the_dates_of_changes_decide():
    old = Accepted(on="2026-11-26", made_by={}, verdicts={"C01": "refuted"}, values={})
    earlier = replace(CLAIM, changed=(Change(on="2026-11-25", was="x", why="y"),))
    later = replace(CLAIM, changed=(Change(on="2026-11-26", was="x", why="y"),))
    assert current_verdict(earlier, "any", [old]) == "refuted"
    assert current_verdict(later, "any", [old]) == ""
