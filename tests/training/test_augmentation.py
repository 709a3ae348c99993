"""A warped digit is the same digit, a little elsewhere."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from cnnbook.training import recipe
from cnnbook.training.recipe import augment


@pytest.fixture
def only(monkeypatch):
    """Switch off every kind of change but the ones named."""

    def keep(*names: str) -> None:
        for name in {"SHIFT", "ROTATION", "SCALE", "WARP"} - set(names):
            monkeypatch.setattr(recipe, name, 0.0)

    return keep


def warped(image: np.ndarray, seeds: int = 64) -> np.ndarray:
    """One image, changed by each of several keys."""
    keys = jax.random.split(jax.random.key(5), seeds)
    return np.asarray(jax.jit(jax.vmap(augment, in_axes=(None, 0)))(jnp.asarray(image), keys))[..., 0]


def dot(row: int, column: int, side: int = 28) -> np.ndarray:
    """A spot of 3×3 pixels."""
    image = np.zeros((side, side, 1), np.float32)
    image[row - 1 : row + 2, column - 1 : column + 2] = 1
    return image


def centres(images: np.ndarray) -> np.ndarray:
    """Where the ink of each image has its middle: row, column."""
    places = np.arange(images.shape[1])
    ink = images.sum((1, 2))
    return np.stack([(images.sum(2) @ places) / ink, (images.sum(1) @ places) / ink], axis=1)


def test_with_nothing_to_change_an_image_stays_as_it_is(only):
    only()
    image = np.random.default_rng(0).random((28, 28, 1)).astype(np.float32)
    np.testing.assert_allclose(warped(image, 2)[0], image[..., 0], atol=1e-5)


def test_a_shift_moves_a_digit_by_at_most_two_pixels_along_each_axis(only):
    only("SHIFT")
    moved = centres(warped(dot(14, 14), 256)) - 14
    assert np.abs(moved).max() == pytest.approx(2, abs=0.1)
    assert np.abs(moved.mean(0)).max() < 0.3  # neither side is preferred
    assert abs(np.corrcoef(moved.T)[0, 1]) < 0.2


def test_a_rotation_turns_around_the_middle_by_at_most_11_degrees(only):
    only("ROTATION")
    from_middle = centres(warped(dot(13, 23), 256)) - 13.5
    turned = np.degrees(np.arctan2(from_middle[:, 0], from_middle[:, 1]) - np.arctan2(-0.5, 9.5))
    assert np.abs(turned).max() == pytest.approx(np.degrees(0.2), abs=0.6)
    assert np.hypot(*from_middle.T) == pytest.approx(np.hypot(0.5, 9.5), abs=0.15)


def test_a_scaling_changes_distances_from_the_middle_by_at_most_an_eighth(only):
    only("SCALE")
    from_middle = centres(warped(dot(13, 23), 256))[:, 1] - 13.5
    assert from_middle.min() == pytest.approx(9.5 / 1.12, abs=0.15)
    assert from_middle.max() == pytest.approx(9.5 / 0.88, abs=0.15)


def test_an_elastic_warp_moves_neighbouring_pixels_together_and_far_ones_apart(only):
    only("WARP")

    def moves(row: int, column: int) -> np.ndarray:
        return (centres(warped(dot(row, column), 256)) - (row, column))[:, 0]

    here, near, far = moves(10, 10), moves(10, 12), moves(20, 20)
    assert np.corrcoef(here, near)[0, 1] > 0.6
    assert abs(np.corrcoef(here, far)[0, 1]) < 0.2
    assert 0.4 < here.std() < 1.2


def test_one_key_gives_one_image_and_another_key_another():
    image = dot(14, 14)
    one, same, other = (np.asarray(augment(jnp.asarray(image), jax.random.key(k))) for k in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_grey_values_stay_between_paper_and_ink():
    found = warped(np.random.default_rng(0).random((28, 28, 1)).astype(np.float32))
    assert found.min() >= 0
    assert found.max() <= 1 + 1e-6


@pytest.mark.parametrize("side", [26, 28])
def test_an_image_keeps_its_size(side):
    assert warped(dot(12, 12, side), 2).shape == (2, side, side)
