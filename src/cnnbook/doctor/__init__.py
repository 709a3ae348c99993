"""What is wrong with a set-up, and what mends it: checks that change nothing and use no network.

Each check is a function of what it judges, so that it can be tried with any set-up; `examine` gives them this
machine's. A check imports what it looks at when it runs: a package that is missing must not stop the others.
"""

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from cnnbook.doctor.finding import Finding, problem
from cnnbook.files import cache_folder
from cnnbook.inputs import book_root
from cnnbook.machine import usable_cores

__all__ = ["Finding", "examine"]


def examine(profile: str | None = None, choice: str | None = None) -> list[Finding]:
    """Check this machine's whole set-up.

    Args:
        profile: its name; None reads `CNNBOOK_PROFILE`.
        choice: of data; None reads `CNNBOOK_DATA`.
    """
    root, pip = _root(), f"{sys.executable} -m pip"
    try:
        cache = cache_folder()
    except ValueError as error:
        return [problem("cache", str(error), "unset CNNBOOK_CACHE")]
    groups = (
        _packages(root, pip),
        _jupyter(pip),
        _book(root, profile),
        _data(choice, cache),
        _machine(root, cache),
        _results(cache),
    )
    return [finding for group in groups for finding in _without_missing(group, pip)]


def _without_missing(group: Iterator[Finding], pip: str) -> Iterator[Finding]:
    """The findings of a group of checks, up to one that lacks a package."""
    try:
        yield from group
    except ImportError as error:
        mend = f"{pip} install -e ."
        yield problem("packages", f"{error}; what needs it was not looked at", mend)


def _packages(root: Path | None, pip: str) -> Iterator[Finding]:
    from cnnbook.doctor import packages

    yield packages.check_python(sys.version_info[:3], sys.executable)
    yield packages.check_jupyter_book(packages.installed_version("jupyter-book"), pip)
    yield packages.check_requirements(metadata.requires("cnnbook") or [], packages.installed_version, pip)
    if root is not None and (root / "requirements.lock").is_file():
        yield packages.check_lock_file((root / "requirements.lock").read_text(), packages.installed_version)


def _jupyter(pip: str) -> Iterator[Finding]:
    from cnnbook.doctor import book

    yield book.check_command(shutil.which("jupyter-book"), Path(sysconfig.get_path("scripts")))
    yield book.check_kernel(*book.kernel_folders(), sys.executable, pip)


def _book(root: Path | None, profile: str | None) -> Iterator[Finding]:
    from cnnbook.doctor import book

    yield book.check_profile(profile)
    yield book.check_folder(root)
    if root is not None and (root / book.CONFIG).is_file():
        yield from book.check_configuration((root / book.CONFIG).read_text())


def _data(choice: str | None, cache: Path) -> Iterator[Finding]:
    from cnnbook.doctor.cache import check_digits

    yield check_digits(choice, cache / "data")


def _machine(root: Path | None, cache: Path) -> Iterator[Finding]:
    from cnnbook.doctor import machine

    yield machine.check_devices()
    yield machine.check_cores(usable_cores(), os.cpu_count() or 1, os.environ)
    yield machine.check_memory(machine.available_memory())
    yield machine.check_disk("cache", cache)
    if root is not None:
        yield machine.check_disk("book's disk", root)


def _results(cache: Path) -> Iterator[Finding]:
    from cnnbook.doctor.cache import check_locks, check_store

    yield check_store(cache / "store")
    yield check_locks([cache / "store" / "locks", cache / "data"])


def _root() -> Path | None:
    """The book's folder, or None."""
    try:
        return book_root()
    except FileNotFoundError:
        return None
