"""YAML that people write: its values, and where a mistake is."""

from pathlib import Path

import pytest

from cnnbook.bookfiles import read_yaml


def test_values_come_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "book.yaml").write_text("title: Maps\nauthors: [{name: A}]\n")
    assert read_yaml(tmp_path / "book.yaml") == {"title": "Maps", "authors": [{"name": "A"}]}


def test_a_mistake_is_reported_with_file_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "book.yaml").write_text("title: Maps\nauthors: [{name: A}\nlanguage: en\n")
    with pytest.raises(ValueError, match=r"book\.yaml, line 3, column 1: not YAML .* mend that line"):
        read_yaml(tmp_path / "book.yaml")
