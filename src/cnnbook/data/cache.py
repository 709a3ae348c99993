"""MNIST in the user's cache: found there, or downloaded into it once, however many processes want it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import filelock
import numpy as np
import platformdirs

from cnnbook.data.digits import Digits
from cnnbook.data.idx import AGAIN, is_gzip
from cnnbook.data.mirrors import MIRRORS, Patience, fetch
from cnnbook.data.mnist import FILES, MnistFile, assemble, check_sha256, locate, parse
from cnnbook.files import atomic_write

WAIT_S = 1800.0
"""How long another process is waited for, in seconds."""


def folder() -> Path:
    """The user's cache of data."""
    return Path(platformdirs.user_cache_dir("cnnbook")) / "data"


def load(
    cache: Path,
    *,
    notify: Callable[[str], None],
    mirrors: Sequence[str] = MIRRORS,
    files: Sequence[MnistFile] = FILES,
    patience: Patience = Patience(),  # noqa: B008  # a NamedTuple cannot change
) -> Digits:
    """MNIST from the cache; what the cache lacks is downloaded first.

    A damaged file is set aside under a name that ends in `.damaged`, and downloaded anew.

    Args:
        cache: the folder; it is made when it is needed.
        notify: told what happens, one line at a time.
        mirrors: addresses to download from, in this order.
        files: which files are wanted, by their SHA-256.
        patience: how long a mirror is waited for.

    Raises:
        ConnectionError: a file is missing and no mirror serves it.
        OSError: the cache cannot be written to.
    """
    arrays, lacking = _read(cache, files)
    if lacking:
        cache.mkdir(parents=True, exist_ok=True)
        with _locked(cache, notify):
            arrays, lacking = _read(cache, files)
            if lacking:
                arrays |= _download(cache, lacking, notify=notify, mirrors=mirrors, patience=patience)
    return assemble(arrays, source=f"the cache {cache}")


def _read(
    cache: Path, files: Sequence[MnistFile]
) -> tuple[dict[str, np.ndarray], list[tuple[MnistFile, ValueError | None]]]:
    """The arrays that the cache holds, and the files that it lacks, with what is wrong with them."""
    arrays, lacking = {}, []
    for file in files:
        path = locate(cache, file)
        if path is None:
            lacking.append((file, None))
            continue
        try:
            content = parse(path, file)
            check_sha256(content, file, name=str(path))
        except ValueError as error:
            lacking.append((file, error))
        else:
            arrays[file.field] = content.values
    return arrays, lacking


def _download(
    cache: Path,
    lacking: Sequence[tuple[MnistFile, ValueError | None]],
    *,
    notify: Callable[[str], None],
    mirrors: Sequence[str],
    patience: Patience,
) -> dict[str, np.ndarray]:
    """Download what is lacking; a mirror that failed is asked last from then on."""
    arrays = {}
    for file, error in lacking:
        if error is not None:
            _set_aside(cache, file, error, notify)
    order = list(mirrors)
    for file, _ in lacking:
        fetched = fetch(file, order, patience=patience, notify=notify)
        first = order.index(fetched.mirror)
        order = order[first:] + order[:first]
        suffix = ".gz" if is_gzip(fetched.stored) else ""
        with atomic_write(cache / f"{file.name}{suffix}") as draft:
            draft.write_bytes(fetched.stored)
        arrays[file.field] = fetched.content.values
    notify(f"MNIST is downloaded into {cache} and verified")
    return arrays


def _set_aside(cache: Path, file: MnistFile, error: ValueError, notify: Callable[[str], None]) -> None:
    """Rename a damaged file, and say so."""
    path = locate(cache, file)
    if path is not None:
        aside = path.with_name(f"{path.name}.damaged")
        path.replace(aside)
        found = str(error).removesuffix(f": {AGAIN}")
        notify(f"{found}; set aside as {aside.name}, to be downloaded again")


@contextmanager
def _locked(cache: Path, notify: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock on the cache; whoever has to wait for it is told so."""
    lock = filelock.FileLock(cache / ".lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        notify(f"another process is downloading MNIST into {cache}: waiting for it")
        lock.acquire(timeout=WAIT_S)
    try:
        yield
    finally:
        lock.release()
