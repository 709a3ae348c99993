"""Tests in several processes: what they share stays in one, and the longest begin."""

import pytest

from processes import COMPILING, FIRST, TINY, group_of, place


def test_tests_that_need_the_tiny_book_share_a_process_whatever_their_file() -> None:
    assert group_of("tests/a.py", ["tmp_path", TINY]) == group_of("tests/b.py", [TINY]) == TINY
    assert group_of("tests/a.py", ["tmp_path"]) == "tests/a.py"


def test_the_book_begins_then_the_tiny_book_then_all_others() -> None:
    assert sorted(["tests/a.py", TINY, "tinybook", "book"], key=place)[:2] == list(FIRST) == ["book", TINY]


def test_a_test_that_trains_is_marked_and_one_that_does_not_is_not(request: pytest.FixtureRequest) -> None:
    """Of this session's tests: all that need networks or compile them carry the marker, this one does not."""
    needing = [
        item
        for item in request.session.items
        if "nets" in getattr(item, "fixturenames", ()) or item.path.parent.name in COMPILING
    ]
    assert all(item.get_closest_marker("trains") for item in needing)
    assert not request.node.get_closest_marker("trains")


def test_every_test_has_a_group(request: pytest.FixtureRequest) -> None:
    assert all(item.get_closest_marker("xdist_group") for item in request.session.items)
