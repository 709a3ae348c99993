"""The store is looked at, and left as it is."""

import subprocess
import sys

import pytest
from filelock import FileLock

from cnnbook.doctor import cache
from cnnbook.doctor.cache import check_locks, check_store
from cnnbook.store import Key, Store, entry_fault


@pytest.fixture
def root(tmp_path):
    """A store with two networks and a figure."""
    kept = Store(tmp_path / "store", notify=print)
    for kind, number in (("nets", 0), ("nets", 1), ("figures", 0)):
        with kept.write_entry(Key(kind, {"number": number})) as folder:
            (folder / "file").write_text("content")
    return kept.root


def test_an_empty_store_is_ok(tmp_path):
    assert check_store(tmp_path / "none").found.endswith("empty; the first build fills it")


def test_a_sound_store_is_counted_and_verified(root):
    found = check_store(root)
    assert (found.level, found.found) == ("ok", f"{root}: 2 nets, 0 results, 1 figures, 0 MB, verified")


@pytest.mark.parametrize("damage", ["change", "remove", "manifest"])
def test_a_damaged_entry_is_named_and_left_where_it_is(root, damage):
    entry = sorted((root / "nets").iterdir())[0]
    if damage == "change":
        (entry / "file").write_text("other")
    elif damage == "remove":
        (entry / "file").unlink()
    else:
        (entry / "entry.json").write_text("{}")
    found = check_store(root)
    assert found.level == "note"
    assert f"1 damaged (nets/{entry.name[:12]}: " in found.found
    assert entry.is_dir()
    assert entry_fault(entry)


def test_entries_that_were_set_aside_are_a_note(root):
    (root / "damaged" / "one").mkdir(parents=True)
    found = check_store(root)
    assert (found.level, found.mend) == ("note", f"rm -r '{root / 'damaged'}' removes them")


def test_drafts_of_a_build_that_runs_are_no_entries(root):
    (root / "nets" / ".draft-1").mkdir()
    assert check_store(root).level == "ok"


def test_a_large_store_is_verified_as_far_as_time_allows(root, monkeypatch):
    monkeypatch.setattr(cache, "LONGEST_S", -1)
    assert check_store(root).found.endswith("0 verified")


def test_locks_that_nobody_holds_are_ok(root):
    assert check_locks([root / "locks", root / "none"]).level == "ok"


def test_a_lock_that_another_process_holds_is_a_note(tmp_path):
    held = tmp_path / "nets-abc.lock"
    lock = f"import filelock; lock = filelock.FileLock({str(held)!r}); lock.acquire();"
    code = f"{lock} print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        found = check_locks([tmp_path])
        other.communicate(b"\n")
    assert found.level == "note"
    assert "nets-abc" in found.found
    with FileLock(held, timeout=0):
        pass
