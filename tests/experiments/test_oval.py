"""Statistics of the oval, and which maps show it, from numbers made by hand."""

import numpy as np
import pytest

from cnnbook.experiments.oval import Config, shows_oval
from synthetic import statistic_from


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


def test_the_contrast_of_the_files_is_passed_on():
    assert statistic_from("oval", "raw_contrast", {"contrast": ("", 0.125)}) == 0.125


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
