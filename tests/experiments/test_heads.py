"""Heads on Conv_3: statistics from accuracies made by hand, and a head that learns."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
import pytest

from cnnbook.experiments import heads
from cnnbook.experiments.head_training import train_head
from cnnbook.experiments.heads import CHANGES, HEADS
from cnnbook.fcp.head import Head
from cnnbook.fcp.probes import LinearProbe
from cnnbook.training.trained import TrainedNet
from synthetic import measured, run_of, statistic_from, stub_net

ACCURACY = dict(zip(HEADS, (0.99, 0.985, 0.98, 0.97, 0.1, 0.95, 0.94, 0.92, 0.96), strict=True))
CHANGED = dict(zip(CHANGES, (0.5, 0.6, 0.98, 0.97, 0.9, 0.7, 0.8, 0.75, 0.88), strict=True))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("linear_accuracy", 0.98),
        ("mlp_over_linear", 0.985 - 0.98),
        ("over_random", 0.985 - 0.95),
        ("linear_gain", 0.98 - 0.92),
        ("neighbour_gain", 0.97 - 0.96),
        ("position_drop", 0.99 - 0.5),
        ("negative_drop", 0.98 - 0.88),
        ("correlation_drop", 0.99 - 0.8),
        ("best_point_auc", 0.9),
        ("points_needed", 17),
    ],
)
def test_a_statistic_compares_the_heads_and_changes_that_it_names(name, expected):
    def table(values: Mapping[Any, float]) -> np.ndarray:
        return np.array(list(values.values())).reshape(-1, 1, 1)

    variables = {
        "accuracy": ("head net resample", table(ACCURACY)),
        "changed": ("change net resample", table(CHANGED)),
        "auc": ("net", [0.9]),
        "needed": ("net", [17]),
    }
    found = statistic_from("heads", name, variables, head=HEADS, change=CHANGES)
    np.testing.assert_allclose(found.ravel(), [expected])


def test_one_network_has_no_other_to_take_a_head_from(nets, few_digits):
    with pytest.raises(ValueError, match="nets: 1, expected at least 2: one takes the head of another"):
        measured("heads", few_digits, nets[:1])


def test_a_new_head_learns_which_point_stands_for_which_class():
    labels = np.tile(np.arange(10, dtype=np.uint8), 26)
    codes = np.zeros((260, 1152), np.float32)
    codes[np.arange(260), labels] = 3
    head = train_head(codes, labels, epochs=20, key=jax.random.key(0))
    assert (head.predict(codes) == labels).mean() > 0.95


class StubHead:
    """Classifies as many of ten images correctly as it is told."""

    def __init__(self, correct: int) -> None:
        self._correct = correct

    def predict(self, codes):
        return np.where(np.arange(10) < self._correct, np.arange(10), -1)

    def is_correct(self, codes, labels):
        return self.predict(codes) == labels


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
    """Activations say where they come from: 1 for the network, 2 for it before training; pixels are shares.

    Ten test images; the number of those classified correctly differs from head to head.
    """
    of_net, before = np.full((10, 1152), 1.0), np.full((10, 1152), 2.0)
    monkeypatch.setattr(heads, "untrained", lambda net: stub_net(9))
    monkeypatch.setattr(heads, "flat_maps", lambda net, images, layer: before if net.number == 9 else of_net)
    monkeypatch.setattr(TrainedNet, "weights", property(lambda net: net.number))
    monkeypatch.setattr(heads, "head_of", lambda number: StubHead({0: 9, 1: 1}[number]))
    new, linear, nearest = {1.0: 8, 2.0: 5}, {1.0: 7, 2.0: 4}, {1.0: 6}
    monkeypatch.setattr(heads, "train_head", lambda codes, labels, **given: StubHead(new[codes[0, 0]]))
    monkeypatch.setattr(heads, "_linear", lambda data, run: StubHead(linear.get(data.x_train[0, 0], 3)))
    monkeypatch.setattr(
        heads,
        "_neighbours",
        lambda data, run: StubHead(nearest.get(data.x_train[0, 0], 2)).is_correct(None, data.y_test),
    )
    monkeypatch.setattr(heads, "_changed", lambda *given: [np.zeros(10, bool)] * len(CHANGES))
    monkeypatch.setattr(heads, "_by_points", lambda *given: (0.5, 3, np.zeros((2, 8))))
    found = measured("heads", ten_digits, (stub_net(0), stub_net(1)))
    expected = {
        "own head": 0.9,
        "new head, one hidden layer": 0.8,
        "linear head": 0.7,
        "nearest neighbours": 0.6,
        "another network's head": 0.1,
        "hidden layer, random convolutions": 0.5,
        "linear, random convolutions": 0.4,
        "linear, pixels": 0.3,
        "neighbours, pixels": 0.2,
    }
    of_first = found.accuracy.sel(net=0)
    assert {name: float(of_first.sel(head=name)) for name in HEADS} == pytest.approx(expected)
    assert float(found.mlp_over_linear[0, 0]) == pytest.approx(0.1)
    assert float(found.over_random[0, 0]) == pytest.approx(0.3)
    assert float(found.linear_gain[0, 0]) == pytest.approx(0.4)
    assert float(found.neighbour_gain[0, 0]) == pytest.approx(0.4)


def shifted_from(k: int) -> np.ndarray:
    """Ten activations: the first k say which image they are of, the others point to the next image."""
    points = np.zeros((10, 1152), np.float32)
    points[np.arange(10), np.where(np.arange(10) < k, np.arange(10), (np.arange(10) + 1) % 10)] = 1
    return points


def test_each_change_stands_under_its_name(ten_digits, monkeypatch):
    """The own head reads the image that is said, so that k of ten are classified correctly.

    The linear head reads the image before it: 10 − k are correct. It does so by negative weights for all
    other classes; without these it says 0 for every image.
    """
    monkeypatch.setattr(heads, "shuffle_cells", lambda codes, orders: shifted_from(1))
    monkeypatch.setattr(heads, "average_maps", lambda codes: shifted_from(2))
    monkeypatch.setattr(heads, "quantise", lambda codes, top, bits: shifted_from(2 + bits))
    monkeypatch.setattr(heads, "shuffle_within_classes", lambda codes, labels, draws: shifted_from(7))
    own = Head(np.eye(1152, 10), np.zeros(10), np.eye(10), np.zeros(10))
    weights = np.zeros((1152, 10), np.float32)
    weights[:10] = np.roll(np.eye(10), -1, axis=1) - 1
    nothing = np.zeros(1152, np.float32)
    linear = LinearProbe(nothing, nothing + 1, weights, np.zeros(10, np.float32))
    labels = ten_digits.test_labels
    data = heads.Fitted(shifted_from(0), labels, shifted_from(0), labels)
    changed = heads._changed(own, linear, data, stub_net(0), run_of("heads", ten_digits))
    assert dict(zip(CHANGES, [int(each.sum()) for each in changed], strict=True)) == {
        "places shuffled": 1,
        "maps replaced by their means": 2,
        "4 bits": 6,
        "3 bits": 5,
        "2 bits": 4,
        "1 bit": 3,
        "exchanged within classes": 7,
        "exchanged within classes, linear": 3,
        "no negative weights, linear": 1,
    }
