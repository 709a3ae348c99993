"""Statistics of what codes say of the class, from accuracies made by hand."""

import numpy as np
import pytest

from cnnbook.experiments.codes import CODES, LAYERS, MATCHED, UNMEASURED, draw_windows, silence_in
from cnnbook.keys import key_for
from synthetic import measured, statistic_from

NAMES = (*CODES, MATCHED)

TRAINED = {
    ("conv_2", "all points"): 0.98,
    ("conv_2", "map means"): 0.60,
    ("conv_2", MATCHED): 0.30,
    ("conv_3", "all points"): 0.99,
    ("conv_3", "points on/off"): 0.95,
    ("conv_3", "map means"): 0.97,
    ("conv_3", MATCHED): 0.50,
}

UNTRAINED = {
    ("conv_2", "all points"): 0.90,
    ("conv_2", "map means"): 0.70,
    ("conv_2", MATCHED): 0.20,
    ("conv_3", "all points"): 0.89,
    ("conv_3", "points on/off"): 0.86,
    ("conv_3", "map means"): 0.80,
    ("conv_3", MATCHED): 0.25,
}


def accuracies() -> np.ndarray:
    """By state, layer, code, net and resample: the tables above, less 0.01 in the second resample."""
    table = np.full((2, len(LAYERS), len(NAMES), 1, 2), 0.1)
    for state, values in enumerate((TRAINED, UNTRAINED)):
        for (layer, code), accuracy in values.items():
            table[state, LAYERS.index(layer), NAMES.index(code), 0] = accuracy, accuracy - 0.01
    return table


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("conv_2_full_over_means", [0.38, 0.38]),
        ("conv_2_full_over_means_untrained", [0.20, 0.20]),
        ("conv_2_means", [0.60, 0.59]),
        ("conv_2_full", [0.98, 0.97]),
        ("silence_gain", [0.20 - 0.05, 0.20 - 0.05]),
        ("conv_3_full_over_means", [0.02, 0.02]),
        ("conv_3_full_over_means_untrained", [0.09, 0.09]),
        ("conv_3_level_gain", [0.04, 0.04]),
        ("conv_3_level_gain_untrained", [0.03, 0.03]),
    ],
)
def test_a_statistic_compares_the_codes_layers_and_states_that_it_names(name, expected):
    found = statistic_from(
        "codes",
        name,
        {"accuracy": ("state layer code net resample", accuracies())},
        state=("trained", "untrained"),
        layer=LAYERS,
        code=NAMES,
    )
    np.testing.assert_allclose(found, [expected])


def test_silence_is_compared_between_64_maps_of_3_by_3_points():
    """Map k of 128 is on for image k alone: 64 images are seen, each in another column, in both layers."""
    maps = np.zeros((128, 3, 3, 128), np.float32)
    maps[np.arange(128), 1, 2, np.arange(128)] = 5
    found = silence_in(draw_windows("conv_3", key_for(0, "a test")), maps)
    assert found.shape == (128, 64)
    assert found.sum(axis=0).tolist() == [1] * 64
    assert found.sum() == found.any(axis=1).sum() == 64


def test_a_large_map_is_looked_at_in_nine_of_its_points():
    """121 images, each with one point of all maps on: each map sees nine of them, at most at 81 places."""
    maps = np.zeros((121, 11, 11, 64), np.float32)
    maps[np.arange(121), np.arange(121) // 11, np.arange(121) % 11] = 1
    found = silence_in(draw_windows("conv_2", key_for(0, "a test")), maps)
    assert found.sum(axis=0).tolist() == [9] * 64
    assert len({tuple(np.flatnonzero(column)) for column in found.T}) > 20


def test_every_network_is_measured_before_training_too(few_digits, nets):
    found = measured("codes", few_digits, nets[:2])
    values = found.accuracy.stack(both=("layer", "code")).drop_sel(both=UNMEASURED)
    assert values.notnull().all()
    assert found.silence_gain.sizes["net"] == 2


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
