"""Heads on Conv_3: statistics from accuracies made by hand, and a head that learns."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
import pytest

from cnnbook.experiments.head_training import train_head
from cnnbook.experiments.heads import CHANGES, HEADS
from synthetic import measured, statistic_from

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
