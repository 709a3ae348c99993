"""Which code the cells of a page depend on, and which pages are therefore run again."""

from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sphinx.environment import BuildEnvironment

from cnnbook.sphinx_ext import cells
from cnnbook.sphinx_ext.cells import NOTED, CellRunner, cell_imports, code_digest, imported_modules


def test_cells_depend_on_the_modules_of_this_package_that_they_import():
    notebook = new_notebook(
        cells=[
            new_code_cell("import numpy as np\nimport cnnbook.maps"),
            new_markdown_cell("from cnnbook.atlas import ATLAS"),
            new_code_cell("from cnnbook import keys\nfrom cnnbook.figures.page import Page as Sheet"),
        ]
    )
    assert imported_modules(notebook) == ("cnnbook", "cnnbook.figures.page", "cnnbook.keys", "cnnbook.maps")


def test_a_cell_that_is_no_plain_python_imports_nothing():
    assert (
        imported_modules(new_notebook(cells=[new_code_cell("%matplotlib inline\nimport cnnbook.maps")])) == ()
    )


def test_cells_that_import_none_of_this_package_depend_on_no_code():
    assert code_digest(()) == ""
    assert code_digest(("cnnbook.formatting",)) != code_digest(("cnnbook.tiling",)) != ""


@pytest.fixture
def env() -> Any:
    """An environment that has read two pages."""
    env = BuildEnvironment.__new__(BuildEnvironment)
    cell_imports(env)["book/a"] = ("cnnbook.formatting",), "one"
    cell_imports(env)["book/b"] = ("cnnbook.tiling",), "two"
    return env


def test_a_page_is_read_again_when_its_code_has_changed_since(env, tmp_path, monkeypatch):
    (tmp_path / NOTED).write_text('{"book/a": "one", "book/b": "two"}')
    now = {("cnnbook.formatting",): "one", ("cnnbook.tiling",): "another"}
    monkeypatch.setattr(cells, "code_digest", lambda modules: now[tuple(modules)])
    assert CellRunner(tmp_path, tmp_path / "jupyter").outdated_pages(env) == ["book/b"]


def test_a_page_is_read_again_when_another_checkout_has_run_its_cells_with_other_code(
    env, tmp_path, monkeypatch
):
    (tmp_path / NOTED).write_text('{"book/a": "of another checkout", "book/b": "two"}')
    now = {("cnnbook.formatting",): "one", ("cnnbook.tiling",): "two"}
    monkeypatch.setattr(cells, "code_digest", lambda modules: now[tuple(modules)])
    assert CellRunner(tmp_path, tmp_path / "jupyter").outdated_pages(env) == ["book/a"]


@pytest.mark.parametrize("content", ["", "{", "[1]", None])
def test_without_notes_every_page_with_cells_is_read_again(env, tmp_path, monkeypatch, content):
    if content is not None:
        (tmp_path / NOTED).write_text(content)
    now = {("cnnbook.formatting",): "one", ("cnnbook.tiling",): "two"}
    monkeypatch.setattr(cells, "code_digest", lambda modules: now[tuple(modules)])
    assert CellRunner(tmp_path, tmp_path / "jupyter").outdated_pages(env) == ["book/a", "book/b"]
