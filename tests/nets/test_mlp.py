"""The networks without convolution: sizes by counting, answers by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from cnnbook.nets.cnn import CNN, PARAMETERS
from cnnbook.nets.networks import HIDDEN_OF_MLP, HIDDEN_OF_WIDE_MLP, MLP, network, side_used
from helpers import noise


def parameters(model: nnx.Module) -> int:
    return sum(leaf.size for leaf in jax.tree.leaves(nnx.state(model, nnx.Param)))


def test_the_mlp_of_the_series_has_57390_parameters():
    """784·70 + 70 + 70·30 + 30 + 30·10 + 10."""
    assert HIDDEN_OF_MLP == (70, 30)
    assert parameters(network("mlp", key=jax.random.key(0))) == 57_390


def test_no_other_width_of_one_hidden_layer_comes_closer_to_the_cnns_parameters():
    """One hidden unit costs 784 + 1 + 10 = 795 parameters."""
    (width,) = HIDDEN_OF_WIDE_MLP
    wide = parameters(network("wide-mlp", key=jax.random.key(0)))
    assert wide == 795 * width + 10 == 209_095
    assert abs(wide - PARAMETERS) <= 795 / 2


def test_scores_worked_by_hand():
    """Two pixels of 1, weights of 1/2 and −1 to two hidden units, then 3 and 5 to score 7."""
    model = MLP((2,), key=jax.random.key(0))
    first, last = np.zeros((784, 2), np.float32), np.zeros((2, 10), np.float32)
    first[:, 0], first[:, 1] = 0.5, -1.0
    last[:, 7] = 3.0, 5.0
    model.layers[0].kernel.set_value(jnp.asarray(first))
    model.layers[1].kernel.set_value(jnp.asarray(last))
    image = np.zeros((1, 28, 28, 1), np.float32)
    image[0, 3, 4], image[0, 27, 27] = 1, 1
    # the first unit is 1 after ReLU, the second −2 and so silent: score 7 is 3
    assert np.asarray(model(jnp.asarray(image)))[0].tolist() == [0] * 7 + [3] + [0] * 2


def test_every_pixel_can_change_the_answer_of_an_mlp_and_the_last_two_rows_not_that_of_the_cnn():
    images = jnp.asarray(noise(0, 1, 28, 28, 1))
    changed = images.at[:, 26:].set(5.0).at[:, :, 26:].set(5.0)
    mlp, cnn = (network(name, key=jax.random.key(1)) for name in ("mlp", "cnn"))
    assert float(jnp.abs(mlp(changed) - mlp(images)).max()) > 0.1
    np.testing.assert_allclose(cnn(changed), cnn(images), atol=1e-5)
    assert (side_used("mlp"), side_used("wide-mlp"), side_used("cnn")) == (28, 28, 26)


@pytest.mark.parametrize(
    ("name", "maps"), [("cnn", True), ("paired-cnn", True), ("mlp", False), ("wide-mlp", False)]
)
def test_networks_without_maps_are_mlps(name, maps):
    assert isinstance(network(name, key=jax.random.key(0)), MLP) is not maps


def test_a_network_follows_from_its_key_alone():
    one, same, other = (network("mlp", key=jax.random.key(seed)) for seed in (3, 3, 4))
    kernels = [np.asarray(model.layers[0].kernel[...]) for model in (one, same, other)]  # pyright: ignore
    assert np.array_equal(kernels[0], kernels[1])
    assert not np.array_equal(kernels[0], kernels[2])


@pytest.mark.parametrize("name", ["mlp", "wide-mlp"])
def test_initial_kernels_are_glorot_uniform_and_biases_zero(name):
    for layer in network(name, key=jax.random.key(0)).layers:  # pyright: ignore[reportAttributeAccessIssue]
        kernel = np.asarray(layer.kernel[...])
        limit = np.sqrt(6 / sum(kernel.shape))
        assert np.abs(kernel).max() <= limit
        assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.1)
        assert not np.any(layer.bias[...])  # pyright: ignore[reportOptionalSubscript]


def test_the_name_cnn_gives_the_books_network():
    assert isinstance(network("cnn", key=jax.random.key(0)), CNN)
