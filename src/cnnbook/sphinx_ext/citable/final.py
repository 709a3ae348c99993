"""The final record of a figure: what its cell said, and what only the whole book knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cnnbook.publishing.files import PNG_PX_PER_CSS_PX
from cnnbook.publishing.final_record import FOLDER
from cnnbook.publishing.record import PublishedFigure
from cnnbook.publishing.registry import Entry

SCHEMA = "cnnbook-figure-1"
"""Marks a final record; the number grows when its keys change."""

Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A figure in its book.

    Attributes:
        number: as readers see it, "Fig. 3.2"; None where figures have none.
        caption: plain text.
        alt: what the data say, in words.
        chapter: the page that shows it: `title`, `address`, `source`, `cell`, `first_line`, `last_line`.
        used_in: the pages that show it or refer to it: `title`, `address`.
    """

    number: str | None = None
    caption: str = ""
    alt: str = ""
    chapter: Mapping[str, Any] | None = None
    used_in: list[Mapping[str, Any]] = field(default_factory=list)


def address_of(figure_id: str) -> str:
    """The address of a figure's own page, which never changes."""
    return f"{FOLDER}/{figure_id}.html"


def final_record(
    entry: Entry, figure: PublishedFigure | None, placed: Placed, *, book: Mapping[str, Any]
) -> Record:
    """Put a figure's record together.

    Args:
        entry: what the register of figures says.
        figure: as a cell published it; None for one that was withdrawn.
        placed: where and how the book shows it.
        book: as `book.yaml` and Git describe it.
    """
    about = figure.about if figure else {}
    licence = book["licences"]["text"]
    site = book.get("site_url")
    return {
        "schema": SCHEMA,
        "id": entry.id,
        "title": entry.title,
        "number": placed.number,
        "caption": placed.caption,
        "alt": placed.alt,
        "chapter": dict(placed.chapter) if placed.chapter else None,
        "address": address_of(entry.id),
        "url": f"{site}/{address_of(entry.id)}" if site else None,
        "book": {key: book.get(key) for key in ("title", "version", "commit", "date", "repository")},
        "since": entry.since,
        "drawn_by": about.get("drawn_by"),
        "options": about.get("options", {}),
        "made_from": about.get("made_from", []),
        "versions": about.get("versions", {}),
        "platform": about.get("platform"),
        "data": about.get("data"),
        "licence": about.get("licence") or {"id": licence["id"], "url": licence["url"]},
        "authors": about.get("authors") or book["authors"],
        "credit": about.get("credit") or book.get("credit"),
        "copyright": book.get("copyright"),
        "files": _files(figure) if figure else [],
        "used_in": placed.used_in,
        "withdrawn": entry.withdrawn,
        "earlier": [],
    }


def _files(figure: PublishedFigure) -> list[Record]:
    """The files, pictures first, light before dark, as they are now."""
    pixels = {"svg": 1, "png": PNG_PX_PER_CSS_PX}

    def described(name: str) -> Record:
        file = figure.files[name]
        described = {"name": name, "format": file.format, "theme": file.theme, "media_type": file.media_type}
        if scale := pixels.get(file.format):
            described |= {"width": figure.width * scale, "height": figure.height * scale}
        return described | {"bytes": file.bytes, "sha256": file.sha256}

    return [described(name) for name in sorted(figure.files, key=_rank)]


def _rank(name: str) -> tuple[int, bool]:
    """The order of files: pictures by format, light before dark, then data."""
    order = (".svg", ".png", ".pdf", ".csv", ".nc")
    suffix = Path(name).suffix
    return order.index(suffix) if suffix in order else len(order), Path(name).stem.endswith("-dark")
