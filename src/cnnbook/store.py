"""Results kept by content: computed once, verified when read, safe against crashes and rivals.

An entry is a folder of files with a manifest of their checksums. It is written beside its place and moved
there in one step, so that it is there whole or not at all; a file lock keeps two builders from making the
same one. A damaged entry is reported, set aside and made again.
"""

import contextlib
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from cnnbook.digests import checksums, damage, digest_of

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

    def has(self, key: Key) -> bool:
        """Whether an entry is there and sound."""
        return _fault(self.place(key), key) is None

    def fetch(self, key: Key) -> Path | None:
        """The folder of an entry, verified; None when there is none, or when it had to be set aside."""
        place = self.place(key)
        if not place.exists():
            return None
        fault = _fault(place, key)
        if fault is None:
            return place
        aside = set_aside(place, self.root, name=place.name)
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

        def make_one(folders: Mapping[int, Path]) -> Iterator[int]:
            for number, folder in folders.items():
                make(folder)
                yield number

        (place,) = self.obtain_all([key], make_one)
        return place

    def obtain_all(
        self, keys: Sequence[Key], make: Callable[[Mapping[int, Path]], Iterable[int]]
    ) -> tuple[Path, ...]:
        """The folders of several entries, those that are not there made together.

        Args:
            keys: their addresses, no two alike.
            make: given an empty folder for each missing entry, by its place in `keys`, writes the entries'
                files and yields the place of each entry as soon as it is complete. If it fails, what it has
                yielded is kept.

        Returns:
            The folders, verified, in the order of `keys`.
        """
        places = tuple(self.place(key) for key in keys)
        missing = [n for n, key in enumerate(keys) if _fault(places[n], key) is not None]
        with contextlib.ExitStack() as locks:
            for number in sorted(missing, key=places.__getitem__):  # one order for all: no deadlock
                locks.enter_context(self.alone(keys[number]))
            missing = [n for n in missing if self.fetch(keys[n]) is None]
            if missing:
                self._write({n: keys[n] for n in missing}, make)
        return places

    def _write(self, keys: Mapping[int, Key], make: Callable[[Mapping[int, Path]], Iterable[int]]) -> None:
        """Make entries beside their places, and move each there when it is complete."""
        drafts = {n: Path(tempfile.mkdtemp(prefix=".draft-", dir=made(self.place(key).parent)))
                  for n, key in keys.items()}  # fmt: skip
        waiting = dict(keys)
        try:
            for number in make(drafts):
                self._finish(drafts[number], waiting.pop(number))
        except OSError as error:
            if error.errno in _FULL:
                raise OSError(f"{self.root}: {_full(error)}") from error
            raise
        finally:
            for draft in drafts.values():
                shutil.rmtree(draft, ignore_errors=True)
        assert not waiting, f"{len(waiting)} entries were not made"

    def _finish(self, draft: Path, key: Key) -> None:
        """Sign a complete entry and give it its name."""
        manifest = {"kind": key.kind, "material": dict(key.material), "sha256": checksums(draft)}
        (draft / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True))
        _flush(draft)
        draft.rename(self.place(key))

    @contextlib.contextmanager
    def alone(self, key: Key) -> Iterator[None]:
        """Hold the lock of one entry, saying so when another builder has it."""
        lock = FileLock(made(self.root / "locks") / f"{key.kind}-{key.digest[:32]}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            self._notify(f"{key.kind}/{key.digest[:12]}: another builder is at it; waiting for its result")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()


def made(folder: Path) -> Path:
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
    """Move what is damaged out of the way, whole.

    Args:
        path: the file or folder.
        root: where the folder "damaged" is.
        name: the new folder in "damaged" begins with its first twelve letters.

    Returns:
        The new folder, which holds it.

    Raises:
        OSError: the folder cannot be made.
    """
    aside = Path(tempfile.mkdtemp(prefix=f"{name[:12]}-", dir=made(root / "damaged")))
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


def _fault(place: Path, key: Key) -> str | None:
    """What is wrong with an entry, or None."""
    try:
        manifest = json.loads((place / MANIFEST).read_text())
        files = dict(manifest["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return f"{MANIFEST} is missing or unreadable"
    if manifest.get("material") != json.loads(json.dumps(dict(key.material))):
        return f"{MANIFEST} describes something else"
    return damage(place, files)
