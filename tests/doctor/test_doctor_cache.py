"""The doctor looks at the cache and leaves it as it is: digits, results, locks; it asks no network."""

import gzip
import hashlib
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from cnnbook.data.mirrors import MIRRORS
from cnnbook.data.mnist import FILES, MnistFile
from cnnbook.doctor import cache
from cnnbook.doctor.cache import check_digits, check_locks, check_store, download_instructions
from cnnbook.store import Key, Store, entry_fault


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("the network must not be asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def tiny(tmp_path):
    """A folder with an MNIST of six and four digits, and its files' checksums."""
    folder, files = tmp_path / "data", []
    folder.mkdir()
    for file in FILES:
        count = 6 if file.field.startswith("train") else 4
        shape = (count, 28, 28) if file.field.endswith("images") else (count,)
        header = bytes([0, 0, 8, len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape)
        content = header + np.arange(np.prod(shape)).astype(np.uint8).tobytes()
        (folder / f"{file.name}.gz").write_bytes(gzip.compress(content))
        files.append(MnistFile(file.field, file.name, hashlib.sha256(content).hexdigest(), len(content)))
    return folder, tuple(files)


def test_a_folder_with_mnist_is_ok(tiny):
    folder, files = tiny
    found = check_digits(str(folder), folder, files=files)
    assert found.level == "ok"
    assert found.found == f"all of MNIST, from the folder {folder}: 6 training and 4 test images, verified"


@pytest.mark.parametrize("choice", ["auto", "full"])
def test_mnist_in_the_cache_is_ok(tiny, choice):
    folder, files = tiny
    assert check_digits(choice, folder, files=files).found == f"all of MNIST, in the cache {folder}, verified"


def test_an_empty_cache_is_a_note_that_says_what_a_build_will_do(tmp_path):
    auto, full = (check_digits(choice, tmp_path / "none") for choice in ("auto", "full"))
    assert (auto.level, full.level) == ("note", "note")
    assert "0 of MNIST's 4 files in the cache" in auto.found
    assert auto.found.endswith("'auto' means the sample of 5,000 digits")
    assert full.found.endswith("'full' is an error")


def test_a_damaged_file_in_the_cache_is_named_and_left_where_it_is(tiny):
    folder, files = tiny
    path = folder / f"{files[1].name}.gz"
    path.write_bytes(b"<html>")
    found = check_digits("auto", folder, files=files)
    assert found.level == "note"
    assert str(path) in found.found
    assert path.read_bytes() == b"<html>"


def test_a_damaged_folder_is_a_problem(tiny):
    folder, files = tiny
    (folder / f"{files[0].name}.gz").unlink()
    found = check_digits(str(folder), folder, files=files)
    assert found.level == "problem"
    assert found.found.startswith(f"{folder}: neither {files[0].name} nor")


def test_a_folder_that_is_not_there_is_a_problem(tmp_path):
    assert check_digits(str(tmp_path / "none"), tmp_path).level == "problem"


def test_a_wrong_environment_variable_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNBOOK_DATA", "nowhere")
    assert check_digits(None, tmp_path).found.startswith("CNNBOOK_DATA='nowhere': no such folder")


def test_the_sample_is_a_note():
    found = check_digits("sample", Path("none"))
    assert found.level == "note"
    assert "4,000 training and 1,000 test images" in found.found


def test_where_to_get_mnist_names_files_mirrors_and_the_variable():
    said = download_instructions()
    for word in (*MIRRORS, *(f"{file.name}.gz" for file in FILES), "CNNBOOK_DATA"):
        assert word in said


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
