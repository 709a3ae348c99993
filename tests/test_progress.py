"""Progress: plain lines where nobody watches, a bar where somebody does."""

import io
import sys
from types import SimpleNamespace

import pytest
from rich.console import Console

from cnnbook.progress import Reporter, peak_memory


class Clock:
    """A clock that goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("cnnbook.progress.time.monotonic", clock)
    return clock


@pytest.fixture
def page() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def reporter(page) -> Reporter:
    """A reporter that writes into a file."""
    return Reporter(Console(file=page, width=200))


def test_lines_tell_what_how_far_how_fast_since_the_first_report_and_how_long_still(reporter, page, clock):
    with reporter.task("training net 3 of 10", 6000, "images") as task:
        clock.now += 12  # compiling among them
        task.update(1500, "epoch 1")
        clock.now += 12
        task.update(3000, "epoch 2")
        clock.now += 6
        task.update(1500, "epoch 2")
    assert page.getvalue().splitlines() == [
        "training net 3 of 10: 6,000 images",
        "training net 3 of 10: 75%, 250 images/s, 6 s left epoch 2",
        "training net 3 of 10: done in 30.0 s, 200 images/s",
    ]


def test_lines_come_at_most_every_ten_seconds(reporter, page, clock):
    with reporter.task("measuring", 100, "images") as task:
        for _ in range(99):
            clock.now += 1
            task.update(1)
    assert len(page.getvalue().splitlines()) == 2 + 9


def test_nothing_done_in_ten_seconds_is_no_reason_to_stop(reporter, page, clock):
    with reporter.task("measuring", 100, "images") as task:
        clock.now += 11
        task.update(0)
        task.update(100)
    assert page.getvalue().splitlines()[-1] == "measuring: done in 11.0 s, 9 images/s"


def test_work_that_is_interrupted_is_not_called_done(reporter, page):
    with pytest.raises(KeyboardInterrupt, match="stop"), reporter.task("measuring", 100, "images"):
        raise KeyboardInterrupt("stop")
    assert page.getvalue().splitlines() == ["measuring: 100 images"]


def test_a_message_is_written_as_it_is(reporter, page):
    reporter.say("[bold] is kept, and 3 of 10 is not coloured")
    assert page.getvalue() == "[bold] is kept, and 3 of 10 is not coloured\n"


def test_a_long_message_stays_one_line(capsys):
    Reporter().say("word " * 60)
    assert capsys.readouterr().err.count("\n") == 1


def test_reports_leave_standard_output_free(capsys):
    Reporter().say("hello")
    caught = capsys.readouterr()
    assert (caught.out, caught.err) == ("", "hello\n")


def test_a_quiet_reporter_says_nothing(capsys):
    quiet = Reporter(quiet=True)
    quiet.say("hello")
    with quiet.task("training", 10, "images") as task:
        task.update(10)
    caught = capsys.readouterr()
    assert (caught.out, caught.err) == ("", "")


def test_a_terminal_gets_a_bar_that_ends_full(page):
    console = Console(file=page, force_terminal=True, width=120)
    with Reporter(console).task("training net 1 of 1", 100, "images") as task:
        task.update(50, "epoch 1")
        task.update(50, "epoch 2")
    shown = page.getvalue()
    assert "training net 1 of 1" in shown
    assert "100 %" in shown
    assert "epoch 2" in shown


def test_a_bar_shows_the_speed_once_it_is_known(page):
    clock = Clock()
    console = Console(file=page, force_terminal=True, width=120, get_time=clock)
    with Reporter(console).task("training", 9000, "images") as task:
        for _ in range(3):
            clock.now += 1
            task.update(3000)
    assert "3,000 images/s" in page.getvalue()


@pytest.mark.parametrize(
    ("platform", "expected"), [("linux", 3_072_000), ("darwin", 3_000), ("freebsd14", 3_072_000)]
)
def test_peak_memory_is_in_bytes_whatever_unit_the_system_reports(monkeypatch, platform, expected):
    usage = {"self": SimpleNamespace(ru_maxrss=3_000)}
    monkeypatch.setitem(sys.modules, "resource", SimpleNamespace(getrusage=usage.get, RUSAGE_SELF="self"))
    assert peak_memory(platform=platform) == expected


def test_peak_memory_is_unknown_where_the_system_has_no_such_module(monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)  # as on Windows: importing it fails
    assert peak_memory(platform="win32") is None
