"""`cnnbook release`: the paths it prints, what it refuses, in one line."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from cnnbook.publishing.book import read_book
from cnnbook.publishing.metadata import write_metadata

BOOK = {
    "title": "A book",
    "version": "1.0",
    "authors": [{"name": "The authors"}],
    "licences": {
        "text": {
            "id": "CC-BY-4.0",
            "name": "CC BY 4.0",
            "url": "https://creativecommons.org/licenses/by/4.0/",
        },
        "code": {"id": "MIT", "name": "MIT", "url": "https://opensource.org/license/mit"},
    },
    "copyright": "© 2026 The authors",
    "abstract": "About it.",
    "keywords": ["MNIST"],
}


def git(*words: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *words], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(autouse=True)
def built(in_a_folder: Path) -> Path:
    """A committed book without figures, built."""
    (in_a_folder / "book").mkdir()
    text = yaml.safe_dump(BOOK) + "released: 2026-11-22\n"
    (in_a_folder / "book" / "book.yaml").write_text(text, encoding="utf-8")
    for name, said in (("LICENSE", "MIT"), (".gitignore", "_build/")):
        (in_a_folder / name).write_text(said + "\n", encoding="utf-8")
    write_metadata(in_a_folder, read_book(in_a_folder))
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "all")
    html = in_a_folder / "_build" / "html"
    html.mkdir(parents=True)
    (html / "index.html").write_text("<p>The book</p>", encoding="utf-8")
    said = {"book": {"version": "1.0", "commit": git("rev-parse", "HEAD")}, "figures": []}
    (html / "figures.json").write_text(json.dumps(said), encoding="utf-8")
    return html


def test_it_prints_the_paths_on_standard_output_and_its_progress_elsewhere(run, in_a_folder):
    ended = run("release")
    out = in_a_folder.resolve() / "_build" / "release"
    assert ended.code == 0
    assert ended.out.splitlines() == [
        str(out / name) for name in ("v1.0", "cnnbook-v1.0.zip", "cnnbook-v1.0.zip.sha256")
    ]
    assert all(Path(path).exists() for path in ended.out.splitlines())
    assert "v1.0: packing cnnbook-v1.0.zip" in ended.err


def test_the_version_may_be_named_with_or_without_its_letter(run):
    assert run("release", "1.0").code == run("release", "v1.0").code == 0


def test_another_version_is_refused_and_nothing_is_written(run, in_a_folder):
    ended = run("release", "1.1")
    assert ended.code == 1
    assert ended.err.startswith("cnnbook: VERSION='1.1': the book is version 1.0; ")
    assert ended.err.count("\n") == 1
    assert not (in_a_folder / "_build" / "release").exists()


def test_a_citation_file_of_another_version_is_refused(run, in_a_folder):
    (in_a_folder / "CITATION.cff").write_text("cff-version: 1.2.0\nversion: 0.9\n", encoding="utf-8")
    ended = run("release")
    assert ended.code == 1
    assert ended.err == (
        "cnnbook: CITATION.cff: does not say what book/book.yaml says; "
        "'cnnbook metadata --write' mends that\n"
    )


def test_with_an_address_for_one_build_the_citation_file_still_says_what_the_book_says(run, monkeypatch):
    monkeypatch.setenv("CNNBOOK_SITE_URL", "https://example.org/one-build")
    assert run("metadata", "--check").code == 0
    ended = run("release")
    assert (ended.code, ended.out.splitlines()[0][-4:]) == (0, "v1.0")
    assert "CNNBOOK_SITE_URL" in run("release", "--help").out


def test_uncommitted_work_is_refused_unless_a_trial_will_do(run, in_a_folder, built):
    (in_a_folder / "LICENSE").write_text("mine", encoding="utf-8")
    said = {"book": {"version": "1.0", "commit": git("rev-parse", "HEAD") + "+changes"}, "figures": []}
    (built / "figures.json").write_text(json.dumps(said), encoding="utf-8")
    ended = run("release")
    assert ended.code == 1
    assert ended.err == (
        "cnnbook: not committed: LICENSE; commit, build and release again; "
        "or --allow-dirty makes a trial, v1.0+changes\n"
    )
    assert run("release", "--allow-dirty").out.splitlines()[0].endswith("v1.0+changes")


def test_a_book_that_is_not_built_is_refused_in_one_line(run, built):
    shutil.rmtree(built)
    ended = run("release")
    assert ended.code == 1
    assert ended.err == f"cnnbook: {built.resolve() / 'index.html'}: not found; run 'make book'\n"


def test_it_goes_on_a_site_and_to_other_folders(run, built):
    moved = built.rename(built.with_name("elsewhere"))
    ended = run("release", "--html", moved, "--out", "releases", "--site", "site")
    assert ended.code == 0
    assert ended.out.splitlines()[-1] == "site"
    assert Path("site/latest/index.html").read_text() == Path("releases/v1.0/index.html").read_text()


def test_a_place_that_cannot_be_written_is_named(run):
    Path("_build/file").write_text("", encoding="utf-8")
    ended = run("release", "--out", "_build/file/below")
    assert ended.code == 1
    assert ended.err.splitlines()[-1].startswith("cnnbook: _build/file/")


def test_a_release_on_the_sample_says_so(run, built):
    said = json.loads((built / "figures.json").read_text(encoding="utf-8"))
    made = {"profile": "draft", "data": {"name": "sample", "digest": "a" * 64}}
    said["figures"] = [{"id": "fig-a", "title": "A", "files": [], "made_from": [made]}]
    (built / "figures.json").write_text(json.dumps(said), encoding="utf-8")
    assert "Note: built on sample with the profile draft." in run("release").err
