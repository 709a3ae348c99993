"""The record of a figure: its words, its files, its data, what made it, and where the book shows it.

There is one form of it. A cell leaves it with what is known there; the build adds what only the whole book
knows (`FigureRecord.completed`) and publishes it as `figures/<id>.json` and in `figures.json`. What cites,
verifies, compares, releases or lists figures reads it. `figures.schema.json` is its JSON Schema.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from cnnbook.digests import find_damage
from cnnbook.publishing.book import BookMetadata

SCHEMA = "cnnbook-figure-2"
"""Marks a record; the number grows when its keys change. The first had no edition."""

FOLDER = "figures"
"""The folder of a built book with the files and the pages of all its figures."""

PICTURES = (".svg", "-dark.svg", ".png", "-dark.png", ".pdf", "-dark.pdf")
"""What follows a figure's id in the names of its pictures."""

DATA = (".csv", ".nc")
"""What follows it in the names of its data's files, where it has data."""

SUFFIXES = (*PICTURES, *DATA)
"""All of them, in the order in which a record lists them."""

_LOCAL = ("folder", "entry", "build")
_BOOK = {
    **{name: name for name in ("title", "version", "edition", "commit", "repository")},
    "date": "commit_date",
}
"""What a record says of the book, by the attribute of `BookMetadata`."""
_ID = re.compile(r"fig(-[a-z0-9]+)+(?<!-dark)")


def check_figure_id(figure_id: str) -> str:
    """Return a figure's id, once it is known to be one.

    Raises:
        ValueError: it is not "fig-" and then words of a-z and 0-9 joined by single hyphens, or its last word
            is "dark", which is reserved for the files of dark pages.
    """
    if not _ID.fullmatch(figure_id):
        raise ValueError(
            f"figure_id={figure_id!r}: expected 'fig-' and then words of a-z and 0-9 joined by hyphens, "
            f"such as 'fig-conv3-three-fours'; the last word may not be 'dark'"
        )
    return figure_id


def page_address(figure_id: str) -> str:
    """The address of a figure's own page, which never changes."""
    return f"{FOLDER}/{figure_id}.html"


@dataclass(frozen=True, kw_only=True)
class FigureFile:
    """One file of a figure.

    Attributes:
        name: `<id>.svg` and the like.
        format: "svg", "png", "pdf", "csv" or "netcdf".
        theme: "light" or "dark"; None for data.
        media_type: as a web server would call it.
        width: of SVG and PNG [px].
        height: likewise [px].
        bytes: its length.
        sha256: of its content.
    """

    name: str
    format: str
    theme: str | None = None
    media_type: str = ""
    width: int | None = None
    height: int | None = None
    bytes: int = 0
    sha256: str


@dataclass(frozen=True, kw_only=True)
class FigureRecord:
    """A figure. Of those attributes that hold values of JSON, `figures.schema.json` says what is in them.

    Attributes:
        id: never changes once published; names the files, the anchor and the address.
        title: its short title, from the register of figures; "" where there is none.
        number: as readers see it, "Fig. 3.2"; None where figures have none.
        caption: plain text.
        alt: what the data say, in words.
        chapter: the page that shows it: `title`, `address`, `source`, `cell`, `first_line`, `last_line`.
        address: of its own page in the book.
        url: of the same page, where the book's address is known.
        book: `title`, `version`, `edition`, `commit`, `date`, `repository`.
        since: the version of the book that had it first.
        drawn_by: the function that draws it: `function`, `file`, `first_line`, `last_line`.
        options: the function's keyword arguments.
        made_from: what the data say about how they were measured, an entry for each experiment.
        versions: of Python and of the packages that drew it, by name.
        platform: that it was drawn on, in words.
        data: `digest` and `variables` of what it shows; None for a figure without data.
        licence: `id` and `url`.
        authors: each with `name`.
        credit: whom to name beside it, in a line.
        copyright: one line.
        files: its pictures, and its data where it has any.
        used_in: the pages that show it or refer to it: `title`, `address`.
        withdrawn: why it is in the book no more; None while it is.
        earlier: what it was in older versions of the book, newest first.
        folder: of this machine, where the files lie; like the following never published.
        entry: its address in the store; another one means another picture.
        build: the build in which a cell published it; "" outside of one.
    """

    id: str
    title: str = ""
    number: str | None = None
    caption: str = ""
    alt: str = ""
    chapter: Mapping[str, Any] | None = None
    address: str = ""
    url: str | None = None
    book: Mapping[str, Any] = field(default_factory=dict)
    since: str | None = None
    drawn_by: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    made_from: Sequence[Mapping[str, Any]] = field(default_factory=list)
    versions: Mapping[str, str] = field(default_factory=dict)
    platform: str | None = None
    data: Mapping[str, Any] | None = None
    licence: Mapping[str, str] | None = None
    authors: Sequence[Mapping[str, Any]] = field(default_factory=list)
    credit: str | None = None
    copyright: str | None = None
    files: Sequence[FigureFile] = field(default_factory=list)
    used_in: Sequence[Mapping[str, Any]] = field(default_factory=list)
    withdrawn: str | None = None
    earlier: Sequence[Mapping[str, Any]] = field(default_factory=list)
    folder: Path | None = None
    entry: str = ""
    build: str = ""

    def path(self, suffix: str) -> Path:
        """Where one of the files lies, by what follows the id in its name."""
        return (self.folder or Path()) / f"{self.id}{suffix}"

    @property
    def pictures(self) -> list[FigureFile]:
        """The pictures among the files."""
        return [file for file in self.files if file.format in ("svg", "png", "pdf")]

    @property
    def data_files(self) -> list[FigureFile]:
        """The files with the figure's data."""
        return [file for file in self.files if file.format in ("csv", "netcdf")]

    def picture(self, kind: str, theme: str = "light") -> FigureFile | None:
        """One of the pictures, or None when the figure has no such file.

        Args:
            kind: "svg", "png" or "pdf".
            theme: "light" or "dark".
        """
        matching = (file for file in self.files if (file.format, file.theme or "light") == (kind, theme))
        return next(matching, None)

    def find_damage(self) -> str | None:
        """What is wrong with the files on the disk, or None."""
        folder = self.folder or Path()
        damage = find_damage(folder, {file.name: file.sha256 for file in self.files})
        return f"{folder}/{damage}" if damage else None

    def completed(self, book: BookMetadata, **attributes: Any) -> "FigureRecord":
        """The record with what only the whole book knows.

        Args:
            book: its description, with the commit that is built.
            attributes: further attributes, such as `number` and `chapter`.
        """
        address, url = page_address(self.id), book.figure_url(self.id)
        return replace(self, address=address, url=url, **book_fields(book), **attributes)

    def as_json(self) -> dict[str, Any]:
        """The record as it is published: nothing of this machine is in it."""
        values = {name: value for name, value in asdict(self).items() if name not in _LOCAL}
        sizes = ("width", "height")
        plain = [{k: v for k, v in file.items() if k not in sizes or v} for file in values["files"]]
        return {"schema": SCHEMA, **values, "files": plain}

    @classmethod
    def from_json(cls, values: Any) -> "FigureRecord":
        """The record that values of JSON describe; keys of later schemas are passed over.

        Raises:
            ValueError: they describe none.
        """
        try:
            check_figure_id(values["id"])
            files = [FigureFile(**_known_fields(FigureFile, file)) for file in values.get("files") or ()]
            return cls(**{**_known_fields(cls, values), "files": files})
        except (TypeError, AttributeError, KeyError) as error:
            raise ValueError(f"not the record of a figure ({error})") from error

    def _repr_svg_(self) -> str:
        """The light picture, for a notebook to show."""
        return self.path(".svg").read_text(encoding="utf-8")


def book_fields(book: BookMetadata) -> dict[str, Any]:
    """What a record says of the book that its figure is in, by the record's attributes."""
    return {
        "book": {key: getattr(book, name) for key, name in _BOOK.items()},
        "licence": book.text_licence,
        "authors": book.named_authors,
        "credit": book.credit,
        "copyright": book.copyright,
    }


def _known_fields(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Of some values those that a class has attributes for, without what is null."""
    names = (attribute.name for attribute in fields(kind))
    return {name: values[name] for name in names if values.get(name) is not None}
