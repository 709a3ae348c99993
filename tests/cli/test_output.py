"""A file that a command cannot write is refused before the work."""

from pathlib import Path

import pytest

from cnnbook.cli.output import check_writable


def test_a_new_name_and_an_old_file_are_both_fine(in_a_folder):
    check_writable(in_a_folder / "new", "--out")
    (in_a_folder / "old").write_text("old")
    check_writable(in_a_folder / "old", "--out")
    assert (in_a_folder / "old").read_text() == "old"
    assert [path.name for path in in_a_folder.iterdir()] == ["old"], "trying leaves nothing behind"


def test_a_folder_is_refused(in_a_folder):
    with pytest.raises(ValueError, match=r"--out=.*: a folder; expected the name of a file in it"):
        check_writable(in_a_folder, "--out")


def test_a_device_is_refused():
    with pytest.raises(ValueError, match=r"--npz='/dev/null': not an ordinary file"):
        check_writable(Path("/dev/null"), "--npz")


def test_a_missing_folder_is_named_with_the_command_that_makes_it(in_a_folder):
    with pytest.raises(FileNotFoundError, match=r"--out=.*: no folder .*/runs; 'mkdir -p .*/runs' makes it"):
        check_writable(in_a_folder / "runs" / "net", "--out")


def test_a_place_where_nothing_can_be_written_is_refused():
    with pytest.raises(OSError, match=r"--out='/proc/weights': cannot be written .*; choose another folder"):
        check_writable(Path("/proc/weights"), "--out")
