"""Convolution, ReLU and maximum in phases are what they are one after the other, gradients included."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from cnnbook.nets.convolution import by_image, by_unit, max_pool, patches_convolution, product
from cnnbook.nets.fast.polyphase import convolve_in_phases, convolve_in_phases_by_unit, from_phases, max_relu
from helpers import noise

SHAPES = [
    ((2, 26, 26, 1), (3, 3, 1, 32)),
    ((2, 12, 12, 32), (3, 3, 32, 64)),
    ((1, 5, 8, 1), (2, 3, 1, 2)),
    ((1, 5, 8, 2), (2, 3, 2, 2)),
    ((2, 26, 26, 16), (3, 3, 16, 16)),
]
"""The network's own two, two that are not square, and one of many tiles."""


def one_after_the_other(inputs, kernel, bias):
    return max_pool(
        jax.nn.relu(patches_convolution(inputs, kernel, (1, 1), "VALID") + bias[None, None, None])
    )


def by_units(inputs, kernel):
    """The phases that are found unit by unit, images first again."""
    return tuple(map(by_image, convolve_in_phases_by_unit(by_unit(inputs), kernel)))


WAYS = pytest.mark.parametrize(("way", "rounding"), [(convolve_in_phases, 1e-4), (by_units, 4e-4)])
"""How phases are found, and how much rounding may change: more in tiles of 5×5 units, see test_winograd."""


def given(shape, window):
    return tuple(jnp.asarray(noise(seed, *dims)) for seed, dims in enumerate((shape, window, window[-1:])))


def four_of(*numbers):
    """The phases of a map of 2×2."""
    a, b, c, d = (jnp.full((1, 1, 1, 1), number) for number in numbers)
    return a, b, c, d


def test_phases_are_read_row_by_row():
    assert from_phases(four_of(1.0, 2.0, 3.0, 4.0))[0, :, :, 0].tolist() == [[1.0, 2.0], [3.0, 4.0]]


@WAYS
@pytest.mark.parametrize(("shape", "window"), SHAPES)
def test_phases_of_a_convolution_are_the_convolution(shape, window, way, rounding):
    inputs, kernel, _ = given(shape, window)
    found = from_phases(way(inputs, kernel))
    expected = patches_convolution(inputs, kernel, (1, 1), "VALID")
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=rounding)


@WAYS
@pytest.mark.parametrize(("shape", "window"), SHAPES)
def test_the_step_and_its_gradients_are_those_of_its_parts(shape, window, way, rounding):
    def in_phases(inputs, kernel, bias):
        return max_relu(way(inputs, kernel), bias)

    value, pull = jax.vjp(in_phases, *given(shape, window))
    expected, expected_pull = jax.vjp(one_after_the_other, *given(shape, window))
    np.testing.assert_allclose(value, expected, rtol=1e-4, atol=rounding)
    upstream = jnp.asarray(noise(5, *value.shape))
    for mine, theirs in zip(pull(upstream), expected_pull(upstream), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=2e-3)


def test_the_largest_of_four_plus_bias_below_zero_is_silent_and_passes_nothing_back():
    value, pull = jax.vjp(max_relu, four_of(-1.0, 2.0, 0.5, 1.0), jnp.array([-3.0]))
    assert value.tolist() == [[[[0.0]]]]
    to_phases, to_bias = pull(jnp.ones_like(value))
    assert [float(part.squeeze()) for part in to_phases] == [0, 0, 0, 0]
    assert to_bias.tolist() == [0]


def test_the_largest_of_four_gets_the_gradient_and_equals_share_it():
    upstream = jnp.full((1, 1, 1, 1), 6.0)
    for four, shares in (([1.0, 4.0, 2.0, 3.0], [0, 6, 0, 0]), ([4.0, 4.0, 0.0, 4.0], [2, 2, 0, 2])):
        _, pull = jax.vjp(max_relu, four_of(*four), jnp.zeros(1))
        to_phases, to_bias = pull(upstream)
        assert [float(part.squeeze()) for part in to_phases] == shares
        assert to_bias.tolist() == [6.0]


@pytest.mark.parametrize("above", [2, 3, 5])  # narrower than, as wide as, and wider than what is below
def test_a_product_has_the_gradients_of_a_matrix_product(above):
    rows, matrix = jnp.asarray(noise(0, 2, 3, 4, 3)), jnp.asarray(noise(1, 3, above))
    value, pull = jax.vjp(product, rows, matrix)
    upstream = jnp.asarray(noise(2, *value.shape))
    to_rows, to_matrix = pull(upstream)
    np.testing.assert_allclose(value, np.einsum("nhwk,kc->nhwc", rows, matrix), rtol=1e-5)
    np.testing.assert_allclose(to_rows, np.einsum("nhwc,kc->nhwk", upstream, matrix), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(to_matrix, np.einsum("nhwk,nhwc->kc", rows, upstream), rtol=1e-5, atol=1e-5)
