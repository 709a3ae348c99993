"""Training: the loss falls, every image has its turn, and a key decides every bit."""

import copy
import math

import jax
import numpy as np
import pytest

from cnnbook.config import PROFILES, TrainConfig
from cnnbook.data import fit
from cnnbook.maps import accuracy
from cnnbook.progress import Reporter
from cnnbook.store import Store
from cnnbook.training.ensemble import Ensemble
from cnnbook.training.initial import untrained
from cnnbook.training.keys import net_key
from cnnbook.training.loop import REPORTS_PER_EPOCH, Trainer


def silent(images: int, note: str) -> None:
    """Report nothing."""


@pytest.fixture
def onlooker(ensemble):
    """The session's trainer, with the compiled updates replaced by a record of their arguments."""
    trainer, seen = copy.copy(ensemble.trainer), []

    def record(carry, images, labels, order, begin, end):
        seen.append((np.asarray(order), int(begin), int(end)))
        return carry

    trainer._updates = record
    return trainer, seen


def test_the_loss_falls_and_the_network_learns_its_images(nets, few_digits):
    for net in nets:
        first, second, third = net.train_loss
        assert third < second < first < math.log(10)
        assert accuracy(net, few_digits.train_images, few_digits.train_labels) > 0.8


def test_the_same_key_gives_the_same_weights_bit_for_bit(ensemble):
    key = net_key(7, 1)
    one, same = (ensemble.trainer.train(jax.random.clone(key), report=silent) for _ in range(2))
    for mine, theirs in zip(jax.tree.leaves(one.params), jax.tree.leaves(same.params), strict=True):
        assert np.asarray(mine).tobytes() == np.asarray(theirs).tobytes()
    assert one.train_loss.tolist() == same.train_loss.tolist()


def test_every_epoch_shows_every_image_once_and_in_another_order(onlooker):
    trainer, seen = onlooker
    trainer.train(net_key(7, 0), report=silent)
    orders = [seen[i][0] for i in range(0, len(seen), REPORTS_PER_EPOCH)]
    assert len(orders) == 3
    for order in orders:
        assert sorted(order.tolist()) == list(range(480))
    assert np.any(orders[0] != orders[1])


def test_the_stretches_of_an_epoch_cover_its_30_updates_without_a_gap(onlooker):
    trainer, seen = onlooker
    trainer.train(net_key(7, 0), report=silent)
    edges = [(begin, end) for _, begin, end in seen[:REPORTS_PER_EPOCH]]
    assert edges == [(0, 3), (3, 7), (7, 11), (11, 15), (15, 18), (18, 22), (22, 26), (26, 30)]


def test_reports_add_up_to_all_images(onlooker):
    trainer, _ = onlooker
    told: list[tuple[int, str]] = []
    trained = trainer.train(net_key(7, 0), report=lambda images, note: told.append((images, note)))
    assert sum(images for images, _ in told) == trained.images == trainer.images_per_net == 3 * 480
    assert [note for _, note in told] == ["epoch 1"] * 8 + ["epoch 2"] * 8 + ["epoch 3"] * 8


def test_networks_differ_in_weights_and_in_the_order_of_images(ensemble, onlooker):
    trainer, seen = onlooker
    for number in (0, 1):
        trainer.train(net_key(7, number), report=silent)
    assert np.any(seen[0][0] != seen[3 * REPORTS_PER_EPOCH][0])


def test_images_that_do_not_fill_a_batch_wait_for_another_epoch(few_digits, monkeypatch):
    monkeypatch.setattr(Trainer, "_compile", lambda self: lambda *arguments: arguments[0])
    images, labels = few_digits.train_images[:100], few_digits.train_labels[:100]
    config = TrainConfig(epochs=3, batch_size=32)
    trainer = Trainer(images, labels, scaling=fit("unit", images), config=config)
    assert (trainer.updates_per_epoch, trainer.images_per_net) == (3, 3 * 96)


def test_a_batch_larger_than_the_data_is_named(few_digits):
    images, labels = few_digits.train_images[:100], few_digits.train_labels[:100]
    with pytest.raises(ValueError, match=r"batch_size=101: expected at most 100, the training images"):
        Trainer(images, labels, scaling=fit("unit", images), config=TrainConfig(batch_size=101))


def test_fewer_updates_than_reports_are_all_made(few_digits):
    """Three updates in eight stretches; the mean loss of the first three is still near ln 10."""
    images, labels = few_digits.train_images[:192], few_digits.train_labels[:192]
    config = TrainConfig(epochs=1, batch_size=64)
    trainer = Trainer(images, labels, scaling=fit("unit", images), config=config)
    told: list[int] = []
    trained = trainer.train(net_key(0, 0), report=lambda images, note: told.append(images))
    assert sum(told) == 192
    assert float(trained.train_loss[0]) == pytest.approx(math.log(10), rel=0.1)


def test_training_moves_every_weight_from_where_it_started(nets):
    before = untrained(nets[0]).weights
    for name, after in nets[0].weights.items():
        assert np.mean(before[name] != after) > 0.8


@pytest.mark.mnist
def test_one_network_on_all_of_mnist_reaches_99_3_percent(all_of_mnist, tmp_path):
    profile = PROFILES["book"]
    store = Store(tmp_path, notify=print)
    ensemble = Ensemble(
        all_of_mnist, profile.training, seed=profile.seed, store=store, reporter=Reporter(quiet=True)
    )
    (net,) = ensemble.nets(1)
    assert len(all_of_mnist.test_images) == 10_000
    assert accuracy(net, all_of_mnist.test_images, all_of_mnist.test_labels) >= 0.9930
