"""Two processes that talk over loopback train as one; when one dies, the other says so."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cnnbook.training import cluster, trained
from cnnbook.training.cluster import HEARTBEAT_SECONDS
from cnnbook.training.supervisor import BROKEN, SUPERVISOR, supervised

WORDS = (
    "train", "--data", "sample", "--network", "mlp", "--nets", "3", "--epochs", "6", "--batch-size", "50",
    "--checkpoint-every", "0", "--json",
)  # fmt: skip


def started(folder: Path, *extra: object) -> subprocess.Popen[str]:
    """A command with two virtual CPU devices and a cache of its own."""
    environment = os.environ | {"CNNBOOK_CACHE": str(folder / "cache"), "JAX_NUM_CPU_DEVICES": "2"}
    return subprocess.Popen(
        [sys.executable, "-m", "cnnbook", *WORDS, *map(str, extra)], text=True, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder,
    )  # fmt: skip


def two(folder: Path) -> list[subprocess.Popen[str]]:
    """Both processes of a cluster."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    return [
        started(
            folder, "--out", folder / "net", "--coordinator", address, "--processes", 2, "--process-id", n
        )
        for n in (0, 1)
    ]  # fmt: skip


def killed(folder: Path, victim: int) -> tuple[int, str, float]:
    """Kill a process once there are checkpoints; how the other one ends, and after how many seconds."""
    both = two(folder)
    checkpoints = folder / "cache" / "training"
    before = newest(checkpoints)
    while newest(checkpoints) < before + 2:
        assert [process.poll() for process in both] == [None, None], both[victim].communicate()
        time.sleep(0.05)
    both[victim].kill()
    begin = time.monotonic()
    _, said = both[1 - victim].communicate(timeout=600)
    both[victim].communicate()
    return both[1 - victim].returncode, said, time.monotonic() - begin


def newest(checkpoints: Path) -> int:
    """The segment of the last complete checkpoint."""
    steps = [path.name for path in checkpoints.glob("*/steps/*") if path.name.isdigit()]
    return max(map(int, steps), default=0)


def test_when_one_process_dies_the_other_says_so_and_a_new_start_ends_as_one_process_would(tmp_path):
    code, said, seconds = killed(tmp_path, victim=1)
    assert code == 1
    last = said.splitlines()[-1]
    assert last.startswith("cnnbook: the cluster broke: another of its processes ended or could not be")
    assert "--process-id" in last
    assert "in all processes continues from the last checkpoint" in last
    assert "Traceback" not in said
    assert seconds < 60 + HEARTBEAT_SECONDS
    assert not list(tmp_path.glob("net*"))
    both = two(tmp_path)
    told = [process.communicate(timeout=600) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert "continuing from epoch" in told[0][1]
    assert told[1] == ("", "")
    found = json.loads(told[0][0])
    assert (found["processes"], found["devices"], found["nets"]) == (2, 4, 3)
    single = started(tmp_path)
    alone = json.loads(single.communicate(timeout=600)[0])
    assert (alone["processes"], alone["devices"]) == (1, 2)
    assert found["weights_digest"] == alone["weights_digest"]
    nets = [trained.load(tmp_path / f"net-{n}") for n in range(3)]
    assert [net.digest for net in nets] == alone["weights_digest"]


def test_alone_every_process_agrees_with_itself_and_waits_for_nobody(tmp_path):
    assert cluster.broadcast_from_host0(True) is True
    assert cluster.is_first()
    cluster.barrier()
    cluster.check_shared(tmp_path)
    assert cluster.all_gather({"a": np.ones(2)})["a"].tolist() == [1, 1]
    assert not cluster.is_broken(ValueError("Gloo AllGather failed"))


def test_a_cluster_that_nothing_describes_is_said(monkeypatch):
    def initialize(*_, **__):
        raise ValueError("coordinator_address should be defined.")

    monkeypatch.setattr("jax.distributed.initialize", initialize)
    with pytest.raises(ValueError, match="--coordinator=None --processes=2 --process-id=None: coord"):
        cluster.join(processes=2)


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ("raise SystemExit(3)", 3),
        (f"raise SystemExit({BROKEN})", None),
        ("import os; os.abort()", None),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -15),
    ],
)
def test_a_supervisor_tells_a_broken_cluster_from_other_ends(tmp_path, ends, expected):
    assert supervised([sys.executable, "-c", ends], log=tmp_path / "log") == expected


SPEAKING = """
import os, sys
from cnnbook.training.supervisor import begin_supervised, is_supervised
assert is_supervised()
begin_supervised()
assert not is_supervised()
os.write(1, b"from inside\\n"); os.write(2, b"from inside\\n")
print("from Python"); print("so is this", file=sys.stderr)
"""


def test_what_jax_says_itself_goes_to_a_log_and_what_python_says_does_not(tmp_path, capfd):
    log = tmp_path / "log"
    assert supervised([sys.executable, "-c", SPEAKING], log=log) == 0
    assert capfd.readouterr() == ("from Python\n", "so is this\n")
    assert log.read_text() == "from inside\nfrom inside\n"
    assert SUPERVISOR not in os.environ


ORPHAN = """
import subprocess, sys, time
from pathlib import Path
from cnnbook.training.supervisor import supervised
child = "import os, sys, time; from cnnbook.training.supervisor import " \\
        "begin_supervised; begin_supervised(); print(os.getpid(), flush=True); time.sleep(600)"
supervised([sys.executable, "-c", child], log=Path(sys.argv[1]))
"""


def test_a_supervised_process_ends_when_its_supervisor_is_killed(tmp_path):
    command = [sys.executable, "-c", ORPHAN, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        assert int(supervisor.stdout.readline()) > 0
        supervisor.kill()
        assert supervisor.stdout.read() == ""  # ends only when the child has closed it, too
