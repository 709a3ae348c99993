"""Files of this machine: the cache is where the environment says, and a file is whole or not there."""

from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from cnnbook.files import acquire_lock, atomic_write, cache_folder, read_remembered, write_remembered


@pytest.mark.parametrize(
    ("named", "expected"),
    [("~/cache", Path("~/cache").expanduser()), ("cache", Path.cwd() / "cache"), ("/c", Path("/c"))],
)
def test_the_cache_is_where_the_environment_says(monkeypatch, named, expected):
    monkeypatch.setenv("CNNBOOK_CACHE", named)
    assert cache_folder() == expected


def test_the_home_of_an_unknown_user_is_refused(monkeypatch):
    monkeypatch.setenv("CNNBOOK_CACHE", "~nobody-of-that-name/x")
    with pytest.raises(ValueError, match="CNNBOOK_CACHE='~nobody-of-that-name/x': no such user"):
        cache_folder()


def test_without_a_word_the_cache_is_the_users_own(monkeypatch):
    monkeypatch.setenv("CNNBOOK_CACHE", "")
    assert cache_folder().name == "cnnbook"
    assert cache_folder().is_absolute()


def test_a_file_gets_its_name_when_it_is_whole(tmp_path):
    with atomic_write(tmp_path / "net") as draft:
        draft.write_text("half")
        assert not (tmp_path / "net").exists()
    assert (tmp_path / "net").read_text() == "half"
    assert [path.name for path in tmp_path.iterdir()] == ["net"]


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "net").write_text("old")
    with pytest.raises(RuntimeError, match="half way"):
        _write_half(tmp_path / "net")
    assert (tmp_path / "net").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["net"]


def _write_half(path):
    with atomic_write(path) as draft:
        draft.write_text("new")
        raise RuntimeError("half way")


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    with atomic_write(tmp_path / "link") as draft:
        draft.write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_what_is_remembered_comes_back_from_a_folder_that_was_made_for_it(tmp_path):
    write_remembered(tmp_path / "new" / "seconds.json", {"census": 4.5, "größe": "3 × 3"})
    assert read_remembered(tmp_path / "new" / "seconds.json") == {"census": 4.5, "größe": "3 × 3"}


@pytest.mark.parametrize("content", [None, b"", b"{", b"[1, 2]", b"7", b"\xff"])
def test_what_cannot_be_read_counts_as_forgotten(tmp_path, content):
    if content is not None:
        (tmp_path / "seconds.json").write_bytes(content)
    assert read_remembered(tmp_path / "seconds.json") == {}


def test_a_lock_that_another_process_has_is_waited_for_after_a_report(tmp_path):
    reports = []
    with FileLock(tmp_path / "lock"):
        with pytest.raises(Timeout), acquire_lock(tmp_path / "lock", lambda: reports.append(1), timeout=0.1):
            pytest.fail("the lock is another's")
    assert reports == [1]
    with acquire_lock(tmp_path / "lock", lambda: reports.append(2)), pytest.raises(Timeout):
        FileLock(tmp_path / "lock").acquire(blocking=False)
    assert reports == [1]
