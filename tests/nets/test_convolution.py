"""The fast convolution and pooling are the functions that XLA computes, and so are their gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax import lax

from cnnbook.nets.convolution import (
    by_image,
    by_unit,
    max_pool,
    patches_convolution,
)
from cnnbook.nets.fast import convolution_for
from cnnbook.nets.fast.winograd import tiles_convolution
from helpers import noise

SHAPES = [
    ((2, 28, 28, 1), (3, 3, 1, 32)),
    ((2, 13, 13, 32), (3, 3, 32, 64)),
    ((2, 12, 12, 32), (3, 3, 32, 64)),
    ((1, 5, 5, 64), (3, 3, 64, 128)),
    ((3, 7, 4, 2), (2, 4, 2, 5)),
    ((1, 3, 6, 3), (3, 1, 3, 1)),
    ((2, 4, 4, 2), (1, 1, 2, 3)),
]
"""The network's own (with few images), and others that are not square."""

NHWC = ("NHWC", "HWIO", "NHWC")


def by_xla(inputs, kernel):
    return lax.conv_general_dilated(inputs, kernel, (1, 1), "VALID", dimension_numbers=NHWC)


ROUNDING = {patches_convolution: 1e-4, tiles_convolution: 4e-4}
"""What a way may change by rounding: more in tiles of 5×5 units, see test_winograd."""

WAYS = pytest.mark.parametrize("way", list(ROUNDING))


def windowed_maximum(inputs):
    return lax.reduce_window(inputs, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def test_two_by_two_window_worked_by_hand():
    inputs = jnp.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])[None, :, :, None]
    kernel = jnp.array([[1.0, 10.0], [100.0, 1000.0]])[:, :, None, None]
    found = patches_convolution(inputs, kernel, (1, 1), "VALID")
    assert found[0, :, :, 0].tolist() == [[5421.0, 6532.0]]  # 1 + 10·2 + 100·4 + 1000·5, no flipped kernel


@WAYS
@pytest.mark.parametrize(("shape", "window"), SHAPES)
def test_each_way_is_the_convolution(shape, window, way):
    inputs, kernel = jnp.asarray(noise(0, *shape)), jnp.asarray(noise(1, *window))
    np.testing.assert_allclose(
        way(inputs, kernel, (1, 1), "VALID"), by_xla(inputs, kernel), rtol=1e-4, atol=ROUNDING[way]
    )


@WAYS
@pytest.mark.parametrize(("shape", "window"), SHAPES)
def test_its_gradients_are_the_convolutions(shape, window, way):
    inputs, kernel = jnp.asarray(noise(2, *shape)), jnp.asarray(noise(3, *window))
    value, pull = jax.vjp(lambda *given: way(*given, (1, 1), "VALID"), inputs, kernel)
    _, expected = jax.vjp(by_xla, inputs, kernel)
    upstream = jnp.asarray(noise(4, *value.shape))
    for mine, theirs in zip(pull(upstream), expected(upstream), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-3)


@WAYS
@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    n=st.integers(1, 3), rows=st.integers(0, 6), columns=st.integers(0, 6), kh=st.integers(1, 3),
    kw=st.integers(1, 3), c_in=st.integers(1, 3), c_out=st.integers(1, 3), seed=st.integers(0, 99),
)  # fmt: skip
def test_each_way_is_the_convolution_for_any_shape(way, n, rows, columns, kh, kw, c_in, c_out, seed):
    inputs = jnp.asarray(noise(seed, n, kh + rows, kw + columns, c_in))
    kernel = jnp.asarray(noise(seed + 1, kh, kw, c_in, c_out))
    np.testing.assert_allclose(
        way(inputs, kernel, (1, 1), "VALID"), by_xla(inputs, kernel), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize(
    ("strides", "padding", "options", "named"),
    [
        ((2, 1), "VALID", {}, r"window_strides=\(2, 1\), padding='VALID'"),
        ((1, 1), "SAME", {}, r"window_strides=\(1, 1\), padding='SAME'"),
        ((1, 1), "VALID", {"rhs_dilation": (2, 2)}, r"rhs_dilation=\(2, 2\)"),
        ((1, 1), "VALID", {"lhs_dilation": (1, 2)}, r"lhs_dilation=\(1, 2\)"),
        ((1, 1), "VALID", {"feature_group_count": 2}, "feature_group_count=2"),
    ],
)
@WAYS
def test_what_they_cannot_do_is_refused(way, strides, padding, options, named):
    inputs, kernel = jnp.ones((1, 5, 5, 2)), jnp.ones((3, 3, 2, 1))  # a shape that tiles fit
    with pytest.raises(ValueError, match=rf"{named}: by products we convolve only .*conv_general_dilated"):
        way(inputs, kernel, strides, padding, **options)


@pytest.mark.parametrize(
    ("platform", "asked", "trained"),
    [
        ("cpu", patches_convolution, tiles_convolution),
        ("gpu", lax.conv_general_dilated, patches_convolution),
        ("tpu", lax.conv_general_dilated, lax.conv_general_dilated),
    ],
)
def test_ours_is_for_cpus_and_for_training_on_gpus(platform, asked, trained):
    assert convolution_for(platform) is asked
    assert convolution_for(platform, training=True) is trained


def test_maps_unit_by_unit_are_the_same_maps():
    maps = jnp.arange(24.0).reshape(2, 3, 4, 1)
    units = by_unit(maps)
    assert units[2, 1, :, 0].tolist() == [9, 21]  # row 2, column 1 of both images: 2·4 + 1, and 12 more
    np.testing.assert_array_equal(by_image(units), maps)


def test_max_pool_keeps_the_largest_of_four():
    block = jnp.array([[1.0, 5.0, 0.0, -1.0], [3.0, 2.0, -2.0, -3.0]])[None, :, :, None]
    assert max_pool(block)[0, :, :, 0].tolist() == [[5.0, 0.0]]


@pytest.mark.parametrize("shape", [(2, 26, 26, 3), (2, 11, 11, 4), (1, 2, 5, 1), (1, 3, 3, 2), (2, 4, 7, 1)])
def test_max_pool_is_the_windowed_maximum_for_even_and_odd_sizes(shape):
    inputs = jnp.asarray(noise(5, *shape))
    np.testing.assert_array_equal(max_pool(inputs), windowed_maximum(inputs))


@pytest.mark.parametrize("shape", [(2, 26, 26, 3), (2, 11, 11, 4), (1, 3, 3, 2)])
def test_max_pools_gradient_is_the_windowed_maximums_where_nothing_ties(shape):
    inputs = jnp.asarray(noise(6, *shape))
    value, pull = jax.vjp(max_pool, inputs)
    _, expected = jax.vjp(windowed_maximum, inputs)
    upstream = jnp.asarray(noise(7, *value.shape))
    np.testing.assert_array_equal(pull(upstream)[0], expected(upstream)[0])


def test_ties_share_the_gradient_and_keep_its_sum():
    gradient = jax.grad(lambda inputs: max_pool(inputs).sum())(jnp.ones((1, 2, 2, 1)))
    assert gradient[0, :, :, 0].tolist() == [[0.25, 0.25], [0.25, 0.25]]
