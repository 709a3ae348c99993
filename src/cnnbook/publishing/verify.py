"""Say of any file whether it is a figure of a book, which one, and whether it has changed.

A file is known by its content, whatever its name is. Pictures and netCDF tell all by their own
metadata; CSV and records are compared with what a built book lists.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cnnbook.digests import digest_of
from cnnbook.publishing.book import find_root, version_label
from cnnbook.publishing.examine import Content, Examiner
from cnnbook.publishing.record import FigureRecord, check_figure_id
from cnnbook.publishing.record_files import INDEX, read_index
from cnnbook.publishing.registry import Registry, read_registry

LARGEST = 64 * 2**20
"""Bytes of the largest file that is read: no figure comes near."""

_CALLED = {"netcdf": "netCDF"}

_SAID = ("id", "title", "theme", "book", "version", "edition", "authors", "licence", "url", "data")


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known around here, to compare a file with.

    Attributes:
        registry: of the book around here; None without one.
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
        state: "unchanged"; "altered", if it was a figure once; "foreign", if it is not known to be one.
        answer: one sentence.
        format: "svg", "png", "pdf", "csv", "netcdf", "json"; None if it is none of them.
        says: what the file says about itself, as far as it does: `id`, `title`, `theme`, `book`, `version`,
            `edition`, `authors`, `licence`, `url`, and `data` (SHA-256 of the data it was drawn from).
        notes: how it compares with the book around here, one sentence each.
    """

    path: Path
    state: Literal["unchanged", "altered", "foreign"]
    answer: str
    format: str | None = None
    says: Mapping[str, str]
    notes: Sequence[str] = ()

    @property
    def unchanged(self) -> bool:
        """Whether it is, byte for byte, what was published."""
        return self.state == "unchanged"


def known_here(start: Path | None = None) -> Known:
    """The register and the built book found from a folder upwards; nothing where there is none.

    Raises:
        ValueError: the register or the list of figures is damaged.
    """
    try:
        root = find_root(start)
    except FileNotFoundError:
        return Known()
    index = root / "_build" / "html" / INDEX
    return Known(registry=read_registry(root), records=read_index(index) if index.is_file() else ())


def verify(path: Path, known: Known | None = None, *, examiner: Examiner | None = None) -> Verification:
    """Say which figure a file is, and whether it is unchanged.

    Args:
        path: any file.
        known: what to compare it with; None compares with nothing.
        examiner: reads the file; None starts one for this file alone.

    Raises:
        OSError: it cannot be read: there is no such file, it is a folder, or reading it takes too long
            (a TimeoutError) or too much memory.
    """
    if reason := _unread(path):
        return Verification(path=path, state="foreign", answer=reason, says={})
    with nullcontext(examiner) if examiner else Examiner() as reader:
        content = reader.examine(path)
    known = known or Known()
    return _stamped(path, content, known) if content.format else _listed(path, content, known)


def _unread(path: Path) -> str | None:
    """Why a file is not even read, or None."""
    size = path.stat().st_size
    if size > LARGEST:
        return f"{size / 2**20:,.0f} MiB, more than any figure has; it was not read"
    if not path.is_file() and not path.is_dir():
        return "a device or a pipe and no file; it was not read"
    return "an empty file" if size == 0 and path.is_file() else None


def printable(text: str) -> str:
    """A text that a terminal shows and does not obey: all but letters, signs and spaces as escapes."""
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text
    )


def _stamped(path: Path, content: Content, known: Known) -> Verification:
    """A file of a format that bears a seal."""
    said, name = _said(content.fields), content.format or ""
    kind, cut = _CALLED.get(name, name.upper()), "" if content.complete else "; it is cut short"
    if not said:
        answer = f"{kind} that bears no mark of a book, or not any more{cut}"
        return Verification(path=path, state="foreign", answer=answer, format=name, says={})
    figure = _name(said, kind)
    return Verification(
        path=path,
        state="unchanged" if content.intact else "altered",
        answer=figure if content.intact else f"says it is {figure}, but was changed{cut}",
        format=name,
        says=said,
        notes=_compared(content.sha256, said, kind, known) if content.intact else (),
    )


def _listed(path: Path, content: Content, known: Known) -> Verification:
    """A file that says nothing about itself, by what a built book lists."""
    for one in known.records:
        kinds = {file.sha256: file.format for file in one.files}
        if content.sha256 in kinds or (content.values and content.values == digest_of(one.as_json())):
            kind = kinds.get(content.sha256, "json")
            said = {"id": one.id, "title": one.title, "version": str(one.book["version"])}
            said |= {"edition": one.book["edition"]} if one.book.get("edition") else {}
            answer = f"the {'record' if kind == 'json' else 'data'} of {_name(said, kind.upper())}"
            return Verification(path=path, state="unchanged", answer=answer, format=kind, says=said)
    why = "nor a file that the built book here lists"
    if not known.records:
        why = "and a CSV or JSON can be told only where the book is built"
    return Verification(path=path, state="foreign", answer=f"bears no mark of a book, {why}", says={})


def _said(fields: Mapping[str, str]) -> dict[str, str]:
    """What a file says about itself, if it names a figure."""
    try:
        check_figure_id(fields.get("id", ""))
    except ValueError:
        return {}
    return {name: printable(fields[name]) for name in _SAID if fields.get(name)}


def _name(said: Mapping[str, str], kind: str) -> str:
    """A figure as one names it."""
    title = f" “{said['title']}”" if "title" in said else ""
    look = " ".join(filter(None, [said.get("theme"), kind]))
    version = f", version {version_label(said['version'], said.get('edition'))}" if "version" in said else ""
    return f"{said['id']}{title} ({look}){' of ' + said['book'] if 'book' in said else ''}{version}"


def _edition(edition: str | None) -> str:
    """An edition, as one names it."""
    return f"edition {edition}" if edition else "the full edition"


def _compared(sha256: str, said: Mapping[str, str], kind: str, known: Known) -> list[str]:
    """How a sound file compares with the register and the built book."""
    notes = []
    if known.registry is not None:
        entry = known.registry.entries.get(said["id"])
        if entry is None:
            notes.append(f"the book here has no figure {said['id']}")
        elif entry.withdrawn:
            notes.append(f"withdrawn: {entry.withdrawn}")
    record = next((one for one in known.records if one.id == said["id"]), None)
    if record is None or str(record.book["version"]) != said.get("version"):
        return notes
    if (record.book.get("edition") or "") != said.get("edition", ""):
        return [*notes, f"the built book here is of {_edition(record.book.get('edition'))}"]
    sums = {file.sha256 for file in record.files}
    if sha256 in sums:
        return [*notes, "the same file as in the built book here"]
    same = (record.data or {}).get("digest") == said.get("data")
    return [*notes, f"the built book here has another {kind}, of {'the same' if same else 'other'} data"]
