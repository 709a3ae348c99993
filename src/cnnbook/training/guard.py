"""A guard runs a process of a cluster as its child, and says what happened when the cluster breaks.

JAX ends a process by an abort, with messages of its own, when another process of its cluster is gone. The
guard does not know JAX: it waits, and turns that end into one that can be told.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

GUARD = "CNNBOOK_CLUSTER_GUARD"
"""Variable in the environment of a guarded process: the end of a pipe that breaks when its guard ends."""

BROKEN = 75
"""Exit code of a guarded process that finds its cluster broken: "temporary failure"."""


def guarded(command: Sequence[str], *, log: Path) -> int | None:
    """Run a command that joins a cluster.

    Args:
        command: its words.
        log: where JAX's own messages go; what Python says goes to standard error, as ever.

    Returns:
        Its exit code, negative for a signal's number; None if the cluster broke.
    """
    reading, writing = os.pipe()
    environment = os.environ | {GUARD: f"{reading}:{log}"}
    with subprocess.Popen(command, env=environment, pass_fds=[reading]) as child:
        os.close(reading)
        while True:
            try:
                code = child.wait()
                break
            except KeyboardInterrupt:  # the terminal has told the child as well: it says what was kept
                continue
    os.close(writing)
    return None if code in (BROKEN, -signal.SIGABRT) else code


def is_guarded() -> bool:
    """Whether this process is the child of a guard."""
    return GUARD in os.environ


def begin_guarded() -> None:
    """In a guarded process: end when the guard does, and let the messages of JAX' own parts go to the log."""
    pipe, _, log = os.environ.pop(GUARD).partition(":")

    def end_with_guard() -> None:
        os.read(int(pipe), 1)
        os._exit(1)

    threading.Thread(target=end_with_guard, daemon=True).start()
    messages = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for name, number in (("stdout", 1), ("stderr", 2)):
        getattr(sys, name).flush()
        setattr(sys, name, os.fdopen(os.dup(number), "w", buffering=1))
        os.dup2(messages, number)
    os.close(messages)
