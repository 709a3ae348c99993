"""`cnnbook verify`: a clear line for each file, and an exit code that a script can use."""

import json
import shutil
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from cnnbook.figures.style import DARK, LIGHT
from cnnbook.publishing.pictures import write_figure


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """The pictures of a figure."""
    folder = tmp_path_factory.mktemp("figure")
    write_figure("fig-line", lambda palette: Figure((2, 1)), folder, light=LIGHT, dark=DARK, title="A line")
    return folder


def test_unchanged_files_give_0(run, files):
    ended = run("verify", files / "fig-line.svg", files / "fig-line-dark.pdf")
    assert ended == (
        0,
        f"{files}/fig-line.svg: unchanged: fig-line “A line” (light SVG)\n"
        "  the book here has no figure fig-line\n"
        f"{files}/fig-line-dark.pdf: unchanged: fig-line “A line” (dark PDF)\n"
        "  the book here has no figure fig-line\n",
        "",
    )


def test_one_altered_file_gives_1(run, files, tmp_path):
    altered = Path(shutil.copyfile(files / "fig-line.png", tmp_path / "my talk.png"))
    altered.write_bytes(altered.read_bytes() + b"x")
    ended = run("verify", files / "fig-line.svg", altered)
    assert ended.code == 1
    said = ended.out.splitlines()
    assert (
        said[2]
        == f"{altered}: altered: says it is fig-line “A line” (light PNG), but was changed; it is cut short"
    )


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_text("words"), "foreign: bears no mark of a book"),
        (lambda path: path.touch(), "foreign: an empty file"),
        (lambda path: path.mkdir(), "unreadable: is a directory"),
        (lambda path: None, "unreadable: no such file or directory"),
        (lambda path: path.write_bytes(b"%PDF-1.7"), "foreign: PDF that bears no mark of a book, or not any"),
    ],
)
def test_a_foreign_file_gets_a_clear_line_and_1(run, tmp_path, make, said):
    path = tmp_path / "thing"
    make(path)
    ended = run("verify", path)
    assert (ended.code, ended.err) == (1, "")
    assert ended.out.startswith(f"{path}: {said}")
    assert len(ended.out.splitlines()) == 1


def test_json_has_one_entry_a_file(run, files, tmp_path):
    ended = run("verify", "--json", files / "fig-line.svg", tmp_path / "nothing")
    known, unknown = json.loads(ended.out)
    assert ended.code == 1
    assert (known["state"], known["id"], known["format"], known["theme"]) == (
        "unchanged",
        "fig-line",
        "svg",
        "light",
    )
    assert unknown == {
        "file": str(tmp_path / "nothing"), "state": "unreadable", "answer": "no such file or directory",
        "format": None, "notes": [],
    }  # fmt: skip


def test_without_a_file_it_is_wrong_usage(run):
    ended = run("verify")
    assert ended.code == 2
    assert "Missing argument 'FILE...'" in ended.err
