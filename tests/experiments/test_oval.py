"""Statistics of the oval, and which maps show it, from numbers made by hand."""

import numpy as np
import pytest

from cnnbook.experiments.oval import Config, background_contrast, shows_oval
from synthetic import measured, statistic_from


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("regional_maps_a", [0.25, 0.5]),
        ("regional_maps_b", [1.0, 0.75]),
        ("oval_maps_a", [0.0, 0.25]),
        ("oval_maps_b", [0.5, 1.0]),
    ],
)
def test_a_share_of_maps_is_that_of_its_own_input_and_kind(statistic, expected):
    """Four maps of two networks: so many of each are set."""

    def maps(counts: list[list[int]]) -> list[list[list[bool]]]:
        return [[[k < count for k in range(4)] for count in nets] for nets in counts]

    variables = {
        "regional": ("input net map", maps([[1, 2], [4, 3]])),
        "shows_oval": ("input net map", maps([[0, 1], [2, 4]])),
    }
    np.testing.assert_allclose(statistic_from("oval", statistic, variables, input=["A", "B"]), expected)


def test_the_contrasts_of_background_are_passed_on():
    variables = {"contrast": ("", 0.125), "depth": ("", 0.5)}
    assert statistic_from("oval", "raw_contrast", variables) == 0.125
    assert statistic_from("oval", "standardised_depth", variables) == 0.5


def test_background_is_compared_by_the_values_that_a_network_is_given():
    """On blank pixels the input is −1 inside the oval and 0.5 outside; a stroke does not count."""
    images, oval = np.zeros((2, 28, 28), np.uint8), np.zeros((28, 28), bool)
    oval[6:22, 6:22] = True
    inputs = np.tile(np.where(oval, -1.0, 0.5), (2, 1, 1))
    images[0, 12:16, 12:16], inputs[0, 11:17, 11:17] = 255, 9
    assert background_contrast(inputs, images, oval, 0.05) == pytest.approx(-1.5)
    assert background_contrast(inputs, images, ~oval, 0.05) == pytest.approx(1.5)
    assert background_contrast(images / 255, images, oval, 0.05) == 0


def test_under_input_b_background_inside_the_oval_lies_below_that_outside(nets, few_digits):
    found = measured("oval", few_digits, {"reference": nets[:2], "standardised": nets[:1]})
    assert float(found.standardised_depth) > 0.1
    assert float(found.standardised_depth) > 10 * abs(float(found.raw_contrast))
    assert found.sizes["net"] == 1  # as many as both inputs have


def test_a_map_shows_the_oval_where_it_is_brighter_inside_than_outside_and_on_strokes():
    """One image with a stroke in the oval's middle; maps bright in, out, on it, everywhere."""
    images = np.zeros((1, 28, 28), np.uint8)
    images[0, 12:16, 12:16] = 255
    oval = np.zeros((28, 28), bool)
    oval[6:22, 6:22] = True
    inside = oval[1:-1, 1:-1].copy()
    stroke = np.zeros((26, 26), bool)
    stroke[10:16, 10:16] = True
    bright = [inside & ~stroke, ~inside, stroke, np.ones((26, 26), bool)]
    maps = np.stack(bright, axis=-1)[None].astype(np.float32)
    found = shows_oval(maps, images, oval, Config())
    assert found.tolist() == [True, False, False, False]
