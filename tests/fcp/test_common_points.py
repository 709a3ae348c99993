"""Strong and common points by the written rule, worked by hand."""

import numpy as np
import pytest

from cnnbook.fcp.common_points import common_counts, expected_count, strong_in_all, strong_points

ACTIVATIONS = np.array(
    [
        [0.9, 0.1, 0.5, 0.0],
        [0.2, 0.8, 0.7, 0.0],
        [0.0, 0.0, 0.4, 0.0],
    ]
)
"""Three images, four points."""


def marks(rows: list[str]) -> np.ndarray:
    """Truth values from rows such as "x.x."."""
    return np.array([[letter == "x" for letter in row] for row in rows])


def test_half_of_four_points_are_the_two_largest_that_are_not_zero():
    found = strong_points(ACTIVATIONS, share=0.5)
    np.testing.assert_array_equal(found, marks(["x.x.", ".xx.", "..x."]))


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.01, ["x...", ".x..", "..x."]),  # at least one point
        (0.25, ["x...", ".x..", "..x."]),
        (0.75, ["xxx.", "xxx.", "..x."]),
        (1, ["xxx.", "xxx.", "..x."]),  # all but the zeros
    ],
)
def test_the_share_decides_how_many(share, expected):
    np.testing.assert_array_equal(strong_points(ACTIVATIONS, share=share), marks(expected))


def test_points_that_tie_with_the_last_are_strong_too():
    tied = np.array([[0.5, 0.9, 0.5, 0.5, 0.1]])
    np.testing.assert_array_equal(strong_points(tied, share=0.4), marks(["xxxx."]))


def test_an_image_without_activation_has_no_strong_points():
    assert not strong_points(np.zeros((2, 6)), share=0.5).any()


def test_a_tenth_of_the_1152_points_of_conv_3_are_115():
    values = np.arange(1.0, 1153.0)[None]
    assert strong_points(values, share=0.1).sum() == 115


@pytest.mark.parametrize("share", [0, -0.1, 1.01])
def test_a_share_outside_its_range_is_named(share):
    with pytest.raises(ValueError, match=rf"share={share}: expected a number > 0 and ≤ 1"):
        strong_points(ACTIVATIONS, share=share)


def test_common_points_are_strong_in_every_image():
    strong = marks(["x.x.", ".xx.", "..xx"])
    np.testing.assert_array_equal(strong_in_all(strong), marks(["..x."])[0])


def test_common_counts_are_counted_for_each_triple():
    strong = marks(["x.x.x", ".xx.x", "..xxx", "....."])
    triples = np.array([[0, 1, 2], [0, 1, 3], [2, 0, 2]])
    assert common_counts(strong, triples).tolist() == [2, 0, 2]


def test_independent_points_would_share_the_sum_of_their_cubes():
    """Strong in all, half and a quarter of four images: 1 + 1/8 + 1/64."""
    strong = marks(["xxx.", "xx..", "x...", "x..."])
    assert expected_count(strong, images=3) == pytest.approx(1 + 1 / 8 + 1 / 64)
    assert expected_count(strong, images=1) == pytest.approx(7 / 4)


def test_counts_of_all_triples_average_to_the_expected_count():
    """Over all triples with repetition the mean count is the sum of cubes, whatever points share."""
    strong = np.random.default_rng(0).random((5, 40)) < 0.4
    every = np.stack(np.meshgrid(*[np.arange(5)] * 3), axis=-1).reshape(-1, 3)
    assert common_counts(strong, every).mean() == pytest.approx(expected_count(strong, images=3))
