"""Where a build is written: beside its place, and moved there in one step when nothing is wrong with it."""

import contextlib
import ctypes
import filecmp
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sphinx.application import ENV_PICKLE_FILENAME

from cnnbook.sphinx_ext.incremental import WRITTEN

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
        for name in (ENV_PICKLE_FILENAME, WRITTEN):
            (self.doctrees / name).unlink(missing_ok=True)

    def remove_stale_assets(self) -> None:
        """Let all pages be written as in a clean build, before they are; the index for the search too."""
        self.remove_stale_style()
        for leftover in self.staging.glob("searchindex.js"):
            leftover.unlink()

    def remove_stale_style(self) -> None:
        """Let pages be written as in a clean build, before they are.

        MyST-NB copies its style after the pages are written, so that only a page written again would link it
        with a checksum.
        """
        for leftover in self.staging.glob("_static/mystnb.*.css"):
            leftover.unlink()

    def is_older_than(self, folders: Iterable[Path]) -> bool:
        """Whether some file has changed since the last build; Sphinx itself looks at pages alone."""
        memory = self.doctrees / ENV_PICKLE_FILENAME
        files = (path for folder in folders for path in folder.rglob("*"))
        return memory.exists() and any(path.stat().st_mtime > memory.stat().st_mtime for path in files)

    def publish(self) -> None:
        """Put the build in its place; where the system can exchange folders, in one step.

        What is published shares no file with what Sphinx will write to; but a file that has not changed is
        shared with the build before.
        """
        if self._is_published():
            self._unfinished.unlink()
            return
        shutil.rmtree(self._new, ignore_errors=True)
        shutil.copytree(self.staging, self._new, copy_function=self._copy)
        if not self.target.exists():
            self._new.rename(self.target)
        elif not exchange(self._new, self.target):
            shutil.rmtree(self._old, ignore_errors=True)
            self.target.rename(self._old)
            self._new.rename(self.target)
        for leftover in (self._new, self._old):
            shutil.rmtree(leftover, ignore_errors=True)
        self._unfinished.unlink()

    def _is_published(self) -> bool:
        """Whether what is published is what Sphinx has written."""
        written, published = (
            {path.relative_to(root) for path in root.rglob("*")} for root in (self.staging, self.target)
        )
        return written == published and all(
            is_same_file(self.staging / name, self.target / name) for name in written
        )

    def _copy(self, source: str, copy: str) -> None:
        """Copy a file that Sphinx has written, or share the published one if it has not changed."""
        published = self.target / Path(source).relative_to(self.staging)
        if published.is_file() and is_same_file(Path(source), published):
            with contextlib.suppress(OSError):  # a file system without links
                os.link(published, copy)
                return
        shutil.copy2(source, copy)

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


def is_same_file(first: Path, second: Path) -> bool:
    """Whether two files have the same bytes; those of one size and one time of change count as the same.

    Args:
        first: a file, or a folder, which counts as the same as another folder.
        second: likewise.
    """
    if first.is_dir() or second.is_dir():
        return first.is_dir() and second.is_dir()
    one, other = first.stat(), second.stat()
    same_time = (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)
    return same_time or (one.st_size == other.st_size and filecmp.cmp(first, second, shallow=False))


def copy_changed(source: str | Path, copy: str | Path) -> None:
    """Copy a file with its time of change, unless the copy is there and the same.

    Args:
        source: the file.
        copy: where it goes; the folder exists.
    """
    if not Path(copy).is_file() or not is_same_file(Path(source), Path(copy)):
        shutil.copy2(source, copy)


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
