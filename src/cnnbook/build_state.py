"""States of a book: everything that cells depend on, known by one digest, with a folder of its own.

Cells leave their outputs and their figures' records in the state's folder, so that a book which comes back
to an earlier state need not run them again. Checkouts that share a cache share these folders: a build
holds its folder's lock from before it writes there to its end, and no build removes a folder that is held.
"""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import BaseFileLock, FileLock, Timeout
from rich.console import Console

from cnnbook.files import acquire_lock
from cnnbook.timing import Timing

KEPT_STATES = 8
"""Folders of earlier states that are kept, so that going back is quick."""

_LOCKS = ".locks"
"""The folder of the locks, beside the states: a lock must outlive the folder that it protects."""


@dataclass(frozen=True, kw_only=True)
class BuildState:
    """A state of a book in which every chapter can run at once.

    Attributes:
        digest: SHA-256 of everything that cells depend on: package source, data, configuration, versions.
        folder: of this state. Cells leave a record of each figure they publish in `figures/<id>.json`;
            Jupyter Book keeps the executed cells in `jupyter/`.
        lock: of the folder, acquired; whoever builds releases it at the end.
        values: the numbers that prose quotes, as text, by name: "accuracy.mean" -> "99.42 %".
        notice: what stands at the top of every page; "" for nothing.
        environment: environment variables that the cells' kernels need to open the same state.
        timing: of the build.
        settings: values of Sphinx's configuration that the book's own extensions read, by name.
    """

    digest: str
    folder: Path
    lock: BaseFileLock
    values: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    timing: Timing = field(default_factory=Timing)


def lock_state_folder(states: Path, digest: str, console: Console) -> tuple[Path, BaseFileLock]:
    """Make the folder of a state if need be, and keep other builds out; long unused folders are removed.

    Args:
        states: holds the folders of all states of a book.
        digest: of the state.
        console: says whether another build is waited for.

    Returns:
        The folder and its lock, acquired.
    """
    folder = states / digest[:32]
    lock = lock_folder(folder, _lock_file(folder), console)
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    _remove_unused(states)
    return folder, lock


def lock_folder(folder: Path, lock_file: Path, console: Console) -> BaseFileLock:
    """Keep other builds out of a folder, until the lock is released or the process ends.

    Args:
        folder: that is protected.
        lock_file: of the lock, made if need be.
        console: says whether another build is waited for.

    Returns:
        The lock, acquired.
    """
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    waiting = f"Waiting for another build that uses {folder} (Ctrl-C gives up)."
    return acquire_lock(lock_file, lambda: console.print(waiting, markup=False)).lock


def _lock_file(folder: Path) -> Path:
    """The lock file of a state's folder."""
    return folder.parent / _LOCKS / f"{folder.name}.lock"


def _remove_unused(states: Path) -> None:
    """Remove all but the latest folders, except those that a build holds or has used meanwhile."""
    for leftover in states.glob(".*.removed"):  # of a build that was killed while it removed one
        shutil.rmtree(leftover, ignore_errors=True)
    used: dict[Path, float] = {}
    for folder in states.glob("[!.]*"):
        with suppress(FileNotFoundError):  # another build may remove it at this moment
            used[folder] = folder.stat().st_mtime
    for folder in sorted(used, key=used.__getitem__, reverse=True)[KEPT_STATES:]:
        with suppress(Timeout, OSError), FileLock(_lock_file(folder)).acquire(timeout=0):
            if folder.stat().st_mtime == used[folder]:
                removed = folder.with_name(f".{folder.name}.removed")
                folder.rename(removed)  # in one step: no build ever finds half a folder
                shutil.rmtree(removed)
