"""The layout in CONTRIBUTING.md: written from docstrings, between two comments, and up to date."""

import runpy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from helpers import BOOK


@pytest.fixture(scope="module")
def layout() -> Mapping[str, Any]:
    """What `tools/layout.py` defines."""
    return runpy.run_path(str(BOOK / "tools" / "layout.py"))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with one module, and one package that has a module and a package."""
    for name in ("", "inner", "inner/deep"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "__init__.py").write_text(f'"""What {name or "the package"} holds."""')
    (tmp_path / "alone.py").write_text('"""One module.\n\nMore about it.\n"""')
    (tmp_path / "inner" / "detail.py").write_text("")
    return tmp_path


def test_packages_and_modules_stand_with_the_first_lines_of_their_docstrings(layout, package: Path) -> None:
    assert list(layout["lines"](package)) == [
        "- `alone.py` One module.",
        "- `inner/` What inner holds.",
        "  - `deep/` What inner/deep holds.",
    ]


def test_a_module_without_a_docstring_is_refused(layout, package: Path) -> None:
    (package / "alone.py").write_text("")
    with pytest.raises(ValueError, match=r"alone\.py: expected a docstring; its first line says"):
        list(layout["lines"](package))


def test_the_layout_replaces_what_stands_between_the_two_comments(layout) -> None:
    replace: Callable[[str, str], str] = layout["with_layout"]
    page = f"before\n{layout['BEGIN']}\nold\n{layout['END']}\nafter"
    once = replace(page, "- a\\1")
    assert once == f"before\n{layout['BEGIN']}\n\n- a\\1\n\n{layout['END']}\nafter"
    assert replace(once, "- a\\1") == once


def test_a_page_without_the_comments_is_refused(layout) -> None:
    with pytest.raises(ValueError, match="expected the two comments"):
        layout["with_layout"]("a page", "- a")
