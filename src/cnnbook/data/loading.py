"""Which digits a book is built from: all of MNIST, from the user's cache or a mirror, or else the sample."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from cnnbook.data import mnist, sample
from cnnbook.data.digits import Digits
from cnnbook.data.idx import REMEDY, is_gzip
from cnnbook.data.mirrors import MNIST, Download, fetch
from cnnbook.files import acquire_lock, atomic_write, cache_folder

CHOICES = ("auto", "full", "sample")
"""What may be chosen besides a folder."""

WAIT_S = 1800.0
"""How long to wait for another process that downloads, in seconds."""

MissingFiles = Sequence[tuple[mnist.MnistFile, ValueError | None]]
"""Files that the cache does not have, with what is wrong with those that are damaged."""


def load(
    choice: str | Path | None = None,
    *,
    cache: Path | None = None,
    notify: Callable[[str], None] = lambda line: None,
    download: Download = MNIST,
) -> Digits:
    """The digits to work with.

    Args:
        choice: "auto": MNIST from the cache or a mirror, else the sample. "full": the same, but without MNIST
            it is an error. "sample": the sample. Anything else: a folder with MNIST's four files. None: what
            the environment variable `CNNBOOK_DATA` says, and "auto" when it is unset or empty.
        cache: the folder of downloads; `CNNBOOK_CACHE` or the user's own cache by default.
        notify: called with one line for each thing that happens.
        download: which files are MNIST's, and where they are to be had.

    Raises:
        FileNotFoundError: the choice is neither one of the words nor a folder, or a file is missing in it.
        ConnectionError: "full", and MNIST is neither in the cache nor on a mirror that can be reached.
        OSError: "full", and the cache cannot be written to.
        ValueError: a file in the folder is damaged or is not MNIST's.
    """
    origin = "choice"
    if choice is None:
        origin, choice = "CNNBOOK_DATA", os.environ.get("CNNBOOK_DATA") or "auto"
    if choice == "sample":
        return sample.load()
    if choice not in CHOICES:
        return mnist.read_folder(_folder(choice, origin), files=download.files)
    try:
        return load_cached(cache or cache_folder() / "data", notify=notify, download=download)
    except OSError as error:
        reason = " ".join(str(error).split())
        if not isinstance(error, ConnectionError):
            reason = f"MNIST could not be downloaded ({reason})"
        if choice == "full":
            kind = ConnectionError if isinstance(error, ConnectionError) else OSError
            raise kind(
                f"{reason}; the choice 'full' wants MNIST and no sample: set CNNBOOK_DATA=folder to a folder"
                " with its four files (`cnnbook doctor` says where to get them), or choose 'auto'"
            ) from error
        notify(f"{reason}; going on with the 5,000 sample digits")
        return sample.load()


def _folder(choice: str | Path, origin: str) -> Path:
    """The folder chosen, checked."""
    folder = Path(os.path.expanduser(choice))
    if choice != "" and folder.is_dir():
        return folder
    reason = "a file" if folder.is_file() else "no such folder"
    expected = "auto, full, sample, or a folder with MNIST's four files (`cnnbook doctor` says what is found)"
    raise FileNotFoundError(f"{origin}={str(choice)!r}: {reason}, expected {expected}")


def load_cached(cache: Path, *, notify: Callable[[str], None], download: Download = MNIST) -> Digits:
    """MNIST from the cache; what it does not have is downloaded first, by one process alone.

    A damaged file is renamed to end in `.damaged`, and downloaded anew.

    Args:
        cache: the folder; it is made when it is needed.
        notify: called with one line for each thing that happens.
        download: which files are MNIST's, and where they are to be had.

    Raises:
        ConnectionError: a file is missing and no mirror serves it.
        OSError: the cache cannot be written to.
    """
    arrays, missing = _read(cache, download.files)
    if missing:
        cache.mkdir(parents=True, exist_ok=True)
        waiting = f"another process is downloading MNIST into {cache}: waiting for it"
        with acquire_lock(cache / ".lock", lambda: notify(waiting), timeout=WAIT_S):
            arrays, missing = _read(cache, download.files)
            if missing:
                arrays |= _fetch_into(cache, missing, notify, download)
    return Digits(name="mnist", source=f"the cache {cache}", **arrays)


def _read(
    cache: Path, files: Sequence[mnist.MnistFile]
) -> tuple[dict[str, UInt8[np.ndarray, "..."]], MissingFiles]:
    """The arrays that the cache holds, by field, and the files that are missing or damaged."""
    arrays, missing = {}, []
    for file in files:
        path = mnist.find_file(cache, file)
        if path is None:
            missing.append((file, None))
            continue
        try:
            content = mnist.parse(path, file)
            mnist.check_sha256(content, file, name=str(path))
        except ValueError as error:
            missing.append((file, error))
        else:
            arrays[file.field] = content.values
    return arrays, missing


def _fetch_into(
    cache: Path, missing: MissingFiles, notify: Callable[[str], None], download: Download
) -> dict[str, UInt8[np.ndarray, "..."]]:
    """Download what is missing; a mirror that failed is tried last from then on."""
    for file, error in missing:
        path = mnist.find_file(cache, file)
        if error is not None and path is not None:
            aside = path.replace(path.with_name(f"{path.name}.damaged"))
            fault = str(error).removesuffix(f": {REMEDY}")
            notify(f"{fault}; set aside as {aside.name}, to be downloaded again")
    arrays, order = {}, list(download.mirrors)
    for file, _ in missing:
        fetched = fetch(file, order, timeouts=download.timeouts, notify=notify)
        first = order.index(fetched.mirror)
        order = order[first:] + order[:first]
        suffix = ".gz" if is_gzip(fetched.stored) else ""
        with atomic_write(cache / f"{file.name}{suffix}") as draft:
            draft.write_bytes(fetched.stored)
        arrays[file.field] = fetched.content.values
    notify(f"MNIST is downloaded into {cache} and verified")
    return arrays
