"""A supervisor runs a process of a cluster as its child, and reports when the cluster breaks.

JAX ends a process by an abort, with messages of its own, when another process of its cluster is gone. The
supervisor does not import JAX: it waits, and turns that end into one that can be reported.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

SUPERVISOR = "CNNBOOK_CLUSTER_SUPERVISOR"
"""Environment variable of a supervised process: the end of a pipe that breaks when its supervisor ends."""

BROKEN = 75
"""Exit code of a supervised process that finds its cluster broken: "temporary failure"."""


def supervised(command: Sequence[str], *, log: Path) -> int | None:
    """Run a command that joins a cluster.

    Args:
        command: its words.
        log: where JAX's own messages go; what Python says goes to standard error, as ever.

    Returns:
        Its exit code, negative for a signal's number; None if the cluster broke.
    """
    reading, writing = os.pipe()
    environment = os.environ | {SUPERVISOR: f"{reading}:{log}"}
    with subprocess.Popen(command, env=environment, pass_fds=[reading]) as child:
        os.close(reading)
        while True:
            try:
                code = child.wait()
                break
            except KeyboardInterrupt:  # sent to the child as well, which reports what was kept
                continue
    os.close(writing)
    return None if code in (BROKEN, -signal.SIGABRT) else code


def is_supervised() -> bool:
    """Whether this process is the child of a supervisor."""
    return SUPERVISOR in os.environ


def begin_supervised() -> None:
    """In a supervised process: end when the supervisor ends, and send what JAX itself prints to the log."""
    pipe, _, log = os.environ.pop(SUPERVISOR).partition(":")

    def end_with_supervisor() -> None:
        os.read(int(pipe), 1)
        os._exit(1)

    threading.Thread(target=end_with_supervisor, daemon=True).start()
    messages = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for name, number in (("stdout", 1), ("stderr", 2)):
        getattr(sys, name).flush()
        setattr(sys, name, os.fdopen(os.dup(number), "w", buffering=1))
        os.dup2(messages, number)
    os.close(messages)
