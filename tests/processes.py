"""Which tests share a process when tests run in several, and which of them train networks."""

import re
from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[1]

TRAINED = frozenset({"trainer", "nets", "open_tiny"})
"""Fixtures that train networks."""

COMPILING = frozenset({"nets", "oip", "training"})
"""Folders whose tests compile programs of networks, which takes as long as training tiny ones."""

TINY = "open_tiny"
"""The fixture whose results are the costliest: every experiment, measured once in a process."""

FIRST = ("book", TINY)
"""The longest groups begin, each in a process of its own; all others fill up what is left."""

_MARKED = re.compile(r'xdist_group\("(\w+)"\)')


@cache
def group_of(path: str, root: Path = ROOT) -> str:
    """The group of a file's tests: the one that it names, that of the tiny book's results, or the file.

    Args:
        path: of the file, relative to the root.
        root: the repository.
    """
    file = root / path
    text = file.read_text() if file.is_file() else ""
    marked = _MARKED.search(text)
    return marked[1] if marked else TINY if TINY in text else path


def place(group: str) -> int:
    """When a group begins, beside the others."""
    return FIRST.index(group) if group in FIRST else len(FIRST)


def arrange(items: list[pytest.Item]) -> None:
    """Mark tests that train, and sort the longest groups to the front."""
    for item in items:
        if TRAINED & {*getattr(item, "fixturenames", ())} or item.path.parent.name in COMPILING:
            item.add_marker("trains")
    items.sort(key=lambda item: place(group_of(item.nodeid.partition("::")[0])))


class Scheduling(LoadScopeScheduling):
    """Keeps a group of tests in one process.

    pytest-xdist 3.8 writes the group that a test names into its id, which pytest 9.2 does not let it change:
    `--dist loadgroup` gives every test away by itself. What hands out tests knows their ids alone, so groups
    are read from files.
    """

    def _split_scope(self, nodeid: str) -> str:
        """The group of a test."""
        return group_of(nodeid.partition("::")[0])
