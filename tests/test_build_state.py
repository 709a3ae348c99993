"""States of a book: each has a folder that one build holds at a time, and only free ones are removed."""

import io
import os
import threading
from pathlib import Path

import pytest
from filelock import FileLock
from rich.console import Console

from cnnbook.build_state import KEPT_STATES, lock_state_folder

SILENT = Console(file=io.StringIO())


@pytest.fixture
def states(tmp_path: Path) -> Path:
    return tmp_path / "states"


def used(states: Path, digest: str, age: int) -> Path:
    """The folder of a state that a build used that many seconds ago."""
    folder, lock = lock_state_folder(states, digest, SILENT)
    (folder / "outputs").write_text(digest)
    os.utime(folder, (1e9 - age, 1e9 - age))
    lock.release()
    return folder


def names(states: Path) -> set[str]:
    return {path.name for path in states.iterdir() if not path.name.startswith(".")}


def test_a_state_that_another_build_holds_is_not_removed_however_old(states):
    held, lock = lock_state_folder(states, "held", SILENT)
    os.utime(held, (1, 1))
    for age in range(KEPT_STATES + 1):
        used(states, f"state-{age}", age)
    assert held.is_dir()
    lock.release()
    used(states, "another", 0)
    assert not held.exists()


def test_a_state_that_was_used_again_before_its_turn_came_is_not_removed(states, monkeypatch):
    old = used(states, "old", 1000)
    for age in range(KEPT_STATES - 1):
        used(states, f"state-{age}", age)
    acquire = FileLock.acquire

    def use_old_first(self, *args, **options):
        """Another build uses the oldest state between the list's making and the lock."""
        if Path(self.lock_file).stem == "old":
            os.utime(old)
        return acquire(self, *args, **options)

    monkeypatch.setattr(FileLock, "acquire", use_old_first)
    used(states, "new", 0)
    assert (old / "outputs").read_text() == "old"


def test_what_a_build_killed_while_removing_left_behind_is_removed(states):
    leftover = states / ".state-1.removed" / "outputs"
    leftover.parent.mkdir(parents=True)
    leftover.write_text("half")
    used(states, "new", 0)
    assert not leftover.parent.exists()


class Watched(io.StringIO):
    """Text that tells a test when something is written."""

    def __init__(self) -> None:
        super().__init__()
        self.has_text = threading.Event()

    def write(self, text: str) -> int:
        self.has_text.set()
        return super().write(text)


def test_a_second_build_of_a_state_says_that_it_waits_and_goes_on_when_the_first_has_ended(states):
    folder, lock = lock_state_folder(states, "state", SILENT)
    said, found = Watched(), []

    def build() -> None:
        second, its_lock = lock_state_folder(states, "state", Console(file=said, soft_wrap=True))
        found.append((second / "outputs").read_text())
        its_lock.release()

    second = threading.Thread(target=build)
    second.start()
    assert said.has_text.wait(60)
    (folder / "outputs").write_text("of the first")
    lock.release()
    second.join(60)
    assert found == ["of the first"]
    assert said.getvalue() == f"Waiting for another build that uses {folder} (Ctrl-C gives up).\n"
