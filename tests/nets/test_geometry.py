"""Where each unit looks: the published table, and what the network's own gradients say."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from cnnbook.nets.cnn import CNN
from cnnbook.nets.geometry import LAYERS, MAP_LAYERS, Layer, geometry_of, layer_named
from helpers import noise

TABLE = {
    "conv_1": {"size": 26, "field": 3, "jump": 1, "union": (0, 27), "parameters": 320},
    "pool_1": {"size": 13, "field": 4, "jump": 2, "union": (0, 27), "parameters": 0},
    "conv_2": {"size": 11, "field": 8, "jump": 2, "union": (0, 27), "parameters": 18_496},
    "pool_2": {"size": 5, "field": 10, "jump": 4, "union": (0, 25), "parameters": 0},
    "conv_3": {"size": 3, "field": 18, "jump": 4, "union": (0, 25), "parameters": 73_856},
}


@pytest.mark.parametrize("name", MAP_LAYERS)
def test_the_published_table(name):
    found = geometry_of()[name]
    assert {
        "size": found.size,
        "field": found.receptive_field,
        "jump": found.jump,
        "union": found.union,
        "parameters": found.parameters,
    } == TABLE[name]


def test_a_point_of_conv_3_sees_41_3_percent_of_the_image():
    field = geometry_of()["conv_3"].receptive_field
    assert round(field**2 / 28**2, 3) == 0.413


def test_the_windows_of_conv_3():
    conv_3 = geometry_of()["conv_3"]
    assert [conv_3.window(row) for row in range(3)] == [(0, 17), (4, 21), (8, 25)]


@pytest.mark.parametrize("position", [-1, 3])
def test_a_row_that_does_not_exist_is_named(position):
    with pytest.raises(ValueError, match=rf"position={position}: conv_3 has rows and columns 0 to 2"):
        geometry_of()["conv_3"].window(position)


def test_a_window_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match=r"pool_2: kernel=2 is larger than the 1×1 maps below it"):
        geometry_of(input_size=8)


def test_the_geometry_follows_from_any_list_of_layers():
    """A 5×5 convolution with stride 2 and another 3×3: fields 5 and 5 + 2·2, on 20 pixels."""
    layers = (
        Layer(name="a", kind="convolution", kernel=5, stride=2, maps=4),
        Layer(name="b", kind="convolution", kernel=3, stride=1, maps=6),
    )
    a, b = geometry_of(layers, 20).values()
    assert (a.size, a.receptive_field, a.jump, a.parameters) == (8, 5, 2, 5 * 5 * 4 + 4)
    assert (b.size, b.receptive_field, b.jump, b.parameters) == (6, 9, 2, 3 * 3 * 4 * 6 + 6)


def test_layers_are_found_by_name():
    assert layer_named("conv_2") is LAYERS[2]
    with pytest.raises(ValueError, match=r"layer='hidden': expected one of conv_1, pool_1, .*conv_3"):
        layer_named("hidden")


@pytest.fixture(scope="module")
def model():
    return CNN(key=jax.random.key(11))


def _touched(model, name):
    """A compiled function: which pixels change the units at a row and column, in any image and map."""
    geometry = geometry_of()[name]
    towards = jnp.asarray(noise(1, geometry.layer.maps))

    def excitation(images, row, column):
        found = model.activations(images)
        maps = found.preactivations.get(name, found.activations[name])
        return (maps[:, row, column] @ towards).sum()

    return jax.jit(lambda *at: (jax.grad(excitation)(*at) != 0).any(axis=(0, 3)))


@pytest.mark.parametrize("name", MAP_LAYERS)
def test_the_gradient_of_a_unit_reaches_its_window_and_no_other_pixel(model, name):
    geometry, touched = geometry_of()[name], _touched(model, name)
    images = jnp.abs(jnp.asarray(noise(2, 4, 28, 28, 1)))
    last = geometry.size - 1
    for row, column in ((0, 0), (0, last), (last, 0), (last, last), (last // 2, last // 2), (last // 2, 1)):
        (top, bottom), (left, right) = geometry.window(row), geometry.window(column)
        expected = np.zeros((28, 28), bool)
        expected[top : bottom + 1, left : right + 1] = True
        np.testing.assert_array_equal(touched(images, row, column), expected)


def test_the_answer_sees_no_pixel_of_rows_and_columns_26_and_27(model):
    images = jnp.abs(jnp.asarray(noise(3, 4, 28, 28, 1)))
    gradient = jax.jit(jax.grad(lambda images: model(images).sum()))(images)
    assert not np.any(gradient[:, 26:]) and not np.any(gradient[:, :, 26:])  # noqa: PT018
    assert np.all(np.any(gradient[:, :26, :26], axis=0))


@pytest.mark.parametrize(("down", "right"), [(4, 0), (0, 4), (4, 4)])
def test_a_shift_of_four_pixels_moves_conv_3_by_one_cell(model, down, right):
    image = noise(4, 1, 28, 28, 1)
    shifted = noise(5, 1, 28, 28, 1)
    shifted[:, down:, right:] = image[:, : 28 - down, : 28 - right]
    maps, moved = (
        np.asarray(model.activations(jnp.asarray(x)).activations["conv_3"]) for x in (image, shifted)
    )
    rows, columns = down // 4, right // 4
    np.testing.assert_allclose(moved[:, rows:, columns:], maps[:, : 3 - rows, : 3 - columns], atol=1e-6)
    assert maps.max() > 0.1
