"""What a chapter may and may not hold, read from its source."""

import ast
import re
from pathlib import Path

import pytest
import yaml
from chapters import CELL, CHAPTERS, FENCED, FIGURE
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


def test_no_sentence_of_a_chapter_is_long() -> None:
    for path in CHAPTERS:
        prose = FENCED.sub("", path.read_text().split("---", 2)[-1])
        for sentence in re.split(r"(?<=[.?!:])\s+", prose):
            assert len(sentence.split()) <= 50, f"{path.name}: {sentence}"
