"""What Jupyter starts as a kernel: it asks the fork server for one, and ends when that does.

Run as a program: `fork_client.py SOCKET ARGUMENT ...`, with the arguments of `ipykernel_launcher`. It imports
the standard library alone and takes some hundredths of a second to start.
"""

import json
import os
import socket
import struct
import sys

LENGTH = struct.Struct("!I")
"""What precedes a request, and what an exit code is sent as."""


def main() -> int:
    """Ask for a kernel.

    Returns:
        Its exit code; 1 if the server ended first.
    """
    path, *arguments = sys.argv[1:]
    request = {"arguments": arguments, "environment": dict(os.environ), "folder": os.getcwd()}
    body = json.dumps(request).encode()
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        socket.send_fds(server, [LENGTH.pack(len(body))], [0, 1, 2])
        server.sendall(body)
        answer = server.recv(LENGTH.size)
    return LENGTH.unpack(answer)[0] if len(answer) == LENGTH.size else 1


if __name__ == "__main__":
    sys.exit(main())
