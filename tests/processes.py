"""Which tests share a process when tests run in several, and which of them train networks."""

from collections.abc import Iterable, Mapping

import pytest

TRAINED = frozenset({"ensemble", "nets", "open_tiny"})
"""Fixtures that train networks."""

COMPILING = frozenset({"nets", "oip", "training"})
"""Folders whose tests compile programs of networks, which takes as long as training tiny ones."""

TINY = "open_tiny"
"""The fixture whose results are the costliest: every experiment, measured once in a process."""

FIRST = ("book", TINY)
"""The longest groups begin, each in a process of its own; all others fill up what is left."""


def group_of(path: str, fixtures: Iterable[str]) -> str:
    """The group of a test that names none: that of the tiny book's results, or its file.

    Args:
        path: of its file.
        fixtures: all that it needs, directly or not.
    """
    return TINY if TINY in fixtures else path


def place(group: str) -> int:
    """When a group begins, beside the others."""
    return FIRST.index(group) if group in FIRST else len(FIRST)


def arrange(items: list[pytest.Item]) -> None:
    """Give each test its group and its marker, and sort the longest groups to the front."""
    groups: dict[pytest.Item, str] = {}
    for item in items:
        fixtures = frozenset(getattr(item, "fixturenames", ()))
        if fixtures & TRAINED or item.path.parent.name in COMPILING:
            item.add_marker("trains")
        marker = item.get_closest_marker("xdist_group")
        groups[item] = marker.args[0] if marker else group_of(item.nodeid.partition("::")[0], fixtures)
        if not marker:
            item.add_marker(pytest.mark.xdist_group(groups[item]))
    _sort(items, groups)


def _sort(items: list[pytest.Item], groups: Mapping[pytest.Item, str]) -> None:
    items.sort(key=lambda item: place(groups[item]))
