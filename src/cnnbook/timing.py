"""What the parts of a build take: how long it will still go on, and what took longest.

A build has phases, such as training, experiments and pages; a phase has parts, several of which may run at
once. What each took is kept in a file, for the next build to know how much is to come.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cnnbook.files import read_remembered, write_remembered

TRAINING, EXPERIMENTS, PAGES = "training", "experiments", "pages"
"""The phases of a build. Pages are one part: cells run, pages are read and written."""

_AT_ONCE = "at once"
"""What stands beside the phases in the file: how many parts of each ran at once."""


class TimedPart(NamedTuple):
    """A part of a build that has ended.

    Attributes:
        phase: to which it belongs.
        name: what it did, in words.
        seconds: that it took.
    """

    phase: str
    name: str
    seconds: float


class Timing:
    """Times the parts of one build.

    Args:
        path: of the file of what parts took in earlier builds; None if nothing is remembered.
        edition: whose parts these are: those of a draft take less.
    """

    def __init__(self, path: Path | None = None, edition: str = "") -> None:
        self._path, self._edition = path, edition
        self._known = read_remembered(path) if path else {}
        self._before = self._known.get(edition, {})
        self._waiting: Counter[tuple[str, str]] = Counter()
        self._running: dict[tuple[str, str], float] = {}
        self._spans: dict[str, tuple[float, float]] = {}
        self.parts: list[TimedPart] = []

    def expect(self, phase: str, names: Iterable[str] | None = None) -> None:
        """Note what is to come.

        Args:
            phase: its phase.
            names: of its parts; None for those of the last build that had this phase.
        """
        self._waiting.update(
            (phase, name) for name in (self._before.get(phase, {}) if names is None else names)
        )

    @contextmanager
    def part(self, phase: str, name: str) -> Iterator[None]:
        """Time a part, unless it fails."""
        begin = self._running[phase, name] = time.monotonic()
        self._waiting -= Counter([(phase, name)])
        try:
            yield
        finally:
            del self._running[phase, name]
        self.add(phase, name, time.monotonic() - begin)

    def add(self, phase: str, name: str, seconds: float) -> None:
        """Note what a part took that somebody else has timed."""
        self._waiting -= Counter([(phase, name)])
        self.parts.append(TimedPart(phase, name, seconds))
        now = time.monotonic()
        begin, _ = self._spans.get(phase, (now, now))
        self._spans[phase] = min(begin, now - seconds), now

    def seconds_left(self) -> float | None:
        """The seconds that what is to come took the last time, less what has run of it; None if not known.

        A part of which nothing is known counts as the mean of its phase.
        """
        now, total = time.monotonic(), 0.0
        for (phase, name), count in self._waiting.items():
            known = self._before.get(phase)
            if not known:
                return None
            mean = sum(known.values()) / len(known)
            total += count * known.get(name, mean) / self._at_once(phase)
        for (phase, name), begin in self._running.items():
            total += max(self._before.get(phase, {}).get(name, 0.0) - (now - begin), 0.0) / self._at_once(
                phase
            )
        return total

    def _at_once(self, phase: str) -> float:
        """How many parts of a phase ran at once in the last build, in the mean."""
        return self._before.get(_AT_ONCE, {}).get(phase, 1.0)

    def time_left(self) -> str:
        """What is left, for the end of a line: " (about 3 min left)"; "" if that is not known."""
        seconds = self.seconds_left()
        return "" if seconds is None or not self._before else f" ({rough_duration(seconds)} left)"

    def longest_parts(self, count: int = 8) -> list[str]:
        """Lines of a table of the parts that took longest; parts of one name are taken together."""
        sums: Counter[str] = Counter()
        for part in self.parts:
            sums[part.name] += part.seconds  # pyright: ignore[reportArgumentType]
        longest = sums.most_common(count)
        width = max((len(name) for name, _ in longest), default=0)
        return [f"  {name:<{width}}  {seconds:7.1f} s" for name, seconds in longest]

    def save(self) -> None:
        """Keep what the parts took; those that did not run keep what they had."""
        if self._path is None or not self.parts:
            return
        edition = {phase: dict(names) for phase, names in self._before.items()}
        for part in self.parts:
            edition.setdefault(part.phase, {})[part.name] = round(part.seconds, 2)
        for phase, (begin, end) in self._spans.items():
            total = sum(part.seconds for part in self.parts if part.phase == phase)
            edition.setdefault(_AT_ONCE, {})[phase] = round(max(total / max(end - begin, 1e-9), 1.0), 2)
        write_remembered(self._path, self._known | {self._edition: edition})


def rough_duration(seconds: float) -> str:
    """A time in words: "less than 10 s", "about 40 s", "about 3 min"."""
    if seconds < 10:
        return "less than 10 s"
    return f"about {round(seconds, -1):.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"
