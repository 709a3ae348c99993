"""SHA256SUMS as sha256sum reads it, and ZIPs whose bytes follow from their files."""

import hashlib
import shutil
import subprocess
import zipfile

import pytest
from recorded import read_checksums

from cnnbook.publishing.folders import (
    checksums_text,
    first_differing_file,
    folder_checksums,
    write_zip,
)


@pytest.fixture
def folder(tmp_path):
    """Two files of ours, one hidden."""
    place = tmp_path / "folder"
    (place / "über").mkdir(parents=True)
    (place / "b.txt").write_bytes(b"b")
    (place / "über" / "a file.txt").write_bytes(b"a")
    (place / ".hidden").write_bytes(b"h")
    return place


def test_the_sums_are_these(folder):
    assert checksums_text(folder_checksums(folder)) == (
        "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d  b.txt\n"
        "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  über/a file.txt\n"
    )


def test_the_sums_file_is_not_in_itself_and_reads_back(folder):
    sums = folder_checksums(folder)
    (folder / "SHA256SUMS").write_text(checksums_text(sums), encoding="utf-8")
    assert folder_checksums(folder) == sums == read_checksums(folder / "SHA256SUMS")


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_sha256sum_itself_accepts_them(folder):
    (folder / "SHA256SUMS").write_text(checksums_text(folder_checksums(folder)), encoding="utf-8")
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0
    (folder / "b.txt").write_bytes(b"c")
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 1


def test_a_name_that_the_format_cannot_write_is_refused():
    with pytest.raises(ValueError, match=r"a file's name may have no line break and no backslash"):
        checksums_text({"a\nb": "0" * 64})


@pytest.mark.parametrize(
    ("other", "expected"),
    [({"a": "1", "b": "2"}, None), ({"a": "1"}, "b"), ({"a": "9", "b": "2"}, "a"), ({"0": "0"}, "0")],
)
def test_the_first_difference_is_named(other, expected):
    assert first_differing_file({"a": "1", "b": "2"}, other) == expected


def test_a_zip_has_the_same_bytes_again_whatever_the_clock_and_the_rights(folder, tmp_path):
    write_zip(folder, tmp_path / "1.zip", top="book", day="2026-11-22")
    copy = tmp_path / "copy"
    (copy / "über").mkdir(parents=True)
    for name in ("über/a file.txt", "b.txt"):
        (copy / name).write_bytes((folder / name).read_bytes())
        (copy / name).chmod(0o600)
    write_zip(copy, tmp_path / "2.zip", top="book", day="2026-11-22")
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()


def test_a_zip_opens_again_with_all_files_in_one_folder(folder, tmp_path):
    write_zip(folder, tmp_path / "1.zip", top="book", day="2026-11-22")
    with zipfile.ZipFile(tmp_path / "1.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["book/b.txt", "book/über/a file.txt"]
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 11, 22, 0, 0, 0)}
        assert hashlib.sha256(archive.read("book/b.txt")).hexdigest() == folder_checksums(folder)["b.txt"]


def test_a_day_before_all_zips_becomes_their_first(folder, tmp_path):
    write_zip(folder, tmp_path / "1.zip", top="book", day="1970-01-01")
    with zipfile.ZipFile(tmp_path / "1.zip") as archive:
        assert archive.infolist()[0].date_time[:3] == (1980, 1, 1)
