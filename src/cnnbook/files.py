"""Files of this machine: the cache, how one is written whole or not at all, and locks."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import platformdirs
from filelock import AcquireReturnProxy, FileLock, Timeout


def cache_folder() -> Path:
    """The folder of data and results: `CNNBOOK_CACHE`, or the user's own cache.

    Raises:
        ValueError: `CNNBOOK_CACHE` is in the home of a user who does not exist.
    """
    named = os.environ.get("CNNBOOK_CACHE") or platformdirs.user_cache_dir("cnnbook")
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError as error:
        raise ValueError(f"CNNBOOK_CACHE={named!r}: no such user, expected a folder") from error


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside a file; it replaces the file when the block ends without an error.

    The content is on the disk before it gets the file's name, and a link stays a link.

    Raises:
        OSError: it cannot be written.
    """
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield draft
        with draft.open("rb") as stream:
            os.fsync(stream.fileno())
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def read_remembered(path: Path) -> dict[str, Any]:
    """A JSON object that an earlier run has kept; empty where there is none, or it is damaged.

    For what can be found out again: nothing is lost but time.

    Args:
        path: of the file.
    """
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def write_remembered(path: Path, values: Mapping[str, Any]) -> None:
    """Keep a JSON object for later runs, whole or not at all.

    Args:
        path: of the file; its folder is made if need be.
        values: of the object.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as draft:
        draft.write_text(json.dumps(values), encoding="utf-8")


def acquire_lock(
    path: Path, report_waiting: Callable[[], None], *, timeout: float = -1
) -> AcquireReturnProxy:
    """Acquire a lock that other processes may have.

    Args:
        path: of the lock file.
        report_waiting: called once if another process holds the lock.
        timeout: seconds to wait for it; negative for any time.

    Returns:
        A context that releases the lock at its end; its attribute `lock` is the lock.

    Raises:
        filelock.Timeout: another process still holds it after that time.
    """
    lock = FileLock(path)
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        report_waiting()
        return lock.acquire(timeout=timeout)
