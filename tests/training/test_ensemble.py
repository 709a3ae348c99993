"""The book's networks: each by its number alone, trained once, whoever asks, however often it is stopped."""

import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest

from cnnbook.progress import Reporter, Work
from cnnbook.store import MANIFEST, Store
from cnnbook.training.ensemble import Ensemble
from cnnbook.training.initial import untrained
from cnnbook.training.keys import init_and_shuffle_keys, net_key
from helpers import same_weights


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
            if what == self.interrupt and done > total / 2:
                raise KeyboardInterrupt("Ctrl-C")

        yield Work(total, show)


@pytest.fixture
def another(ensemble, monkeypatch, tmp_path):
    """Make ensembles of the same recipe on a store of their own, without compiling again."""
    trainer = ensemble.trainer
    monkeypatch.setattr("cnnbook.training.ensemble.Trainer", lambda *args, **kwargs: trainer)

    def make(reporter: Reporter, seed: int = 7) -> Ensemble:
        store = Store(tmp_path / "store", notify=print)
        return Ensemble(ensemble.digits, ensemble.config, seed=seed, store=store, reporter=reporter)

    return make


def entries(folder):
    """Names of all files in a store of networks, locks left out."""
    return sorted(path.name for path in (folder / "store" / "nets").rglob("*"))


def test_networks_with_another_number_are_others(nets):
    assert [net.number for net in nets] == [0, 1, 2]
    assert len({net.digest for net in nets}) == 3


def test_network_2_is_the_same_alone_and_beside_others(ensemble, nets):
    alone, speed = ensemble.train(2, "training net 3 alone")
    assert same_weights(alone.weights, nets[2].weights)
    assert alone.train_loss.tolist() == nets[2].train_loss.tolist()
    assert speed > 0


def test_a_stored_network_is_what_training_gave(another, nets):
    (net,) = another(Watcher()).nets(1)
    assert net.digest == nets[0].digest
    assert (net.number, net.seed, net.config) == (0, 7, nets[0].config)


def test_another_seed_gives_other_networks(another, nets):
    (net,) = another(Watcher(), seed=8).nets(1)
    assert net.digest != nets[0].digest


def test_keys_depend_on_seed_number_recipe_and_data(ensemble, another):
    places = {ensemble.key(0).digest, ensemble.key(1).digest, another(Watcher(), seed=8).key(0).digest}
    assert len(places) == 3
    assert another(Watcher()).key(1) == ensemble.key(1)
    assert ensemble.key(0).material["training"]["epochs"] == 3
    assert ensemble.key(0).material["data"] == ensemble.digits.digest


def test_a_second_call_trains_nothing(another):
    watcher = Watcher()
    list(another(watcher).nets(2))
    list(another(watcher).nets(2))
    assert watcher.begun == ["training net 1 of 2", "training net 2 of 2"]


def test_interrupted_training_keeps_finished_networks_and_no_half_ones(another, tmp_path, nets):
    interrupted = Watcher(interrupt="training net 2 of 3")
    with pytest.raises(KeyboardInterrupt, match="Ctrl-C"):
        list(another(interrupted).nets(3))
    assert [name for name in entries(tmp_path) if "." in name] == [MANIFEST, "net.safetensors"]
    again = Watcher()
    found = list(another(again).nets(3))
    assert again.begun == ["training net 2 of 3", "training net 3 of 3"]
    assert [net.digest for net in found] == [net.digest for net in nets]


RIVAL = """
import sys
from pathlib import Path

from cnnbook.config import TrainConfig
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
    told = [rival.communicate(timeout=120) for rival in rivals]
    assert [rival.returncode for rival in rivals] == [0, 0], told
    digests = {out.splitlines()[-1] for out, _ in told}
    trained = sum(err.count("training net 1 of 1: 64 images") for _, err in told)
    assert (len(digests), trained) == (1, 1)


def test_a_damaged_network_is_trained_again(another, tmp_path, nets, capsys):
    (first,) = another(Watcher()).nets(1)
    (path,) = (tmp_path / "store" / "nets").rglob("net.safetensors")
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    watcher = Watcher()
    (second,) = another(watcher).nets(1)
    assert watcher.begun == ["training net 1 of 1"]
    assert second.digest == first.digest == nets[0].digest
    assert "net.safetensors is damaged" in capsys.readouterr().out


def test_the_trainer_is_compiled_when_it_is_first_needed(another, ensemble):
    watcher = Watcher()
    quiet = another(watcher)
    assert watcher.said == []
    assert quiet.trainer is quiet.trainer is ensemble.trainer
    assert watcher.said == ["compiling the training of 3 epochs …"]


def test_an_untrained_network_has_the_weights_that_training_began_with(nets):
    """Biases begin at zero; kernels of net 1 as its own key draws them, not as net 0's does."""
    before = untrained(nets[1])
    assert not np.any(before.weights["conv_3.bias"])
    assert before.train_loss.shape == (0,)
    assert (before.number, before.config) == (1, nets[1].config)
    assert before.digest != untrained(nets[0]).digest
    for name, start in before.weights.items():
        if name.endswith("kernel"):
            close = np.corrcoef(start.ravel(), nets[1].weights[name].ravel())[0, 1]
            far = np.corrcoef(start.ravel(), nets[0].weights[name].ravel())[0, 1]
            assert close > 0.5 > abs(far)


def test_initial_weights_and_order_have_keys_of_their_own():
    init_key, shuffle_key = init_and_shuffle_keys(net_key(7, 0))
    assert init_key != shuffle_key
    assert net_key(7, 0) != net_key(7, 1) != net_key(8, 1)
