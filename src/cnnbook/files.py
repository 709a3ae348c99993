"""Files of this machine: cache, book's folder, YAML, files written whole or not at all, and locks."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import platformdirs
import yaml
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


def find_folder_upwards(*files: str, start: Path | None = None) -> Path:
    """The nearest folder upwards that has a file; the checkout of an editable install where none has.

    Args:
        *files: paths within the folder, of which one is enough.
        start: the first folder looked at; the current one if None.

    Raises:
        FileNotFoundError: there is none.
    """
    first, checkout = (start or Path.cwd()).resolve(), Path(__file__).resolve().parents[2]
    for folder in (first, *first.parents, checkout):
        if any((folder / file).is_file() for file in files):
            return folder
    raise FileNotFoundError(f"{files[0]}: not found in {first} or above it; run this inside a book's folder")


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


def parse_yaml(text: str, name: Path | str) -> Any:
    """The values in a YAML text.

    Args:
        text: the YAML.
        name: of the file it comes from, for the message.

    Raises:
        ValueError: it is not YAML; the message names file, line and column.
    """
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ValueError(f"{name}{where}: not YAML ({error.problem}); mend that line") from error


def read_yaml_list(path: Path, name: str) -> list[Any]:
    """The entries of the list that is all of a YAML file, under a name.

    Args:
        path: the file.
        name: of the list.

    Raises:
        ValueError: it is not YAML, or has no list of that name.
        OSError: it cannot be read.
    """
    content = read_yaml(path)
    if not isinstance(content, dict) or not isinstance(content.get(name), list):
        raise ValueError(f"{path}: expected a list called {name!r}")
    return content[name]


def read_yaml(path: Path) -> Any:
    """The values in a YAML file.

    Raises:
        ValueError: it is not YAML; the message names file, line and column.
        OSError: it cannot be read.
    """
    return parse_yaml(path.read_text(encoding="utf-8"), path)
