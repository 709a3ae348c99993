"""Say of any file whether it is a figure of a book, which one, and whether it has changed.

A file is known by its content, whatever its name is. Pictures and netCDF say it all in their own
metadata; CSV and records are compared with what a built book lists.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cnnbook.digests import digest_of
from cnnbook.publishing.book import find_root, version_label
from cnnbook.publishing.record import FigureRecord, check_figure_id
from cnnbook.publishing.record_files import INDEX, read_index
from cnnbook.publishing.registry import Registry, read_registry
from cnnbook.publishing.sandbox import Content, SandboxedReader

MAX_BYTES = 64 * 2**20
"""Bytes of the largest file that is read: no figure comes near."""

_FORMAT_NAMES = {"netcdf": "netCDF"}

_FIELDS = ("id", "title", "theme", "book", "version", "edition", "authors", "licence", "url", "data")


@dataclass(frozen=True, kw_only=True)
class PublishedFigures:
    """The figures that a book has published, to compare a file with.

    Attributes:
        registry: of the book; None without one.
        records: of the built book's figures; empty if there is none.
    """

    registry: Registry | None = None
    records: Sequence[FigureRecord] = ()

    @property
    def edition(self) -> str:
        """The edition of the built book; "" if there is none, or for that which its version stands for."""
        return next((record.book.get("edition") or "" for record in self.records), "")


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What is found out about a file.

    Attributes:
        path: of the file.
        state: "unchanged", if it is byte for byte what was published; "altered", if it was a figure once;
            "foreign", if it is not known to be one.
        answer: one sentence.
        format: "svg", "png", "pdf", "csv", "netcdf", "json"; None if it is none of them.
        fields: what the file says about itself, as far as it does: `id`, `title`, `theme`, `book`, `version`,
            `edition`, `authors`, `licence`, `url`, and `data` (SHA-256 of the data it was drawn from).
        notes: how it compares with the published figures, one sentence each.
    """

    path: Path
    state: Literal["unchanged", "altered", "foreign"]
    answer: str
    format: str | None = None
    fields: Mapping[str, str]
    notes: Sequence[str] = ()


def find_published_figures(start: Path | None = None) -> PublishedFigures:
    """The register and the built book found from a folder upwards; nothing where there is none.

    Raises:
        ValueError: the register or the list of figures is damaged.
    """
    try:
        root = find_root(start)
    except FileNotFoundError:
        return PublishedFigures()
    index = root / "_build" / "html" / INDEX
    return PublishedFigures(
        registry=read_registry(root), records=read_index(index) if index.is_file() else ()
    )


def verify(
    path: Path, published: PublishedFigures | None = None, *, reader: SandboxedReader | None = None
) -> Verification:
    """Say which figure a file is, and whether it is unchanged.

    Args:
        path: any file.
        published: what to compare it with; None compares with nothing.
        reader: reads the file; None starts one for this file alone.

    Raises:
        OSError: it cannot be read: there is no such file, it is a folder, or reading it takes too long
            (a TimeoutError) or too much memory.
    """
    if reason := _reason_not_to_read(path):
        return Verification(path=path, state="foreign", answer=reason, fields={})
    with nullcontext(reader) if reader else SandboxedReader() as sandbox:
        content = sandbox.read(path)
    kind = _verify_sealed if content.format else _verify_listed
    return kind(path, content, published or PublishedFigures())


def _reason_not_to_read(path: Path) -> str | None:
    """Why a file is not even read, or None."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        return f"{size / 2**20:,.0f} MiB, more than any figure has; it was not read"
    if not path.is_file() and not path.is_dir():
        return "a device or a pipe and no file; it was not read"
    return "an empty file" if size == 0 and path.is_file() else None


def printable(text: str) -> str:
    """A text that a terminal shows and does not obey: all but letters, signs and spaces as escapes."""
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text
    )


def _verify_sealed(path: Path, content: Content, published: PublishedFigures) -> Verification:
    """A file of a format that bears a seal."""
    fields, name = _stamp_fields(content.fields), content.format or ""
    kind, cut = _FORMAT_NAMES.get(name, name.upper()), "" if content.complete else "; it is cut short"
    if not fields:
        answer = f"{kind} that bears no mark of a book, or not any more{cut}"
        return Verification(path=path, state="foreign", answer=answer, format=name, fields={})
    figure = _figure_text(fields, kind)
    return Verification(
        path=path,
        state="unchanged" if content.intact else "altered",
        answer=figure if content.intact else f"says it is {figure}, but was changed{cut}",
        format=name,
        fields=fields,
        notes=_compare_with_book(content.sha256, fields, kind, published) if content.intact else (),
    )


def _verify_listed(path: Path, content: Content, published: PublishedFigures) -> Verification:
    """A file that says nothing about itself, by what a built book lists."""
    for record in published.records:
        kinds = {file.sha256: file.format for file in record.files}
        if content.sha256 in kinds or (content.values and content.values == digest_of(record.as_json())):
            kind = kinds.get(content.sha256, "json")
            fields = {"id": record.id, "title": record.title, "version": str(record.book["version"])}
            fields |= {"edition": record.book["edition"]} if record.book.get("edition") else {}
            answer = f"the {'record' if kind == 'json' else 'data'} of {_figure_text(fields, kind.upper())}"
            return Verification(path=path, state="unchanged", answer=answer, format=kind, fields=fields)
    why = "nor a file that the built book here lists"
    if not published.records:
        why = "and a CSV or JSON can be recognised only where the book is built"
    return Verification(path=path, state="foreign", answer=f"bears no mark of a book, {why}", fields={})


def _stamp_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """What a file says about itself, if it names a figure."""
    try:
        check_figure_id(fields.get("id", ""))
    except ValueError:
        return {}
    return {name: printable(fields[name]) for name in _FIELDS if fields.get(name)}


def _figure_text(fields: Mapping[str, str], kind: str) -> str:
    """A figure as one names it."""
    title = f" “{fields['title']}”" if "title" in fields else ""
    look = " ".join(filter(None, [fields.get("theme"), kind]))
    version = (
        f", version {version_label(fields['version'], fields.get('edition'))}" if "version" in fields else ""
    )
    return f"{fields['id']}{title} ({look}){' of ' + fields['book'] if 'book' in fields else ''}{version}"


def _edition(edition: str | None) -> str:
    """An edition, as one names it."""
    return f"edition {edition}" if edition else "the full edition"


def _compare_with_book(
    sha256: str, fields: Mapping[str, str], kind: str, published: PublishedFigures
) -> list[str]:
    """How an unchanged file compares with the register and the built book."""
    notes = []
    if published.registry is not None:
        entry = published.registry.entries.get(fields["id"])
        if entry is None:
            notes.append(f"the book here has no figure {fields['id']}")
        elif entry.withdrawn:
            notes.append(f"withdrawn: {entry.withdrawn}")
    record = next((each for each in published.records if each.id == fields["id"]), None)
    if record is None or str(record.book["version"]) != fields.get("version"):
        return notes
    if (record.book.get("edition") or "") != fields.get("edition", ""):
        return [*notes, f"the built book here is of {_edition(record.book.get('edition'))}"]
    sums = {file.sha256 for file in record.files}
    if sha256 in sums:
        return [*notes, "the same file as in the built book here"]
    same = (record.data or {}).get("digest") == fields.get("data")
    return [*notes, f"the built book here has another {kind}, of {'the same' if same else 'other'} data"]
