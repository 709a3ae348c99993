"""SHA-256 of values and of files: names for contents."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def digest_of(values: Any) -> str:
    """SHA-256 of plain JSON values, whatever the order of their keys."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in a folder and below, by its path relative to the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): file_digest(path) for path in files}


def find_damage(folder: Path, expected: Mapping[str, str]) -> str | None:
    """The first difference between a folder's files and their noted checksums; None if there is none.

    Args:
        folder: of the files.
        expected: what `checksums` returned when they were written.
    """
    for name, digest in expected.items():
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        if file_digest(path) != digest:
            return f"{name} is damaged: its SHA-256 is not the one noted when it was written"
    return None
