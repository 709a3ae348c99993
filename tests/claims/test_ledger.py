"""The ledger: the book's own, and every way in which one can be wrong."""

import pytest
import yaml

from cnnbook.claims import claim_named, read_judge_changes, read_ledger
from cnnbook.experiments import find_experiments
from helpers import BOOK

PART = {"statistic": "census.bits", "says": "bits", "holds": "at least 1", "fails": "below 1", "null": 0}
CLAIM = {"id": "C01", "section": "Objectives", "claim": "Something.", "parts": [PART]}


def ledger_of(folder, *claims):
    (folder / "seeds").mkdir()
    (folder / "seeds" / "claims.yaml").write_text(yaml.safe_dump({"claims": list(claims)}))
    return read_ledger(folder)


def test_the_book_has_57_claims_50_of_the_article_and_7_of_its_series():
    ids = [claim.id for claim in read_ledger(BOOK)]
    assert ids == [*(f"C{n:02d}" for n in range(1, 51)), *(f"S{n}" for n in range(1, 8))]


def test_every_claim_that_awaits_nothing_names_experiments_chapter_and_figure_of_the_book():
    registered = {entry["id"] for entry in yaml.safe_load((BOOK / "book" / "figures.yaml").read_text())}
    for claim in read_ledger(BOOK):
        if not claim.awaits:
            assert {part.experiment for part in claim.parts} <= set(find_experiments()), claim.id
            assert (BOOK / f"{claim.chapter}.md").is_file(), claim.id
            assert claim.figure in registered, claim.id
            assert claim.figure in (BOOK / f"{claim.chapter}.md").read_text(), claim.id


def test_every_claim_about_activations_is_tested():
    tested = {claim.id for claim in read_ledger(BOOK) if not claim.awaits}
    assert tested >= {f"C{n:02d}" for n in range(1, 37)} - {"C06"} | {"C49"}


def test_a_book_without_a_ledger_has_no_claims(tmp_path):
    assert read_ledger(tmp_path) == ()


def test_a_claim_is_found_in_capitals_or_not():
    assert claim_named(read_ledger(BOOK), "c26").id == "C26"


def test_an_unknown_claim_is_answered_with_what_there_is():
    with pytest.raises(ValueError, match=r"claim='C99': no such claim; there are C01 to S7; did you mean C"):
        claim_named(read_ledger(BOOK), "C99")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"section": None}, r"claim C01: no section"),
        ({"verdict": "true"}, r"claim C01: 'verdict' is no field; expected awaits, changed, chapter"),
        (
            {"parts": [{name: PART[name] for name in PART if name != "null"}]},
            r"claim C01, part 1: no null; say what census.bits would be if there were nothing to the claim",
        ),
        (
            {"parts": [PART | {"null": "nothing"}]},
            r"part 1: null='nothing', expected a number, a statistic, or",
        ),
        ({"changed": [{"was": "x", "why": "y"}]}, r"claim C01, change 1: no on"),
        ({"changed": [{"on": "2026-11-30", "was": "x"}]}, r"claim C01, change 1: no why"),
        ({"changed": [{"on": "soon", "was": "x", "why": "y"}]}, r"on='soon', expected a date such as 2026"),
        (
            {"changed": [{"on": "2026-11-30", "was": "x", "why": " "}]},
            r"claim C01, change 1: why is empty; say what was before, and why it was changed",
        ),
        ({"parts": []}, r"claim C01: parts=\[\], expected a list of at least one"),
        (
            {"parts": [PART | {"statistic": "bits"}]},
            r"part 1: statistic='bits', expected 'experiment.variable'",
        ),
        ({"parts": [PART | {"holds": "often"}]}, r"part 1: 'often': expected 'at least 0.5'"),
        (
            {"parts": [PART | {"fails": "below 2"}]},
            r"and fails='below 2' have values in common",
        ),
        ({"parts": ["bits"]}, r"part 1: 'bits', expected fields with names"),
    ],
)
def test_a_claim_that_is_wrong_is_named_with_its_fault(tmp_path, change, message):
    wrong = {key: value for key, value in (CLAIM | change).items() if value is not None}
    with pytest.raises(ValueError, match=message):
        ledger_of(tmp_path, wrong)


def test_an_id_that_comes_twice_is_refused(tmp_path):
    with pytest.raises(ValueError, match="claim C01: its id comes twice"):
        ledger_of(tmp_path, CLAIM, CLAIM)


def test_a_file_without_claims_is_refused(tmp_path):
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "claims.yaml").write_text("some: text\n")
    with pytest.raises(ValueError, match="expected a list called 'claims'"):
        read_ledger(tmp_path)


def test_each_claim_is_of_one_level(tmp_path):
    (tmp_path / "seeds").mkdir()
    path = tmp_path / "seeds" / "claims.yaml"
    path.write_text(yaml.safe_dump({"levels": {"use": ["C01"]}, "claims": [CLAIM]}))
    assert read_ledger(tmp_path)[0].level == "use"
    for levels in ({"use": ["C02"]}, {"use": ["C01"], "display": ["C01"]}, {"looks": ["C01"]}):
        path.write_text(yaml.safe_dump({"levels": levels, "claims": [CLAIM]}))
        with pytest.raises(ValueError, match=r"claim C01: its levels are \[.*\]; expected it under one of"):
            read_ledger(tmp_path)


def test_changes_of_the_judge_are_read_like_those_of_claims(tmp_path):
    (tmp_path / "seeds").mkdir()
    path = tmp_path / "seeds" / "claims.yaml"
    change = {"on": "2026-12-01", "was": "a", "why": "b", "definition": "c-d"}
    path.write_text(yaml.safe_dump({"judge_changed": [change], "claims": [CLAIM]}))
    assert [each.definition for each in read_judge_changes(tmp_path)] == ["c-d"]
    path.write_text(yaml.safe_dump({"judge_changed": [{"on": "2026-12-01"}], "claims": [CLAIM]}))
    with pytest.raises(ValueError, match=r"judge_changed, entry 1: no was"):
        read_judge_changes(tmp_path)


def test_null_and_on_need_no_quotes_though_yaml_reads_them_otherwise(tmp_path):
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "claims.yaml").write_text(
        "claims:\n"
        "  - id: C01\n    section: a\n    claim: b\n"
        "    changed: [{on: 2026-12-01, was: c, why: d}]\n"
        "    parts: [{statistic: a.b, says: x, holds: at least 1, fails: below 0, null: 0.5}]\n"
    )
    (claim,) = read_ledger(tmp_path)
    assert (claim.parts[0].null, claim.changed[0].on) == ("0.5", "2026-12-01")
