"""Tests in several processes: what they share stays in one, and the longest begin."""

import pytest

from processes import COMPILING, FIRST, TINY, Scheduling, group_of, place


def test_tests_of_one_group_share_a_process_whatever_their_file(tmp_path) -> None:
    texts = {
        "a.py": "def test_a(open_tiny): ...",
        "b.py": "def test_b(open_tiny): ...",
        "c.py": 'pytestmark = [pytest.mark.book, pytest.mark.xdist_group("tinybook")]',
        "d.py": "def test_d(): ...",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    groups = {name: group_of(name, tmp_path) for name in texts}
    assert groups == {"a.py": TINY, "b.py": TINY, "c.py": "tinybook", "d.py": "d.py"}


def test_the_scheduler_sends_the_whole_book_and_the_tiny_book_to_one_process_each() -> None:
    scopes = {
        Scheduling._split_scope(None, f"{path}::test_x[1]")  # pyright: ignore[reportArgumentType]
        for path in ("tests/book/test_book_pages.py", "tests/book/test_rebuilding.py")
    }
    assert scopes == {"book"}
    tiny = ("tests/test_workspace.py", "tests/experiments/test_claims_experiments.py")
    assert {Scheduling._split_scope(None, path) for path in tiny} == {TINY}  # pyright: ignore


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
