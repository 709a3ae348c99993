"""What the templates are given: files in groups, pictures, the first rows of the data, older versions."""

import csv
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from cnnbook.publishing.book import BookMetadata
from cnnbook.publishing.final_record import FOLDER, data_files, picture
from cnnbook.sphinx_ext.citable.about_book import version_line
from cnnbook.sphinx_ext.citable.citations import KINDS, citations
from cnnbook.sphinx_ext.citable.final import Record

ROWS = 20
"""How many rows of a figure's data its page shows."""


def panel_view(record: Record, book: BookMetadata) -> dict[str, Any]:
    """For the panel below a figure."""
    return {
        "record": record,
        "citations": citations(record, book),
        "citation_files": KINDS,
        "file_groups": file_groups(record),
        "data_sources": data_sources(record),
    }


def page_view(
    record: Record, book: BookMetadata, *, folder: Path | None, caption_html: str, list_address: str
) -> dict[str, Any]:
    """For a figure's own page.

    Args:
        record: of the figure.
        book: that it belongs to.
        folder: where the figure's files lie; None when there are none.
        caption_html: its caption.
        list_address: of the list of all figures.
    """
    return panel_view(record, book) | {
        "caption_html": caption_html,
        "list_address": list_address,
        "pictures": pictures_shown(record),
        "data_files": data_files(record),
        "table": first_rows(folder / f"{record['id']}.csv") if folder else None,
        "version_line": version_line(record["book"]),
        "earlier": [
            old
            | {"picture": old_picture(old["version"], record["id"]), "alt": f"In version {old['version']}"}
            for old in record["earlier"]
        ],
    }


def file_groups(record: Record) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """A figure's files: light pictures, dark ones, data."""
    files = record["files"]
    groups = {
        "Light": [file for file in files if file["theme"] == "light"],
        "Dark": [file for file in files if file["theme"] == "dark"],
        "Data": [file for file in files if file["theme"] is None],
    }
    return [(name, group) for name, group in groups.items() if group]


def data_sources(record: Record) -> list[Mapping[str, Any]]:
    """The data that a figure's experiments looked at, each once."""
    found = [made["data"] for made in record["made_from"] if made.get("data")]
    return [data for at, data in enumerate(found) if data not in found[:at]]


def pictures_shown(record: Record) -> list[Mapping[str, Any]]:
    """The light and the dark picture that a page shows."""
    found = (picture(record, "svg", theme) or picture(record, "png", theme) for theme in ("light", "dark"))
    return [file for file in found if file]


def thumbnails(record: Record) -> list[Mapping[str, Any]]:
    """The same for a gallery: of SVG and PNG, the one that is quicker to fetch."""
    found = []
    for theme in ("light", "dark"):
        files = [file for kind in ("svg", "png") if (file := picture(record, kind, theme))]
        found += sorted(files, key=lambda file: file["bytes"])[:1]
    return found


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


def old_picture(version: str, figure_id: str) -> str:
    """The address of a copy of the picture that a figure was in an older version."""
    return f"{FOLDER}/earlier/v{version}/{figure_id}.png"
