"""Results by content: computed once, verified when read, safe against crashes and other processes.

An entry is a folder of files with a manifest of their checksums. It is written beside its final place and
moved there in one step, so that it exists whole or not at all. Whoever computes entries holds their locks:

    with store.lock_missing(key) as missing:
        for _ in missing:  # nothing to do where the entry exists
            with store.write_entry(key) as folder:
                (folder / "value.txt").write_text(compute())
    text = (store.folder(key) / "value.txt").read_text()

A damaged entry is reported, set aside and missing from then on. The store calls nothing of those who use it
but `notify`.
"""

import contextlib
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cnnbook.digests import checksums, digest_of, find_damage
from cnnbook.files import acquire_lock

MANIFEST = "entry.json"
"""The file of an entry that lists the others with their checksums, and what the entry was made from."""

_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Key:
    """The address of an entry.

    Attributes:
        kind: its folder in the store: "nets", "results" or "figures".
        material: everything that the entry's content follows from, as plain JSON values.
    """

    kind: str
    material: Mapping[str, Any]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the material."""
        return digest_of(dict(self.material))

    def __str__(self) -> str:
        return f"{self.kind}/{self.digest[:12]}"


class Store:
    """A folder of entries.

    Args:
        root: made when the first entry is written.
        notify: called with one line when an entry is damaged, and when another process computes it.
    """

    def __init__(self, root: Path, *, notify: Callable[[str], None]) -> None:
        self.root = root
        self._notify = notify

    def folder(self, key: Key) -> Path:
        """The folder where an entry is, or would be."""
        return self._folder(key.kind, key.digest)

    def _folder(self, kind: str, digest: str) -> Path:
        return self.root / kind / digest[:32]

    def has_entry(self, kind: str, digest: str) -> bool:
        """Whether there is an entry of this digest, sound or not."""
        return (self._folder(kind, digest) / MANIFEST).exists()

    def find(self, kind: str, digest: str) -> Path | None:
        """The folder of an entry of which only the digest is known, verified; None if it is not sound.

        Args:
            kind: its folder in the store.
            digest: of its key.
        """
        folder = self._folder(kind, digest)
        return folder if entry_fault(folder) is None else None

    def has(self, key: Key) -> bool:
        """Whether an entry exists and is sound."""
        return entry_fault(self.folder(key), key) is None

    def get(self, key: Key) -> Path | None:
        """The folder of an entry, verified; None if there is none, or if it was damaged and is set aside."""
        folder = self.folder(key)
        if not folder.exists():
            return None
        fault = entry_fault(folder, key)
        if fault is None:
            return folder
        aside = set_aside(folder, self.root, name=folder.name)
        self._notify(f"{key}: {fault}; set aside in {aside}, computing it again")
        return None

    @contextlib.contextmanager
    def lock_missing(self, *keys: Key) -> Iterator[Sequence[Key]]:
        """Those entries that do not exist, for the caller to write inside the block; none if all exist.

        Their locks are held until the block ends, so that no other process computes them meanwhile. They are
        taken in one order, whatever the order of the keys: processes never wait for one another in a circle.

        Args:
            keys: of the entries, no two alike.
        """
        wanted = [key for key in keys if not self.has(key)]
        with contextlib.ExitStack() as locks:
            for key in sorted(wanted, key=self.folder):
                locks.enter_context(self.lock(key))
            yield [key for key in wanted if self.get(key) is None]

    @contextlib.contextmanager
    def write_entry(self, key: Key) -> Iterator[Path]:
        """An empty folder for the files of an entry, which exists when the block has ended without an error.

        Args:
            key: its address, whose lock is held: see `lock_missing`.

        Raises:
            OSError: the files cannot be written; if the disk is full, with what to do.
        """
        draft = make_folder(self.folder(key).parent) / f".draft-{key.digest[:32]}"
        shutil.rmtree(draft, ignore_errors=True)  # of a process that was killed: this one holds the lock
        try:
            draft.mkdir()
            yield draft
            manifest = {"kind": key.kind, "material": dict(key.material), "sha256": checksums(draft)}
            (draft / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True))
            _flush(draft)
            draft.rename(self.folder(key))
        except OSError as error:
            if error.errno in _FULL:
                raise OSError(f"{self.root}: {_full(error)}") from error
            raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    @contextlib.contextmanager
    def lock(self, key: Key) -> Iterator[None]:
        """Hold the lock of one entry, after saying so if another process has it."""
        path = make_folder(self.root / "locks") / f"{key.kind}-{key.digest[:32]}.lock"
        waiting = f"{key}: another builder is at it; waiting for its result"
        with acquire_lock(path, lambda: self._notify(waiting)):
            yield


def make_folder(folder: Path) -> Path:
    """A folder, made if need be, that can be written to.

    Raises:
        OSError: it cannot be made, or not be written to.
    """
    remedy = "set CNNBOOK_CACHE to a folder that can be written"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"{folder}: cannot be made ({error.strerror}); {remedy}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"{folder}: cannot be written to; {remedy}")
    return folder


def set_aside(path: Path, root: Path, *, name: str) -> Path:
    """Move a damaged file or folder out of the way, whole.

    Args:
        path: what is damaged.
        root: where the folder "damaged" is.
        name: the new folder in "damaged" begins with its first twelve letters.

    Returns:
        The new folder, which holds it.

    Raises:
        OSError: the folder cannot be made.
    """
    aside = Path(tempfile.mkdtemp(prefix=f"{name[:12]}-", dir=make_folder(root / "damaged")))
    with contextlib.suppress(FileNotFoundError):  # another process set it aside first
        path.rename(aside / path.name)
    return aside


def _full(error: OSError) -> str:
    """What to say when there is no room left on a disk."""
    reason = (error.strerror or "no space left on device").lower()
    return f"{reason}; make room there, or set CNNBOOK_CACHE to a folder on another disk, and start again"


def _flush(folder: Path) -> None:
    """Bring a folder's files to the disk before they get their final name."""
    for path in folder.iterdir():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())


def entry_fault(folder: Path, key: Key | None = None) -> str | None:
    """What is wrong with an entry, or None; nothing is changed.

    Args:
        folder: of the entry.
        key: its address; None for an entry of which only the folder is known.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        files = dict(manifest["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return f"{MANIFEST} is missing or unreadable"
    if key and manifest.get("material") != json.loads(json.dumps(dict(key.material))):
        return f"{MANIFEST} describes something else"
    return find_damage(folder, files)
