"""Directions on maps: statistics from structure tensors made by hand."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.data.subsets import stratified_subset
from cnnbook.experiments import orientation
from cnnbook.experiments.orientation import Config
from synthetic import fact, facts, measured, statistic_from

LYING, STANDING, EVEN, NONE = (3.0, 1, 0), (1.0, 3, 0), (2.0, 2, 0), (0.0, 0, 0)
"""Energy across rows, across columns, and their product: an excess of 0.5, of −0.5, of 0, and none at all."""

SLANTED = (2 - np.cos(np.radians(30)), 2 + np.cos(np.radians(30)), np.sin(np.radians(30)))
"""Lines of 75 degrees with a coherence of 0.5."""

DIMS = {
    "conv_2": "state part map_conv_2 net resample",
    "conv_3": "state part map_conv_3 net resample",
    "pool_2": "part map_conv_2 net resample",
    "means": "part map_conv_2 net resample",
    "pixels": "layer part resample",
    "on_lines": "state of shift map_conv_2 net resample",
    "pixels_on_lines": "of shift resample",
    "side_by_side": "state shown map_conv_2 net resample",
}


def of_maps(*states: list[tuple[float, ...]]) -> np.ndarray:
    """Tensors by state, part, map, net and resample: one network, all images."""
    return np.array(states).transpose(0, 2, 1)[..., None, None]


def asked(name: str, **given) -> float:
    """A statistic of one network; pixels are even unless they are given."""
    pixels = np.array([EVEN, EVEN])[..., None]
    variables = {key: (DIMS[key], value) for key, value in ({"pixels": pixels} | given).items()}
    coords = {
        "state": orientation.STATES, "layer": orientation.LAYERS, "part": range(3), "of": orientation.OF,
        "shown": orientation.SHOWN,
    }  # fmt: skip
    dims = {dim for key in variables for dim in DIMS[key].split()}
    used = {dim: labels for dim, labels in coords.items() if dim in dims}
    (found,) = np.ravel(statistic_from("orientation", name, variables, **used))
    return float(found)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("conv_2_horizontal", 2 / 3),
        ("conv_2_horizontal_untrained", 1 / 4),
        ("conv_2_horizontal_gain", 2 / 3 - 1 / 4),
    ],
)
def test_horizontal_structure_prevails_on_a_share_of_the_live_maps(name, expected):
    trained, before = [LYING, LYING, EVEN, NONE], [STANDING, LYING, EVEN, EVEN]
    assert asked(name, conv_2=of_maps(trained, before)) == pytest.approx(expected)


def test_maps_on_which_lines_stand_are_taken_off_those_on_which_they_lie():
    trained, before = [LYING, LYING, STANDING, EVEN, NONE], [LYING, EVEN, EVEN, EVEN, NONE]
    maps = of_maps(trained, before)
    assert asked("conv_3_majority", conv_3=maps) == pytest.approx(2 / 4 - 1 / 4)
    assert asked("conv_3_horizontal_gain", conv_3=maps) == pytest.approx(2 / 4 - 1 / 4)


@pytest.mark.parametrize(("of_pixels", "expected"), [(STANDING, 1), ((1.3, 0.7, 0), 1), ((1.5, 0.5, 0), 0)])
def test_a_map_must_exceed_the_pixels_by_the_margin(of_pixels, expected):
    """The map's excess is 0.5; that of the pixels is −0.5, 0.3 and 0.5."""
    pixels = np.array([of_pixels, EVEN])[..., None]
    assert asked("conv_2_horizontal", conv_2=of_maps([LYING], [LYING]), pixels=pixels) == expected


def test_an_excess_below_the_margin_does_not_prevail():
    assert asked("conv_2_horizontal", conv_2=of_maps([(1.09, 0.91, 0), (1.11, 0.89, 0)], [EVEN, EVEN])) == 0.5


@pytest.mark.parametrize(("name", "expected"), [("conv_2_follows", 0.75), ("conv_2_follows_untrained", 0.25)])
def test_how_far_horizontal_energy_lies_on_strokes_is_measured_by_what_pixels_do(name, expected):
    """Of the lying map's energy of 3, 2.4 or 1.6 lie on lines of the own 4 at the best place, 1.2 on those of
    another: 0.4 or 0.4 / 3 more. Pixels: 0.9 less 0.9 − 1.6 / 3. The standing map does not count.
    """
    on_lines = np.full((2, 2, 2, 2, 1, 1), 0.5)
    on_lines[..., 0, 0, 0] = [[[2.4, 0.3], [0.6, 1.2]], [[1.6, 0.3], [1.2, 1.1]]]
    pixels_on = np.array([[0.1, 1.8], [2 * (0.9 - 1.6 / 3), 0.1]])[..., None]
    given = {"conv_2": of_maps([LYING, STANDING], [LYING, STANDING]), "on_lines": on_lines}
    assert asked(name, **given, pixels_on_lines=pixels_on) == pytest.approx(expected)


def test_without_a_horizontal_map_nothing_lies_on_strokes():
    given = {"conv_2": of_maps([STANDING], [STANDING]), "on_lines": np.ones((2, 2, 1, 1, 1, 1))}
    assert asked("conv_2_follows", **given, pixels_on_lines=np.array([[[2.0]], [[1.0]]])) == 0


def test_maps_have_slanted_lines_if_these_are_coherent_and_of_the_articles_angle():
    weak = (1.9, 2.1, 0.05)
    assert asked("conv_2_slanted", conv_2=of_maps([SLANTED, weak, LYING, NONE], [EVEN] * 4)) == pytest.approx(
        1 / 3
    )


def test_lines_side_by_side_are_counted_on_maps_that_live_for_4s():
    """On the first map 60 % of the 4s and 20 % of other digits have them, on the second 20 % and 10 %."""
    beside = np.zeros((2, 2, 3, 1, 1))
    beside[0, :, :, 0, 0] = [[0.6, 0.2, 0.9], [0.2, 0.1, 0.9]]
    given = {"conv_2": of_maps([LYING, EVEN, NONE], [EVEN] * 3), "side_by_side": beside}
    assert asked("conv_2_beside_excess", **given) == pytest.approx(0.4 - 0.15)


@pytest.mark.parametrize(
    ("name", "layer"), [("coherence_kept", "pool_2"), ("coherence_kept_by_means", "means")]
)
def test_coherence_is_a_mean_of_live_maps(name, layer):
    """On Conv_2 it is 0.5, 0.5 and 0; above, one map is silent and the others have 0.5 and 0."""
    given = {"conv_2": of_maps([LYING, STANDING, EVEN], [EVEN] * 3)}
    given[layer] = of_maps([NONE, STANDING, EVEN])[0]
    assert asked(name, **given) == pytest.approx(0.25 / (1 / 3))


SIDES = {"conv_2": 11, "pool_2": 5, "conv_3": 3}


@pytest.fixture(scope="module")
def result(nets, few_digits) -> xr.Dataset:
    return measured("orientation", few_digits, nets[:2], config=Config(fours=8))


def test_4s_and_as_many_other_digits_are_taken_in_the_fixed_order(few_digits, nets, result):
    assert result.attrs["fours"] == 8
    images, labels = stratified_subset(few_digits)
    shown = []

    def maps_of(net, given, layers):
        shown.append(given)
        return {layer: np.zeros((len(given), SIDES[layer], SIDES[layer], 2)) for layer in layers}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(orientation, "feature_maps", maps_of)
        measured("orientation", few_digits, nets[:1], config=Config(fours=8))
    np.testing.assert_array_equal(shown[0], images[labels == 4][:8])
    np.testing.assert_array_equal(shown[1], images[labels != 4][:8])


def test_a_network_and_itself_before_training_are_measured_by_map(result):
    assert result.excess_conv_2.dims == ("state", "map_conv_2", "net")
    assert result.sizes["map_conv_3"] == 128
    assert float(result.excess_conv_2.max()) <= 1
    assert np.isfinite(result.conv_2_follows).all()
    np.testing.assert_allclose(result.lines.sum("direction"), 1)


def test_facts_are_text_and_say_more_or_fewer(result):
    assert all(text and "nan" not in text for text in facts("orientation", result).values())
    found = xr.Dataset({"conv_3_majority": (("net", "resample"), [[0.03, -1], [0.03, -1]])})
    assert fact("orientation", "conv_3_majority_word", found) == {"conv_3_majority_word": "more"}
