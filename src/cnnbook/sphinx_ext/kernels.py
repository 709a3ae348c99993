"""Kernels that start at once: forked from one process that has imported what they need.

The server is started for the first cell that has to run and ended with the build. Jupyter finds it by a
kernel specification of the usual name, `python3`, in a folder that stands first on its path.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

CAN_FORK = sys.platform == "linux"
"""Whether kernels can be forked; elsewhere each is started anew and pages run one after another."""

_HERE = Path(__file__).parent
_WAITING = 64
"""Clients that may wait while the server is still importing."""


class KernelServer:
    """The process that kernels are forked from.

    Args:
        modules: imported there, before the first kernel starts.

    Attributes:
        environment: variables by which Jupyter finds these kernels.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        # A path below the book's folder may be too long for the address of a socket.
        self._folder = Path(tempfile.mkdtemp(prefix="cnnbook-kernels-"))
        address = self._folder / "socket"
        self._write_specification(address)
        paths = [str(self._folder), *filter(None, [os.environ.get("JUPYTER_PATH")])]
        self.environment: Mapping[str, str] = {"JUPYTER_PATH": os.pathsep.join(paths)}
        # matplotlib reads MPLBACKEND when it is imported, before the kernel can set it.
        inline = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
        variables = {**inline, **os.environ}
        variables.pop("JPY_PARENT_PID", None)
        with socket.socket(socket.AF_UNIX) as listener:  # from now on a client can ask, and wait
            listener.bind(str(address))
            listener.listen(_WAITING)
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(_HERE / "fork_server.py"), str(listener.fileno()), *modules],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env=variables,
                start_new_session=True,
                pass_fds=[listener.fileno()],
            )

    def close(self) -> None:
        """End the server and all its kernels."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:  # it imports something that does not end
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write_specification(self, address: Path) -> None:
        """Tell Jupyter how to start a kernel."""
        command = [sys.executable, "-I", "-S", str(_HERE / "fork_client.py"), str(address)]
        specification = {
            "argv": [*command, "-f", "{connection_file}"],
            "display_name": "Python 3",
            "language": "python",
            "interrupt_mode": "message",
        }
        folder = self._folder / "kernels" / "python3"
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(json.dumps(specification))
