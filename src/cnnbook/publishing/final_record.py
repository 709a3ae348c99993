"""Reading the final record of a figure: `figures/<id>.json`, one of `figures.json`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cnnbook.publishing.addresses import Place

FOLDER = "figures"
"""The folder of a built book with the files of all its figures."""

INDEX = "figures.json"
"""The file of a built book with the records of all its figures."""

DATA_FORMATS = ("csv", "netcdf")
"""What the formats of files with a figure's data are called; those of all others are pictures."""


def picture(record: Mapping[str, Any], kind: str, theme: str = "light") -> Mapping[str, Any] | None:
    """The entry of one of a figure's pictures, or None when it has no such file.

    Args:
        record: of the figure.
        kind: "svg", "png" or "pdf".
        theme: "light" or "dark".
    """
    found = (
        file
        for file in record.get("files") or []
        if file["format"] == kind and (file.get("theme") or "light") == theme
    )
    return next(found, None)


def pictures(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of all of a figure's pictures."""
    return [file for file in record.get("files") or [] if file["format"] in ("svg", "png", "pdf")]


def data_files(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of the files with a figure's data."""
    return [file for file in record.get("files") or [] if file["format"] in DATA_FORMATS]


def withdrawal(record: Mapping[str, Any]) -> str | None:
    """Why a figure was withdrawn; None when it was not."""
    return record.get("withdrawn") or None


def place_in_source(code: Mapping[str, Any]) -> str:
    """Where a function stands, in words; `code` has its name, and file and lines if they are known."""
    if not code.get("file"):
        return code["function"]
    if not code.get("first_line"):
        return f"{code['function']}, {code['file']}"
    return f"{code['function']}, {code['file']} lines {code['first_line']}–{code['last_line']}"


def place_of(record: Mapping[str, Any], page: str | None = None) -> Place:
    """Where a figure is looked at: on a page of the site that its own address tells.

    Args:
        record: of the figure.
        page: the figure's own if None.
    """
    url = record.get("url")
    return Place(url.removesuffix(record["address"]) if url else None, page or record["address"])


def read_index(path: Path) -> Sequence[Mapping[str, Any]]:
    """The records in a `figures.json`.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it is something else.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        records = said["figures"] if isinstance(said, dict) else said
        if all(isinstance(record["id"], str) for record in records):
            return records
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: no list of figures ({error}); build the book again") from error
    raise ValueError(f"{path}: a figure's id is not text; build the book again")
