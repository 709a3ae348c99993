"""`cnnbook claims`: the list, one claim explained, JSON, and what is refused."""

import datetime
import json

import pytest

from cnnbook import claims, workspace
from cnnbook.claims.accepted import JUDGE, read_accepted
from cnnbook.claims.ranges import parse_range
from cnnbook.claims.report import claim_record
from cnnbook.cli import main
from cnnbook.config.profiles import PROFILES
from cnnbook.publishing import book as publishing_book

PART = claims.Part(
    experiment="census", statistic="bits", says="bits", holds=parse_range("at least 1"),
    fails=parse_range("below 1"),
)  # fmt: skip
LEDGER = tuple(
    claims.Claim(id=name, section="Objectives", claim=f"Claim {name}.", parts=(PART,), awaits="a count")
    for name in ("C01", "C02")
)


BOOK = publishing_book.BookMetadata(
    title="Notes",
    subtitle="",
    version="1.0",
    authors=[{"given": "Ada", "family": "Lovelace"}],
    released=datetime.date(1843, 7, 10),
    licences={"text": {"name": "CC BY 4.0"}},
    copyright="",
    abstract="",
    keywords=(),
    site_url="https://example.org/notes",
)


class FakeBook:
    """A book whose verdicts are known."""

    judged = tuple(claims.judge(claim, {}, is_sample=False) for claim in LEDGER)

    def judge(self, ids):
        return tuple(one for one in self.judged if not ids or one.claim.id in ids)

    def __init__(self):
        self.claims = {one.claim.id: claim_record(one) for one in self.judged}
        self.definitions = {"C01": "a-b-c", "C02": "d-e-f", JUDGE: "g-h"}

    profile, is_sample = PROFILES["book"], False

    build_info = dict.fromkeys(("profile", "nets", "data", "data_digest", "machine"), "x")


@pytest.fixture(autouse=True)
def book(monkeypatch, tmp_path):
    monkeypatch.setattr(workspace, "book_root", lambda: tmp_path)
    monkeypatch.setattr(workspace, "open_book", lambda **named: FakeBook())
    monkeypatch.setattr(claims, "read_ledger", lambda root: LEDGER)
    monkeypatch.setattr(publishing_book, "read_book", lambda root, edition: BOOK)
    (tmp_path / "seeds").mkdir()
    return tmp_path


def test_all_claims_are_listed_with_their_verdicts_and_counts(capsys):
    assert main(["claims"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["C01  not tested      Claim C01.", "C02  not tested      Claim C02.", "2 not tested"]


def test_one_claim_is_explained(capsys):
    assert main(["claims", "c02"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("C02: Claim C02.\n  in the article: Objectives\n")
    assert "census.bits = not measured\n    holds at least 1, fails below 1\n" in out
    assert "verdict: not tested" in out
    assert out.endswith(
        "  cite: Ada Lovelace, “Claim C02”, claim C02 (not tested) in Notes, version 1.0, 1843, CC BY 4.0, "
        "https://example.org/notes/book/claims.html#claim-c02.\n"
    )


def test_json_is_a_list_or_one_object_and_nothing_else(capsys):
    assert main(["claims", "--json"]) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == ["C01", "C02"]
    assert main(["claims", "C01", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parts"][0]["holds"] == "at least 1"


def test_an_unknown_claim_ends_in_one_line(capsys):
    assert main(["claims", "C7"]) == 1
    assert capsys.readouterr().err.startswith("cnnbook: claim='C7': no such claim; there are C01 to C02")


def test_one_claim_alone_can_be_accepted_with_its_definition_and_the_judges(book, capsys):
    assert main(["claims", "C01", "--accept"]) == 0
    assert capsys.readouterr().out == f"{book}/seeds/verdicts.yaml: 1 verdicts\n"
    (entry,) = read_accepted(book)
    assert entry.verdicts == {"C01": "not tested"}
    assert entry.definitions == {"C01": "a-b-c", JUDGE: "g-h"}


def test_accepted_verdicts_are_written(book, capsys):
    assert main(["claims", "--accept"]) == 0
    assert capsys.readouterr().out == f"{book}/seeds/verdicts.yaml: 2 verdicts\n"
    (entry,) = read_accepted(book)
    assert entry.verdicts == {"C01": "not tested", "C02": "not tested"}
    assert entry.definitions["C02"] == "d-e-f"


def test_definitions_are_printed_for_those_who_declare_a_change(capsys):
    assert main(["claims", "--definitions"]) == 0
    assert capsys.readouterr().out.splitlines() == ["C01: a-b-c", "C02: d-e-f", "the judge: g-h"]
    assert main(["claims", "C02", "--definitions"]) == 0
    assert capsys.readouterr().out == "C02: d-e-f\n"
