"""Records of figures as files: the one beside a figure's files, and the list of all in a built book."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cnnbook.files import atomic_write
from cnnbook.publishing.record import (
    DATA,
    PICTURES,
    SCHEMA,
    SUFFIXES,
    FigureFile,
    FigureRecord,
    check_figure_id,
)

RECORD = "figure.json"
"""The file of the store, beside a figure's files, that describes them."""

INDEX = "figures.json"
"""The file of a built book with the records of all its figures."""

INDEX_SCHEMA = "figures.schema.json"
"""The file beside it that describes it, as a JSON Schema; also one of this package."""

MEDIA_TYPES: Mapping[str, str] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "netcdf": "application/x-netcdf",
}
"""By the format's name."""

PIXELS: Mapping[str, int] = {"svg": 1, "png": 2}
"""Pixels of a file to a CSS pixel of a page: a PNG is sharp on a screen with two."""

_REMEDY = "delete it and build again"


def describe_files(figure_id: str, folder: Path, *, width: int, height: int, **about: Any) -> FigureRecord:
    """Describe the files of a figure that lie in a folder: its pictures, and its data if there are any.

    Args:
        figure_id: names the files.
        folder: that they lie in.
        width: of the figure on a page [CSS px].
        height: likewise [CSS px].
        about: further attributes of the record.

    Raises:
        ValueError: a malformed id.
        FileNotFoundError: one of the pictures is not there.
    """
    stem = check_figure_id(figure_id)
    names = [stem + end for end in SUFFIXES if end in PICTURES or (folder / (stem + end)).exists()]
    files = [_describe_file(folder / name, width, height) for name in names]
    return FigureRecord(id=figure_id, folder=folder, files=files, **about)


def _describe_file(path: Path, width: int, height: int) -> FigureFile:
    """One of a figure's files, whose name ends in one of `SUFFIXES`."""
    content, ending = path.read_bytes(), path.suffix[1:]
    kind = {"nc": "netcdf"}.get(ending, ending)
    scale, theme = PIXELS.get(kind), "dark" if path.stem.endswith("-dark") else "light"
    return FigureFile(
        name=path.name,
        format=kind,
        theme=None if path.suffix in DATA else theme,
        media_type=MEDIA_TYPES[kind],
        width=width * scale if scale else None,
        height=height * scale if scale else None,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def write_record(record: FigureRecord, path: Path) -> None:
    """Write a figure's record as JSON, whole or not at all, with where its files lie on this machine.

    Raises:
        OSError: nothing can be written there.
    """
    local = {
        "folder": str((record.folder or Path()).absolute()),
        "entry": record.entry,
        "build": record.build,
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as draft:
            draft.write_text(json.dumps(record.as_json() | {"local": local}, indent=1, sort_keys=True))
    except OSError as error:
        raise OSError(
            f"{path}: the record of {record.id} cannot be written "
            f"({(error.strerror or str(error)).lower()}); make the folder {path.parent} writable"
        ) from error


def read_record(path: Path, *, folder: Path | None = None) -> FigureRecord:
    """Read a figure's record.

    Args:
        path: the JSON file that `write_record` wrote.
        folder: where the figure's files lie now, if not where the record says.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it is no record of a figure.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["schema"] != SCHEMA:
            raise ValueError(f"expected schema {SCHEMA!r}")
        local = values["local"]
        return FigureRecord.from_json(values | local | {"folder": folder or Path(local["folder"])})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path}: not the record of a figure ({error}); {_REMEDY}") from error


def write_index(folder: Path, records: Iterable[FigureRecord]) -> None:
    """Write the list of all records of a built book, and the schema that describes it.

    Args:
        folder: with the book's pages.
        records: in the order of the book.
    """
    write_json(folder / INDEX, [record.as_json() for record in records])
    (folder / INDEX_SCHEMA).write_bytes(Path(__file__).with_name(INDEX_SCHEMA).read_bytes())


def read_index(path: Path) -> list[FigureRecord]:
    """The records in a `figures.json`.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it is something else.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return [
            FigureRecord.from_json(one) for one in (values["figures"] if isinstance(values, dict) else values)
        ]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{path}: no list of figures ({error}); build the book again") from error


def write_json(path: Path, values: Any) -> None:
    """Write values of JSON for readers who look into the file."""
    path.write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
