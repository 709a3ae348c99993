"""The record of a published figure: its id, its size on a page, its files, and what it was made from.

A cell's record, of which a build makes the final one, is JSON with these keys: `schema`, `id`, `title`,
`folder`, `width`, `height`, `files` (by name: `bytes`, `sha256`, `format`, `theme`, `media_type`), `entry`
and `build` (of this machine alone: they and `folder` stay out of the final record), and `about` with `book`,
`drawn_by`, `options`, `made_from`, `versions`, `platform`, `data` (null for a figure without any),
`licence`, `authors`, `credit`.

A figure without data has no CSV and no netCDF: `files` says which files there are, `SUFFIXES` which there
may be.
"""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SCHEMA = "cnnbook-figure-stage-1"
"""Marks such a record; the number grows when its keys change."""

PICTURES = (".svg", "-dark.svg", ".png", "-dark.png", ".pdf", "-dark.pdf")
"""What follows a figure's id in the names of its pictures."""

DATA = (".csv", ".nc")
"""What follows it in the names of its data's files, where it has data."""

SUFFIXES = (*PICTURES, *DATA)
"""All of them."""

MEDIA_TYPES: Mapping[str, str] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "netcdf": "application/x-netcdf",
}
"""By the format's name."""

RECORD = "figure.json"
"""The file beside a figure's files that describes them."""

_ID = re.compile(r"fig(-[a-z0-9]+)+(?<!-dark)")


def check_figure_id(figure_id: str) -> str:
    """Return a figure's id, once it is known to be one.

    Raises:
        ValueError: it is not "fig-" and then words of a-z and 0-9 joined by single hyphens, or its last word
            is "dark", which is kept for the files of dark pages.
    """
    if not _ID.fullmatch(figure_id):
        raise ValueError(
            f"figure_id={figure_id!r}: expected 'fig-' and then words of a-z and 0-9 joined by hyphens, "
            f"such as 'fig-conv3-three-fours'; the last word may not be 'dark'"
        )
    return figure_id


@dataclass(frozen=True, kw_only=True)
class FigureFile:
    """One file of a figure.

    Attributes:
        bytes: its length.
        sha256: of its content.
        format: one of `MEDIA_TYPES`.
        theme: "light" or "dark"; None for data.
        media_type: as a web server would call it.
    """

    bytes: int
    sha256: str
    format: str
    theme: str | None
    media_type: str

    @classmethod
    def of(cls, path: Path) -> "FigureFile":
        """Measure a file whose name ends in one of `SUFFIXES`."""
        content = path.read_bytes()
        kind = {"nc": "netcdf"}.get(path.suffix[1:], path.suffix[1:])
        theme = "dark" if path.stem.endswith("-dark") else "light"
        return cls(
            bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            format=kind,
            theme=None if path.suffix in DATA else theme,
            media_type=MEDIA_TYPES[kind],
        )


@dataclass(frozen=True, kw_only=True)
class PublishedFigure:
    """A figure that has its files.

    Attributes:
        id: never changes once published; names the files, the anchor and the address.
        folder: where the files lie.
        width: on a page at natural size [CSS px].
        height: likewise [CSS px].
        files: by file name: `<id>.svg` and the like; those with data have `<id>.csv` and `<id>.nc` too.
        title: its short title, from the register of figures; "" where there is none.
        about: what it was made from and by, as plain JSON values; see the module.
        entry: its address in the store; another one means another picture.
        build: the build in which a cell published it; "" outside of one.
    """

    id: str
    folder: Path
    width: int
    height: int
    files: Mapping[str, FigureFile]
    title: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    entry: str = ""
    build: str = ""

    def name(self, suffix: str) -> str:
        """The name of one of the files, by what follows the id in it."""
        return f"{self.id}{suffix}"

    def path(self, suffix: str) -> Path:
        """Where one of the files lies."""
        return self.folder / self.name(suffix)

    def fault(self) -> str | None:
        """What is wrong with the files on the disk, or None."""
        for name, expected in self.files.items():
            path = self.folder / name
            if not path.is_file():
                return f"{path} is missing"
            if FigureFile.of(path) != expected:
                return f"{path} is damaged: its SHA-256 is not the one in the figure's record"
        return None

    def _repr_svg_(self) -> str:
        """The light picture, for a notebook to show."""
        return self.path(".svg").read_text(encoding="utf-8")


def measure(
    figure_id: str, folder: Path, *, width: int, height: int, title: str = "",
    about: Mapping[str, Any] | None = None,
) -> PublishedFigure:  # fmt: skip
    """Describe the files of a figure that lie in a folder: its pictures, and its data if there are any.

    Raises:
        ValueError: a malformed id.
        FileNotFoundError: one of the pictures is not there.
    """
    stem = check_figure_id(figure_id)
    data = [stem + suffix for suffix in DATA if (folder / (stem + suffix)).exists()]
    names = [stem + suffix for suffix in PICTURES] + data
    files = {name: FigureFile.of(folder / name) for name in names}
    return PublishedFigure(
        id=figure_id, folder=folder, width=width, height=height, files=files, title=title,
        about=dict(about or {}),
    )  # fmt: skip


def write_record(figure: PublishedFigure, path: Path) -> None:
    """Write a figure's record as JSON, whole or not at all.

    Raises:
        OSError: nothing can be written there.
    """
    values = asdict(figure) | {"schema": SCHEMA, "folder": str(figure.folder.absolute())}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".", delete=False) as stream:
            json.dump(values, stream, indent=1, sort_keys=True)
        os.replace(stream.name, path)
    except OSError as error:
        raise OSError(
            f"{path}: the record of {figure.id} cannot be written "
            f"({(error.strerror or str(error)).lower()}); make the folder {path.parent} writable"
        ) from error


def read_record(path: Path, *, folder: Path | None = None) -> PublishedFigure:
    """Read a figure's record.

    Args:
        path: the JSON file.
        folder: where the figure's files lie now, if not where the record says.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it is no record of a figure.
    """
    try:
        values = json.loads(path.read_text())
        if values.pop("schema") != SCHEMA:
            raise ValueError(f"expected schema {SCHEMA!r}")
        files = {name: FigureFile(**entry) for name, entry in values.pop("files").items()}
        place = folder or Path(values.pop("folder"))
        return PublishedFigure(**(values | {"folder": place, "files": files}))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path}: not the record of a figure ({error}); delete it and build again"
        ) from error
