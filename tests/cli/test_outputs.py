"""A file that a command writes is refused before the work, and is there whole or not at all."""

from pathlib import Path

import pytest

from cnnbook.cli.outputs import check_place, drafted


def test_a_new_name_and_an_old_file_are_both_fine(in_a_folder):
    check_place(in_a_folder / "new", "--out")
    (in_a_folder / "old").write_text("old")
    check_place(in_a_folder / "old", "--out")
    assert (in_a_folder / "old").read_text() == "old"
    assert [path.name for path in in_a_folder.iterdir()] == ["old"], "trying leaves nothing behind"


def test_a_folder_is_refused(in_a_folder):
    with pytest.raises(ValueError, match=r"--out=.*: a folder; expected the name of a file in it"):
        check_place(in_a_folder, "--out")


def test_a_device_is_refused():
    with pytest.raises(ValueError, match=r"--npz='/dev/null': not an ordinary file"):
        check_place(Path("/dev/null"), "--npz")


def test_a_missing_folder_is_named_with_the_command_that_makes_it(in_a_folder):
    with pytest.raises(FileNotFoundError, match=r"--out=.*: no folder .*/runs; 'mkdir -p .*/runs' makes it"):
        check_place(in_a_folder / "runs" / "net", "--out")


def test_a_place_where_nothing_can_be_written_is_refused():
    with pytest.raises(OSError, match=r"--out='/proc/weights': cannot be written .*; choose another folder"):
        check_place(Path("/proc/weights"), "--out")


def test_a_file_gets_its_name_when_it_is_whole(in_a_folder):
    with drafted(in_a_folder / "net") as draft:
        draft.write_text("half")
        assert not (in_a_folder / "net").exists()
    assert (in_a_folder / "net").read_text() == "half"
    assert [path.name for path in in_a_folder.iterdir()] == ["net"]


def test_what_fails_leaves_the_old_file_and_nothing_else(in_a_folder):
    (in_a_folder / "net").write_text("old")
    with pytest.raises(RuntimeError, match="half way"):
        _write_half(in_a_folder / "net")
    assert (in_a_folder / "net").read_text() == "old"
    assert [path.name for path in in_a_folder.iterdir()] == ["net"]


def _write_half(path):
    with drafted(path) as draft:
        draft.write_text("new")
        raise RuntimeError("half way")


def test_a_link_stays_a_link(in_a_folder):
    (in_a_folder / "real").write_text("old")
    (in_a_folder / "link").symlink_to("real")
    with drafted(in_a_folder / "link") as draft:
        draft.write_text("new")
    assert (in_a_folder / "link").is_symlink()
    assert (in_a_folder / "real").read_text() == "new"
