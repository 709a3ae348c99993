"""Networks trained at once: the loss falls, a key decides every bit, one that diverges harms no other."""

import math
from dataclasses import replace

import jax
import numpy as np
import pytest

from cnnbook.config.training import TrainConfig
from cnnbook.data import fit_scaling
from cnnbook.maps import accuracy
from cnnbook.training.batch import Diverged, check_finite, images_left, starting_point, train_batch
from cnnbook.training.devices import mesh_of
from cnnbook.training.initial import untrained
from cnnbook.training.program import TrainProgram
from cnnbook.training.runs import runs
from helpers import trained_at_once

CONFIG = TrainConfig(network="mlp", epochs=2, batch_size=32, peak_learning_rate=0.03)


@pytest.fixture(scope="module")
def program(few_digits) -> TrainProgram:
    """Two MLPs on a device each."""
    scaling = fit_scaling("unit", few_digits.train_images)
    return TrainProgram(
        few_digits.train_images, few_digits.train_labels, scaling=scaling, config=CONFIG, nets=2,
        mesh=mesh_of(2),
    )  # fmt: skip


def test_the_loss_falls_and_the_network_learns_its_images(nets, few_digits):
    for net in nets:
        first, second, third = net.train_loss
        assert third < second < first < math.log(10)
        assert accuracy(net, few_digits.train_images, few_digits.train_labels) > 0.8


def test_training_moves_every_weight_from_where_it_started(nets):
    before = untrained(nets[0]).weights
    for name, weights in nets[0].weights.items():
        assert np.any(weights != before[name]), name


def test_the_same_run_gives_the_same_bits_in_either_place(program):
    one, same = (
        trained_at_once(program, runs(CONFIG, numbers=numbers, seed=1)) for numbers in ((0, 1), (1, 0))
    )
    assert one.losses.tolist() == same.losses[::-1].tolist()
    for mine, theirs in zip(jax.tree.leaves(one.params[0]), jax.tree.leaves(same.params[1]), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_reports_add_up_to_all_images_of_all_networks(program):
    told: list[tuple[int, str]] = []
    wanted = runs(CONFIG, numbers=(0, 1))
    start = starting_point(program, wanted)
    assert (images_left(program, wanted, start), program.updates) == (2 * 2 * 480, 2 * 15)
    _, cost = train_batch(program, wanted, start, report=lambda images, note: told.append((images, note)))
    assert sum(images for images, _ in told) == cost.images == 2 * 2 * 480
    assert [note for _, note in told] == ["epoch 1"] * 8 + ["epoch 2"] * 8
    assert cost.seconds > 0


def test_each_epoch_visits_every_image_once_in_an_order_of_its_own(program, few_digits):
    count, keys = len(few_digits.train_labels), jax.random.split(jax.random.key(5), 2)
    first, again, second = (np.asarray(program.randomness(keys, number).order) for number in (0, 0, 1))
    orders = [*first, *second]
    assert [sorted(order) for order in orders] == [list(range(count))] * 4
    np.testing.assert_array_equal(first, again)
    assert all((orders[a] == orders[b]).mean() < 0.05 for a in range(4) for b in range(a))


def test_fewer_networks_than_places_are_told_and_returned_alone(program):
    wanted = runs(CONFIG, numbers=(4,))
    start = starting_point(program, wanted)
    learned, cost = train_batch(program, wanted, start, report=lambda images, note: None)
    assert (len(learned.params), learned.losses.shape, cost.images) == (1, (1, 16), 960)


def test_a_segment_without_updates_has_the_loss_of_the_next_one(few_digits):
    """Three updates in eight segments: the first one's loss stands for the first three."""
    config = replace(CONFIG, batch_size=160, epochs=1)
    scaling = fit_scaling("unit", few_digits.train_images)
    program = TrainProgram(
        few_digits.train_images, few_digits.train_labels, scaling=scaling, config=config, nets=1,
        mesh=mesh_of(1),
    )  # fmt: skip
    learned = trained_at_once(program, runs(config))
    first, second, third = (learned.losses[0][place] for place in (2, 5, 7))
    assert learned.losses[0].tolist() == [first] * 3 + [second] * 3 + [third] * 2
    assert first == pytest.approx(math.log(10), rel=0.15)


def test_a_network_that_goes_astray_is_named_and_harms_no_other(program):
    sound, wild = runs(CONFIG, numbers=(0,), peak_learning_rate=[0.03, 1e30])
    learned = trained_at_once(program, [wild, sound])
    said = (
        r"the loss of net 0, seed 0, was no finite number any more in epoch 1 of 2, at learning rate "
        r"\d\.?\d*e\+\d\d; train with a peak_learning_rate below 1e\+30; networks trained beside it are kept"
    )
    with pytest.raises(Diverged, match=said):
        check_finite([wild, sound], learned.losses, updates=program.updates)
    alone = trained_at_once(program, [sound])
    assert learned.losses[1].tolist() == alone.losses[0].tolist()


def test_training_stops_when_all_networks_have_gone_astray(program):
    told: list[int] = []
    wanted = runs(CONFIG, numbers=(0, 1), peak_learning_rate=[1e30])
    learned = trained_at_once(program, wanted, report=told.append)
    assert len(told) < 8
    with pytest.raises(Diverged, match=r"net 0, seed 0 \(and of 1 trained beside it\), was no finite number"):
        check_finite(wanted, learned.losses, updates=program.updates)
