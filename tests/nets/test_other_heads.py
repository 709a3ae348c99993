"""The CNN with other heads: sizes by counting, what each computes, the CNN's own convolutions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from cnnbook.nets.cnn import CNN
from cnnbook.nets.geometry import geometry_of
from cnnbook.nets.heads import CELLS, MAPS, BilinearCNN, ConvolutionsWithHead, NarrowCNN, PooledCNN
from cnnbook.nets.networks import network, side_used
from helpers import noise


def test_cells_and_maps_are_those_of_the_geometry():
    geometry = geometry_of()
    assert geometry["conv_3"].size ** 2 == CELLS
    assert tuple(geometry[name].layer.maps for name in ("conv_1", "conv_2", "conv_3")) == MAPS


CONVOLUTIONS = 320 + 18_496 + 73_856
NARROW_CONVOLUTIONS = 16 * 10 + 32 * (9 * 16 + 1) + 64 * (9 * 32 + 1)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("pooled-cnn", CONVOLUTIONS + 128 * 10 + 10),
        ("bilinear-cnn", CONVOLUTIONS + 2 * 1152 * 100 + 100 * 10 + 10),
        ("narrow-cnn", NARROW_CONVOLUTIONS + 576 * 100 + 100 + 100 * 10 + 10),
    ],
)
def test_parameters_are_those_of_the_convolutions_and_the_head(name, parameters):
    model = network(name, key=jax.random.key(0))
    assert sum(leaf.size for leaf in jax.tree.leaves(nnx.state(model, nnx.Param))) == parameters
    assert side_used(name) == 26


@pytest.mark.parametrize("kind", [PooledCNN, BilinearCNN])
def test_their_convolutions_start_as_those_of_the_cnn(kind):
    images = jnp.asarray(noise(0, 3, 28, 28, 1))
    one, cnn = (model(key=jax.random.key(4)).activations(images).activations for model in (kind, CNN))
    np.testing.assert_allclose(one["conv_3"], cnn["conv_3"], atol=1e-6)


def test_a_pooled_head_does_not_know_where_in_a_map_a_point_is():
    model = PooledCNN(key=jax.random.key(1))
    maps = jnp.asarray(noise(2, 2, 3, 3, 128))
    turned = maps[:, ::-1, ::-1]
    np.testing.assert_allclose(model.head(maps)[2], model.head(turned)[2], atol=1e-5)
    means = np.asarray(maps).mean(axis=(1, 2))
    np.testing.assert_allclose(
        model.head(maps)[2], means @ np.asarray(model.logits.kernel[...]), atol=1e-5, rtol=1e-5
    )


def test_a_bilinear_head_is_a_sum_of_products_of_two_points():
    """The point's own square and the product of both: (2·3 + 5·7)(11·3 + 13·7) = 41 · 124."""
    model = BilinearCNN(key=jax.random.key(1))
    for layer, weights in ((model.left, (2.0, 5.0)), (model.right, (11.0, 13.0))):
        kernel = np.zeros((1152, 100), np.float32)
        kernel[[0, 200], 4] = weights
        layer.kernel.set_value(jnp.asarray(kernel))
    read = np.zeros((100, 10), np.float32)
    read[4, 9] = 1
    model.logits.kernel.set_value(jnp.asarray(read))
    points = np.zeros(1152, np.float32)
    points[[0, 200]] = 3, 7
    logits = model.head(jnp.asarray(points.reshape(1, 3, 3, 128)))[2]
    assert logits.tolist() == [[0] * 9 + [41 * 124]]


def test_a_narrow_network_has_half_the_maps():
    maps = NarrowCNN(key=jax.random.key(0)).activations(jnp.zeros((1, 28, 28, 1))).activations
    assert [maps[name].shape[-1] for name in ("conv_1", "conv_2", "conv_3")] == [16, 32, 64]


def test_convolutions_without_a_head_say_that_a_subclass_reads_them():
    model = ConvolutionsWithHead((2, 2, 2), rngs=nnx.Rngs(0), convolution=None)
    with pytest.raises(NotImplementedError, match=r"ConvolutionsWithHead\.head: a subclass reads Conv_3"):
        model(jnp.zeros((1, 28, 28, 1)))
