"""Changed digits: what each kind does to simple pictures."""

import numpy as np
import pytest

from cnnbook.data.corruptions import CORRUPTIONS, corrupted

HALF = np.full((2, 28, 28), 0.5)


def square(side: int = 8) -> np.ndarray:
    """Two images of a full square in the middle."""
    image = np.zeros((2, 28, 28), np.uint8)
    begin = (28 - side) // 2
    image[:, begin : begin + side, begin : begin + side] = 255
    return image


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_a_stronger_level_is_farther_from_the_image(kind):
    random = np.random.default_rng(0).random((2, 28, 28))
    images = square()
    away = [
        np.abs(corrupted(images, kind, level, random) - images.astype(float)).mean() for level in range(3)
    ]
    assert 0 < away[0] < away[1] < away[2]


def test_numbers_worked_by_hand():
    images = square()
    assert corrupted(images, "faint ink", 0, HALF).max() == 128
    assert corrupted(images, "grey paper", 1, HALF).min() == 76
    assert (corrupted(images, "stripes", 2, HALF)[0].min(axis=1) == 255).sum() == 6
    assert (corrupted(images, "covered middle", 0, HALF)[0] == 255).sum() == 64 - 16
    assert corrupted(images, "thicker strokes", 2, HALF)[0].astype(bool).sum() == 100
    assert (corrupted(images, "thinner strokes", 2, HALF)[0] == 255).sum() == 36
    np.testing.assert_array_equal(corrupted(images, "noise", 2, HALF), images)
    np.testing.assert_array_equal(corrupted(images, "speckles", 2, HALF), images)


def test_a_size_is_that_of_the_factor():
    """A square of 10 pixels becomes one of 7 and one of 13 pixels, to the interpolation at its edge."""
    for kind, expected in (("smaller", 0.7), ("larger", 1.3)):
        ink = corrupted(square(10), kind, 1, HALF)[0].sum() / 255
        assert ink == pytest.approx((10 * expected) ** 2, rel=0.1)


def test_every_other_image_turns_to_the_other_side():
    image = np.zeros((2, 28, 28), np.uint8)
    image[:, 4:24, 13:15] = 255
    for kind in ("rotated", "sheared"):
        one, other = corrupted(image, kind, 1, HALF)
        np.testing.assert_array_equal(one, other[:, ::-1])
        assert (one != other).any()


def test_an_unknown_kind_or_level_is_named():
    with pytest.raises(ValueError, match="kind='fog': expected one of rotated, sheared, smaller"):
        corrupted(square(), "fog", 0, HALF)
    with pytest.raises(ValueError, match="level=3: expected 0, 1 or 2, for weak, medium and strong"):
        corrupted(square(), "blur", 3, HALF)
