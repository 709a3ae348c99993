"""Shifts: what is kept, from numbers made by hand, and the exact law in networks of the book's kind."""

import numpy as np
import pytest

from cnnbook.data.shifting import shifted
from cnnbook.experiments.shifts import DIRECTIONS, MOST, correct_by_shift, ink_seen
from cnnbook.maps import feature_maps
from synthetic import facts, measured, statistic_from

RECIPES = ("reference", "wide-mlp")


def correct() -> np.ndarray:
    """By recipe, network, resample, direction and distance: all of 0.8 without a shift."""
    table = np.full((2, 1, 2, 4, MOST + 1), 0.8)
    table[0, 0, 0, :, 2] = 0.8, 0.4, 0.8, 0.4
    table[0, 0, 1, :, 2] = 0.8
    table[0, 0, :, :, 6] = 0.2, 0.2, 0.4, 0.0
    table[0, 0, :, :, 4] = 0.8, 0.1, 0.6, 0.3
    table[1, 0, :, :, 2] = 0.4
    table[1, 0, :, :, 6] = 0.1
    return table


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("kept_at_2", [0.75, 1]),
        ("kept_at_2_by_mlp", [0.5, 0.5]),
        ("over_mlp_at_2", [0.25, 0.5]),
        ("kept_at_6", [0.25, 0.25]),
        ("kept_at_6_by_mlp", [0.125, 0.125]),
        ("up_left_over_down_right_at_4", [0.5, 0.5]),
    ],
)
def test_what_is_kept_is_the_mean_over_directions_by_the_accuracy_without_a_shift(name, expected):
    variables = {"correct": ("recipe net resample direction distance", correct())}
    labels = {"recipe": RECIPES, "direction": DIRECTIONS, "distance": range(MOST + 1)}
    np.testing.assert_allclose(statistic_from("shifts", name, variables, **labels), [expected])


def test_a_shift_of_four_pixels_moves_conv_3_by_one_cell(nets, few_digits):
    """Conv_3(T x)[u + 1] = Conv_3(x)[u] for u = 0, 1, to rounding, along both axes and for every image."""
    images = few_digits.test_images[:20]
    before = feature_maps(nets[0], images, ("conv_3",))["conv_3"]
    down = feature_maps(nets[0], shifted(images, 4, 0), ("conv_3",))["conv_3"]
    both = feature_maps(nets[0], shifted(images, -4, 8), ("conv_3",))["conv_3"]
    np.testing.assert_allclose(down[:, 1:], before[:, :2], atol=1e-5)
    np.testing.assert_allclose(both[:, :2, 2:], before[:, 1:, :1], atol=1e-5)
    assert before[:, :2].max() > 0.1
    assert np.abs(down - before).max() > 0.1


def test_rows_and_columns_that_no_unit_sees_change_nothing(nets, few_digits):
    images = few_digits.test_images[:20].copy()
    before = feature_maps(nets[0], images, ("conv_3",))["conv_3"]
    images[:, 26:] = 255
    images[:, :, 26:] = 255
    np.testing.assert_array_equal(feature_maps(nets[0], images, ("conv_3",))["conv_3"], before)


def test_ink_seen_is_counted_in_the_rows_and_columns_that_conv_3_sees():
    """Of two pixels of equal ink, one leaves to the right after 4 px; in column 25, one pixel is enough."""
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 10, [5, 22]] = 100
    seen = dict(zip(DIRECTIONS, ink_seen(image), strict=True))
    assert seen["right"].tolist() == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5]
    assert seen["left"].tolist() == [1] * 6 + [0.5] * 3
    assert seen["down"].tolist() == [1] * 9


def test_measured_on_networks(nets, few_digits):
    found = measured("shifts", few_digits, {"reference": nets[:2], "wide-mlp": nets[1:3]})
    still = correct_by_shift(nets[1], few_digits.test_images, few_digits.test_labels)[:, :, 0].mean()
    assert found.correct.sel(recipe="wide-mlp", net=0, distance=0).values == pytest.approx(still)
    assert found.sizes["down"] == found.sizes["right"] == 17
    assert found.law.max() < 1e-5
    assert found.apart.sel(down=[-8, -4, 0, 4, 8], right=[-8, -4, 0, 4, 8]).max() < 1e-5
    assert found.apart.sel(down=2, right=0).min() > 0.01
    assert found.apart_still.sel(down=0, right=0).max() == 0
    np.testing.assert_array_equal(found.example[1], shifted(found.example[:1].values, 0, 2)[0])
    text = facts("shifts", found)
    assert text["jump"] == "4"
    assert (text["first_unseen"], text["last_unseen"]) == ("26", "27")
