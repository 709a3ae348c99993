"""Heads on Conv_3: statistics from accuracies and log-losses made by hand, and heads that learn."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
import pytest

from cnnbook.experiments import heads
from cnnbook.experiments.head_training import train_head, train_linear_head
from cnnbook.experiments.heads import CHANGES, HEADS
from cnnbook.fcp.head import Head
from cnnbook.training.trained import TrainedNet
from synthetic import measured, run_of, statistic_from, stub_net

ACCURACY = dict(zip(HEADS, (0.99, 0.985, 0.98, 0.97, 0.1, 0.95, 0.94, 0.96, 0.92), strict=True))
LOSS = dict(zip(HEADS, (0.03, 0.04, 0.05, 0.06, 2, 0.2, 0.3, 0.1, 0.25), strict=True))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hidden_gain", 0.05 / 0.04 - 1),
        ("work_left", (0.05 - 0.04) / (0.25 - 0.1)),
        ("correlation_cost", 0.06 / 0.04 - 1),
        ("against_excess", 0.7 - 0.5),
        ("over_random", 0.985 - 0.95),
        ("random_accuracy", 0.95),
        ("linear_gain", 0.98 - 0.92),
        ("position_drop", 0.99 - 0.5),
        ("position_drop_random", 0.95 - 0.3),
    ],
)
def test_a_statistic_compares_the_heads_and_changes_that_it_names(name, expected):
    def table(values: Mapping[Any, float]) -> np.ndarray:
        return np.array(list(values.values())).reshape(-1, 1, 1)

    changed = np.full((2, len(CHANGES), 1, 1), 0.8)
    changed[:, CHANGES.index("places shuffled"), 0, 0] = 0.5, 0.3
    variables = {
        "accuracy": ("head net resample", table(ACCURACY)),
        "loss": ("head net resample", table(LOSS)),
        "changed": ("judged change net resample", changed),
        "against": ("judged net resample", [[[0.7]], [[0.5]]]),
    }
    coords = {"head": HEADS, "change": CHANGES, "judged": ("own head", "random")}
    found = statistic_from("heads", name, variables, **coords)
    np.testing.assert_allclose(found.ravel(), [expected])


def test_one_network_has_no_other_to_take_a_head_from(nets, few_digits):
    with pytest.raises(ValueError, match="nets: 1, expected at least 2: one takes the head of another"):
        measured("heads", few_digits, nets[:1])


def test_new_heads_of_one_layer_and_of_two_learn_which_point_stands_for_which_class():
    labels = np.tile(np.arange(10, dtype=np.uint8), 26)
    codes = np.zeros((260, 1152), np.float32)
    codes[np.arange(260), labels] = 3
    hidden = train_head(codes, labels, epochs=20, key=jax.random.key(0))
    linear = train_linear_head(codes, labels, epochs=80, key=jax.random.key(0))
    assert (hidden.predict(codes) == labels).mean() > 0.95
    assert linear.is_correct(codes, labels).mean() > 0.95


def test_a_hidden_layer_learns_what_single_points_do_not_say():
    """Class 1 if two points differ, class 0 if not: each point by itself says nothing."""
    codes = np.zeros((800, 1152), np.float32)
    codes[:, :2] = np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (200, 1))
    labels = (codes[:, 0] != codes[:, 1]).astype(np.uint8)
    hidden = train_head(codes, labels, epochs=80, key=jax.random.key(1))
    linear = train_linear_head(codes, labels, epochs=80, key=jax.random.key(1))
    assert (hidden.predict(codes) == labels).all()
    assert linear.is_correct(codes, labels).mean() <= 0.75


class StubHead:
    """Classifies as many of ten images correctly as it is told."""

    def __init__(self, correct: int) -> None:
        self._correct = correct

    def logits(self, codes):
        return (
            9.0 * np.eye(10)[np.where(np.arange(10) < self._correct, np.arange(10), (np.arange(10) + 1) % 10)]
        )


@pytest.fixture
def ten_digits(few_digits):
    return type(few_digits)(
        name="sample",
        source="a test",
        train_images=few_digits.train_images[:20],
        train_labels=few_digits.train_labels[:20],
        test_images=few_digits.test_images[:10],
        test_labels=few_digits.test_labels[:10],
    )


def test_each_head_stands_under_its_name(ten_digits, monkeypatch):
    """Activations say where they come from: 1 for the network, 2 for it before training, 3 exchanged.

    Ten test images; the number of those classified correctly differs from head to head.
    """
    monkeypatch.setattr(heads, "untrained", lambda net: stub_net(9))
    monkeypatch.setattr(
        heads,
        "flat_maps",
        lambda net, images, layer: np.full((len(images), 1152), 2.0 if net.number == 9 else 1),
    )
    monkeypatch.setattr(TrainedNet, "weights", property(lambda net: net.number))
    monkeypatch.setattr(heads, "head_of", lambda number: StubHead({0: 9, 1: 1, 9: 0}[number]))
    monkeypatch.setattr(heads, "shuffle_within_classes", lambda codes, labels, draws: 0 * codes + 3)
    new, linear = {1.0: 8, 2.0: 5, 3.0: 6}, {1.0: 7, 2.0: 4}
    monkeypatch.setattr(heads, "_hidden", lambda train, *given: StubHead(new.get(train[0, 0], 3)))
    monkeypatch.setattr(
        heads, "_linear", lambda space, *given: StubHead(linear.get(space.train[0, 0], 2)).logits(None)
    )
    monkeypatch.setattr(heads, "_changed", lambda *given: np.zeros((len(CHANGES), 10), bool))
    monkeypatch.setattr(heads, "_against", lambda *given: np.zeros(10))
    found = measured("heads", ten_digits, (stub_net(0), stub_net(1)))
    expected = {
        "own head": 0.9,
        "hidden layer": 0.8,
        "linear head": 0.7,
        "hidden layer, points exchanged": 0.6,
        "another network's head": 0.1,
        "hidden layer, random convolutions": 0.5,
        "linear, random convolutions": 0.4,
        "hidden layer, pixels": 0.3,
        "linear, pixels": 0.2,
    }
    of_first = found.accuracy.sel(net=0)
    assert {name: float(of_first.sel(head=name)) for name in HEADS} == pytest.approx(expected)


def shifted_from(k: int) -> np.ndarray:
    """Ten activations: the first k say which image they are of, the others point to the next image."""
    points = np.zeros((10, 1152), np.float32)
    points[np.arange(10), np.where(np.arange(10) < k, np.arange(10), (np.arange(10) + 1) % 10)] = 1
    return points


def test_each_change_stands_under_its_name(ten_digits, monkeypatch):
    """The head reads the image that is said, so that k of ten are classified correctly."""
    monkeypatch.setattr(heads, "shuffle_cells", lambda codes, orders: shifted_from(1))
    monkeypatch.setattr(heads, "average_maps", lambda codes: shifted_from(2))
    monkeypatch.setattr(heads, "quantise", lambda codes, top, bits: shifted_from(2 + bits))
    own = Head(np.eye(1152, 10), np.zeros(10), np.eye(10), np.zeros(10))
    space = heads.Space(shifted_from(0), shifted_from(0))
    changed = heads._changed(own, space, stub_net(0), run_of("heads", ten_digits))
    assert dict(zip(CHANGES, changed.sum(axis=1).tolist(), strict=True)) == {
        "places shuffled": 1,
        "maps replaced by their means": 2,
        "4 bits": 6,
        "3 bits": 5,
        "2 bits": 4,
        "1 bit": 3,
    }


def test_the_share_against_counts_points_that_are_off_and_can_be_on(ten_digits, monkeypatch):
    """Each image has its own class's point on, at 1. Nine other classes' points lower the margin.

    Ten more points, of no class, change nothing; points that are never on do not count.
    """
    codes = np.zeros((10, 1152), np.float32)
    codes[np.arange(10), ten_digits.test_labels] = 1
    train = codes.copy()
    train[0, 10:20] = 1
    own = Head(np.eye(1152, 20), np.zeros(20), np.eye(20, 10), np.zeros(10))
    monkeypatch.setattr(heads, "flat_maps", lambda *given: codes)
    found = heads._against(own, train, stub_net(0), run_of("heads", ten_digits))
    np.testing.assert_allclose(found, [9 / 19] * 10)
