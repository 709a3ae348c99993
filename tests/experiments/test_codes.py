"""Statistics of what codes say of the class, from accuracies made by hand."""

import numpy as np
import pytest

from cnnbook.experiments.codes import CODES, LAYERS
from synthetic import statistic_from

TRAINED = {
    ("conv_2", "all points"): 0.98,
    ("conv_2", "map means"): 0.60,
    ("conv_2", "maps on/off"): 0.30,
    ("conv_3", "all points"): 0.99,
    ("conv_3", "points on/off"): 0.95,
    ("conv_3", "map means"): 0.97,
    ("conv_3", "maps on/off"): 0.50,
}


def accuracies() -> np.ndarray:
    """By state, layer, code, net and resample: the table above, less 0.01 in the second resample."""
    table = np.full((2, len(LAYERS), len(CODES), 1, 2), 0.1)
    for (layer, code), accuracy in TRAINED.items():
        table[0, LAYERS.index(layer), list(CODES).index(code), 0] = accuracy, accuracy - 0.01
    return table


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("conv_2_full_over_means", [0.38, 0.38]),
        ("conv_2_means", [0.60, 0.59]),
        ("silence_gain", [0.20, 0.20]),
        ("conv_3_full_over_means", [0.02, 0.02]),
        ("conv_3_level_gain", [0.04, 0.04]),
    ],
)
def test_a_statistic_compares_the_codes_and_layers_that_it_names(name, expected):
    found = statistic_from(
        "codes",
        name,
        {"accuracy": ("state layer code net resample", accuracies())},
        state=("trained", "untrained"),
        layer=LAYERS,
        code=CODES,
    )
    np.testing.assert_allclose(found, [expected])


def test_a_code_holds_what_its_name_says():
    """One image, two places and two maps: map 0 is 0 and 4, map 1 is off."""
    maps = np.array([[[[0.0, 0.0]], [[4.0, 0.0]]]], np.float32)
    assert {name: code(maps)[0].tolist() for name, code in CODES.items()} == {
        "all points": [0, 0, 4, 0],
        "points on/off": [0, 0, 1, 0],
        "map means": [2, 0],
        "map maxima": [4, 0],
        "maps on/off": [1, 0],
        "place means": [0, 2],
    }
