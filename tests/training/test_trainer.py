"""Networks from a trainer: each by its run alone, trained once, whoever asks, however often it is stopped."""

import errno
import gc
import math
import subprocess
import sys
import weakref
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from cnnbook.config.training import TrainConfig
from cnnbook.progress import ProgressTask, Reporter
from cnnbook.sources import dependencies, source_digest
from cnnbook.store import MANIFEST, Store
from cnnbook.training import trained, trainer
from cnnbook.training.batch import Diverged
from cnnbook.training.checkpoint import CheckpointPolicy
from cnnbook.training.devices import plan_devices
from cnnbook.training.initial import untrained
from cnnbook.training.program import TrainProgram
from cnnbook.training.runs import Run, runs
from cnnbook.training.trainer import PROGRAM, Trainer
from helpers import same_weights

QUICK = TrainConfig(network="mlp", epochs=1, batch_size=96, peak_learning_rate=0.03)


class Watcher(Reporter):
    """Keeps what it is told; interrupts the work of one network if asked to."""

    def __init__(self, interrupt: str = "") -> None:
        super().__init__(quiet=True)
        self.begun: list[str] = []
        self.said: list[str] = []
        self.interrupt = interrupt

    def say(self, line: str) -> None:
        self.said.append(line)

    @contextmanager
    def task(self, what, total, unit):
        self.begun.append(what)

        def show(done: int, note: str) -> None:
            if self.interrupt == what and done > total / 2:
                raise KeyboardInterrupt("Ctrl-C")

        yield ProgressTask(total, show)


@pytest.fixture(scope="module")
def programs():
    """Programs that the trainers of these tests have compiled."""
    return {}


@pytest.fixture
def another(few_digits, tmp_path, programs):
    """Make trainers on a store of their own, one network at a time."""

    def make(reporter: Reporter) -> Trainer:
        store = Store(tmp_path / "store", notify=print)
        made = Trainer(few_digits, store=store, reporter=reporter, plan=plan_devices(count=1))
        made._programs = programs
        return made

    return make


def first(count: int, seed: int = 7) -> tuple[Run, ...]:
    """The first runs of the quick recipe."""
    return runs(QUICK, numbers=range(count), seed=seed)


@pytest.fixture
def quick(few_digits, tmp_path):
    """Train MLPs on a store of their own, two at a time."""

    def make(wanted, reporter: Reporter):
        store = Store(tmp_path / "store", notify=reporter.say)
        never = CheckpointPolicy.beside(store.root, notify=reporter.say, every=math.inf)
        plan = plan_devices(count=2)
        trainer = Trainer(few_digits, store=store, reporter=reporter, plan=plan, checkpoints=never)
        return trainer.train(wanted)

    return make


def entries(folder):
    """Names of all files in a store of networks, locks left out."""
    return sorted(path.name for path in (folder / "store" / "nets").rglob("*"))


def test_networks_with_another_number_are_others(nets):
    assert [net.number for net in nets] == [0, 1, 2]
    assert len({net.digest for net in nets}) == 3


def test_a_stored_network_is_what_training_gave(another):
    (trained_now,) = another(Watcher()).nets(first(1))
    (stored,) = another(Watcher()).nets(first(1))
    assert same_weights(stored.weights, trained_now.weights)
    assert (stored.number, stored.seed, stored.config) == (0, 7, QUICK)
    assert another(Watcher()).train(first(1))[0].digest == trained_now.digest


def test_another_seed_gives_other_networks(another):
    (one,), (other,) = (another(Watcher()).nets(first(1, seed=seed)) for seed in (7, 8))
    assert one.digest != other.digest


def test_keys_depend_on_seed_number_recipe_and_data(another, few_digits, few_runs):
    mine = another(Watcher())
    zero, one = first(2)
    keys = {mine.key(run).digest for run in (zero, one, replace(zero, seed=8), few_runs[0])}
    assert len(keys) == 4
    assert another(Watcher()).key(one) == mine.key(one)
    assert mine.key(zero).material["training"]["network"] == "mlp"
    assert mine.key(zero).material["data"] == few_digits.digest


def test_a_key_depends_on_the_source_of_all_that_decides_weights_and_on_nothing_that_reports(another):
    assert another(Watcher()).key(first(1)[0]).material["source"] == source_digest(PROGRAM)
    modules = dependencies(PROGRAM)
    decisive = ("keys", "training.program", "training.recipe", "nets.networks", "nets.cnn", "data.scaling")
    assert {f"cnnbook.{name}" for name in decisive} <= set(modules)
    reporting = ("store", "progress", "training.trainer", "training.checkpoint", "training.cluster", "maps")
    assert not {f"cnnbook.{name}" for name in reporting} & set(modules)


def test_a_second_call_trains_nothing(another):
    watcher = Watcher()
    list(another(watcher).nets(first(2)))
    list(another(watcher).nets(first(2)))
    assert watcher.begun == ["training net 1 of 2", "training net 2 of 2"]


def test_interrupted_training_keeps_finished_networks_and_says_so(quick, tmp_path):
    wanted = runs(QUICK, numbers=range(3))
    with pytest.raises(KeyboardInterrupt, match=r"^2 of 3 networks are kept$"):
        quick(wanted, Watcher(interrupt="training net 3 of 3"))
    assert [name for name in entries(tmp_path) if "." in name] == [*[MANIFEST] * 2, *["net.safetensors"] * 2]
    again = Watcher()
    found = quick(wanted, again)
    assert again.begun == ["training net 3 of 3"]
    assert [net.number for net in found] == [0, 1, 2]


def test_recipes_of_one_program_are_trained_together_and_stored_each_for_itself(quick):
    watcher = Watcher()
    wanted = (
        *runs(QUICK, momentum=[0.0, 0.9]),
        *runs(QUICK, network=["wide-mlp"]),
        *runs(QUICK, numbers=[1], label_smoothing=[0.0]),
    )
    found = quick(wanted, watcher)
    assert watcher.begun == ["training nets 1, 2 of 4", "training net 3 of 4", "training net 4 of 4"]
    assert [(net.config, net.number) for net in found] == [(run.config, run.number) for run in wanted]
    alone = Watcher()
    (same,) = quick(wanted[1:2], alone)
    assert alone.begun == []
    assert same.digest == found[1].digest


def test_what_is_stored_does_not_depend_on_what_was_trained_beside_it(quick, tmp_path, few_digits):
    together = quick(runs(QUICK, numbers=(0, 1)), Watcher())
    store = Store(tmp_path / "other" / "store", notify=print)
    (apart,) = Trainer(few_digits, store=store, reporter=Watcher()).train(runs(QUICK, numbers=[1]))
    assert same_weights(apart.weights, together[1].weights)
    assert apart.loss_curve.tolist() == together[1].loss_curve.tolist()


def test_a_network_that_goes_astray_is_an_error_and_the_others_are_stored(quick):
    wanted = runs(QUICK, peak_learning_rate=[0.03, 1e30])
    with pytest.raises(
        Diverged, match=r"the loss of net 0, seed 0, was no finite number any more in epoch 1"
    ):
        quick(wanted, Watcher())
    watcher = Watcher()
    quick(wanted[:1], watcher)
    assert watcher.begun == []


def test_a_full_disk_is_said_and_leaves_nothing_half_written(quick, tmp_path, monkeypatch):
    def full(net, path):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(trained, "save", full)
        with pytest.raises(
            OSError, match=r"store: no space left on device; make room there, or set CNNBOOK_"
        ):
            quick(runs(QUICK), Watcher())
    assert entries(tmp_path) == []


def test_a_cache_that_cannot_be_written_to_is_said_before_training(few_digits, tmp_path):
    (tmp_path / "file").write_text("")
    watcher = Watcher()
    store = Store(tmp_path / "file" / "store", notify=print)
    with pytest.raises(OSError, match=r"file/.*: cannot be made .*set CNNBOOK_CACHE to a folder"):
        Trainer(few_digits, store=store, reporter=watcher).train(runs(QUICK))
    assert (watcher.begun, watcher.said) == ([], [])


def test_bad_runs_are_refused_before_any_work(quick):
    watcher = Watcher()
    with pytest.raises(ValueError, match="batch_size=481: expected at most 480, the training images"):
        quick(runs(QUICK, batch_size=[481]), watcher)
    with pytest.raises(ValueError, match=r"net 0 of seed 0, network=mlp.*: given twice"):
        quick(runs(QUICK) * 2, watcher)
    assert (watcher.begun, watcher.said) == ([], [])


RIVAL = """
import sys
from pathlib import Path

from cnnbook.config.training import TrainConfig
from cnnbook.data import Digits, load
from cnnbook.progress import Reporter
from cnnbook.store import Store
from cnnbook.training.runs import Run
from cnnbook.training.trainer import Trainer

arrays = {f"{part}_{what}": getattr(load("sample"), f"{part}_{what}")[:64]
          for part in ("train", "test") for what in ("images", "labels")}
store = Store(Path(sys.argv[1]), notify=print)
config = TrainConfig(epochs=1, batch_size=32)
digits = Digits(name="sample", source="a test", **arrays)
(net,) = Trainer(digits, store=store, reporter=Reporter()).nets([Run(number=0, seed=0, config=config)])
print(net.digest)
"""


def test_two_processes_that_want_the_same_network_train_it_once(tmp_path):
    command = [sys.executable, "-c", RIVAL, str(tmp_path / "store")]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    rivals = [subprocess.Popen(command, **pipes) for _ in range(2)]
    told = [rival.communicate(timeout=600) for rival in rivals]
    assert [rival.returncode for rival in rivals] == [0, 0], told
    digests = {out.splitlines()[-1] for out, _ in told}
    trained = sum(err.count("training net 1 of 1: 64 images") for _, err in told)
    assert (len(digests), trained) == (1, 1)


def test_a_damaged_network_is_trained_again(another, tmp_path, capsys):
    (trained_now,) = another(Watcher()).nets(first(1))
    (path,) = (tmp_path / "store" / "nets").rglob("net.safetensors")
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    watcher = Watcher()
    (second,) = another(watcher).nets(first(1))
    assert watcher.begun == ["training net 1 of 1"]
    assert second.digest == trained_now.digest
    assert "net.safetensors is damaged" in capsys.readouterr().out


def test_a_program_is_compiled_once_and_when_it_is_first_needed(few_digits, tmp_path):
    watcher = Watcher()
    store = Store(tmp_path / "store", notify=print)
    quiet = Trainer(few_digits, store=store, reporter=watcher, plan=plan_devices(count=1))
    assert watcher.said == []
    list(quiet.nets(first(2)))
    assert watcher.said == ["compiling the training of 1 epochs …"]


def test_a_program_and_its_copy_of_the_data_are_let_go_when_the_next_one_is_needed(quick, monkeypatch):
    made, alive = [], []

    class Watched(TrainProgram):
        def __init__(self, *args, **options):
            gc.collect()
            alive.append(sum(program() is not None for program in made))
            super().__init__(*args, **options)
            made.append(weakref.ref(self))

    monkeypatch.setattr(trainer, "TrainProgram", Watched)
    quick([run for epochs in (1, 2, 3) for run in runs(replace(QUICK, epochs=epochs))], Watcher())
    assert alive == [0, 0, 0]


def test_an_untrained_network_has_the_weights_that_training_began_with(nets):
    """Biases begin at zero; kernels of net 1 as its own key draws them, not as net 0's does."""
    before = untrained(nets[1])
    assert not np.any(before.weights["conv_3.bias"])
    assert before.train_loss.shape == before.loss_curve.shape == (0,)
    assert (before.number, before.config) == (1, nets[1].config)
    assert before.digest != untrained(nets[0]).digest
    for name, start in before.weights.items():
        if name.endswith("kernel"):
            close = np.corrcoef(start.ravel(), nets[1].weights[name].ravel())[0, 1]
            far = np.corrcoef(start.ravel(), nets[0].weights[name].ravel())[0, 1]
            assert close > 0.5 > abs(far)
