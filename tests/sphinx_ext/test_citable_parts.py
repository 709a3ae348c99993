"""The parts of citable figures that need no book."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cnnbook.publishing.book import BookMetadata
from cnnbook.publishing.record import FigureRecord
from cnnbook.sphinx_ext.citable.about_book import version_line
from cnnbook.sphinx_ext.citable.rendering import file_size, first_rows, source_text, source_url, templates
from cnnbook.sphinx_ext.execution import figure_faults
from cnnbook.sphinx_ext.prepare import PrepareFromSources

COMMIT = "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d"
PLACE = {"file": "src/maps.py", "first_line": 12, "last_line": 40}


def _book(repository: str | None, commit: str | None = COMMIT) -> dict[str, Any]:
    return {"repository": repository, "commit": commit}


@pytest.mark.parametrize(
    ("repository", "end"),
    [
        ("https://github.com/a/b", f"/a/b/blob/{COMMIT}/src/maps.py#L12-L40"),
        ("https://github.com/a/b.git", f"/a/b/blob/{COMMIT}/src/maps.py#L12-L40"),
        ("https://gitlab.com/a/b/", f"/a/b/-/blob/{COMMIT}/src/maps.py#L12-40"),
        ("https://codeberg.org/a/b", f"/a/b/src/commit/{COMMIT}/src/maps.py#L12-L40"),
    ],
)
def test_a_link_to_source_names_the_commit_and_the_lines(repository: str, end: str):
    assert str(source_url(_book(repository), PLACE)).endswith(end)


@pytest.mark.parametrize(
    "book",
    [
        _book(None),
        _book("https://github.com/a/b", None),
        _book("https://github.com/a/b", COMMIT + "+changes"),
    ],
)
def test_where_lines_cannot_be_known_for_certain_there_is_no_link(book: dict[str, Any]):
    assert source_url(book, PLACE) is None


def test_a_link_to_a_file_without_lines_leads_to_the_file():
    assert str(source_url(_book("https://github.com/a/b"), {"file": "x y.py"})).endswith("/x%20y.py")


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (PLACE, "src/maps.py:12–40"),
        (PLACE | {"last_line": 12}, "src/maps.py:12"),
        ({"file": "src/maps.py", "first_line": None, "last_line": None}, "src/maps.py"),
    ],
)
def test_places_in_the_source_are_named(place: dict[str, Any], text: str):
    assert source_text(place) == text


def test_a_version_names_commit_and_day_where_they_are_known():
    book = BookMetadata(
        title="Maps",
        subtitle="",
        version="1.0",
        released=date(2026, 11, 30),
        authors=[{"name": "A"}],
        licences={},
        copyright="",
        abstract="",
        keywords=[],
    )
    assert version_line(book) == "Version 1.0"
    day = "2026-11-22T10:00:00+01:00"
    known = replace(book, commit=COMMIT, commit_date=day)
    assert version_line(known) == "Version 1.0 · commit 1a2b3c4d5e · 2026-11-22"
    changed = replace(book, commit=COMMIT + "+changes", commit_date=day)
    assert version_line(changed) == "Version 1.0 · commit 1a2b3c4d5e with changes · 2026-11-22"


@pytest.mark.parametrize(
    ("length", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1500, "2 kB"), (999_499, "999 kB"), (999_500, "1.0 MB")],
)
def test_sizes_are_told_as_one_reads_them(length: int, text: str):
    assert file_size(length) == text


def test_the_first_rows_of_data_are_shown_and_all_are_counted(tmp_path: Path):
    path = tmp_path / "fig-a.csv"
    path.write_text("variable,unit,value\n" + "".join(f"rain,mm,{n}\n" for n in range(30)))
    table = first_rows(path)
    assert table is not None
    assert table["header"] == ["variable", "unit", "value"]
    assert [row[2] for row in table["rows"]] == [str(n) for n in range(20)]
    assert table["total"] == 30


def test_what_was_not_measured_is_a_dash_in_the_first_rows(tmp_path: Path):
    path = tmp_path / "fig-a.csv"
    path.write_text("variable,unit,value\nrain,mm,NaN\nrain,mm,2\n")
    table = first_rows(path)
    assert table is not None
    assert [row[2] for row in table["rows"]] == ["–", "2"]


def test_a_figure_without_data_has_no_table(tmp_path: Path):
    assert first_rows(tmp_path / "fig-a.csv") is None


def test_templates_escape_what_authors_write():
    record = FigureRecord(id="fig-a", title="<b> & co", address="figures/fig-a.html", withdrawn='"<i>"')
    items = [{"record": record, "pictures": [], "words": '" onclick="'}]
    html = templates().render("gallery.html", "figures/index.html", items=items)
    assert "&lt;b&gt; &amp; co" in html
    assert "<i>" not in html
    assert 'onclick="' not in html


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "cnnbook-figure-1"}', "[" * 100_000])
def test_a_damaged_record_is_a_fault_so_that_the_cells_run_again(tmp_path: Path, text: str):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "fig-a.json").write_text(text)
    (fault,) = figure_faults(tmp_path)
    assert "fig-a.json: not the record of a figure" in fault


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    (tmp_path / "book.yaml").write_text("title: Rain")
    (tmp_path / "rain.py").write_text("one = 1")
    (tmp_path / "notes.txt").write_text("nothing")
    return tmp_path


def _digest(root: Path, **values: str) -> str:
    from rich.console import Console

    return PrepareFromSources(sources=["*.py"], values=values)(root, console=Console()).digest


@pytest.mark.parametrize("name", ["rain.py", "book.yaml", "new.py"])
def test_the_state_of_a_foreign_book_follows_its_sources(foreign: Path, name: str):
    before = _digest(foreign)
    (foreign / name).write_text("two = 2")
    assert _digest(foreign) != before


def test_the_state_of_a_foreign_book_follows_its_values(foreign: Path):
    assert _digest(foreign, rain="1 mm") != _digest(foreign, rain="2 mm")


def test_the_state_of_a_foreign_book_does_not_follow_other_files(foreign: Path):
    before = _digest(foreign)
    (foreign / "notes.txt").write_text("something")
    assert _digest(foreign) == before
