"""What libraries and archives are told about the book: read from `book/book.yaml`, the one source of it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cnnbook import __version__
from cnnbook.yamlfile import read_yaml

BOOK = "book.yaml"
"""The file, in the book's folder or in its subfolder `book`."""

SITE_URL = "CNNBOOK_SITE_URL"
"""The environment variable that says, for one build, where the pages will be published."""

NEEDED = ("title", "authors", "released", "licences", "copyright", "abstract", "keywords")
"""Keys that the file must have."""


@dataclass(frozen=True, kw_only=True)
class BookMetadata:
    """The book, as references to it and to its figures need it.

    Attributes:
        title: of the book.
        subtitle: "" if it has none.
        version: the package's, or what the file says.
        released: the day of this version.
        authors: each with `name`, or `family` and `given`; `orcid` where there is one.
        licences: `text` (prose and figures) and `code`, each with `id` (SPDX), `name` and `url`.
        copyright: one line.
        abstract: one paragraph.
        keywords: of the book.
        language: such as "en".
        repository: address of the source, if it has one.
        site_url: address of the pages, without a slash at its end, if it has one.
        doi: if it has one.
        references: what the book grew from; `title`, `authors`, `published`, `url`, `note`.
    """

    title: str
    subtitle: str
    version: str
    released: date
    authors: Sequence[Mapping[str, str]]
    licences: Mapping[str, Mapping[str, str]]
    copyright: str
    abstract: str
    keywords: Sequence[str]
    language: str = "en"
    repository: str | None = None
    site_url: str | None = None
    doi: str | None = None
    references: Sequence[Mapping[str, Any]] = ()

    @property
    def full_title(self) -> str:
        """Title and subtitle, as one line."""
        joint = " " if self.title[-1:] in "?!.:" else ": "
        return f"{self.title}{joint}{self.subtitle}" if self.subtitle else self.title

    @property
    def credit(self) -> str:
        """Whom to name beside a figure: authors, book, licence."""
        names = ", ".join(author_name(author) for author in self.authors)
        return f"{names}: {self.title} (version {self.version}), {self.licences['text']['name']}"

    def figure_url(self, figure_id: str) -> str | None:
        """The address of a figure's page, if the book has one."""
        return f"{self.site_url}/figures/{figure_id}.html" if self.site_url else None

    def as_dict(self) -> dict[str, Any]:
        """As the file has it, with the version, each author's name, and dates as text."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        authors = [{**author, "name": author_name(author)} for author in self.authors]
        return _plain(values | {"authors": authors, "full_title": self.full_title, "credit": self.credit})


def author_name(author: Mapping[str, str]) -> str:
    """An author's name as one reads it."""
    return author["name"] if "name" in author else f"{author['given']} {author['family']}"


def find_file(root: Path, name: str) -> Path:
    """One of the book's own files: in its folder `book`, or beside it where there is no such folder."""
    inner = root / "book" / name
    return inner if inner.is_file() or not (root / name).is_file() else root / name


def find_root(start: Path | None = None) -> Path:
    """The folder of a book: the nearest one upwards of `start` that has a `book.yaml`.

    Args:
        start: the current folder if None. An editable install is found from anywhere.

    Raises:
        FileNotFoundError: there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[3]):
        if find_file(folder, BOOK).is_file():
            return folder
    raise FileNotFoundError(f"book/{BOOK}: not found in {here} or above it; run this inside a book's folder")


def read_book(root: Path, *, of_this_build: bool = True) -> BookMetadata:
    """Read what is told about the book in a folder.

    Args:
        root: its folder.
        of_this_build: whether `CNNBOOK_SITE_URL` counts more than the file.

    Raises:
        FileNotFoundError: it has no `book.yaml`.
        ValueError: the file lacks something, or says something that cannot be.
    """
    path = find_file(root, BOOK)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: not found; it says who wrote the book, and under which licence")
    values = read_yaml(path)
    if not isinstance(values, dict):
        raise ValueError(f"{path}: expected keys and values, such as 'title: …'")
    _check(values, path)
    address = (os.environ.get(SITE_URL) if of_this_build else None) or values.get("site_url")
    if address and not address.startswith(("https://", "http://")):
        raise ValueError(f"site_url={address!r}: expected an address that begins with https://")
    return BookMetadata(
        **values
        | {
            "subtitle": values.get("subtitle") or "",
            "version": str(values.get("version") or __version__),
            "site_url": address.rstrip("/") if address else None,
            "references": values.get("references") or (),
        }
    )


def _check(values: Mapping[str, Any], path: Path) -> None:
    """Raise unless everything needed is there, and nothing unknown."""
    if missing := [key for key in NEEDED if not values.get(key)]:
        raise ValueError(f"{path}: no {missing[0]!r}; it needs {', '.join(NEEDED)}")
    if unknown := sorted(values.keys() - BookMetadata.__dataclass_fields__.keys()):
        raise ValueError(f"{path}: unknown key {unknown[0]!r}")
    if not isinstance(values["released"], date):
        raise ValueError(f"{path}: released={values['released']!r}: expected a day, such as 2026-11-22")
    for author in values["authors"]:
        if "name" not in author and not {"family", "given"} <= author.keys():
            raise ValueError(f"{path}: author {author!r} has no 'name', nor 'family' and 'given'")
    for kind in ("text", "code"):
        if not {"id", "name", "url"} <= values["licences"].get(kind, {}).keys():
            raise ValueError(f"{path}: licences.{kind} needs 'id', 'name' and 'url'")


def _plain(value: Any) -> Any:
    """The same with dates as text and tuples as lists."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
