"""How a worker is asked and answers: one line of JSON in, one line of JSON out, nothing else on stdout.

It needs the standard library alone, since each worker runs in an environment of its own. A worker is begun
with `--threads N`, and `--core K` where it may use one core only; `Limits` reads that before a framework is
imported, because frameworks count cores when they are.
"""

import argparse
import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

Answer = Callable[[Mapping[str, Any]], Any]
"""Takes a request's fields and returns something that JSON can say."""


@dataclass(frozen=True)
class Limits:
    """What a worker may use of the machine.

    Attributes:
        threads: that compute at once.
        material: path of the .npz file with images, labels and weights.
    """

    threads: int
    material: str

    @classmethod
    def from_command_line(cls) -> "Limits":
        """Read the command line, and keep this process on one core if it says so."""
        parser = argparse.ArgumentParser()
        parser.add_argument("material")
        parser.add_argument("--threads", type=int, required=True)
        parser.add_argument("--core", type=int)
        given = parser.parse_args()
        if given.core is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[given.core]})
        return cls(given.threads, given.material)


def own_stdout() -> TextIO:
    """Keep stdout for answers: whatever else is printed from now on goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def serve(answers: TextIO, known: Mapping[str, Answer]) -> None:
    """Answer requests until there are no more; a failure is an answer too, and ends the worker.

    Args:
        answers: where to, from `own_stdout`.
        known: what answers each kind of request, by the request's "do".
    """
    known = {"memory": lambda request: peak_bytes(), **known}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = {"answer": known[request["do"]](request)}
        except Exception:
            reply = {"error": traceback.format_exc()}
        print(json.dumps(reply), file=answers, flush=True)
        if "error" in reply:
            sys.exit(1)


def peak_bytes() -> int:
    """The most memory that this process has held so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class Clock:
    """Seconds since a process was begun, less those that are not to count.

    Args:
        begun: the time of day (`time.time`) when the process was started, by whoever started it.
    """

    def __init__(self, begun: float) -> None:
        self._begun, self.left_out = begun, 0.0

    def seconds(self) -> float:
        """What counts so far."""
        return time.time() - self._begun - self.left_out

    def without(self, work: Callable[[], Any]) -> Any:
        """Do something outside the clock."""
        begin = time.time()
        done = work()
        self.left_out += time.time() - begin
        return done
