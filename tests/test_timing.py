"""How long a build will still take, and what took longest."""

import json

import pytest

from cnnbook.timing import Timing, rough_duration


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on when it is told."""
    now = [100.0]
    monkeypatch.setattr("cnnbook.timing.time.monotonic", lambda: now[0])

    def go_on(seconds: float) -> None:
        now[0] += seconds

    return go_on


@pytest.fixture
def path(tmp_path):
    """What an earlier build took: experiments ran two at once."""
    path = tmp_path / "timing.json"
    known = {
        "experiments": {"census": 40.0, "oips": 60.0},
        "pages": {"a": 10.0},
        "at once": {"experiments": 2.0},
    }
    path.write_text(json.dumps({"sample": known}))
    return path


def test_what_is_to_come_takes_what_it_took_the_last_time_by_as_many_at_once(path, clock):
    timing = Timing(path, "sample")
    timing.expect("experiments", ["census", "oips"])
    timing.expect("pages")
    assert timing.seconds_left() == (40 + 60) / 2 + 10
    assert timing.time_left() == " (about 60 s left)"


def test_what_runs_counts_with_what_it_has_not_yet_taken(path, clock):
    timing = Timing(path, "sample")
    timing.expect("experiments", ["census", "oips"])
    with timing.part("experiments", "oips"):
        clock(20)
        assert timing.seconds_left() == (40 + 60 - 20) / 2
        clock(100)
        assert timing.seconds_left() == 40 / 2
    assert timing.seconds_left() == 40 / 2


def test_a_part_of_which_nothing_is_known_counts_as_the_mean_of_its_phase(path, clock):
    timing = Timing(path, "sample")
    timing.expect("experiments", ["new"])
    assert timing.seconds_left() == 50 / 2


def test_without_an_earlier_build_nothing_is_said(tmp_path, path, clock):
    for timing in (Timing(), Timing(tmp_path / "none.json"), Timing(path, "mnist")):
        timing.expect("experiments", ["census"])
        assert timing.seconds_left() is None
        assert timing.time_left() == ""


@pytest.mark.parametrize("content", ["", "[1]", "{"])
def test_a_damaged_file_counts_as_none(path, content):
    path.write_text(content)
    timing = Timing(path, "sample")
    timing.expect("pages", ["a"])
    assert timing.seconds_left() is None


def test_the_next_build_knows_what_this_one_took_and_what_ran_in_earlier_ones(path, clock):
    timing = Timing(path, "sample")
    with timing.part("experiments", "census"):
        clock(8)
    timing.add("pages", "b", 3.0)
    timing.save()
    known = json.loads(path.read_text())["sample"]
    assert known["experiments"] == {"census": 8.0, "oips": 60.0}
    assert known["pages"] == {"a": 10.0, "b": 3.0}


def test_how_many_ran_at_once_is_noted(path, clock):
    timing = Timing(path, "mnist")
    with timing.part("experiments", "census"), timing.part("experiments", "oips"):
        clock(8)
    timing.save()
    known = json.loads(path.read_text())
    assert known["mnist"]["at once"] == {"experiments": 2.0}
    assert known["sample"]["at once"] == {"experiments": 2.0}


def test_a_part_that_fails_is_not_noted(path, clock):
    timing = Timing(path, "sample")
    with pytest.raises(OSError, match="full"), timing.part("experiments", "census"):
        raise OSError("full")
    assert timing.parts == []


def test_the_table_has_the_longest_first_and_parts_of_one_name_together():
    timing = Timing()
    for name, seconds in (("training cnn", 4.0), ("census", 5.0), ("training cnn", 4.5), ("oval", 1.0)):
        timing.add("any", name, seconds)
    assert timing.longest_parts(2) == ["  training cnn      8.5 s", "  census            5.0 s"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than 10 s"),
        (9.9, "less than 10 s"),
        (44, "about 40 s"),
        (89, "about 90 s"),
        (200, "about 3 min"),
    ],
)
def test_times_are_told_roughly(seconds, words):
    assert rough_duration(seconds) == words
