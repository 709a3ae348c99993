"""Folders of a release: their checksums, as `sha256sum -c SHA256SUMS` reads them; their ZIP; their place.

The bytes of a ZIP follow from the files in it and nothing else: no clock, no owner, no order of a disk.
"""

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnnbook.digests import file_digest

CHECKSUMS_FILE = "SHA256SUMS"
"""The file's name."""

_EARLIEST = "1980-01-01"
"""The first day that a ZIP can name."""

_ORDINARY_FILE = 0o100644 << 16
_UNIX = 3


def files_below(folder: Path) -> list[str]:
    """The paths of all files in a folder and its subfolders, sorted, with "/" between their parts.

    Hidden files and folders, whose names begin with a point, are left out.
    """
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts))


def folder_checksums(folder: Path, *, without: str | None = CHECKSUMS_FILE) -> dict[str, str]:
    """The SHA-256 of each file in a folder by its path; SHA256SUMS itself is left out, or what one says."""
    return {name: file_digest(folder / name) for name in files_below(folder) if name != without}


def checksums_text(sums: dict[str, str]) -> str:
    """The content of SHA256SUMS.

    Raises:
        ValueError: a name has a line break or a backslash, which the format writes otherwise.
    """
    if strange := [name for name in sums if "\n" in name or "\\" in name]:
        raise ValueError(f"{strange[0]!r}: a file's name may have no line break and no backslash; rename it")
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))


def first_differing_file(first: dict[str, str], second: dict[str, str]) -> str | None:
    """A file that only one of two folders has, or that differs; None when the folders are the same."""
    names = sorted(first.keys() | second.keys())
    return next((name for name in names if first.get(name) != second.get(name)), None)


@contextmanager
def draft_folder(folder: Path) -> Iterator[Path]:
    """Yield a path beside a folder, where nothing is; what the block leaves there is removed at its end."""
    draft = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(draft, ignore_errors=True)  # of a process that was killed
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def move_unless_same(source: Path, folder: Path, *, replaces: bool) -> bool:
    """Move a folder to its place, unless the same is there already.

    Args:
        source: the folder.
        folder: its place.
        replaces: whether something else may be replaced.

    Returns:
        Whether it was moved.

    Raises:
        ValueError: something else is there.
    """
    if folder.exists():
        differs = first_differing_file(
            folder_checksums(folder, without=None), folder_checksums(source, without=None)
        )
        if differs is None:
            return False
        if not replaces:
            raise ValueError(
                f"{folder}: released already, and {differs} differs; a released version stays as it is: "
                f"raise the version in pyproject.toml, build and release again"
            )
        shutil.rmtree(folder)
    source.rename(folder)
    return True


def write_zip(folder: Path, path: Path, *, top: str, day: str) -> None:
    """Pack a folder's files.

    Args:
        folder: what is packed, without hidden files.
        path: of the ZIP.
        top: the folder that all files are in when the ZIP is unpacked.
        day: which every file gets as its date, such as "2026-11-22".
    """
    year, month, date = (int(part) for part in max(day, _EARLIEST).split("-"))
    with zipfile.ZipFile(path, "w") as archive:
        for name in files_below(folder):
            entry = zipfile.ZipInfo(f"{top}/{name}", date_time=(year, month, date, 0, 0, 0))
            entry.create_system, entry.external_attr = _UNIX, _ORDINARY_FILE
            archive.writestr(entry, (folder / name).read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)
