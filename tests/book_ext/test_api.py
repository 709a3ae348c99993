"""API pages show what a docstring says, and nothing that Python made up."""

from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from sphinx.application import Sphinx
from sphinx.ext.napoleon.docstring import GoogleDocstring

from cnnbook.book_ext.api import keep_colon, skip_tuple_field

ROOT = Path(__file__).parents[2]

SENTENCE = "Pictures computed at once: more of them do not fit a cache."


class Point(NamedTuple):
    """A point."""

    row: int


def as_napoleon_reads(line: str, what: str) -> list[str]:
    return GoogleDocstring([line], what=what, name="MICROBATCH").lines()


@pytest.mark.parametrize("what", ["data", "attribute", "property"])
def test_napoleon_takes_the_words_before_a_colon_for_a_type_unless_they_are_kept(what):
    assert ":type: Pictures computed at once" in as_napoleon_reads(SENTENCE, what)
    lines = [SENTENCE]
    keep_colon(None, what, "MICROBATCH", 64, None, lines)
    assert as_napoleon_reads(lines[0], what) == [SENTENCE]


def test_docstrings_of_functions_and_empty_ones_stay_as_they_are():
    lines, empty = ["Draw: a picture."], []
    keep_colon(None, "function", "draw", print, None, lines)
    keep_colon(None, "data", "X", 1, None, empty)
    assert (lines, empty) == (["Draw: a picture."], [])


def test_fields_of_named_tuples_are_left_out_and_everything_else_is_not():
    assert skip_tuple_field(None, "class", "row", Point.row, False, None) is True
    assert skip_tuple_field(None, "class", "count", Point.count, False, None) is None


def test_a_page_made_with_the_books_settings_shows_a_constant_as_its_docstring_says(tmp_path: Path):
    settings = yaml.safe_load((ROOT / "_config.yml").read_text())["sphinx"]["config"]
    settings = {name: value for name, value in settings.items() if name.startswith(("autodoc", "napoleon"))}
    extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "cnnbook.book_ext.api"]
    (tmp_path / "conf.py").write_text("")
    (tmp_path / "index.rst").write_text("T\n=\n\n.. automodule:: cnnbook.nets.fast.polyphase\n")
    app = Sphinx(
        tmp_path,
        tmp_path,
        tmp_path / "out",
        tmp_path / "trees",
        "text",
        confoverrides={**settings, "extensions": extensions},
        status=None,
    )
    app.build()
    text = (tmp_path / "out" / "index.txt").read_text()
    assert "Maps with an even number of rows and columns: upper left" in text
