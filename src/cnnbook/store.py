"""Results kept by content: computed once, verified when read, safe against crashes and rivals.

An entry is a folder of files with a manifest of their checksums. It is written beside its place and moved
there in one step, so that it is there whole or not at all; a file lock keeps two builders from making the
same one. A damaged entry is reported, set aside and made again.
"""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from cnnbook.digests import digest_of, file_digest

MANIFEST = "entry.json"
"""The file of an entry that lists the others with their checksums, and what the entry was made from."""


@dataclass(frozen=True)
class Key:
    """The address of an entry.

    Attributes:
        kind: its folder in the store: "nets", "results" or "figures".
        material: everything that the entry's content follows from, as plain JSON values.
    """

    kind: str
    material: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 of the material."""
        return digest_of(dict(self.material))


class Store:
    """A folder of entries.

    Args:
        root: made when the first entry is written.
        notify: told, in one line, of damage found and of waiting for another builder.
    """

    def __init__(self, root: Path, *, notify: Callable[[str], None]) -> None:
        self.root = root
        self._notify = notify

    def place(self, key: Key) -> Path:
        """The folder where an entry is, or would be."""
        return self.root / key.kind / key.digest[:32]

    def fetch(self, key: Key) -> Path | None:
        """The folder of an entry, verified; None when there is none, or when it had to be set aside."""
        place = self.place(key)
        if not place.exists():
            return None
        fault = _fault(place, key)
        if fault is None:
            return place
        aside = Path(tempfile.mkdtemp(prefix=f"{place.name[:12]}-", dir=_made(self.root / "damaged")))
        with contextlib.suppress(FileNotFoundError):  # a rival set it aside first
            place.rename(aside / place.name)
        self._notify(f"{key.kind}/{place.name[:12]}: {fault}; set aside in {aside}, computing it again")
        return None

    def obtain(self, key: Key, make: Callable[[Path], None]) -> Path:
        """The folder of an entry, made first if it is not there.

        Args:
            key: its address.
            make: writes the entry's files into the empty folder it is given.

        Returns:
            The folder, verified.
        """
        place = self.place(key)
        if _fault(place, key) is None:
            return place
        with self._alone(key):
            found = self.fetch(key)
            return found if found is not None else self._write(key, make)

    def _write(self, key: Key, make: Callable[[Path], None]) -> Path:
        """Make an entry beside its place, then move it there."""
        place = self.place(key)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=_made(place.parent)))
        try:
            make(draft)
            files = {path.name: file_digest(path) for path in sorted(draft.iterdir())}
            manifest = {"kind": key.kind, "material": dict(key.material), "sha256": files}
            (draft / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True))
            _flush(draft)
            draft.rename(place)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return place

    @contextlib.contextmanager
    def _alone(self, key: Key) -> Iterator[None]:
        """Hold the lock of one entry, saying so when another builder has it."""
        lock = FileLock(_made(self.root / "locks") / f"{key.kind}-{key.digest[:32]}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            self._notify(f"{key.kind}/{key.digest[:12]}: another builder is at it; waiting for its result")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()


def _made(folder: Path) -> Path:
    """A folder, made if need be, that can be written to."""
    remedy = "set CNNBOOK_CACHE to a folder that can be written"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"{folder}: cannot be made ({error.strerror}); {remedy}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"{folder}: cannot be written to; {remedy}")
    return folder


def _flush(folder: Path) -> None:
    """Bring a folder's files to the disk before they get their final name."""
    for path in folder.iterdir():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())


def _fault(place: Path, key: Key) -> str | None:
    """What is wrong with an entry, or None."""
    try:
        manifest = json.loads((place / MANIFEST).read_text())
        files = dict(manifest["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return f"{MANIFEST} is missing or unreadable"
    if manifest.get("material") != json.loads(json.dumps(dict(key.material))):
        return f"{MANIFEST} describes something else"
    for name, expected in files.items():
        path = place / name
        if not path.is_file():
            return f"{name} is missing"
        if file_digest(path) != expected:
            return f"{name} is damaged: its SHA-256 is not the one noted when it was written"
    return None
