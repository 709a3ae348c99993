"""Is the store of results sound, and does another process write to it?"""

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from cnnbook.digests import file_digest
from cnnbook.doctor.finding import Finding, note, ok
from cnnbook.store import MANIFEST

KINDS = ("nets", "results", "figures")
"""Folders of entries in a store."""

LONGEST_S = 1.5
"""Seconds after which no more entries are verified: every read verifies its own."""


def store(root: Path) -> Finding:
    """How much the store holds, and whether it is what was written."""
    entries = [path for kind in KINDS for path in _entries(root / kind)]
    aside = root / "damaged"
    counts = ", ".join(f"{len(list(_entries(root / kind)))} {kind}" for kind in KINDS)
    if not entries and not aside.exists():
        return ok("store", f"{root}: empty; the first build fills it")
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    faults, verified = _verify(entries)
    said = f"{root}: {counts}, {size / 1e6:,.0f} MB"
    if faults:
        damaged = f"{len(faults)} damaged ({'; '.join(faults[:3])})"
        return note("store", f"{said}; {damaged}: computed again when next asked for")
    if aside.is_dir() and any(aside.iterdir()):
        said += f"; damaged entries were set aside in {aside}"
        return note("store", said, f"rm -r '{aside}' removes them")
    return ok("store", f"{said}, " + ("verified" if verified == len(entries) else f"{verified} verified"))


def locks(folders: Sequence[Path]) -> Finding:
    """Is another process making something?

    Args:
        folders: where lock files lie.
    """
    paths = [path for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.lock"))]
    held = [path.stem for path in paths if _is_held(path)]
    if held:
        said = f"another process is at work on {', '.join(held[:3])}; a build waits until it ends"
        return note("locks", said)
    return ok("locks", "nobody else is at work")


def entry_fault(folder: Path) -> str | None:
    """What is wrong with an entry of a store, or None; nothing is changed.

    Args:
        folder: of the entry.
    """
    try:
        files = dict(json.loads((folder / MANIFEST).read_text())["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return f"{folder.parent.name}/{folder.name[:12]}: {MANIFEST} is missing or unreadable"
    for name, expected in files.items():
        path = folder / name
        if not path.is_file() or file_digest(path) != expected:
            return f"{folder.parent.name}/{folder.name[:12]}: {name} is damaged or missing"
    return None


def _entries(kind: Path) -> Iterator[Path]:
    """The entries of one kind, without drafts."""
    if kind.is_dir():
        entries = (path for path in sorted(kind.iterdir()) if path.is_dir())
        yield from (path for path in entries if not path.name.startswith("."))


def _verify(entries: Sequence[Path]) -> tuple[list[str], int]:
    """What is wrong with entries, and how many were looked at in the time there is."""
    begin, faults = time.monotonic(), []
    for count, entry in enumerate(entries):
        if time.monotonic() - begin > LONGEST_S:
            return faults, count
        fault = entry_fault(entry)
        if fault is not None:
            faults.append(fault)
    return faults, len(entries)


def _is_held(path: Path) -> bool:
    """Whether another process holds a lock."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False  # nobody can hold what cannot be opened; `machine.disk` looks at the folder
    lock.release()
    return False
