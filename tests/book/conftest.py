"""One whole book, profile draft, on the sample: built once, looked at by every test of this folder."""

import subprocess

import pytest
from wholebook import BuiltBook, copy_sources

FirstBuild = tuple[BuiltBook, subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def first_build(tmp_path_factory: pytest.TempPathFactory) -> FirstBuild:
    """The book and what its first build, with nothing in the store, said."""
    root = tmp_path_factory.mktemp("book") / "clone"
    copy_sources(root)
    book = BuiltBook(root=root, cache=tmp_path_factory.mktemp("book-cache"))
    return book, book.build()


@pytest.fixture(scope="session")
def built(first_build: FirstBuild) -> BuiltBook:
    """The book after its first build, which went well."""
    book, outcome = first_build
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return book
