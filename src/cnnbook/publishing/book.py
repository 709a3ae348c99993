"""The description of the book that all formats are written from: `book/book.yaml`, the build, the commit."""

import datetime
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnbook import __version__
from cnnbook.bookfiles import find_folder_upwards, read_yaml

BOOK = "book.yaml"
"""The file, in the book's folder or in its subfolder `book`."""

SITE_URL = "CNNBOOK_SITE_URL"
"""The environment variable that says, for one build, where the pages will be published."""

REQUIRED_KEYS = ("title", "authors", "released", "licences", "copyright", "abstract", "keywords")
"""Keys that the file must have."""

BUILD_ATTRIBUTES = ("edition", "commit", "commit_date")
"""Attributes that the file does not have: the build and Git give them."""

_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])")
_EDITION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class BookMetadata:
    """The book, as all that cites it and its figures needs it.

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
        edition: what distinguishes the numbers of this build from those of the version, such as
            "sample-draft"; "" for the build that the version stands for.
        commit: that it is built from, marked if files differ; None where Git does not know it.
        commit_date: when that was committed, in ISO 8601.
    """

    title: str
    subtitle: str
    version: str
    released: datetime.date
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
    edition: str = ""
    commit: str | None = None
    commit_date: str | None = None

    @property
    def full_title(self) -> str:
        """Title and subtitle, as one line."""
        joint = " " if self.title[-1:] in "?!.:" else ": "
        return f"{self.title}{joint}{self.subtitle}" if self.subtitle else self.title

    @property
    def version_label(self) -> str:
        """Version and edition, as references have them: "0.1.0", or "0.1.0-sample-draft"."""
        return version_label(self.version, self.edition)

    @property
    def credit(self) -> str:
        """Whom to name beside a figure: authors, book, licence."""
        names = ", ".join(author_name(author) for author in self.authors)
        return f"{names}: {self.title} (version {self.version_label}), {self.licences['text']['name']}"

    def figure_url(self, figure_id: str) -> str | None:
        """The address of a figure's page, if the book has one."""
        return f"{self.site_url}/figures/{figure_id}.html" if self.site_url else None

    @property
    def release_day(self) -> str:
        """The day on which this version was published, such as "2026-11-22"."""
        return self.released.isoformat()

    @property
    def doi_url(self) -> str | None:
        """The address that stands for the book's DOI, if it has one."""
        return f"https://doi.org/{self.doi}" if self.doi else None

    @property
    def named_authors(self) -> list[dict[str, str]]:
        """The authors, each with `name`."""
        return [{**author, "name": author_name(author)} for author in self.authors]

    @property
    def text_licence(self) -> dict[str, str]:
        """The licence of words and pictures, as records have it: `id` and `url`."""
        return {key: self.licences["text"][key] for key in ("id", "url")}


def version_label(version: str, edition: str | None) -> str:
    """Version and edition, as references have them: builds of one version with other numbers differ here."""
    return f"{version}-{edition}" if edition else version


def author_name(author: Mapping[str, str]) -> str:
    """An author's name as one reads it."""
    return author["name"] if "name" in author else f"{author['given']} {author['family']}"


def is_person(author: Mapping[str, Any]) -> bool:
    """Whether an author is known to be a person: a family name or an ORCID says so, a mere name does not."""
    return bool(author.get("family") or author.get("orcid"))


def orcid_of(author: Mapping[str, Any]) -> str | None:
    """The address of an author's ORCID, or None.

    Raises:
        ValueError: it is no ORCID.
    """
    orcid = author.get("orcid")
    if not orcid:
        return None
    if not (match := _ORCID.fullmatch(orcid)):
        raise ValueError(f"orcid={orcid!r} of {author_name(author)}: expected such as '0000-0002-1825-0097'")
    return f"https://orcid.org/{match[1]}"


def family_first(author: Mapping[str, str]) -> str:
    """An author's name as lists are sorted by; that of a group as it is."""
    return f"{author['family']}, {author['given']}" if "family" in author else author_name(author)


def without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values without what is None or empty, as formats want it that know no null."""
    return {name: value for name, value in values.items() if value not in (None, "", [], (), {})}


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
    return find_folder_upwards(f"book/{BOOK}", BOOK, start=start)


def read_book(root: Path, *, use_environment: bool = True, edition: str = "") -> BookMetadata:
    """Read the description of the book in a folder.

    Args:
        root: its folder.
        use_environment: whether `CNNBOOK_SITE_URL` counts more than the file.
        edition: of this build, see `BookMetadata`; small letters and digits, joined by hyphens.

    Raises:
        FileNotFoundError: it has no `book.yaml`.
        ValueError: the file lacks something, or says something that cannot be; or a malformed `edition`.
    """
    if edition and not _EDITION.fullmatch(edition):
        raise ValueError(
            f"edition={edition!r}: expected letters and digits joined by hyphens, such as 'sample'"
        )
    path = find_file(root, BOOK)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: not found; it says who wrote the book, and under which licence")
    values = read_yaml(path)
    if not isinstance(values, dict):
        raise ValueError(f"{path}: expected keys and values, such as 'title: …'")
    _check(values, path)
    address = (os.environ.get(SITE_URL) if use_environment else None) or values.get("site_url")
    if address and not address.startswith(("https://", "http://")):
        raise ValueError(f"site_url={address!r}: expected an address that begins with https://")
    return BookMetadata(
        **values
        | {
            "subtitle": values.get("subtitle") or "",
            "version": str(values.get("version") or __version__),
            "site_url": address.rstrip("/") if address else None,
            "references": values.get("references") or (),
            "edition": edition,
        }
    )


def _check(values: Mapping[str, Any], path: Path) -> None:
    """Raise unless everything needed is there, and nothing unknown."""
    if missing := [key for key in REQUIRED_KEYS if not values.get(key)]:
        raise ValueError(f"{path}: no {missing[0]!r}; it needs {', '.join(REQUIRED_KEYS)}")
    if unknown := sorted(values.keys() - (BookMetadata.__dataclass_fields__.keys() - set(BUILD_ATTRIBUTES))):
        raise ValueError(f"{path}: unknown key {unknown[0]!r}")
    if not isinstance(values["released"], datetime.date):
        raise ValueError(f"{path}: released={values['released']!r}: expected a day, such as 2026-11-22")
    for author in values["authors"]:
        if "name" not in author and not {"family", "given"} <= author.keys():
            raise ValueError(f"{path}: author {author!r} has no 'name', nor 'family' and 'given'")
    for kind in ("text", "code"):
        if not {"id", "name", "url"} <= values["licences"].get(kind, {}).keys():
            raise ValueError(f"{path}: licences.{kind} needs 'id', 'name' and 'url'")
