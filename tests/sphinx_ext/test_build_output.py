"""Publishing a build: readers find a whole site at every moment, whenever the build is killed."""

import os
import sys
from pathlib import Path

import pytest
from sphinx.application import ENV_PICKLE_FILENAME

from cnnbook.sphinx_ext import output as output_module
from cnnbook.sphinx_ext.output import BuildOutput, copy_changed, exchange, is_same_file


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def output(tmp_path: Path) -> BuildOutput:
    return BuildOutput(target=tmp_path / "html", doctrees=tmp_path / "doctrees")


def test_a_build_is_published_whole(output: BuildOutput):
    output.begin_build()
    (output.staging / "index.html").write_text("new")
    assert not output.has_been_published()
    output.publish()
    assert (output.target / "index.html").read_text() == "new"
    assert sorted(path.name for path in output.target.parent.iterdir()) == [".html", "doctrees", "html"]


def test_publishing_removes_what_is_no_longer_there(output: BuildOutput):
    output.target.mkdir()
    (output.target / "old.html").write_text("old")
    output.begin_build()
    output.publish()
    assert not (output.target / "old.html").exists()


def test_after_a_build_that_did_not_end_well_every_page_is_read_again(output: BuildOutput):
    output.begin_build()
    memory = output.doctrees / ENV_PICKLE_FILENAME
    memory.write_text("what the failed build remembers")
    output.begin_build()
    assert not memory.exists()


def test_after_a_good_build_memory_is_kept(output: BuildOutput):
    output.begin_build()
    memory = output.doctrees / ENV_PICKLE_FILENAME
    memory.write_text("what the good build remembers")
    output.publish()
    output.begin_build()
    assert memory.exists()


def published(output: BuildOutput) -> str | None:
    index = output.target / "index.html"
    return index.read_text() if index.exists() else None


def publish(output: BuildOutput, text: str) -> None:
    output.begin_build()
    (output.staging / "index.html").write_text(text)
    output.publish()


@pytest.fixture(params=["one step", "two renames"])
def either_way(request, monkeypatch) -> None:
    """A file system that can exchange folders, and one that cannot."""
    if request.param == "two renames":
        monkeypatch.setattr(output_module, "exchange", lambda first, second: False)


def kill_at(monkeypatch: pytest.MonkeyPatch, number: int, when: str) -> None:
    """End the process before or after so many renames, exchanges among them."""
    done = 0

    def killing(rename):
        def call(*paths):
            nonlocal done
            done += 1
            if (done, when) == (number, "before"):
                raise Killed
            result = rename(*paths)
            if (done, when) == (number, "after"):
                raise Killed
            return result

        return call

    monkeypatch.setattr(Path, "rename", killing(Path.rename))
    monkeypatch.setattr(output_module, "exchange", killing(output_module.exchange))


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_build_killed_at_any_rename_leaves_a_whole_site_or_the_next_build_restores_it(
    output, number, when, monkeypatch
):
    publish(output, "old")
    with monkeypatch.context() as patch:
        kill_at(patch, number, when)
        try:
            publish(output, "new")
        except Killed:
            pass
        else:
            assert published(output) == "new"  # it has fewer renames than that
    output.restore_published()
    assert published(output) in ("old", "new")
    publish(output, "newer")
    assert published(output) == "newer"
    assert sorted(path.name for path in output.target.parent.iterdir()) == [".html", "doctrees", "html"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges folders so far")
def test_between_two_builds_there_is_no_moment_without_a_site(output, monkeypatch):
    publish(output, "old")
    rename = Path.rename
    moved: list[str] = []

    def noting(path: Path, target: Path) -> Path:
        moved.append(path.name)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", noting)
    publish(output, "new")
    assert published(output) == "new"
    assert moved == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges folders so far")
def test_folders_are_exchanged_only_where_both_exist(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        (folder / "name").write_text(folder.name)
    assert exchange(first, second)
    assert [(folder / "name").read_text() for folder in (first, second)] == ["second", "first"]
    assert not exchange(first, tmp_path / "nothing")
    assert (first / "name").read_text() == "second"


def test_a_site_that_is_there_is_not_replaced_by_an_older_one(output):
    publish(output, "published")
    leftover = output.target.with_name(".html-old")
    leftover.mkdir()
    (leftover / "index.html").write_text("older")
    output.restore_published()
    assert published(output) == "published"


@pytest.mark.parametrize(
    ("content", "later", "same"),
    [(b"old", False, True), (b"old", True, True), (b"new", True, False), (b"longer", False, False)],
)
def test_files_are_the_same_by_size_and_time_or_by_their_bytes(tmp_path, content, later, same):
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"old")
    second.write_bytes(content)
    os.utime(first, ns=(1, 1))
    os.utime(second, ns=(1, 2 if later else 1))
    assert is_same_file(first, second) == same


def test_a_copy_is_made_once_and_again_when_the_file_has_changed(tmp_path):
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.write_text("one")
    copy_changed(source, copy)
    os.utime(copy, ns=(1, 1))
    copy_changed(source, copy)
    assert copy.stat().st_mtime_ns == 1
    source.write_text("two")
    copy_changed(source, copy)
    assert copy.read_text() == "two"


def test_a_published_build_shares_what_has_not_changed_with_the_one_before_and_nothing_with_what_is_written(
    tmp_path,
):
    output = BuildOutput(target=tmp_path / "html", doctrees=tmp_path / "doctrees")
    output.begin_build()
    for name in ("same", "edited"):
        (output.staging / name).write_text("first")
    output.publish()
    before = (output.target / "same").stat().st_ino
    output.begin_build()
    (output.staging / "edited").write_text("second")
    output.publish()
    assert (output.target / "edited").read_text() == "second"
    assert (output.target / "same").stat().st_ino == before
    assert (output.staging / "same").stat().st_ino != before
