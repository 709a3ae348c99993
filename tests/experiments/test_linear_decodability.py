"""What linear probes find in layers: statistics from numbers made by hand."""

import numpy as np
import pytest

from cnnbook.experiments.linear_decodability import READ, SPACES, STATES, Config
from synthetic import measured, statistic_from

FOUND = {
    ("trained", "pool_1", "class"): 0.93,
    ("trained", "conv_2", "class"): 0.97,
    ("untrained", "conv_2", "class"): 0.91,
    ("trained", "conv_1", "r2"): 0.99,
    ("trained", "pool_1", "r2"): 0.93,
    ("trained", "conv_2", "r2"): 0.90,
    ("trained", "pool_2", "r2"): 0.80,
    ("trained", "conv_3", "r2"): 0.70,
    ("trained", "conv_3", "ssim"): 0.65,
}
BY_CLASS = [[1, 1], [0.2, 0.1], [0.35, 0.3]]


def found() -> np.ndarray:
    """By state, space, net, what and resample: the table above, less 0.01 in the second resample."""
    table = np.full((len(STATES), len(SPACES), 1, len(READ), 2), 0.1)
    for (state, space, what), value in FOUND.items():
        table[STATES.index(state), SPACES.index(space), 0, READ.index(what)] = value, value - 0.01
    return table


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("conv_2_over_pool_1", [0.04, 0.04]),
        ("conv_2_over_untrained", [0.06, 0.06]),
        ("pooling_loss", [(0.06 + 0.10) / 2] * 2),
        ("conv_2_r2", [0.90, 0.89]),
        ("conv_3_r2_over_class", [0.50, 0.59]),
        ("conv_3_ssim_over_class", [0.30, 0.34]),
    ],
)
def test_a_statistic_compares_the_layers_states_and_things_that_it_names(name, expected):
    variables = {
        "read_resampled": ("state space net what resample", found()),
        "by_class_resampled": ("what resample", BY_CLASS),
    }
    value = statistic_from("linear_decodability", name, variables, state=STATES, space=SPACES, what=READ)
    np.testing.assert_allclose(value, [expected])


@pytest.fixture(scope="module")
def result(nets, few_digits, few_shown):
    config = Config(train=320, test=60, components=20, steps=10)
    return measured("linear_decodability", few_digits, nets[:2], config=config, shown=few_shown)


def test_all_networks_are_looked_at_before_training_in_the_layers_that_are_judged(result):
    read = result.read.sel(state="untrained")
    known = np.isfinite(read).all(["net", "what"])
    assert known.sel(space=["image", "conv_2", "conv_3"]).all()
    assert not known.sel(space=["conv_1", "pool_1", "pool_2"]).any()


def test_the_mean_of_its_class_stands_for_each_shown_digit(result, few_digits):
    """Three 4s, a 1 and a 2, by the training images that probes learn from."""
    images, labels = few_digits.train_images[:320] / 255, few_digits.train_labels[:320]
    for place, digit in enumerate([4, 4, 4, 1, 2]):
        np.testing.assert_allclose(result.class_mean[place], images[labels == digit].mean(axis=0), atol=1e-6)


def test_a_probe_of_the_class_learns_from_a_sixteenth_a_quarter_and_all(result):
    assert result.learned_from.values.tolist() == [20, 80, 320]
    np.testing.assert_allclose(
        result.curve.sel(learned_from=320), result.read.isel(net=0).sel(state="trained", what="class")
    )
