"""The book's networks: each by its run alone, trained once, whoever asks, however often it is stopped."""

import errno
import gc
import subprocess
import sys
import weakref
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from cnnbook.config.training import TrainConfig
from cnnbook.progress import Reporter, Work
from cnnbook.store import MANIFEST, Store
from cnnbook.training import trained, workshop
from cnnbook.training.devices import arrangement
from cnnbook.training.ensemble import Ensemble, train
from cnnbook.training.group import Group
from cnnbook.training.initial import untrained
from cnnbook.training.runs import runs
from cnnbook.training.wave import Diverged
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
    def work(self, what, total, unit):
        self.begun.append(what)

        def show(done: int, note: str) -> None:
            if self.interrupt == what and done > total / 2:
                raise KeyboardInterrupt("Ctrl-C")

        yield Work(total, show)


@pytest.fixture(scope="module")
def groups():
    """Programs that the ensembles of these tests have compiled."""
    return {}


@pytest.fixture
def another(few_digits, tmp_path, groups):
    """Make ensembles of one recipe on a store of their own, one network at a time."""

    def make(reporter: Reporter, seed: int = 7) -> Ensemble:
        store = Store(tmp_path / "store", notify=print)
        made = Ensemble(
            few_digits, QUICK, seed=seed, store=store, reporter=reporter, arranged=arrangement(count=1)
        )
        made.workshop._groups = groups
        return made

    return make


@pytest.fixture
def quick(few_digits, tmp_path):
    """Train MLPs on a store of their own, two at a time."""

    def make(wanted, reporter: Reporter):
        return train(
            wanted, few_digits, store=Store(tmp_path / "store", notify=reporter.say), reporter=reporter,
            arranged=arrangement(count=2),
        )  # fmt: skip

    return make


def entries(folder):
    """Names of all files in a store of networks, locks left out."""
    return sorted(path.name for path in (folder / "store" / "nets").rglob("*"))


def test_networks_with_another_number_are_others(nets):
    assert [net.number for net in nets] == [0, 1, 2]
    assert len({net.digest for net in nets}) == 3


def test_a_stored_network_is_what_training_gave(another):
    (first,) = another(Watcher()).nets(1)
    (stored,) = another(Watcher()).nets(1)
    assert same_weights(stored.weights, first.weights)
    assert (stored.number, stored.seed, stored.config) == (0, 7, QUICK)
    assert another(Watcher()).net(0).digest == first.digest


def test_another_seed_gives_other_networks(another):
    (one,), (other,) = (another(Watcher(), seed=seed).nets(1) for seed in (7, 8))
    assert one.digest != other.digest


def test_keys_depend_on_seed_number_recipe_and_data(another, few_digits, ensemble):
    mine = another(Watcher())
    places = {mine.key(0).digest, mine.key(1).digest, another(Watcher(), seed=8).key(0).digest}
    assert len(places | {ensemble.key(0).digest}) == 4
    assert another(Watcher()).key(1) == mine.key(1)
    assert mine.key(0).material["training"]["network"] == "mlp"
    assert mine.key(0).material["data"] == few_digits.digest


def test_a_second_call_trains_nothing(another):
    watcher = Watcher()
    list(another(watcher).nets(2))
    list(another(watcher).nets(2))
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
    (apart,) = train(
        runs(QUICK, numbers=[1]), few_digits, store=Store(tmp_path / "other", notify=print),
        reporter=Watcher(),
    )  # fmt: skip
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
    with pytest.raises(OSError, match=r"file/.*: cannot be made .*set CNNBOOK_CACHE to a folder"):
        train(runs(QUICK), few_digits, store=Store(tmp_path / "file" / "store", notify=print),
              reporter=watcher)  # fmt: skip
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
from cnnbook.training.ensemble import Ensemble

arrays = {f"{part}_{what}": getattr(load("sample"), f"{part}_{what}")[:64]
          for part in ("train", "test") for what in ("images", "labels")}
store = Store(Path(sys.argv[1]), notify=print)
config = TrainConfig(epochs=1, batch_size=32)
digits = Digits(name="sample", source="a test", **arrays)
(net,) = Ensemble(digits, config, seed=0, store=store, reporter=Reporter()).nets(1)
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
    (first,) = another(Watcher()).nets(1)
    (path,) = (tmp_path / "store" / "nets").rglob("net.safetensors")
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    watcher = Watcher()
    (second,) = another(watcher).nets(1)
    assert watcher.begun == ["training net 1 of 1"]
    assert second.digest == first.digest
    assert "net.safetensors is damaged" in capsys.readouterr().out


def test_a_program_is_compiled_once_and_when_it_is_first_needed(few_digits, tmp_path):
    watcher = Watcher()
    quiet = Ensemble(
        few_digits, QUICK, seed=3, store=Store(tmp_path, notify=print), reporter=watcher,
        arranged=arrangement(count=1),
    )  # fmt: skip
    assert watcher.said == []
    list(quiet.nets(2))
    assert watcher.said == ["compiling the training of 1 epochs …"]


def test_a_program_and_its_copy_of_the_data_are_let_go_when_the_next_one_is_needed(quick, monkeypatch):
    made, alive = [], []

    class Watched(Group):
        def __init__(self, *args, **options):
            gc.collect()
            alive.append(sum(group() is not None for group in made))
            super().__init__(*args, **options)
            made.append(weakref.ref(self))

    monkeypatch.setattr(workshop, "Group", Watched)
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
