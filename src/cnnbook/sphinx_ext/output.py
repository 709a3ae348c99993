"""Where a build is written: beside its place, and moved there in one step when nothing is wrong with it."""

import ctypes
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sphinx.application import ENV_PICKLE_FILENAME

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
"""Constants of Linux: paths from the current folder, and the flag that exchanges them."""


@dataclass(frozen=True)
class BuildOutput:
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
    def _new(self) -> Path:
        """The build that is about to be published; once exchanged, the one before it."""
        return self.target.with_name(f".{self.target.name}-new")

    @property
    def _old(self) -> Path:
        """The build before, where folders cannot be exchanged, until the new one is in its place."""
        return self.target.with_name(f".{self.target.name}-old")

    @property
    def _unfinished(self) -> Path:
        """There while a build runs; still there afterwards when it failed or was killed."""
        return self.doctrees / ".unfinished"

    def begin_build(self) -> None:
        """Note that a build begins; forget what an earlier one left behind if it did not end well.

        Sphinx repeats no warning about a page that it does not read again, so that a second build would
        hide what was wrong in the first.
        """
        self.doctrees.mkdir(parents=True, exist_ok=True)
        self.staging.mkdir(parents=True, exist_ok=True)
        # Reports of cells that failed in an earlier build are no part of the book.
        shutil.rmtree(self.staging / "reports", ignore_errors=True)
        if self._unfinished.exists():
            self.forget_environment()
        self._unfinished.touch()

    def forget_environment(self) -> None:
        """Make Sphinx read every page again."""
        (self.doctrees / ENV_PICKLE_FILENAME).unlink(missing_ok=True)

    def remove_stale_assets(self) -> None:
        """Let all pages be written as in a clean build, before they are.

        MyST-NB copies its style after the pages are written, so that only a page written again would link it
        with a checksum; and Sphinx adds to an index for the search instead of writing it anew.
        """
        for leftover in (*self.staging.glob("_static/mystnb.*.css"), *self.staging.glob("searchindex.js")):
            leftover.unlink()

    def is_older_than(self, folders: Iterable[Path]) -> bool:
        """Whether some file has changed since the last build; Sphinx itself looks at pages alone."""
        memory = self.doctrees / ENV_PICKLE_FILENAME
        files = (path for folder in folders for path in folder.rglob("*"))
        return memory.exists() and any(path.stat().st_mtime > memory.stat().st_mtime for path in files)

    def publish(self) -> None:
        """Put the build in its place; where the system can exchange folders, in one step."""
        shutil.rmtree(self._new, ignore_errors=True)
        shutil.copytree(self.staging, self._new)
        if not self.target.exists():
            self._new.rename(self.target)
        elif not exchange(self._new, self.target):
            shutil.rmtree(self._old, ignore_errors=True)
            self.target.rename(self._old)
            self._new.rename(self.target)
        for leftover in (self._new, self._old):
            shutil.rmtree(leftover, ignore_errors=True)
        self._unfinished.unlink()

    def restore_published(self) -> None:
        """Put back what was published last, if a build was killed when it had moved that aside."""
        if not self.target.exists() and self._old.exists():
            self._old.rename(self.target)

    def has_been_published(self) -> bool:
        """Whether there is an earlier build that was good."""
        return any(self.target.glob("*"))

    def path_to_open(self) -> str:
        """What to open, as one would type it here."""
        index = self.target / "index.html"
        return os.path.relpath(index if index.exists() else self.target)


def exchange(first: Path, second: Path) -> bool:
    """Give two existing paths each other's name in one step: Linux's `renameat2(2)` with `RENAME_EXCHANGE`.

    Args:
        first: on the same file system as `second`.
        second: such that a reader finds one or the other there at every moment.

    Returns:
        Whether it was done; False where the system or the file system cannot do it.
    """
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if sys.platform == "linux" else None
    return rename is not None and 0 == rename(
        _AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE
    )
