"""Is this Python right, and are the packages in it those that the book asks for?"""

import re
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata

from cnnbook.doctor.finding import Finding, note, ok, problem

OLDEST_PYTHON = (3, 11)
"""The oldest Python that runs this package."""

JUPYTER_BOOK = "jupyter-book>=1.0.4.post1,<2"
"""The only Jupyter Book that reads this book: the last of version 1."""

_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(?:;\s*([^\\]+))?")

Version = Callable[[str], str | None]
"""The installed version of a package, or None."""


def installed_version(package: str) -> str | None:
    """The version of a package in this environment, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def check_python(version: Sequence[int], executable: str) -> Finding:
    """Is Python new enough?

    Args:
        version: its numbers.
        executable: its path.
    """
    found = f"{'.'.join(map(str, version[:3]))} ({executable})"
    if tuple(version[:2]) >= OLDEST_PYTHON:
        return ok("Python", found)
    wanted = ".".join(map(str, OLDEST_PYTHON))
    mend = f"install Python {wanted} or newer, then: rm -rf .venv && make install"
    return problem("Python", f"{found}; expected {wanted} or newer", mend)


def check_jupyter_book(version: str | None, pip: str) -> Finding:
    """Is Jupyter Book there, and is it version 1?

    Args:
        version: installed, or None.
        pip: the command that installs into this environment.
    """
    from packaging.version import Version as Parsed

    mend = f"{pip} install '{JUPYTER_BOOK}'"
    if version is None:
        return problem("Jupyter Book", "not installed", mend)
    if Parsed(version) >= Parsed("2.dev0"):
        return problem(
            "Jupyter Book",
            f"{version}: version 2 is another program. It does not read _config.yml and _toc.yml; it renames "
            "them and goes on with a myst.yml of its own, without this book's figures, numbers and checks",
            f"git checkout _config.yml _toc.yml && rm -f myst.yml && {mend}",
        )
    if Parsed(version) < Parsed("1.0.4.post1"):
        return problem("Jupyter Book", f"{version}; expected 1.0.4.post1", mend)
    return ok("Jupyter Book", version)


def check_requirements(required: Sequence[str], version: Version, pip: str) -> Finding:
    """Are all packages there, in versions that the book works with?

    Args:
        required: as in the package's metadata, such as "jax>=0.6"; extras are passed over.
        version: gives the installed version of a package.
        pip: the command that installs into this environment.
    """
    from packaging.requirements import Requirement

    wanted = [Requirement(line) for line in required]
    wanted = [item for item in wanted if item.marker is None or item.marker.evaluate({"extra": ""})]
    wrong = []
    for item in wanted:
        found = version(item.name)
        if found is None or not item.specifier.contains(found, prereleases=True):
            wrong.append((item, found))
    if not wrong:
        return ok("packages", f"all {len(wanted)} that are asked for")
    said = "; ".join(f"{item.name} {found or 'is missing'}, expected {item}" for item, found in wrong)
    return problem("packages", said, f"{pip} install {' '.join(repr(str(item)) for item, _ in wrong)}")


def check_lock_file(lock: str, version: Version) -> Finding:
    """Are the versions those of the lock file, with which the book was measured?

    Args:
        lock: text of a requirements file with `==`.
        version: gives the installed version of a package.
    """
    pins = dict(_pins(lock))
    found = {name: version(name) for name in pins}
    differs = {name: have for name, have in found.items() if have not in (None, pins[name])}
    other = [f"{name} {have} (lock: {pins[name]})" for name, have in differs.items()]
    if not other:
        return ok("lock file", "every installed package has the version of requirements.lock")
    shown = ", ".join(other[:4]) + (f" and {len(other) - 4} more" if len(other) > 4 else "")
    count = "1 package differs" if len(other) == 1 else f"{len(other)} packages differ"
    said = f"{count} from requirements.lock: {shown}; numbers may differ a little"
    return note("lock file", said, "make install")


def _pins(lock: str) -> Iterator[tuple[str, str]]:
    """Names and versions in a lock file, without those meant for other systems."""
    from packaging.markers import Marker

    for line in lock.splitlines():
        match = _LOCKED.match(line)
        if match and (match[3] is None or Marker(match[3].strip()).evaluate()):
            yield match[1], match[2]
