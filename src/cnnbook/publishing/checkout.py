"""The state of the repository that a book is built in: which commit, from when, and whether files differ."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

CHANGES = "+changes"
"""What follows a commit, or a version, when files differ from what was committed."""


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """A git checkout.

    Attributes:
        commit: all 40 digits.
        date: of the commit, in ISO 8601 with the committer's time zone.
        changed: files that differ from the commit, or are not in it and not ignored.
    """

    commit: str
    date: str
    changed: tuple[str, ...]

    @property
    def label(self) -> str:
        """The commit, marked if files differ."""
        return self.commit + (CHANGES if self.changed else "")


def read_checkout(root: Path) -> Checkout | None:
    """The state of the repository that a folder belongs to; None where git cannot tell.

    Args:
        root: the book's folder.
    """
    known = _git(root, "show", "--no-patch", "--no-show-signature", "--format=%H %cI", "HEAD")
    listed = _git(root, "status", "--porcelain", "-z", "--no-renames", "--", ".")
    if known is None or listed is None:
        return None
    commit, date = known.split()
    return Checkout(commit=commit, date=date, changed=tuple(line[3:] for line in listed.split("\0") if line))


def _git(root: Path, *words: str) -> str | None:
    """What git says about a folder, or None."""
    try:
        said = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return said.stdout if said.returncode == 0 else None
