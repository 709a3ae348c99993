"""Progress of long work: bars on a terminal, plain lines everywhere else; and the memory it takes."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TimeRemainingColumn
from rich.progress import Task as BarTask
from rich.text import Text

from cnnbook.timing import Timing

LINE_EVERY_SECONDS = 10.0
"""Off a terminal, at most one line in this time for each piece of work."""


class _Speed(ProgressColumn):
    """Units done a second, such as "3,412 images/s"."""

    def render(self, task: BarTask) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f} {task.fields['unit']}/s" if speed else "", style="progress.data.speed")


class ProgressTask:
    """One piece of long work, which counts how much of it is done.

    Args:
        total: how many units there are.
        show: called with the units done and a note.
    """

    def __init__(self, total: int, show: Callable[[int, str], None]) -> None:
        self.total = total
        self.done = 0
        self._show = show

    def update(self, units: int, note: str = "") -> None:
        """Count units as done.

        Args:
            units: how many more.
            note: shown beside the progress.
        """
        self.done += units
        self._show(self.done, note)


class Reporter:
    """Writes progress and messages to one console.

    Args:
        console: standard error if None, so that standard output stays free for results.
        quiet: no output at all.
        timing: of the build; None times parts for nobody.
    """

    def __init__(
        self, console: Console | None = None, *, quiet: bool = False, timing: Timing | None = None
    ) -> None:
        self.timing = timing or Timing()
        self.console = console or Console(stderr=True, highlight=False, quiet=quiet, soft_wrap=True)

    def say(self, line: str) -> None:
        """Write one line."""
        self.console.print(line, markup=False)

    def say_start(self, line: str) -> None:
        """Write one line about what begins, and how long the whole build will still take if that is known."""
        self.say(f"{line}{self.timing.time_left()}")

    @contextmanager
    def task(self, what: str, total: int, unit: str) -> Iterator[ProgressTask]:
        """Show a piece of work: what is happening, how far, how fast, how long it will still take.

        Args:
            what: a few words, such as "training net 3 of 10".
            total: number of units.
            unit: their name in the plural, such as "images".
        """
        show = self._bar if self.console.is_terminal else self._lines
        with show(what, total, unit) as task:
            yield task

    @contextmanager
    def _bar(self, what: str, total: int, unit: str) -> Iterator[ProgressTask]:
        columns: list[str | ProgressColumn] = ["{task.description}", BarColumn(), "{task.percentage:>3.0f} %"]
        columns += [_Speed(), TimeRemainingColumn(compact=True), "{task.fields[note]}"]
        with Progress(*columns, console=self.console, speed_estimate_period=20) as progress:
            bar = progress.add_task(what, total=total, unit=unit, note="")
            yield ProgressTask(total, lambda done, note: progress.update(bar, completed=done, note=note))

    @contextmanager
    def _lines(self, what: str, total: int, unit: str) -> Iterator[ProgressTask]:
        begin = last = time.monotonic()
        first: tuple[float, int] | None = None
        self.say_start(f"{what}: {total:,} {unit}")

        def show(done: int, note: str) -> None:
            nonlocal first, last
            now = time.monotonic()
            first = first or (now, done)  # what came before it, such as compiling, says nothing of speed
            if now - last >= LINE_EVERY_SECONDS and first[1] < done < total:
                last, speed = now, (done - first[1]) / (now - first[0])
                left = f"{(total - done) / speed:.0f} s left"
                self.say(f"{what}: {done / total:.0%}, {speed:,.0f} {unit}/s, {left} {note}".rstrip())

        task = ProgressTask(total, show)
        yield task
        seconds = max(time.monotonic() - begin, 1e-9)
        self.say(f"{what}: done in {seconds:.1f} s, {task.done / seconds:,.0f} {unit}/s")


def peak_memory(*, platform: str = sys.platform) -> int | None:
    """The most memory that this process has held so far, in bytes; None where the system does not report it.

    Args:
        platform: as `sys.platform` names it. macOS reports bytes, every other Unix kilobytes (getrusage(2));
            Windows reports nothing.
    """
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if platform == "darwin" else 1024 * peak
