"""The sentence that answers a chapter's question is chosen by verdicts."""

import pytest

from cnnbook.book_ext.answers import combined_verdict, parse_answers


@pytest.mark.parametrize(
    ("verdicts", "together"),
    [
        (["confirmed"], "confirmed"),
        (["refuted", "refuted"], "refuted"),
        (["confirmed", "refuted"], "mixed"),
        (["confirmed", "mixed"], "mixed"),
        (["confirmed", "undecided"], "undecided"),
        (["refuted", "not tested"], "undecided"),
        (["not conclusive"], "undecided"),
        ([], "undecided"),
    ],
)
def test_several_claims_decide_together(verdicts, together):
    assert combined_verdict(verdicts) == together


def test_each_verdict_has_its_sentence_which_may_run_over_lines():
    lines = ["confirmed: Yes:", "all of them.", "refuted: No.", "mixed: In part.", "undecided: Unknown."]
    assert parse_answers(lines) == {
        "confirmed": "Yes: all of them.",
        "refuted": "No.",
        "mixed": "In part.",
        "undecided": "Unknown.",
    }


def test_a_verdict_without_a_sentence_is_named():
    with pytest.raises(ValueError, match="no sentence for mixed, undecided; expected a line 'mixed: …'"):
        parse_answers(["confirmed: Yes.", "refuted: No."])
