"""The view of a record that templates get: files in groups, links, sizes, lines of source, first rows."""

import csv
import json
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from cnnbook.publishing.book import BookMetadata
from cnnbook.publishing.built import UNCOMMITTED
from cnnbook.publishing.citation import CITATION_FILES, citations
from cnnbook.publishing.record import FOLDER, FigureFile, FigureRecord
from cnnbook.sphinx_ext.citable.about_book import version_line
from cnnbook.sphinx_ext.pages import Templates

ROWS = 20
"""How many rows of a figure's data its page shows."""

_LINES = {
    "gitlab": ("/-/blob/{commit}/{path}", "#L{first}-{last}"),
    "codeberg": ("/src/commit/{commit}/{path}", "#L{first}-L{last}"),
}
_USUAL = ("/blob/{commit}/{path}", "#L{first}-L{last}")
_FORMATS = {"netcdf": "netCDF"}


def file_address(name: str) -> str:
    """The address of one of the figures' files."""
    return f"{FOLDER}/{name}"


def format_name(name: str) -> str:
    """A format as readers call it."""
    return _FORMATS.get(name, name.upper())


def file_size(length: int) -> str:
    """A file's length as one reads it: "12 kB"."""
    if length < 1000:
        return f"{length} B"
    return f"{length / 1000:.0f} kB" if length < 999_500 else f"{length / 1e6:.1f} MB"


def as_words(name: str) -> str:
    """An identifier as words: "common_points" -> "Common points"."""
    return name.replace("_", " ").capitalize()


def chapter_location(chapter: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where a chapter's source asks for a figure, as a place in a file."""
    return {**chapter, "file": chapter["source"]}


def as_json(value: Any) -> str:
    """Plain values as JSON for readers."""
    return json.dumps(value, ensure_ascii=False, indent=1)


def source_url(book: Mapping[str, Any], place: Mapping[str, Any]) -> str | None:
    """The address of lines of source, or None where there can be none.

    There is none without a repository, without a commit, and where the files differ from the commit, since
    the lines there may be others.

    Args:
        book: its `repository` and `commit`.
        place: `file`, within the repository, and if known `first_line` and `last_line`.
    """
    repository, commit = book.get("repository"), book.get("commit")
    if not (repository and commit and place.get("file")) or commit.endswith(UNCOMMITTED):
        return None
    host = urlsplit(repository).netloc
    path, lines = next((form for name, form in _LINES.items() if name in host), _USUAL)
    address = repository.rstrip("/").removesuffix(".git") + path.format(
        commit=commit, path=quote(place["file"])
    )
    if not place.get("first_line"):
        return address
    return address + lines.format(
        first=place["first_line"], last=place.get("last_line") or place["first_line"]
    )


def source_text(place: Mapping[str, Any]) -> str:
    """The same for readers: "src/cnnbook/figures/maps.py:12–40"."""
    if not place.get("first_line"):
        return str(place.get("file") or "")
    last = place.get("last_line") or place["first_line"]
    span = f"{place['first_line']}–{last}" if last != place["first_line"] else str(last)
    return f"{place['file']}:{span}"


def templates() -> Templates:
    """The templates of panel, page and gallery."""
    functions = (
        file_size,
        as_words,
        as_json,
        file_address,
        format_name,
        chapter_location,
        source_text,
        source_url,
    )
    return Templates("cnnbook.sphinx_ext.citable", *functions)


def panel_view(record: FigureRecord, book: BookMetadata, inputs: Mapping[str, str]) -> dict[str, Any]:
    """For the panel below a figure.

    Args:
        record: of the figure.
        book: that it belongs to.
        inputs: what an experiment's inputs are called, by the key under which `made_from` lists them.
    """
    return {
        "record": record,
        "inputs": inputs,
        "citations": citations(record, book),
        "citation_files": CITATION_FILES,
        "file_groups": file_groups(record),
        "data_sources": data_sources(record),
    }


def page_view(
    record: FigureRecord,
    book: BookMetadata,
    inputs: Mapping[str, str],
    *,
    caption_html: str,
    list_address: str,
) -> dict[str, Any]:
    """For a figure's own page.

    Args:
        record: of the figure.
        book: that it belongs to.
        inputs: see `panel_view`.
        caption_html: its caption.
        list_address: of the list of all figures.
    """
    return panel_view(record, book, inputs) | {
        "caption_html": caption_html,
        "list_address": list_address,
        "pictures": pictures_shown(record),
        "data_files": record.data_files,
        "table": first_rows(record.path(".csv")) if record.files else None,
        "version_line": version_line(book),
        "earlier": [
            dict(old)
            | {
                "picture": earlier_picture_address(old["version"], record.id),
                "alt": f"In version {old['version']}",
            }
            for old in record.earlier
        ],
    }


def file_groups(record: FigureRecord) -> list[tuple[str, list[FigureFile]]]:
    """A figure's files: light pictures, dark ones, data."""
    files = record.files
    groups = {
        "Light": [file for file in files if file.theme == "light"],
        "Dark": [file for file in files if file.theme == "dark"],
        "Data": [file for file in files if file.theme is None],
    }
    return [(name, group) for name, group in groups.items() if group]


def data_sources(record: FigureRecord) -> list[Mapping[str, Any]]:
    """The data that a figure's experiments looked at, each once."""
    sources = [made["data"] for made in record.made_from if made.get("data")]
    return [data for at, data in enumerate(sources) if data not in sources[:at]]


def pictures_shown(record: FigureRecord) -> list[FigureFile]:
    """The light and the dark picture that a page shows."""
    shown = (record.picture("svg", theme) or record.picture("png", theme) for theme in ("light", "dark"))
    return [file for file in shown if file]


def thumbnails(record: FigureRecord) -> list[FigureFile]:
    """The same for a gallery: of SVG and PNG, the one that is quicker to fetch."""
    shown = []
    for theme in ("light", "dark"):
        files = [file for kind in ("svg", "png") if (file := record.picture(kind, theme))]
        shown += sorted(files, key=lambda file: file.bytes)[:1]
    return shown


def first_rows(path: Path) -> dict[str, Any] | None:
    """The first rows of a data file: `header`, `rows`, and the `total` of rows; None if there is no file.

    What was not measured, NaN in the file, is a dash.
    """
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as stream:
        lines = csv.reader(stream)
        header = next(lines)
        rows = [["–" if cell == "NaN" else cell for cell in row] for row in islice(lines, ROWS)]
        return {"header": header, "rows": rows, "total": len(rows) + sum(1 for _ in lines)}


def earlier_picture_address(version: str, figure_id: str) -> str:
    """The address of a copy of the picture that a figure was in an older version."""
    return f"{FOLDER}/earlier/v{version}/{figure_id}.png"
