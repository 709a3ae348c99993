"""Before the first chapter runs: everything made ready, under a digest of all that cells depend on."""

import io
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock, Timeout
from rich.console import Console

from cnnbook import preparation
from cnnbook.build_state import KEPT_STATES, BuildState
from cnnbook.preparation import prepare, state_digest
from cnnbook.sources import PACKAGE
from cnnbook.sphinx_ext.execution import kernel_environment


@pytest.fixture
def cache(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv("CNNBOOK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def book(open_tiny, tmp_path):
    """The tiny book with a root that can be edited."""
    book = open_tiny()
    book.root = shutil.copytree(book.root, tmp_path / "root")
    return book


@pytest.fixture
def prepared(book, cache, monkeypatch):
    """Prepare the tiny book, as a build that ends at once."""
    monkeypatch.setattr("cnnbook.workspace.open_book", lambda **named: book)

    def build() -> BuildState:
        state = prepare(book.root, console=Console(file=io.StringIO()))
        state.lock.release()
        return state

    return build


def test_a_prepared_book_has_its_values_and_a_folder_named_by_its_digest(prepared, book, cache):
    state = prepared()
    assert state.digest == state_digest(book)
    assert state.folder == cache / "book" / state.digest[:32]
    assert state.folder.is_dir()
    assert state.values["geometry.field"] == "18 × 18"
    assert state.values["accuracy.nets"] == "2"
    assert state.notice == (
        "Built on the sample of 5,000 digits: no number here is a result about MNIST. "
        "A draft, for writing: fewer networks, images, starts and steps than the book's."
    )
    assert state.settings["cnnbook_edition"] == "sample-draft"


def test_the_same_state_keeps_what_its_cells_left(prepared):
    first = prepared()
    (first.folder / "outputs").write_text("kept")
    assert (prepared().folder / "outputs").read_text() == "kept"


def test_the_state_is_held_before_anything_is_written_there_and_until_the_build_ends(
    prepared, book, monkeypatch
):
    def write_atlas(result, folder):
        with pytest.raises(Timeout):
            FileLock(folder.parents[1] / ".locks" / f"{folder.parent.name}.lock").acquire(timeout=0)
        made.append(folder)

    made: list[Path] = []
    monkeypatch.setattr(preparation, "write_atlas", write_atlas)
    state = prepare(book.root, console=Console(file=io.StringIO()))
    assert made == [state.folder / "atlas"]
    assert state.lock.is_locked
    state.lock.release()


def test_kernels_open_the_same_profile_data_and_cache(prepared, cache, monkeypatch):
    monkeypatch.setenv("CNNBOOK_DATA", "auto")
    state = prepared()
    expected = {
        "CNNBOOK_DATA": "sample",
        "CNNBOOK_PROFILE": "draft",
        "CNNBOOK_CACHE": str(cache),
        "CNNBOOK_EXECUTION": str(state.folder),
    }
    environment = kernel_environment(state)
    assert {name: environment[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", "sample"),
        ("auto", "sample"),
        ("sample", "sample"),
        ("mnist", str(Path.cwd() / "mnist")),
        ("../shared/mnist", str(Path.cwd() / "../shared/mnist")),
        ("~/mnist", str(Path("~/mnist").expanduser())),
        ("/data/mnist", "/data/mnist"),
    ],
)
def test_kernels_find_the_data_from_any_folder(prepared, monkeypatch, asked, expected):
    monkeypatch.setenv("CNNBOOK_DATA", asked)
    assert prepared().environment["CNNBOOK_DATA"] == expected


def test_kernels_do_not_ask_the_network_again_for_mnist_that_was_found(book, monkeypatch):
    monkeypatch.setenv("CNNBOOK_DATA", "auto")
    book.digits = replace(book.digits, name="mnist")
    assert preparation.kernel_variables(book)["CNNBOOK_DATA"] == "full"


def test_the_digest_is_the_same_for_the_same_state(book):
    assert state_digest(book) == state_digest(book)


def test_another_profile_is_another_state(book, open_tiny):
    other = open_tiny(nets=3)
    other.root = book.root
    assert state_digest(other) != state_digest(book)


def test_other_data_are_another_state(book):
    before = state_digest(book)
    book.digits = replace(book.digits, test_images=book.digits.test_images[::-1])
    assert state_digest(book) != before


@pytest.mark.parametrize("name", ["seeds/digits.yaml", "seeds/claims.yaml", "requirements.lock"])
def test_an_edit_to_the_seeds_or_the_lock_file_is_another_state(book, name):
    before = state_digest(book)
    with (book.root / name).open("a") as stream:
        stream.write("# edited\n")
    assert state_digest(book) != before


def test_an_edit_to_prose_is_no_other_state(book):
    before = state_digest(book)
    (book.root / "book" / "chapter.md").write_text("# Four\n")
    assert state_digest(book) == before


@pytest.mark.parametrize(
    ("module", "is_another"),
    [
        ("experiments/oval.py", True),
        ("claims/verdicts.py", True),
        ("nets/cnn.py", True),
        ("book_ext/atlas.py", True),
        ("figures/kernels.py", False),
        ("cli/claims.py", False),
    ],
)
def test_an_edit_is_another_state_where_all_pages_depend_on_the_module(
    book, monkeypatch, tmp_path, module, is_another
):
    """A figure is drawn by the pages whose cells import it: see `sphinx_ext.cells`."""
    package = shutil.copytree(PACKAGE, tmp_path / "cnnbook", ignore=shutil.ignore_patterns("__pycache__"))
    before = state_digest(book)
    monkeypatch.setattr(preparation, "PACKAGE", package)
    assert state_digest(book) == before
    with (package / module).open("a") as stream:
        stream.write("\n# a comment: records give lines of the source\n")
    assert (state_digest(book) != before) == is_another


def test_another_version_of_matplotlib_is_another_state(book, monkeypatch):
    before = state_digest(book)
    versions = preparation.installed_versions
    monkeypatch.setattr(
        preparation, "installed_versions", lambda *names: {**versions(*names), "matplotlib": "99"}
    )
    assert state_digest(book) != before


def test_the_newest_states_are_kept(prepared, cache):
    for age in range(KEPT_STATES + 3):
        old = cache / "book" / f"state-{age}"
        old.mkdir(parents=True)
        (old / "outputs").write_text("old")
        os.utime(old, (1e9 - age, 1e9 - age))
    state = prepared()
    kept = {path.name for path in (cache / "book").glob("[!.]*")}
    assert kept == {state.folder.name, *(f"state-{age}" for age in range(KEPT_STATES - 1))}


def test_a_state_that_is_used_again_counts_as_new(prepared, cache):
    state = prepared()
    os.utime(state.folder, (1e8, 1e8))
    for age in range(KEPT_STATES):
        (cache / "book" / f"state-{age}").mkdir()
        os.utime(cache / "book" / f"state-{age}", (1e9 - age, 1e9 - age))
    assert prepared().folder.is_dir()
    assert not (cache / "book" / f"state-{KEPT_STATES - 1}").exists()
