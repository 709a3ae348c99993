"""What linear probes find in layers: statistics from numbers made by hand."""

import numpy as np
import pytest

from cnnbook.experiments.linear_decodability import READ, SPACES, STATES, r2
from synthetic import statistic_from

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
    ("trained", "conv_3", "slant"): 0.9,
    ("trained", "conv_3", "stroke width"): 0.8,
    ("trained", "conv_3", "height of the bar"): 0.7,
    ("trained", "conv_3", "openness of the top"): 0.4,
}


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
        ("conv_3_r2", [0.70, 0.69]),
        ("conv_3_shape_r2", [0.70, 0.69]),
        ("conv_3_ssim", [0.65, 0.64]),
    ],
)
def test_a_statistic_compares_the_layers_states_and_things_that_it_names(name, expected):
    variables = {"read_resampled": ("state space net what resample", found())}
    value = statistic_from("linear_decodability", name, variables, state=STATES, space=SPACES, what=READ)
    np.testing.assert_allclose(value, [expected])


def test_r2_worked_by_hand_for_all_images_and_for_the_second_twice():
    """Errors 1 and 2 by deviations 4 and 8; then the second image alone, then none that deviates."""
    weights = np.array([[1.0, 1], [0, 2], [0, 0]])
    np.testing.assert_allclose(r2(np.array([1.0, 3]), np.array([4.0, 4]), weights), [0.5, 0.25, 0])
