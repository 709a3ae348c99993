"""Where a build is written: beside its place, and moved there in one step when nothing is wrong with it."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console
from sphinx.application import ENV_PICKLE_FILENAME


@dataclass(frozen=True)
class Output:
    """The output folder of one builder.

    Attributes:
        target: what readers open; always a whole, good build.
        doctrees: what Sphinx remembers from build to build.
    """

    target: Path
    doctrees: Path

    @property
    def staging(self) -> Path:
        """What Sphinx writes to, and updates from build to build."""
        return self.target.with_name(f".{self.target.name}")

    @property
    def _unfinished(self) -> Path:
        """There while a build runs; still there afterwards when it failed or was killed."""
        return self.doctrees / ".unfinished"

    def begin(self) -> None:
        """Note that a build begins; forget what an earlier one left behind if it did not end well.

        Sphinx repeats no warning about a page that it does not read again, so that a second build would
        hide what was wrong in the first.
        """
        self.doctrees.mkdir(parents=True, exist_ok=True)
        self.staging.mkdir(parents=True, exist_ok=True)
        # Reports of cells that failed in an earlier build are no part of the book.
        shutil.rmtree(self.staging / "reports", ignore_errors=True)
        if self._unfinished.exists():
            self.forget()
        self._unfinished.touch()

    def forget(self) -> None:
        """Make Sphinx read every page again."""
        (self.doctrees / ENV_PICKLE_FILENAME).unlink(missing_ok=True)

    def is_older_than(self, folders: Iterable[Path]) -> bool:
        """Whether some file has changed since the last build; Sphinx itself looks at pages alone."""
        memory = self.doctrees / ENV_PICKLE_FILENAME
        files = (path for folder in folders for path in folder.rglob("*"))
        return memory.exists() and any(path.stat().st_mtime > memory.stat().st_mtime for path in files)

    def publish(self) -> None:
        """Put the build in its place."""
        new, old = (self.target.with_name(f".{self.target.name}-{name}") for name in ("new", "old"))
        for leftover in (new, old):
            shutil.rmtree(leftover, ignore_errors=True)
        shutil.copytree(self.staging, new)
        if self.target.exists():
            self.target.rename(old)
        new.rename(self.target)
        shutil.rmtree(old, ignore_errors=True)
        self._unfinished.unlink()

    def has_been_published(self) -> bool:
        """Whether there is an earlier build that was good."""
        return any(self.target.glob("*"))

    def shown(self) -> str:
        """What to open, as one would type it here."""
        index = self.target / "index.html"
        return os.path.relpath(index if index.exists() else self.target)


def hold(folder: Path, console: Console) -> FileLock:
    """Keep other builds out of a folder until the lock is released or the process ends."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".build.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        console.print(f"Waiting for another build that uses {folder} (Ctrl-C gives up).", markup=False)
        lock.acquire()
    return lock
