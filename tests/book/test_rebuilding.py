"""What a second build does: nothing, or only what an edit asks for."""

from pathlib import Path

import pytest
from wholebook import BuiltBook

pytestmark = [pytest.mark.book, pytest.mark.xdist_group("book")]

WORK = ("training", "compiling", "measuring", "cells ran")
"""Words of the build's output that stand for work done."""


def _work(output: str) -> list[str]:
    return [line for line in output.splitlines() if any(word in line for word in WORK)]


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_building_again_with_nothing_changed_does_nothing_again(built: BuiltBook) -> None:
    outcome = built.build()
    assert outcome.returncode == 0, outcome.stderr
    assert _work(outcome.stdout + outcome.stderr) == []


def test_an_edit_to_prose_rebuilds_the_page_and_computes_nothing(built: BuiltBook) -> None:
    _edit(built.root / "book" / "patterns-and-features.md", "It pays to keep them apart.", "Keep them apart.")
    outcome = built.build()
    assert outcome.returncode == 0, outcome.stderr
    assert _work(outcome.stdout + outcome.stderr) == []
    page = (built.html / "book" / "patterns-and-features.html").read_text()
    assert "Keep them apart." in page
    assert (built.html / "figures" / "fig-fcp-of-a-four.svg").exists()


def test_an_edit_to_a_module_recomputes_what_depends_on_it_and_the_page_shows_it(built: BuiltBook) -> None:
    module = built.root / "src" / "cnnbook" / "experiments" / "geometry.py"
    _edit(module, 'fact("ink_unseen_rows", form=".1%")', 'fact("ink_unseen_rows", form=".2%")')
    page = built.html / "book" / "layers-and-numbers.html"
    before = page.read_text()
    outcome = built.build()
    output = outcome.stdout + outcome.stderr
    assert outcome.returncode == 0, outcome.stderr
    assert [line.split(":")[0] for line in output.splitlines() if line.startswith("measuring")] == [
        "measuring geometry"
    ]
    assert "training net" not in output
    assert "10.7 % of the 1,000 test digits have ink in" in " ".join(before.split())
    after = " ".join(page.read_text().split())
    assert "10.70 % of the 1,000 test digits have ink in" in after


def test_a_damaged_figure_is_reported_and_made_again(built: BuiltBook) -> None:
    assert built.build().returncode == 0
    figure = next((built.cache / "store" / "figures").glob("*/fig-likeness.svg"))
    figure.write_bytes(b"not a picture")
    outcome = built.build()
    assert outcome.returncode == 0, outcome.stderr
    assert "fig-likeness" in outcome.stdout + outcome.stderr
    assert (built.html / "figures" / "fig-likeness.svg").read_bytes().startswith(b"<?xml")


def test_a_cell_that_raises_ends_the_build_and_leaves_the_old_page(built: BuiltBook) -> None:
    chapter = built.root / "book" / "layers-and-numbers.md"
    _edit(chapter, "table(geometry)", "table(geometry.nothing_here)")
    before = (built.html / "book" / "layers-and-numbers.html").read_bytes()
    outcome = built.build()
    assert outcome.returncode == 1
    assert "book/layers-and-numbers.md" in outcome.stderr
    assert "cell 2 of 4" in outcome.stderr
    assert "AttributeError" in outcome.stderr
    assert (built.html / "book" / "layers-and-numbers.html").read_bytes() == before
    _edit(chapter, "table(geometry.nothing_here)", "table(geometry)")
    assert built.build().returncode == 0
