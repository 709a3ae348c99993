"""Versions of the book that were released: their order, and the folders that hold them."""

import re
from pathlib import Path

from cnnbook.publishing.final_record import INDEX

_VERSION = re.compile(r"(?P<numbers>\d+(\.\d+)*)(?P<words>([-.]?[a-z]+\.?\d*)*)", re.IGNORECASE)


def rank(version: str) -> tuple[tuple[int, ...], bool, tuple[tuple[str, int], ...]]:
    """What versions are sorted by: 0.9 before 0.10, 1.0rc1 before 1.0, and 1.0 the same as 1.0.0.

    Raises:
        ValueError: it is not numbers joined by points, then perhaps words with a number, as in "1.0rc1".
    """
    if not (parts := _VERSION.fullmatch(version)):
        raise ValueError(f"version={version!r}: expected such as '1.0', '0.2.1' or '1.0rc1'")
    numbers = [int(number) for number in parts["numbers"].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    words = re.findall(r"([a-z]+)\.?(\d*)", parts["words"].lower())
    return tuple(numbers), not words, tuple((word, int(number or 0)) for word, number in words)


def version_folders(folder: Path) -> dict[str, Path]:
    """The released versions in a folder, newest first: by version the folders `v1.0` and so on.

    What does not list its figures is no release of the book.
    """
    found = {
        place.name[1:]: place
        for place in folder.glob("v*")
        if _VERSION.fullmatch(place.name[1:]) and (place / INDEX).is_file()
    }
    return {version: found[version] for version in sorted(found, key=rank, reverse=True)}
