"""Processes that measure when they are asked, one at a time, and wait in between."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments import python_of

BENCH = Path(__file__).resolve().parent

SCRIPTS = {
    "cnnbook": (None, "cnnbook_worker.py"),
    "Flax": (None, "flax_worker.py"),
    "Keras": ("keras", "peers/keras_worker.py"),
    "PyTorch": ("pytorch", "peers/pytorch_worker.py"),
}
"""The peer whose environment a worker needs (none: the book's own), and its script."""

REST = 0.4
"""Seconds between two measurements: threads of the one before may still spin for 0.2 s."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What all workers of a run share.

    Attributes:
        folder: for files of this run alone: compilation caches, and what workers print.
        material: path of the .npz file with images, labels, weights and learning rates.
        recipe: of the training.
        cores: of this machine.
    """

    folder: Path
    material: Path
    recipe: Mapping[str, Any]
    cores: int


class Worker:
    """A running process that answers requests.

    Args:
        stage: what all workers share.
        name: one of `SCRIPTS`.
        core: the only one it may use; None lets it use all.
    """

    def __init__(self, stage: Stage, name: str, core: int | None = None) -> None:
        peer, script = SCRIPTS[name]
        python = python_of(peer) if peer else sys.executable
        command = [str(python), str(BENCH / script), str(stage.material)]
        command += ["--threads", str(stage.cores if core is None else 1)]
        command += [] if core is None else ["--core", str(core)]
        self.name, self.begun = name, time.time()
        self._said = stage.folder / f"{name}-{time.time_ns()}.log"
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said.open("w"), text=True,
            env=_environment(stage.folder / self._said.stem),
        )  # fmt: skip
        self.about: dict[str, Any] = {}
        self.ask("begin", recipe=dict(stage.recipe))

    def send(self, do: str, **fields: Any) -> None:
        """Hand over a request without waiting."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **fields}) + "\n")
        self._process.stdin.flush()

    def receive(self) -> Any:
        """The answer to the last request.

        Raises:
            RuntimeError: the worker failed; the message ends with what it said.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        reply = json.loads(line) if line else {"error": "\n".join(self._said.read_text().splitlines()[-30:])}
        if "error" in reply:
            raise RuntimeError(f"the worker {self.name} failed:\n{reply['error']}")
        return reply["answer"]

    def ask(self, do: str, **fields: Any) -> Any:
        """A request's answer, when it is there."""
        self.send(do, **fields)
        answer = self.receive()
        if do == "begin":
            self.about = answer
        return answer

    def close(self) -> None:
        """End the process and wait until it is gone."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def alive(stage: Stage, names: Sequence[str], core: int | None = None) -> Iterator[dict[str, Worker]]:
    """Workers by name, all running and idle."""
    with ExitStack() as stack:
        workers = {}
        for name in names:
            workers[name] = Worker(stage, name, core)
            stack.callback(workers[name].close)
        yield workers


def rest() -> None:
    """Let the machine come to rest before the next measurement."""
    time.sleep(REST)


def _environment(caches: Path) -> dict[str, str]:
    """Variables of a worker: CPU alone, and nothing compiled before."""
    tuned = ("XLA_", "OMP_", "MKL_", "KMP_", "TF_", "TORCH")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(tuned)},
        "CUDA_VISIBLE_DEVICES": "",
        "JAX_PLATFORMS": "cpu",
        "JAX_ENABLE_COMPILATION_CACHE": "false",
        "TORCHINDUCTOR_CACHE_DIR": str(caches),
        "PYTHONUNBUFFERED": "1",
    }
