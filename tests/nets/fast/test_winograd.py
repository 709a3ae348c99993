"""Convolution in tiles is the convolution, with the multiplications that its source promises."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from cnnbook.nets.convolution import by_image, by_unit
from cnnbook.nets.fast.winograd import (
    SIDES,
    convolve_in_tiles,
    from_tiles,
    phases_from_tiles,
    side_of_tiles,
    transforms,
)
from helpers import noise

SHAPES = [
    ((2, 12, 12, 32), 64, 5),
    ((2, 5, 5, 64), 128, 3),
    ((2, 26, 26, 16), 16, 3),
    ((2, 12, 12, 32), 64, 2),
    ((1, 8, 11, 3), 2, 3),
    ((3, 4, 6, 1), 1, 2),
]
"""Conv_2 and Conv_3 of the images' part that counts, one of many tiles, and some of other sizes."""

ROUNDING = {5: 4e-4, 3: 2e-4, 2: 2e-4}
"""At most, by the side of a tile, of sums of 288 products of normal numbers, which spread by 17."""


def by_tiles(side):
    return lambda inputs, kernel: by_image(from_tiles(convolve_in_tiles(by_unit(inputs), kernel, side)))


def by_xla(inputs, kernel):
    return lax.conv_general_dilated(
        inputs, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def given(shape, c_out):
    return jnp.asarray(noise(0, *shape)), jnp.asarray(noise(1, 3, 3, shape[-1], c_out))


def test_a_tile_worked_by_hand():
    inputs = jnp.arange(1.0, 17.0).reshape(4, 4, 1, 1)
    found = convolve_in_tiles(inputs, jnp.ones((3, 3, 1, 1)), 2)
    assert found.shape == (4, 1, 1, 1, 1)
    np.testing.assert_allclose(found.ravel(), [54, 63, 90, 99])  # 54 = 1+2+3 + 5+6+7 + 9+10+11


def test_tiles_are_put_together_row_by_row():
    tiles = jnp.arange(8.0).reshape(4, 1, 2, 1, 1)  # two tiles beside each other; first axis: units of a tile
    assert from_tiles(tiles)[:, :, 0, 0].tolist() == [[0, 2, 1, 3], [4, 6, 5, 7]]


def test_blocks_of_two_by_two_may_lie_in_several_tiles():
    tiles = jnp.arange(36.0).reshape(9, 2, 2, 1, 1)  # 3×3 units a tile, in four tiles
    assert from_tiles(tiles)[2:4, 2:4, 0, 0].tolist() == [[32, 25], [10, 3]]  # 8, 6, 2, 0 of tiles 0, 1, 2, 3
    assert phases_from_tiles(tiles)[:, 1, 1, 0, 0].tolist() == [32, 25, 10, 3]


def test_the_way_back_puts_each_gradient_where_its_unit_came_from():
    tiles, upstream = jnp.arange(36.0).reshape(9, 2, 2, 1, 1), jnp.zeros((4, 3, 3, 1, 1)).at[3, 1, 1].set(7)
    (back,) = jax.vjp(phases_from_tiles, tiles)[1](upstream)
    assert jnp.argwhere(back).tolist() == [[0, 1, 1, 0, 0]]
    assert float(back.max()) == 7


@pytest.mark.parametrize(("shape", "wrong"), [((5, 4, 1, 1), 3), ((4, 7, 1, 1), 5), ((2, 4, 1, 1), 0)])
def test_maps_that_are_no_whole_tiles_are_refused(shape, wrong):
    with pytest.raises(ValueError, match=rf"side=2: expected a divisor .* and {wrong} is one.*side_of_tiles"):
        convolve_in_tiles(jnp.ones(shape), jnp.ones((3, 3, 1, 1)), 2)


@pytest.mark.parametrize(("side", "products"), [(2, 16), (3, 25), (5, 49)])
def test_a_tile_takes_as_many_products_as_its_source_says(side, products):
    of = transforms(side)
    assert (of.inputs.shape, of.kernel.shape) == ((products, products), (products, 9))
    assert of.outputs.shape == (side**2, products)
    assert np.abs(of.inputs).max() == 1


@pytest.mark.parametrize(("shape", "c_out", "side"), SHAPES)
def test_tiles_are_the_convolution_and_so_are_their_gradients(shape, c_out, side):
    inputs, kernel = given(shape, c_out)
    value, pull = jax.vjp(by_tiles(side), inputs, kernel)
    expected, expected_pull = jax.vjp(by_xla, inputs, kernel)
    np.testing.assert_allclose(value, expected, rtol=1e-4, atol=ROUNDING[side])
    upstream = jnp.asarray(noise(4, *value.shape))
    for mine, theirs in zip(pull(upstream), expected_pull(upstream), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=4e-3)


@pytest.mark.parametrize(("case", "most"), list(zip(SHAPES, (3e-6, 2e-6, 2e-6), strict=False)))
def test_rounding_stays_below_three_millionths_of_the_maps_spread_and_below_two_in_small_tiles(case, most):
    shape, c_out, side = case
    inputs, kernel = given(shape, c_out)
    wide, weights = np.asarray(inputs, float), np.asarray(kernel, float)
    rows = shape[1] - 2
    windows = ((i, j) for i in range(3) for j in range(3))
    exact = np.sum([wide[:, i : rows + i, j : rows + j] @ weights[i, j] for i, j in windows], axis=0)
    error = np.asarray(by_tiles(side)(inputs, kernel)) - exact
    assert 0 < np.sqrt(np.mean(error**2)) < most * exact.std()


@pytest.mark.parametrize(
    ("shape", "window", "side"),
    [
        ((1, 12, 12, 32), (3, 3, 32, 64), 5),
        ((1, 5, 5, 64), (3, 3, 64, 128), 3),
        ((1, 8, 8, 2), (3, 3, 2, 2), 3),  # 6 is a multiple of both: fewer multiplications a unit
        ((1, 5, 4, 2), (3, 3, 2, 2), None),
        ((1, 13, 13, 32), (3, 3, 32, 64), None),
        ((1, 28, 28, 1), (3, 3, 1, 32), None),
        ((1, 8, 8, 2), (5, 3, 2, 2), None),
        ((1, 2, 4, 2), (3, 3, 2, 2), None),
    ],
)
def test_tiles_are_used_where_they_fit_and_save(shape, window, side):
    assert side_of_tiles(by_unit(jnp.zeros(shape)), jnp.zeros(window)) == side
    assert side in (*SIDES, None)
