"""Read untrusted files in a child process, which is stopped when one takes too long."""

import hashlib
import importlib
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any

from cnnbook.digests import digest_of
from cnnbook.publishing.formats import SEALED_FORMATS

SECONDS = 20.0
"""For one file; the largest figure takes a tenth of a second."""

MEMORY = 2 * 2**30
"""Bytes of address space of the child process, its libraries included."""

_DAMAGED = "it is damaged, or made to do that"


@dataclass(frozen=True, kw_only=True)
class Content:
    """What is read from a file's content.

    Attributes:
        sha256: of the content.
        format: of those that bear a seal; None for any other.
        fields: what its stamp says, by name.
        intact: whether the seal fits.
        complete: whether it goes on to the format's own end.
        values: digest of the content as JSON; None for what is no JSON.
    """

    sha256: str
    format: str | None = None
    fields: Mapping[str, str]
    intact: bool = False
    complete: bool = True
    values: str | None = None


def read_content(content: bytes) -> Content:
    """Read a file's content in this process."""
    sha256 = hashlib.sha256(content).hexdigest()
    for form in SEALED_FORMATS:
        if form.recognises(content):
            return Content(
                sha256=sha256,
                format=form.name,
                fields=form.fields(content),
                intact=form.is_intact(content),
                complete=form.is_complete(content),
            )
    with suppress(ValueError, RecursionError):
        return Content(sha256=sha256, fields={}, values=digest_of(json.loads(content)))
    return Content(sha256=sha256, fields={})


class SandboxedReader:
    """Reads files in a child process, one after another; a context manager, which ends that process.

    HDF5, for one, loops for ever on some damaged files, and no signal reaches it there. The child process is
    stopped after `seconds`, and on Ctrl-C; the next file gets a new one. Its answers are JSON: nothing in
    them is run.

    Args:
        seconds: for one file.
        memory: bytes of address space; counts where the system knows such a limit.
        read: what reads a content; a function of a module.
    """

    def __init__(
        self,
        *,
        seconds: float = SECONDS,
        memory: int = MEMORY,
        read: Callable[[bytes], Content] = read_content,
    ) -> None:
        self._seconds, self._memory, self._read = seconds, memory, read
        self._child: tuple[BaseProcess, Any] | None = None  # its connection; of another type on Windows

    def __enter__(self) -> "SandboxedReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def read(self, path: Path) -> Content:
        """Read a file.

        Raises:
            OSError: it cannot be read, or not without more memory.
            TimeoutError: reading it takes too long.
        """
        content, answer = path.read_bytes(), None
        try:
            child = self._child = self._child or self._start()
            child[1].send_bytes(content)
            if not child[1].poll(self._seconds):
                raise TimeoutError(f"{path}: not read within {self._seconds:g} s, and given up; {_DAMAGED}")
            answer = json.loads(child[1].recv_bytes())
        except (EOFError, ConnectionError):
            pass
        finally:
            if answer is None:
                self._stop()
        if answer is None:
            limit = f"{self._memory / 2**20:,.0f} MiB"
            raise OSError(f"{path}: reading it took more than {limit} of memory, or crashed; {_DAMAGED}")
        return Content(**answer)

    def _start(self) -> tuple[BaseProcess, Any]:
        """A new child process, ready to read."""
        context = multiprocessing.get_context("spawn")
        pipe: Any = context.Pipe()  # of another class on each system
        ours, theirs = pipe
        child: BaseProcess = context.Process(
            target=_serve, args=(theirs, self._read, self._memory), daemon=True
        )
        child.start()
        theirs.close()
        self._child = (child, ours)
        ours.recv_bytes()
        return child, ours

    def _stop(self) -> None:
        """End the child process, whatever it is doing."""
        if self._child:
            process, connection = self._child
            self._child = None
            connection.close()
            process.kill()
            process.join()


def _serve(connection: Connection, read: Callable[[bytes], Content], memory: int) -> None:
    """Answer contents with what is read from them, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process decides
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # each thread would reserve memory
    _limit(memory)
    connection.send_bytes(b"ready")
    with suppress(EOFError, MemoryError):  # either ends this process, which says enough
        while True:
            answer: dict[str, Any] = asdict(read(connection.recv_bytes()))
            connection.send_bytes(json.dumps(answer).encode())


def _limit(memory: int) -> None:
    """Let this process have no more than so many bytes of address space, where the system can do that."""
    with suppress(ImportError, ValueError, OSError):
        resource: Any = importlib.import_module("resource")  # not on Windows
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
