"""The record of a published figure: its id, its size on a page, its files and their checksums."""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

SUFFIXES = (".svg", "-dark.svg", ".png", "-dark.png")
"""What follows a figure's id in the names of its four files."""

RECORD = "figure.json"
"""The file beside a figure's files that describes them."""

_ID = re.compile(r"fig(-[a-z0-9]+)+")


def check_figure_id(figure_id: str) -> str:
    """Return a figure's id, once it is known to be one.

    Raises:
        ValueError: it is not "fig-" and then words of a-z and 0-9 joined by single hyphens.
    """
    if not _ID.fullmatch(figure_id):
        raise ValueError(
            f"figure_id={figure_id!r}: expected 'fig-' and then words of a-z and 0-9 joined by hyphens, "
            f"such as 'fig-conv3-three-fours'"
        )
    return figure_id


@dataclass(frozen=True, kw_only=True)
class FigureFile:
    """One file of a figure: its length in bytes and the SHA-256 of its content."""

    bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> "FigureFile":
        """Measure a file."""
        content = path.read_bytes()
        return cls(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


@dataclass(frozen=True, kw_only=True)
class PublishedFigure:
    """A figure that has its files.

    Attributes:
        id: never changes once published; names the files, the anchor and the address.
        folder: where the files lie.
        width: on a page at natural size [CSS px].
        height: likewise [CSS px].
        files: by file name; `<id>.svg`, `<id>-dark.svg`, `<id>.png`, `<id>-dark.png`.
    """

    id: str
    folder: Path
    width: int
    height: int
    files: Mapping[str, FigureFile]

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


def measure(figure_id: str, folder: Path, *, width: int, height: int) -> PublishedFigure:
    """Describe the four files of a figure that lie in a folder.

    Raises:
        ValueError: a malformed id.
        FileNotFoundError: one of the four is not there.
    """
    names = [check_figure_id(figure_id) + suffix for suffix in SUFFIXES]
    files = {name: FigureFile.of(folder / name) for name in names}
    return PublishedFigure(id=figure_id, folder=folder, width=width, height=height, files=files)


def write_record(figure: PublishedFigure, path: Path) -> None:
    """Write a figure's record as JSON, whole or not at all."""
    values = asdict(figure) | {"folder": str(figure.folder.absolute())}
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".", delete=False) as stream:
        json.dump(values, stream, indent=1, sort_keys=True)
    os.replace(stream.name, path)


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
        files = {name: FigureFile(**entry) for name, entry in values.pop("files").items()}
        place = folder or Path(values.pop("folder"))
        return PublishedFigure(**(values | {"folder": place, "files": files}))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path}: not the record of a figure ({error}); delete it and build again"
        ) from error
