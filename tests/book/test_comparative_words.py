"""A comparative word of a chapter is computed, guarded by a number, or listed with a reason."""

import re
from pathlib import Path

import pytest
import yaml
from chapters import CHAPTERS, COMMENT_OR_CODE

WORDS = re.compile(
    r"\b(?:more|(?<!at )most|less|fewer|hardly|nearly|almost|barely|(?<!how )(?<!so )(?<!as )far(?! as)"
    r"|best|worst|better|worse|strongest|stronger|weakest|weaker|mostly|mainly|rarely|seldom|easily|clearly"
    r"|surprisingly)\b",
    re.IGNORECASE,
)
"""Words by which a sentence compares, or says how much."""

ROLE = re.compile(r"\{(?:value|guarded)\}`[^`]*`")
"""What is computed, or shown only while a number allows it."""

OTHER = re.compile(r"\{\w+\}`[^`]*`|`[^`]*`|\]\([^)]*\)|\{[\w.]+\}|^:::\{citable-figure\}.*$", re.MULTILINE)
"""What holds no prose: other roles, code, targets of links, numbers in alt texts, names of figures."""

ANSWER = re.compile(r"^:::\{answer\}.*?^:::$", re.MULTILINE | re.DOTALL)
"""Sentences of which verdicts choose one."""

LISTED = yaml.safe_load((Path(__file__).parent / "comparative_words.yaml").read_text(encoding="utf-8"))


def prose_of(text: str) -> str:
    """A chapter without front matter, code, and all that is computed.

    Args:
        text: the chapter's source.
    """
    body = text.split("---\n", 2)[-1] if text.startswith("---\n") else text
    return OTHER.sub(" ", ROLE.sub(" … ", ANSWER.sub("", COMMENT_OR_CODE.sub("", body))))


def unguarded(text: str, allowed: list[str]) -> list[str]:
    """Sentences of a chapter with a comparative word that is neither computed nor listed.

    Args:
        text: the chapter's source.
        allowed: fragments of sentences that may stand.
    """
    sentences = (" ".join(each.split()) for each in re.split(r"(?<=[.?!:;])\s+|\n\n", prose_of(text)))
    return [
        each for each in sentences if WORDS.search(each) and not any(fragment in each for fragment in allowed)
    ]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_comparative_word_is_computed_or_listed_with_its_reason(path: Path) -> None:
    found = unguarded(path.read_text(encoding="utf-8"), list(LISTED["pages"].get(path.stem, ())))
    assert found == [], "compute or guard the word, or list it in tests/book/comparative_words.yaml"


@pytest.mark.parametrize("page", LISTED["pages"])
def test_a_listed_word_stands_on_a_page_and_has_a_reason_that_is_written_down(page: str) -> None:
    assert page in {path.stem for path in CHAPTERS}
    assert set(LISTED["pages"][page].values()) <= set(LISTED["reasons"])


@pytest.mark.parametrize(
    "sentence",
    [
        "Trained maps show more of it.",
        "Hardly any map is silent.",
        "Conv_3 is better, by {value}`heads.gain`.",
        "| most | {value}`bench.memory` |",
    ],
)
def test_the_check_finds_a_word_that_somebody_typed(sentence: str) -> None:
    (found,) = unguarded(f"---\na: b\n---\n{sentence}", [])
    assert found.split()[:2] == sentence.split()[:2]


@pytest.mark.parametrize(
    "sentence",
    [
        "Trained maps show {value}`kernels.more_or_less` of it.",
        "It is {guarded}`codes.silence_gain > 0.02 | more important | measured`.",
        "It takes at most ten steps, as far as is known: see [there](best.md).",
        "```python\nbest = max(values)\n```",
    ],
)
def test_the_check_lets_computed_words_and_code_pass(sentence: str) -> None:
    assert unguarded(sentence, []) == []


def test_a_listed_fragment_excuses_its_sentence_alone() -> None:
    text = "Better networks pool late, it says. Ours are better."
    assert unguarded(text, ["Better networks pool late"]) == ["Ours are better."]
