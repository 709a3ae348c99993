"""Built books: read back, compared with the state of the repository, and as released versions."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cnnbook.publishing.addresses import FRONT_PAGE
from cnnbook.publishing.book import BookMetadata
from cnnbook.publishing.record import FOLDER, FigureRecord
from cnnbook.publishing.record_files import INDEX, read_index

UNCOMMITTED = "+changes"
"""What follows a commit, or a version, when files differ from what was committed."""

BUILD_HINT = "run 'make book'"
"""What mends a book that is not built, or not from this."""

_VERSION = re.compile(r"(?P<numbers>\d+(\.\d+)*)(?P<words>([-.]?[a-z]+\.?\d*)*)", re.IGNORECASE)
_MIN_DIGITS = 7
"""Digits of a commit that make it known."""


@dataclass(frozen=True, kw_only=True)
class BuiltBook:
    """The pages of a book.

    Attributes:
        folder: that holds them.
        version: of the book, when it was built.
        commit: that it was built from, marked if files differed; None where git could not tell.
        records: of its figures.
        edition: what distinguishes its numbers from those of the version; "" for the build that this stands
            for.
    """

    folder: Path
    version: str
    commit: str | None
    records: Sequence[FigureRecord]
    edition: str = ""

    @property
    def profiles(self) -> set[str]:
        """The profiles of the results that its figures were made from."""
        return {made["profile"] for made in self._made_from if made.get("profile")}

    @property
    def data(self) -> set[str]:
        """The names of the data that its figures were made from."""
        return {made["data"]["name"] for made in self._made_from if made.get("data")}

    @property
    def site_url(self) -> str | None:
        """The address that its pages bear, such as "https://example.org/book"; None if they bear none."""
        urls = [record.url.removesuffix(record.address) for record in self.records if record.url]
        return urls[0].rstrip("/") if urls else None

    @property
    def _made_from(self) -> Iterator[Mapping[str, Any]]:
        return (made for record in self.records for made in record.made_from)


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
        return self.commit + (UNCOMMITTED if self.changed else "")


def read_checkout(root: Path) -> Checkout | None:
    """The state of the repository that a folder belongs to; None where git cannot tell.

    Args:
        root: the book's folder.
    """
    head = _git(root, "show", "--no-patch", "--no-show-signature", "--format=%H %cI", "HEAD")
    status = _git(root, "status", "--porcelain", "-z", "--no-renames", "--", ".")
    if head is None or status is None:
        return None
    commit, date = head.split()
    return Checkout(commit=commit, date=date, changed=tuple(line[3:] for line in status.split("\0") if line))


def with_commit(book: BookMetadata, checkout: Checkout | None) -> BookMetadata:
    """The description of a book with the commit that it is built from, as far as one is known.

    Args:
        book: its description.
        checkout: the state of its repository; None where git cannot tell.
    """
    return replace(book, commit=checkout.label, commit_date=checkout.date) if checkout else book


def _git(root: Path, *words: str) -> str | None:
    """What git says about a folder, or None."""
    try:
        result = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return result.stdout if result.returncode == 0 else None


def read_built(folder: Path) -> BuiltBook:
    """Read what a built book says of itself, and check that its figures' files are as it says.

    Args:
        folder: with its pages, `_build/html`.

    Raises:
        FileNotFoundError: there is no built book.
        ValueError: it is damaged, or was built by a version that does not say what it built.
    """
    for name in (FRONT_PAGE, INDEX):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder / name}: not found; {BUILD_HINT}")
    records = read_index(folder / INDEX)
    values = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    book = (values.get("book") if isinstance(values, dict) else None) or (records[0].book if records else {})
    if "version" not in book:
        raise ValueError(f"{folder / INDEX}: does not say which version of the book it is of; {BUILD_HINT}")
    for record in records:
        if damage := replace(record, folder=folder / FOLDER).find_damage():
            raise ValueError(f"{damage}, a file of {record.id}; {BUILD_HINT}")
    return BuiltBook(
        folder=folder,
        version=book["version"],
        commit=book.get("commit"),
        records=records,
        edition=book.get("edition") or "",
    )


def check_current(built: BuiltBook, *, version: str, checkout: Checkout | None) -> None:
    """Check that a built book is of this version and this commit.

    Raises:
        ValueError: it is not.
    """
    if built.version != version:
        raise ValueError(
            f"{built.folder}: of version {built.version}, and the book is {version}; {BUILD_HINT}"
        )
    commit = checkout.label if checkout else None
    if not _same_commit(built.commit, commit):
        commits = f"built from {_short_commit(built.commit)}, and the book is at {_short_commit(commit)}"
        raise ValueError(f"{built.folder}: {commits}; {BUILD_HINT}")


def _same_commit(first: str | None, second: str | None) -> bool:
    """Whether two commits are the same, one of them perhaps shortened."""
    if first is None or second is None:
        return first == second
    short, long = sorted((first.removesuffix(UNCOMMITTED), second.removesuffix(UNCOMMITTED)), key=len)
    both_changed = first.endswith(UNCOMMITTED) == second.endswith(UNCOMMITTED)
    return both_changed and len(short) >= _MIN_DIGITS and long.startswith(short)


def _short_commit(commit: str | None) -> str:
    """A commit as one reads it."""
    if commit is None:
        return "no known commit"
    return commit.removesuffix(UNCOMMITTED)[:12] + (UNCOMMITTED if commit.endswith(UNCOMMITTED) else "")


def version_key(version: str) -> tuple[tuple[int, ...], bool, tuple[tuple[str, int], ...]]:
    """What versions are sorted by: 0.9 before 0.10, 1.0rc1 before 1.0, and 1.0 the same as 1.0.0.

    Raises:
        ValueError: it is not numbers joined by points, then perhaps words with a number, as in "1.0rc1".
    """
    if not (parts := _VERSION.fullmatch(version)):
        raise ValueError(f"version={version!r}: expected such as '1.0', '0.2.1' or '1.0rc1'")
    numbers = [int(number) for number in parts["numbers"].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    words = re.findall(r"([a-z]+)\.?(\d*)", parts["words"].lower())
    return tuple(numbers), not words, tuple((word, int(number or 0)) for word, number in words)


def version_folders(folder: Path) -> dict[str, Path]:
    """The released versions in a folder, newest first: by version the folders `v1.0` and so on.

    What does not list its figures is no release of the book.
    """
    folders = {
        path.name[1:]: path
        for path in folder.glob("v*")
        if _VERSION.fullmatch(path.name[1:]) and (path / INDEX).is_file()
    }
    return {version: folders[version] for version in sorted(folders, key=version_key, reverse=True)}
