"""Kernels forked from one process: they start with what it has imported, and none outlives the build."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook

from cnnbook.sphinx_ext.kernels import CAN_FORK, KernelServer

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="kernels are forked on Linux alone")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[KernelServer]:
    """A server that has imported a module which counts how often that happens."""
    (tmp_path / "counted.py").write_text(
        "import os, pathlib\n"
        "with open(pathlib.Path(__file__).with_name('imports'), 'a') as stream:\n"
        "    stream.write(f'{os.getpid()}\\n')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    server = KernelServer(["counted", "no_such_module"])
    monkeypatch.setenv("JUPYTER_PATH", server.environment["JUPYTER_PATH"])
    yield server
    server.close()


def run(*sources: str, folder: Path | None = None) -> nbformat.NotebookNode:
    """Run cells in a kernel of their own."""
    notebook = new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        cells=[new_code_cell(source) for source in sources],
    )
    resources = {"metadata": {"path": str(folder)}} if folder else {}
    NotebookClient(notebook, timeout=60, resources=resources).execute()
    return notebook


def printed(notebook: nbformat.NotebookNode, cell: int = 0) -> str:
    return notebook.cells[cell].outputs[0].text.strip()


def is_running(pid: int) -> bool:
    """Whether a process still does something: one that has ended and was not asked for its code does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for_end(pid: int) -> bool:
    """Whether a process ends within a minute."""
    for _ in range(600):
        if not is_running(pid):
            return True
        time.sleep(0.1)
    return False


def test_kernels_find_imported_what_the_server_has_imported_once(
    server: KernelServer, tmp_path: Path
) -> None:
    first, second = (run("import counted, os\nprint(os.getpid())") for _ in range(2))
    assert printed(first) != printed(second)
    (importer,) = (tmp_path / "imports").read_text().split()
    assert importer not in (printed(first), printed(second))


def test_a_kernel_has_the_folder_and_the_variables_of_whoever_asks(
    server: KernelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASKED", "by the client")  # the server has started before
    source = "import os\nprint(os.getcwd(), os.environ['ASKED'])"
    assert printed(run(source, folder=tmp_path)) == f"{tmp_path} by the client"


def test_what_one_kernel_changes_no_other_sees(server: KernelServer) -> None:
    run("import counted\ncounted.mark = 1")
    assert printed(run("import counted\nprint(hasattr(counted, 'mark'))")) == "False"


def test_a_kernel_that_is_killed_is_reported_as_dead(server: KernelServer) -> None:
    with pytest.raises(DeadKernelError):
        run("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")


def test_closing_the_server_ends_the_kernels_that_still_run(server: KernelServer, tmp_path: Path) -> None:
    (specification,) = Path(server.environment["JUPYTER_PATH"]).rglob("kernel.json")
    command = json.loads(specification.read_text())["argv"][:-2]
    script = tmp_path / "wait.py"
    script.write_text(
        "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(600)\n"
    )
    client = _ask(command, tmp_path)
    kernel = _pid_in(tmp_path / "pid")
    server.close()
    assert wait_for_end(kernel)
    assert client.wait(timeout=60) != 0


def test_a_kernel_whose_client_is_killed_ends(server: KernelServer, tmp_path: Path) -> None:
    (specification,) = Path(server.environment["JUPYTER_PATH"]).rglob("kernel.json")
    client = _ask(json.loads(specification.read_text())["argv"][:-2], tmp_path)
    kernel = _pid_in(tmp_path / "pid")
    client.kill()
    client.wait()
    assert wait_for_end(kernel)


def test_the_server_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    program = (
        "import os\n"
        "from cnnbook.sphinx_ext.kernels import KernelServer\n"
        "server = KernelServer([])\n"
        "print(server._process.pid, flush=True)\n"
        "os._exit(1)\n"
    )
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert wait_for_end(int(outcome.stdout))


def _ask(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    """Ask for a kernel that notes its process as soon as it is configured, and waits for requests."""
    config = folder / "profile_default" / "ipython_kernel_config.py"
    config.parent.mkdir(exist_ok=True)
    config.write_text(
        f"import os, pathlib\npathlib.Path({str(folder / 'pid')!r}).write_text(str(os.getpid()))\n"
    )
    return subprocess.Popen(
        [*command, "-f", str(folder / "connection.json")], env={**os.environ, "IPYTHONDIR": str(folder)}
    )


def _pid_in(path: Path) -> int:
    """The process noted in a file, once it is."""
    for _ in range(600):
        if path.exists() and path.read_text():
            return int(path.read_text())
        time.sleep(0.1)
    raise AssertionError(f"{path} was not written")
