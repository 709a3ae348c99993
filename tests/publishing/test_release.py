"""Releases: whole, verifiable, the same bytes again, and never changed once they are out."""

import hashlib
import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from recorded import book, content, figure, read_checksums, withdrawn, write_built

from cnnbook.publishing.book import read_book
from cnnbook.publishing.built import read_built, read_checkout
from cnnbook.publishing.folders import folder_checksums
from cnnbook.publishing.record import FigureRecord
from cnnbook.publishing.release import Release, add_to_site, newest_version, write_release

WHO = {
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_COMMITTER_DATE": "2026-11-23T09:00:00+01:00", "GIT_AUTHOR_DATE": "2026-11-23T09:00:00+01:00",
}  # fmt: skip


class Clone:
    """A book's repository, with what it takes to build and release it."""

    def __init__(self, root: Path) -> None:
        self.root, self.html, self.out = root, root / "_build" / "html", root / "_build" / "release"
        self.said: list[str] = []
        (root / "book").mkdir(parents=True)
        (root / ".gitignore").write_text("_build/\n", encoding="utf-8")
        (root / "CITATION.cff").write_text("cff-version: 1.2.0\n", encoding="utf-8")
        (root / "LICENSE").write_text("MIT\n", encoding="utf-8")
        self.git("init", "-q")
        self.is_version("1.0")

    def git(self, *words: str) -> str:
        environment = os.environ | WHO
        command = ["git", "-C", str(self.root), *words]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    def is_version(self, version: str) -> None:
        """Write that into `book.yaml`, and commit."""
        keys = "title subtitle authors licences copyright abstract keywords language".split()
        said: dict[str, Any] = {key: getattr(book(), key) for key in keys} | {"version": version}
        text = yaml.safe_dump(said, allow_unicode=True) + "released: 2026-11-22\n"
        (self.root / "book" / "book.yaml").write_text(text, encoding="utf-8")
        self.git("add", ".")
        self.git("commit", "-q", "-m", version)

    def build(self, *records: FigureRecord, page: str = "<p>The book</p>") -> None:
        """Build the book as it is now."""
        shutil.rmtree(self.html, ignore_errors=True)
        checkout = read_checkout(self.root)
        write_built(
            self.html, list(records) or [figure(), withdrawn()], commit=checkout.label if checkout else None,
            version=read_book(self.root).version,
        )  # fmt: skip
        (self.html / "index.html").write_text(page, encoding="utf-8")

    def release(self, **options: Any) -> Release:
        """Release what is built."""
        return write_release(
            read_built(self.html), read_book(self.root), read_checkout(self.root), root=self.root,
            out=self.out, notify=self.said.append, **options,
        )  # fmt: skip


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A committed and built book, version 1.0."""
    made = Clone(tmp_path / "clone")
    made.build()
    return made


def tree(folder: Path) -> dict[str, bytes]:
    """Everything in a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_release_holds_all_that_was_built_and_what_goes_with_it(clone):
    release = clone.release()
    assert release.folder == clone.out / "v1.0"
    built = {name for name in tree(clone.html) if not name.startswith(".")}
    others = {"CITATION.cff", "LICENSE", "ro-crate-metadata.json", "SHA256SUMS"}
    assert tree(release.folder).keys() == built | others
    assert (release.folder / "figures" / "fig-accuracy.csv").read_bytes() == content("fig-accuracy.csv")


def test_a_release_says_the_address_and_the_edition_that_its_pages_say(clone):
    book = {**figure().book, "edition": "sample"}
    clone.build(figure(site="https://example.org/pages", book=book))
    crate = json.loads((clone.release().folder / "ro-crate-metadata.json").read_text())
    (root,) = [entity for entity in crate["@graph"] if entity["@id"] == "./"]
    assert (root["url"], root["version"]) == ("https://example.org/pages", "1.0-sample")


def test_what_a_failed_build_complained_about_is_left_out(clone):
    (clone.html / "reports").mkdir()
    (clone.html / "reports" / "four.err.log").write_text("/home/somebody/four.md", encoding="utf-8")
    assert not (clone.release().folder / "reports").exists()


def test_every_file_is_in_the_list_of_checksums_with_its_own(clone):
    folder = clone.release().folder
    sums = read_checksums(folder / "SHA256SUMS")
    assert sums == {
        name: hashlib.sha256(data).hexdigest() for name, data in tree(folder).items() if name != "SHA256SUMS"
    }


def test_the_zip_holds_the_same_and_has_its_own_checksum(clone, tmp_path):
    release = clone.release()
    assert release.archive == clone.out / "cnnbook-v1.0.zip"
    digest = hashlib.sha256(release.archive.read_bytes()).hexdigest()
    assert release.checksum.read_text() == f"{digest}  cnnbook-v1.0.zip\n"
    with zipfile.ZipFile(release.archive) as archive:
        archive.extractall(tmp_path)
    assert tree(tmp_path / "cnnbook-v1.0") == tree(release.folder)


def test_the_crate_knows_the_commit_and_lists_each_file_with_its_checksum(clone):
    folder = clone.release().folder
    said = json.loads((folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    entities = {entity["@id"]: entity for entity in said["@graph"]}
    source = entities["#src/cnnbook/figures/counts.py"]
    assert source["version"] == clone.git("rev-parse", "HEAD").strip()
    for name, digest in read_checksums(folder / "SHA256SUMS").items():
        if not name.startswith("_static/") and name != "ro-crate-metadata.json":
            assert entities[name]["sha256"] == digest


def test_two_clones_release_the_same_bytes(clone, tmp_path):
    other = Clone(tmp_path / "other")
    other.build()
    first, second = clone.release(), other.release()
    assert tree(first.folder) == tree(second.folder)
    assert first.archive.read_bytes() == second.archive.read_bytes()


def test_released_again_nothing_changes(clone):
    release = clone.release()
    before, times = tree(clone.out), {path: path.stat().st_mtime_ns for path in release.folder.rglob("*")}
    again = clone.release()
    assert again == release
    assert tree(clone.out) == before
    assert {path: path.stat().st_mtime_ns for path in release.folder.rglob("*")} == times
    assert "v1.0: released already, and nothing differs" in clone.said


def test_a_lost_zip_is_packed_again(clone):
    release = clone.release()
    before = release.archive.read_bytes()
    release.archive.unlink()
    assert clone.release().archive.read_bytes() == before


def test_a_released_version_is_not_overwritten(clone):
    release = clone.release()
    before = tree(clone.out)
    clone.build(page="<p>Corrected</p>")
    with pytest.raises(
        ValueError, match=r"v1\.0: released already, and SHA256SUMS differs; .*raise the version"
    ):
        clone.release()
    assert tree(clone.out) == before
    assert sorted(os.listdir(clone.out)) == ["cnnbook-v1.0.zip", "cnnbook-v1.0.zip.sha256", release.name]


@pytest.mark.parametrize("name", ["LICENSE", "SHA256SUMS", "figures/fig-accuracy.png"])
def test_a_damaged_release_is_not_taken_for_the_same(clone, name):
    release = clone.release()
    (release.folder / name).unlink()
    with pytest.raises(ValueError, match=rf"{name} differs; .*raise the version"):
        clone.release()


def test_what_is_not_committed_is_refused(clone):
    (clone.root / "book" / "new.md").write_text("new", encoding="utf-8")
    (clone.root / "LICENSE").write_text("mine", encoding="utf-8")
    clone.build()
    with pytest.raises(
        ValueError, match=r"not committed: LICENSE and 1 more; commit.*--allow-dirty makes a trial"
    ):
        clone.release()
    assert not clone.out.exists()


def test_a_trial_has_a_name_of_its_own_and_may_be_overwritten(clone):
    before = tree(clone.release().folder)
    (clone.root / "LICENSE").write_text("mine", encoding="utf-8")
    for page in ("<p>Trial</p>", "<p>Another</p>"):
        clone.build(page=page)
        trial = clone.release(allow_dirty=True)
        assert trial.is_trial
        assert trial.folder == clone.out / "v1.0+changes"
        assert (trial.folder / "index.html").read_text() == page
    assert tree(clone.out / "v1.0") == before


def test_where_git_cannot_tell_there_is_only_a_trial(clone):
    shutil.rmtree(clone.root / ".git")
    clone.build()
    with pytest.raises(ValueError, match=r"no commit is known, git cannot tell; release from a clone"):
        clone.release()
    assert clone.release(allow_dirty=True).name == "v1.0+changes"


def test_with_nothing_to_hide_a_trial_is_a_release(clone):
    assert clone.release(allow_dirty=True).name == "v1.0"


@pytest.mark.parametrize("name", ["index.html", "figures.json"])
def test_a_book_that_is_not_built_is_refused(clone, name):
    (clone.html / name).unlink()
    with pytest.raises(FileNotFoundError, match=rf"{name}: not found; run 'make book'"):
        clone.release()


def test_a_book_built_from_another_commit_is_refused(clone):
    before = clone.git("rev-parse", "HEAD")[:12]
    (clone.root / "LICENSE").write_text("MIT, 2026\n", encoding="utf-8")
    clone.git("commit", "-qam", "more")
    now = clone.git("rev-parse", "HEAD")[:12]
    with pytest.raises(ValueError, match=rf"built from {before}, and the book is at {now}; run 'make book'"):
        clone.release()


def test_a_book_built_before_it_was_committed_is_refused(clone):
    (clone.root / "LICENSE").write_text("mine", encoding="utf-8")
    clone.build()
    clone.git("checkout", "-q", "LICENSE")
    with pytest.raises(
        ValueError, match=r"built from [0-9a-f]{12}\+changes, and the book is at [0-9a-f]{12};"
    ):
        clone.release()


def test_a_book_built_as_another_version_is_refused(clone):
    clone.is_version("1.1")
    with pytest.raises(ValueError, match=r"of version 1\.0, and the book is 1\.1; run 'make book'"):
        clone.release()


@pytest.mark.parametrize("name", ["fig-accuracy.png", "fig-accuracy.csv"])
def test_a_figure_that_is_not_what_its_record_says_is_refused(clone, name):
    (clone.html / "figures" / name).write_bytes(b"altered")
    with pytest.raises(ValueError, match=rf"{name} is damaged: .*, a file of fig-accuracy; run 'make book'"):
        clone.release()
    (clone.html / "figures" / name).unlink()
    with pytest.raises(ValueError, match=rf"{name} is missing, a file of fig-accuracy; run 'make book'"):
        clone.release()


def test_a_missing_paper_is_named(clone):
    clone.git("rm", "-q", "CITATION.cff")
    clone.git("commit", "-qm", "without")
    clone.build()
    with pytest.raises(FileNotFoundError, match=r"CITATION\.cff: not found; a release needs it"):
        clone.release()
    assert not clone.out.exists()


def test_on_a_site_versions_stand_side_by_side_and_the_newest_is_the_latest(clone, tmp_path):
    site = tmp_path / "site"
    add_to_site(clone.release(), site, clone.said.append)
    first = tree(site / "v1.0")
    clone.is_version("1.1")
    clone.build(page="<p>Newer</p>")
    add_to_site(clone.release(), site, clone.said.append)
    assert tree(site / "v1.0") == first
    assert tree(site / "latest") == tree(site / "v1.1") != first
    assert folder_checksums(site / "latest") == read_checksums(site / "latest" / "SHA256SUMS")
    assert 'url=latest/index.html"' in (site / "index.html").read_text()
    said = json.loads((site / "versions.json").read_text())
    assert said["latest"] == "1.1"
    assert [(one["version"], one["address"], one["archive"]) for one in said["versions"]] == [
        ("1.1", "v1.1/", "cnnbook-v1.1.zip"),
        ("1.0", "v1.0/", "cnnbook-v1.0.zip"),
    ]
    assert said["versions"][0]["commit"] == clone.git("rev-parse", "HEAD").strip()


def test_a_mended_old_version_does_not_become_the_latest(clone, tmp_path):
    site = tmp_path / "site"
    for version in ("2.0", "1.0.1"):
        clone.is_version(version)
        clone.build(page=version)
        add_to_site(clone.release(), site, clone.said.append)
    assert (site / "latest" / "index.html").read_text() == "2.0"


def test_the_folder_of_releases_may_be_the_site(clone):
    release = clone.release()
    add_to_site(release, clone.out, clone.said.append)
    assert tree(clone.out / "latest") == tree(release.folder)


def test_put_on_a_site_again_nothing_changes(clone, tmp_path):
    site = tmp_path / "site"
    release = clone.release()
    add_to_site(release, site, clone.said.append)
    (site / "index.html").write_text("our own front door", encoding="utf-8")
    before = tree(site)
    add_to_site(release, site, clone.said.append)
    assert tree(site) == before


def test_a_version_on_a_site_is_not_overwritten(clone, tmp_path):
    site = tmp_path / "site"
    add_to_site(clone.release(), site, clone.said.append)
    (site / "v1.0" / "index.html").write_text("altered", encoding="utf-8")
    before = tree(site)
    with pytest.raises(ValueError, match=r"v1\.0: released already, and index\.html differs"):
        add_to_site(clone.release(), site, clone.said.append)
    assert tree(site) == before


def test_a_trial_does_not_go_on_a_site(clone, tmp_path):
    (clone.root / "LICENSE").write_text("mine", encoding="utf-8")
    clone.build()
    with pytest.raises(ValueError, match=r"v1\.0\+changes: a trial does not go on a site"):
        add_to_site(clone.release(allow_dirty=True), tmp_path / "site", clone.said.append)
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("versions", "expected"),
    [(["1.0", "1.1rc1"], "1.0"), (["1.0rc1", "1.0a2"], "1.0rc1"), (["0.9", "0.10"], "0.10")],
)
def test_readers_are_shown_the_newest_that_is_no_candidate(versions, expected):
    assert newest_version(versions) == expected
