"""kill -9 at any moment: the next start goes on, and ends with the bits of an uninterrupted run."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np

KILLS = 5

TRAINING = """
import sys
from contextlib import contextmanager
from pathlib import Path

from cnnbook.training.devices import begin_computing
begin_computing(Path(sys.argv[1]))

from cnnbook.config.training import TrainConfig
from cnnbook.data import Digits, load
from cnnbook.progress import Reporter, ProgressTask
from cnnbook.store import Store
from cnnbook.training.checkpoint import CheckpointPolicy
from cnnbook.training.runs import runs
from cnnbook.training.trainer import Trainer


class Telling(Reporter):
    @contextmanager
    def task(self, what, total, unit):
        yield ProgressTask(total, lambda done, note: print("segment", done, flush=True))

    def say(self, line):
        print(line, flush=True)


sample = load("sample")
digits = Digits(
    name="sample", source="a test", train_images=sample.train_images[:480],
    train_labels=sample.train_labels[:480], test_images=sample.test_images[:120],
    test_labels=sample.test_labels[:120],
)
store = Store(Path(sys.argv[2]) / "store", notify=print)
reporter = Telling(quiet=True)
checkpoints = CheckpointPolicy.beside(store.root, notify=reporter.say, every=0)
trainer = Trainer(digits, store=store, reporter=reporter, checkpoints=checkpoints)
config = TrainConfig(network="mlp", epochs=5, batch_size=16, peak_learning_rate=0.03)
for net in trainer.nets(runs(config, numbers=(0, 1), seed=7)):
    print("digest", net.digest, flush=True)
"""


def started(cache: Path, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", TRAINING, str(cache), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def output(training: subprocess.Popen[str]) -> str:
    return training.communicate(timeout=900)[0]


def test_killed_at_random_moments_it_ends_with_the_same_bits(tmp_path):
    """At least one segment of 40 is made between two kills, at most five; so it comes to an end."""
    chance = np.random.default_rng(20)
    whole = output(started(tmp_path, tmp_path / "whole"))
    expected = [line for line in whole.splitlines() if line.startswith("digest")]
    assert len(expected) == 2
    assert whole.count("segment") == 40
    resumed = 0
    for _ in range(KILLS):
        wanted = int(chance.integers(2, 5))
        with started(tmp_path, tmp_path / "killed") as training:
            for line in training.stdout or ():
                resumed += line.startswith("continuing")
                wanted -= line.startswith("segment")
                if not wanted:
                    break
            time.sleep(chance.uniform(0, 0.2))
            training.kill()
        assert training.returncode == -9, "it ended before it was killed"
        assert not list((tmp_path / "killed" / "store").rglob("net.safetensors"))
    rest = output(started(tmp_path, tmp_path / "killed"))
    assert [line for line in rest.splitlines() if line.startswith("digest")] == expected
    assert resumed == KILLS - 1
    assert "continuing from epoch" in rest
    assert rest.count("segment") < 40 - KILLS
    assert not list((tmp_path / "killed" / "training").iterdir())
