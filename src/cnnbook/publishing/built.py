"""A built book, read back: whether it is there, whole, and built from what the repository holds now."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbook.digests import file_digest
from cnnbook.publishing.addresses import FRONT_PAGE
from cnnbook.publishing.checkout import CHANGES, Checkout
from cnnbook.publishing.final_record import FOLDER, INDEX, read_index

BUILD = "run 'make book'"
"""What mends a book that is not built, or not from this."""

_SHORTEST = 7
"""Digits of a commit that make it known."""


@dataclass(frozen=True, kw_only=True)
class BuiltBook:
    """The pages of a book.

    Attributes:
        folder: that holds them.
        version: of the book, when it was built.
        commit: that it was built from, marked if files differed; None where git could not tell.
        records: of its figures.
    """

    folder: Path
    version: str
    commit: str | None
    records: Sequence[Mapping[str, Any]]

    @property
    def profiles(self) -> set[str]:
        """The profiles of the results that its figures were made from."""
        return {made["profile"] for made in self._made_from if made.get("profile")}

    @property
    def data(self) -> set[str]:
        """The names of the data that its figures were made from."""
        return {made["data"]["name"] for made in self._made_from if made.get("data")}

    @property
    def _made_from(self) -> Iterator[Mapping[str, Any]]:
        return (made for record in self.records for made in record.get("made_from") or ())


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
            raise FileNotFoundError(f"{folder / name}: not found; {BUILD}")
    records = read_index(folder / INDEX)
    said = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    book = (said.get("book") if isinstance(said, dict) else None) or (records[0]["book"] if records else {})
    if "version" not in book:
        raise ValueError(f"{folder / INDEX}: does not say which version of the book it is of; {BUILD}")
    for record in records:
        _check_files(record, folder / FOLDER)
    return BuiltBook(folder=folder, version=book["version"], commit=book.get("commit"), records=records)


def check_current(built: BuiltBook, *, version: str, checkout: Checkout | None) -> None:
    """Check that a built book is of this version and this commit.

    Raises:
        ValueError: it is not.
    """
    if built.version != version:
        raise ValueError(f"{built.folder}: of version {built.version}, and the book is {version}; {BUILD}")
    now = checkout.label if checkout else None
    if not _same_commit(built.commit, now):
        raise ValueError(
            f"{built.folder}: built from {_short(built.commit)}, and the book is at {_short(now)}; {BUILD}"
        )


def _check_files(record: Mapping[str, Any], folder: Path) -> None:
    """Compare a figure's files with its record."""
    for file in record.get("files") or []:
        path = folder / file["name"]
        if not path.is_file():
            raise ValueError(f"{path}: missing, a file of {record['id']}; {BUILD}")
        if file_digest(path) != file["sha256"]:
            raise ValueError(f"{path}: not the file that the record of {record['id']} describes; {BUILD}")


def _same_commit(one: str | None, other: str | None) -> bool:
    """Whether two commits are the same, one of them perhaps shortened."""
    if one is None or other is None:
        return one == other
    short, long = sorted((one.removesuffix(CHANGES), other.removesuffix(CHANGES)), key=len)
    both_changed = one.endswith(CHANGES) == other.endswith(CHANGES)
    return both_changed and len(short) >= _SHORTEST and long.startswith(short)


def _short(commit: str | None) -> str:
    """A commit as one reads it."""
    if commit is None:
        return "no known commit"
    return commit.removesuffix(CHANGES)[:12] + (CHANGES if commit.endswith(CHANGES) else "")
