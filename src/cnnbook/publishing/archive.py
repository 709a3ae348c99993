"""A ZIP whose bytes follow from the files in it and nothing else: no clock, no owner, no order of a disk."""

import zipfile
from pathlib import Path

from cnnbook.publishing.checksums import files_below

_EARLIEST = "1980-01-01"
"""The first day that a ZIP can name."""

_ORDINARY_FILE = 0o100644 << 16
_UNIX = 3


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
