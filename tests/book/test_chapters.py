"""What a chapter may and may not hold, read from its source."""

import ast
import re
from pathlib import Path

import pytest
import yaml
from chapters import CELL, CHAPTERS, FENCED, FIGURE
from pybtex.database import parse_file
from wholebook import ROOT

CELLS = [
    pytest.param(code, id=f"{path.stem}-{number}")
    for path in CHAPTERS
    for number, code in enumerate(CELL.findall(path.read_text()), start=1)
]


def _code(text: str) -> str:
    """A cell without its tags."""
    return "\n".join(line for line in text.splitlines() if not line.startswith(":tags:")).strip()


@pytest.mark.parametrize("text", CELLS)
def test_a_cell_has_at_most_eight_short_lines(text: str) -> None:
    lines = [line for line in _code(text).splitlines() if line.strip()]
    assert len(lines) <= 8
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("text", CELLS)
def test_a_cell_imports_calls_and_shows_and_defines_nothing(text: str) -> None:
    tree = ast.parse(_code(text))
    forbidden = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If)
    assert not [node for node in ast.walk(tree) if isinstance(node, forbidden)]
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert all(module.startswith("cnnbook") for module in modules)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]


@pytest.mark.parametrize("text", CELLS)
def test_a_cell_holds_no_number_that_somebody_chose(text: str) -> None:
    constants = [node.value for node in ast.walk(ast.parse(_code(text))) if isinstance(node, ast.Constant)]
    assert not [value for value in constants if isinstance(value, int | float)]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_prose_types_no_result(path: Path) -> None:
    prose = FENCED.sub("", path.read_text().split("---", 2)[-1])
    assert not re.findall(r"\d+\.\d+|\d+ ?%", prose), "use {value}`experiment.fact`"


def test_every_figure_is_published_in_one_chapter_and_shown_there() -> None:
    shown: list[str] = []
    for path in CHAPTERS:
        published = re.findall(r'book\.publish\(\s*"(fig-[^"]+)"', path.read_text())
        assert sorted(published) == sorted(FIGURE.findall(path.read_text())), path.name
        shown += published
    assert len(shown) == len(set(shown)) >= 17


def test_every_chapter_opens_with_a_claim_and_ends_with_what_remains() -> None:
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"]
    for chapter in next(part["chapters"] for part in parts if part.get("numbered")):
        text = (ROOT / f"{chapter['file']}.md").read_text()
        places = [
            text.find(word)
            for word in ("**The claim.**", "**What would decide it.**", "## The verdict", "**What remains.**")
        ]
        assert -1 not in places, chapter
        assert places == sorted(places)


TABLE_ROW = re.compile(r"^\|.*\|$\n?", re.MULTILINE)


def test_no_sentence_of_a_chapter_is_long() -> None:
    for path in CHAPTERS:
        prose = TABLE_ROW.sub("", FENCED.sub("", path.read_text().split("---", 2)[-1]))
        prose = re.sub(r"^#.*$", "", prose, flags=re.MULTILINE)  # a heading ends without a full stop
        for sentence in re.split(r"(?<=[.?!:])\s+", prose):
            assert len(sentence.split()) <= 50, f"{path.name}: {sentence}"


COMPARING = re.compile(
    r"\b(gains?|loses|falls?|rises?|drops?|grows?|shrinks?|improves?|exceeds?|beats?|outdoes|surpass\w*"
    r"|confirms?|proves?|(?:better|worse|larger|smaller|higher|lower|stronger|weaker|more|fewer|less) than"
    r"|nearly as|about as|as many as|as well as|most of|hardly|beyond doubt|clearly|surprising\w*)\b"
)
"""Words by which a sentence says how a number compares, or how large it is."""

QUOTED = re.compile(r"\{value\}`([^`]+)`|\{([a-z_0-9]+\.[A-Za-z_0-9]+)\}")
"""A computed number in prose, or in an alt text."""

BENCHMARKS = "bench."
"""Facts of this family are read from files of the repository: a sentence and its number change together."""

DEFINITIONS = (
    "more than\n{value}`common_points.conv_3_rank` of random triples",  # a rank
    "by {value}`likeness.margin` or more on average",  # a rule, and the number a choice
    "in less than {value}`census.rare` of its images",
    "less than {value}`oval.background` of full ink",
    "more than to {value}`oip_quality.transfer_unmatched`",  # a share of images, as the sentence says
    "about as many as the\nCNN with {value}`mlps.cnn_parameters`",  # layers, which were chosen
)
"""Comparisons that hold whatever the number is."""


def sentences(text: str) -> list[str]:
    """The sentences of a chapter: prose, captions and alt texts, without cells."""
    prose = CELL.sub("", text.split("---", 2)[-1])
    return re.split(r"(?<=[.?!:;])\s+|\n\n|\n---\n|\n- ", prose)


def computed(sentence: str) -> list[str]:
    """The facts that a sentence quotes, but for those that are no results of this copy."""
    names = [prose or alt for prose, alt in QUOTED.findall(sentence)]
    return [name for name in names if not name.startswith(BENCHMARKS)]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_fixed_word_says_how_a_computed_number_compares(path: Path) -> None:
    """Such a word would be wrong as soon as a copy of the book computes another number."""
    claims = [
        (found.group(), sentence)
        for sentence in sentences(path.read_text())
        if computed(sentence) and not any(phrase in sentence for phrase in DEFINITIONS)
        for found in COMPARING.finditer(QUOTED.sub("", sentence))
    ]
    assert claims == []


@pytest.mark.parametrize(
    "sentence",
    [
        "With a hidden layer a new head gains {value}`heads.gain` percentage points.",
        "R² falls from {linear_decodability.conv_1_r2} on Conv_1 to {linear_decodability.conv_3_r2}",
        "The excess is {value}`common_points.over_upside_down`, which is beyond doubt.",
        "Most digits, more than {value}`accuracy.mean`, are right.",
    ],
)
def test_the_check_of_comparing_words_finds_them(sentence: str) -> None:
    (kept,) = sentences(f"---\na: b\n---\n{sentence}")
    assert computed(kept)
    assert COMPARING.search(QUOTED.sub("", kept))


def test_no_chapter_says_that_the_book_does_not_do_something_yet() -> None:
    for path in CHAPTERS:
        assert not re.search(r"book does not [^.]*\byet\b|Until it\s+does", path.read_text()), path.name


def test_no_fact_that_may_be_missing_is_quoted_as_a_number() -> None:
    """Without disputed labels `accuracy.undisputed` is a dash; prose quotes a sentence instead."""
    for path in CHAPTERS:
        assert "`accuracy.undisputed`" not in path.read_text(), path.name


def test_the_bibliography_can_be_read_and_has_all_that_is_cited() -> None:
    known = set(parse_file(ROOT / "book" / "references.bib").entries)
    cited = [keys for path in CHAPTERS for keys in re.findall(r"\{cite\}`([^`]+)`", path.read_text())]
    assert {key.strip() for keys in cited for key in keys.split(",")} <= known
