"""SHA256SUMS: the checksums of a folder's files, as `sha256sum -c SHA256SUMS` reads them."""

import re
from pathlib import Path

from cnnbook.digests import file_digest

SUMS = "SHA256SUMS"
"""The file's name."""

_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")


def files_below(folder: Path) -> list[str]:
    """The paths of all files in a folder and its subfolders, sorted, with "/" between their parts.

    Hidden files and folders, whose names begin with a point, are left out.
    """
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts))


def sums_of(folder: Path, *, without: str | None = SUMS) -> dict[str, str]:
    """The SHA-256 of each file in a folder by its path; SHA256SUMS itself is left out, or what one says."""
    return {name: file_digest(folder / name) for name in files_below(folder) if name != without}


def sums_text(sums: dict[str, str]) -> str:
    """The content of SHA256SUMS.

    Raises:
        ValueError: a name has a line break or a backslash, which the format writes otherwise.
    """
    if strange := [name for name in sums if "\n" in name or "\\" in name]:
        raise ValueError(f"{strange[0]!r}: a file's name may have no line break and no backslash; rename it")
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))


def read_sums(path: Path) -> dict[str, str]:
    """The checksums in a SHA256SUMS file, by path.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it is something else.
    """
    sums = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not (found := _LINE.fullmatch(line)):
            raise ValueError(f"{path}: {line[:80]!r} is no line of checksums")
        sums[found[2]] = found[1]
    return sums


def first_difference(one: dict[str, str], other: dict[str, str]) -> str | None:
    """A file that only one of two folders has, or that differs; None when the folders are the same."""
    names = sorted(one.keys() | other.keys())
    return next((name for name in names if one.get(name) != other.get(name)), None)
