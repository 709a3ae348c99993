"""The store computes once, notices damage, and is safe against crashes and rivals."""

import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from cnnbook.digests import digest_of
from cnnbook.store import MANIFEST, Key, Store

KEY = Key("results", {"experiment": "toy", "config": {"n": 3}, "nets": [1, 2]})


class Maker:
    """Writes a file and counts how often it was asked to."""

    def __init__(self, text: str = "content") -> None:
        self.text, self.calls = text, 0

    def __call__(self, folder: Path) -> None:
        self.calls += 1
        (folder / "value.txt").write_text(self.text)
        (folder / "second.txt").write_text("second")


def obtain(store: Store, key: Key, make: Callable[[Path], None]) -> Path:
    """An entry's folder, made first where there is none."""
    with store.lock_missing(key) as missing:
        for _ in missing:
            with store.write_entry(key) as folder:
                make(folder)
    return store.folder(key)


@pytest.fixture
def said() -> list[str]:
    """What the store told."""
    return []


@pytest.fixture
def store(tmp_path, said) -> Store:
    return Store(tmp_path / "store", notify=said.append)


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_an_entry_is_made_once(store, said):
    make = Maker()
    first = obtain(store, KEY, make)
    assert obtain(store, KEY, make) == first == store.folder(KEY)
    assert (first / "value.txt").read_text() == "content"
    assert (make.calls, said) == (1, [])


def test_nothing_is_there_before_it_is_made(store):
    assert store.get(KEY) is None
    assert not store.root.exists()


def test_another_store_on_the_same_folder_has_the_entry(store, tmp_path):
    obtain(store, KEY, Maker())
    rival = Maker("other")
    obtain(Store(tmp_path / "store", notify=print), KEY, rival)
    assert rival.calls == 0


def test_the_order_of_keys_in_the_material_does_not_matter():
    assert Key("results", {"a": 1, "b": {"c": 2, "d": 3}}).digest == digest_of(
        {"b": {"d": 3, "c": 2}, "a": 1}
    )


def test_another_value_another_kind_or_another_order_of_a_list_is_another_entry(store):
    places = {
        store.folder(Key(kind, {"n": n, "list": items}))
        for kind in ("nets", "results")
        for n in (1, 2)
        for items in ([1, 2], [2, 1])
    }
    assert len(places) == 8


def test_material_that_json_cannot_tell_apart_is_refused():
    with pytest.raises(ValueError, match="Out of range float values"):
        _ = Key("results", {"rate": float("nan")}).digest


def test_the_manifest_lists_checksums_and_what_the_entry_was_made_from(store):
    manifest = json.loads((obtain(store, KEY, Maker()) / MANIFEST).read_text())
    assert manifest["material"] == dict(KEY.material)
    assert manifest["kind"] == "results"
    assert set(manifest["sha256"]) == {"value.txt", "second.txt"}
    # echo -n content | sha256sum
    expected = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
    assert manifest["sha256"]["value.txt"] == expected


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_maker_that_fails_leaves_nothing_behind(store, error):
    def fail(folder: Path) -> None:
        (folder / "half.txt").write_text("half")
        raise error("stopped")

    with pytest.raises(error, match="stopped"):
        obtain(store, KEY, fail)
    assert [name for name in files_below(store.root) if not name.startswith("locks")] == []
    make = Maker()
    obtain(store, KEY, make)
    assert make.calls == 1


def test_a_flipped_byte_is_reported_set_aside_and_made_again(store, said):
    place = obtain(store, KEY, Maker())
    (place / "value.txt").write_text("cOntent")
    again = Maker()
    assert (obtain(store, KEY, again) / "value.txt").read_text() == "content"
    assert again.calls == 1
    (line,) = said
    assert line.startswith(f"results/{KEY.digest[:12]}: value.txt is damaged: its SHA-256 is not the one")
    assert "computing it again" in line
    aside = [name for name in files_below(store.root / "damaged") if name.endswith("value.txt")]
    assert [(store.root / "damaged" / name).read_text() for name in aside] == ["cOntent"]


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda place: (place / "second.txt").unlink(), "second.txt is missing"),
        (lambda place: (place / MANIFEST).unlink(), "entry.json is missing or unreadable"),
        (lambda place: (place / MANIFEST).write_text("{"), "entry.json is missing or unreadable"),
        (lambda place: (place / MANIFEST).write_text("[]"), "entry.json is missing or unreadable"),
        (lambda place: (place / MANIFEST).write_bytes(b"\xff\xfe"), "entry.json is missing or unreadable"),
        (
            lambda place: (place / MANIFEST).write_text('{"sha256": {}, "material": {"n": 4}}'),
            "entry.json describes something else",
        ),
    ],
)
def test_every_kind_of_damage_is_found_and_named(store, said, damage, fault):
    damage(obtain(store, KEY, Maker()))
    assert store.get(KEY) is None
    assert fault in said[0]
    assert not store.folder(KEY).exists()


def test_an_entry_set_aside_twice_is_kept_twice(store):
    for _ in range(2):
        (obtain(store, KEY, Maker()) / "value.txt").write_text("damaged")
        assert store.get(KEY) is None
    assert len(list((store.root / "damaged").iterdir())) == 2


def test_a_builder_waits_for_its_rival_and_says_so(store, said):
    held = threading.Event()
    make = Maker()

    def rival() -> None:
        with FileLock(store.root / "locks" / f"results-{KEY.digest[:32]}.lock"):
            held.set()
            while not said:
                threading.Event().wait(0.01)

    (store.root / "locks").mkdir(parents=True)
    thread = threading.Thread(target=rival)
    thread.start()
    held.wait(600)
    obtain(store, KEY, make)
    thread.join(600)
    assert said == [f"results/{KEY.digest[:12]}: another builder is at it; waiting for its result"]
    assert make.calls == 1


RIVAL = """
import sys, time
from pathlib import Path
from cnnbook.store import Key, Store

store, key = Store(Path(sys.argv[1]), notify=print), Key("nets", {"number": 2})
with store.lock_missing(key) as missing:
    for _ in missing:
        with open(sys.argv[2], "a") as log:
            log.write("made\\n")
        time.sleep(0.3)
        with store.write_entry(key) as folder:
            (folder / "value.txt").write_text("content")
assert (store.folder(key) / "value.txt").read_text() == "content"
"""


def test_three_processes_that_want_the_same_entry_make_it_once(tmp_path):
    log = tmp_path / "log"
    command = [sys.executable, "-c", RIVAL, str(tmp_path / "store"), str(log)]
    rivals = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [rival.wait(600) for rival in rivals] == [0, 0, 0]
    assert log.read_text() == "made\n"


def test_a_root_that_is_a_file_is_an_error_that_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"file/.*: cannot be made .*set CNNBOOK_CACHE to a folder"):
        obtain(Store(tmp_path / "file", notify=print), KEY, Maker())


def test_a_root_that_cannot_be_written_to_is_an_error_that_says_what_to_do(store, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError, match=r"locks: cannot be written to; set CNNBOOK_CACHE to a folder"):
        obtain(store, KEY, Maker())


def several(count: int) -> list[Key]:
    return [Key("nets", {"number": number}) for number in range(count)]


def test_entries_that_are_missing_are_known_together_and_in_the_order_of_their_keys(store):
    keys = several(4)
    obtain(store, keys[2], Maker("before"))
    with store.lock_missing(*keys) as missing:
        assert missing == [keys[0], keys[1], keys[3]]
        for key in missing:
            with store.write_entry(key) as folder:
                (folder / "value.txt").write_text(str(key.material["number"]))
    folders = [store.get(key) for key in keys]
    assert [folder and (folder / "value.txt").read_text() for folder in folders] == ["0", "1", "before", "3"]
    with store.lock_missing(*keys) as missing:
        assert missing == []
    assert all(map(store.has, keys))


def test_what_was_complete_before_a_failure_is_kept(store):
    first, second, third = several(3)

    def fail() -> None:
        with store.lock_missing(first, second, third):
            with store.write_entry(first) as folder:
                (folder / "value.txt").write_text("whole")
            with store.write_entry(second) as folder:
                (folder / "value.txt").write_text("half")
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [store.has(key) for key in (first, second, third)] == [True, False, False]
    assert [name for name in files_below(store.root / "nets") if "draft" in name] == []


def test_a_draft_that_a_killed_process_left_is_no_part_of_the_next_one(store):
    draft = store.folder(KEY).with_name(f".draft-{store.folder(KEY).name}")
    draft.mkdir(parents=True)
    (draft / "half.txt").write_text("half")
    folder = obtain(store, KEY, Maker())
    assert files_below(folder) == [MANIFEST, "second.txt", "value.txt"]
    assert not draft.exists()


def test_two_builders_that_want_overlapping_entries_make_each_once(store):
    """Each wants what the other one has, in the opposite order; neither waits for ever."""
    keys, made = several(6), []

    def build(wanted: list[Key]) -> None:
        with store.lock_missing(*wanted) as missing:
            for key in missing:
                with store.write_entry(key) as folder:
                    made.append(key.material["number"])
                    (folder / "value.txt").write_text("content")

    threads = [threading.Thread(target=build, args=(order,)) for order in (keys[:5], keys[:0:-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    assert sorted(made) == list(range(6))


def test_a_full_disk_is_an_error_that_says_what_to_do(store):
    def full(folder: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(
        OSError, match=r"store: no space left on device; make room there, or set CNNBOOK_CACHE"
    ):
        obtain(store, KEY, full)
