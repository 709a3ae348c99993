"""The process that kernels are forked from: it has imported what they need, so that each starts at once.

Run as a program: `fork_server.py LISTENER MODULE ...`. It imports the modules and accepts who connects.
Whoever connects (see `fork_client`) gets a kernel: a fork of this process with the client's environment,
folder and standard streams. A kernel ends when its client does, and all end when this process's standard
input is closed, as it is when the build ends, however it ends.

Linux only: it relies on `pidfd_open(2)` and `prctl(2)`. Nothing is imported here that starts threads.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import struct
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

LENGTH = struct.Struct("!I")
"""What precedes a request: its length in bytes."""

_PR_SET_PDEATHSIG = 1
"""A constant of Linux: the signal that a process gets when its parent ends."""


Kernels = dict[int, tuple[int, socket.socket]]
"""By process: what tells of its end, and its client."""


class KernelRequest(NamedTuple):
    """What a kernel is started with.

    Attributes:
        arguments: of `ipykernel_launcher`.
        environment: its variables.
        folder: in which it runs.
    """

    arguments: Sequence[str]
    environment: dict[str, str]
    folder: str


def main() -> None:
    """Serve until standard input is closed; in a fork, be a kernel until it is shut down."""
    number, *modules = sys.argv[1:]
    with socket.socket(fileno=int(number)) as listener:
        for module in ("ipykernel.kernelapp", *modules):
            with contextlib.suppress(Exception):  # the cell that imports it says what is wrong with it
                importlib.import_module(module)
        gc.freeze()  # memory that a collection does not touch stays shared
        request = serve_kernels(listener)
    if request is not None:
        from ipykernel.kernelapp import IPKernelApp

        parent = f"--IPKernelApp.parent_handle={os.getppid()}"
        IPKernelApp.launch_instance(argv=[*request.arguments, parent])


def serve_kernels(listener: socket.socket) -> KernelRequest | None:
    """Fork a kernel for each client.

    Args:
        listener: at which clients connect.

    Returns:
        None in the end; in each fork, what was asked of it.
    """
    kernels: Kernels = {}
    with selectors.DefaultSelector() as events:
        events.register(listener, selectors.EVENT_READ, "connect")
        events.register(sys.stdin, selectors.EVENT_READ, "end")
        while True:
            for key, _ in events.select():
                if key.data == "connect":
                    request = _start(listener, events, kernels)
                    if request is not None:
                        return request
                elif key.data == "end":
                    for pid in list(kernels):
                        _kill(pid)
                    return None
                else:
                    _end(key.data, key.fileobj, events, kernels)


def _start(listener: socket.socket, events: Any, kernels: Kernels) -> KernelRequest | None:
    """Fork a kernel for the client that connects; in the fork, what it asks for."""
    client, _ = listener.accept()
    head, streams, _, _ = socket.recv_fds(client, LENGTH.size, 3)
    body = _receive(client, LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""
    if not body:  # it ended before it had asked
        client.close()
        return None
    parent, pid = os.getpid(), os.fork()
    if pid == 0:
        _leave(parent, streams)
        request = KernelRequest(**json.loads(body))
        os.chdir(request.folder)
        os.environ.clear()
        os.environ.update(request.environment)
        return request
    _lead_group(pid)
    for stream in streams:
        os.close(stream)
    ended = os.pidfd_open(pid)
    kernels[pid] = ended, client
    events.register(ended, selectors.EVENT_READ, pid)
    events.register(client, selectors.EVENT_READ, pid)
    return None


def _lead_group(pid: int) -> None:
    """Give a fork a group of its own; parent and fork both do, since neither knows who comes first."""
    with contextlib.suppress(OSError):
        os.setpgid(pid, 0)


def _receive(client: socket.socket, length: int) -> bytes:
    """So many bytes; none if the client ends before."""
    parts = bytearray()
    while len(parts) < length:
        part = client.recv(length - len(parts))
        if not part:
            return b""
        parts += part
    return bytes(parts)


def _leave(parent: int, streams: Sequence[int]) -> None:
    """In a fork: end with the parent, and take the client's standard streams."""
    _lead_group(0)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended meanwhile
        os._exit(1)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)


def _end(pid: int, what: Any, events: Any, kernels: Kernels) -> None:
    """End a kernel whose client has ended, and tell a client how its kernel ended."""
    if pid not in kernels:  # both ended at once
        return
    ended, client = kernels[pid]
    if what is client:
        _kill(pid)
    _, status = os.waitpid(pid, 0)
    del kernels[pid]
    events.unregister(ended)
    events.unregister(client)
    os.close(ended)
    with contextlib.suppress(OSError):
        client.sendall(LENGTH.pack(abs(os.waitstatus_to_exitcode(status))))
    client.close()


def _kill(pid: int) -> None:
    """Kill a kernel and all that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
