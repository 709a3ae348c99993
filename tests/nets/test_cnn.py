"""The network is the article's, and its answer and its maps come from one forward pass."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jax import lax

from cnnbook.nets.cnn import CNN, PARAMETERS
from cnnbook.nets.convolution import patches_convolution
from cnnbook.nets.fast.winograd import tiles_convolution
from cnnbook.nets.geometry import MAP_LAYERS, geometry_of
from helpers import noise

SHAPES = {
    "conv_1": (26, 26, 32),
    "pool_1": (13, 13, 32),
    "conv_2": (11, 11, 64),
    "pool_2": (5, 5, 64),
    "conv_3": (3, 3, 128),
    "hidden": (100,),
}
WITH_RELU = ("conv_1", "conv_2", "conv_3", "hidden")
WAYS = pytest.mark.parametrize("way", [patches_convolution, tiles_convolution])


@pytest.fixture(scope="module")
def model():
    return CNN(key=jax.random.key(3))


@pytest.fixture(scope="module")
def images():
    return jnp.abs(jnp.asarray(noise(0, 2, 28, 28, 1)))


@pytest.fixture(scope="module")
def found(model, images):
    return model.activations(images)


def weights(model):
    flat = nnx.to_flat_state(nnx.state(model, nnx.Param))
    return {".".join(map(str, path)): leaf[...] for path, leaf in flat}


def test_the_network_has_208_982_parameters_in_these_shapes(model):
    shapes = {name: leaf.shape for name, leaf in weights(model).items()}
    assert shapes == {
        "conv_1.kernel": (3, 3, 1, 32), "conv_1.bias": (32,),
        "conv_2.kernel": (3, 3, 32, 64), "conv_2.bias": (64,),
        "conv_3.kernel": (3, 3, 64, 128), "conv_3.bias": (128,),
        "hidden.kernel": (1152, 100), "hidden.bias": (100,),
        "logits.kernel": (100, 10), "logits.bias": (10,),
    }  # fmt: skip
    assert sum(int(np.prod(shape)) for shape in shapes.values()) == PARAMETERS == 208_982


def test_another_number_of_parameters_is_refused(monkeypatch):
    monkeypatch.setattr("cnnbook.nets.cnn.HIDDEN_UNITS", 128)
    with pytest.raises(
        AssertionError, match=r"the network has 241,546 parameters; the article's has 208,982"
    ):
        CNN(key=jax.random.key(0))


def test_every_layer_has_the_shape_of_the_article(found):
    assert found.logits.shape == (2, 10)
    assert {name: maps.shape for name, maps in found.activations.items()} == {
        name: (2, *shape) for name, shape in SHAPES.items()
    }
    assert {name: maps.shape for name, maps in found.preactivations.items()} == {
        name: (2, *SHAPES[name]) for name in WITH_RELU
    }


def test_shapes_and_parameters_agree_with_the_geometry(model, found):
    for name, geometry in geometry_of().items():
        assert found.activations[name].shape[1:] == (geometry.size, geometry.size, geometry.layer.maps)
        mine = [leaf.size for path, leaf in weights(model).items() if path.startswith(f"{name}.")]
        assert sum(mine) == geometry.parameters


def test_the_answer_is_the_logits_of_the_same_pass(model, images, found):
    np.testing.assert_array_equal(model(images), found.logits)


def test_activations_are_the_preactivations_after_relu(found):
    for name in WITH_RELU:
        before = np.asarray(found.preactivations[name])
        np.testing.assert_array_equal(found.activations[name], np.maximum(before, 0))
        assert before.min() < 0 < before.max()


def test_pools_are_the_maximum_of_the_convolution_below(found):
    for pool, below in (("pool_1", "conv_1"), ("pool_2", "conv_2")):
        maps = np.asarray(found.activations[below])
        size = maps.shape[1] // 2 * 2
        blocks = maps[:, :size, :size].reshape(2, size // 2, 2, size // 2, 2, -1)
        np.testing.assert_array_equal(found.activations[pool], blocks.max(axis=(2, 4)))


def test_the_hidden_layer_reads_conv_3_by_row_column_and_map(model, found):
    flat = np.asarray(model.flatten(found.activations["conv_3"]))
    assert flat.shape == (2, 1152)
    assert flat[1, (2 * 3 + 1) * 128 + 17] == found.activations["conv_3"][1, 2, 1, 17]


@WAYS
@pytest.mark.parametrize("side", [26, 28])
def test_our_convolutions_give_the_network_of_xlas(images, way, side):
    key, images = jax.random.key(5), images[:, :side, :side]
    ours = CNN(key=key, convolution=way).activations(images)
    xla = CNN(key=key, convolution=lax.conv_general_dilated).activations(images)
    np.testing.assert_allclose(ours.logits, xla.logits, atol=1e-5)
    for name in MAP_LAYERS:
        np.testing.assert_allclose(ours.activations[name], xla.activations[name], atol=1e-5)


def test_kernels_start_glorot_uniform_and_biases_at_zero(model):
    for name, leaf in weights(model).items():
        if name.endswith("bias"):
            assert not np.any(leaf)
        else:
            fan_in, fan_out = np.prod(leaf.shape[:-1]), leaf.shape[-1] * np.prod(leaf.shape[:-2])
            limit = np.sqrt(6 / (fan_in + fan_out))
            assert 0.95 * limit < np.abs(leaf).max() <= limit
            np.testing.assert_allclose(np.std(leaf), limit / np.sqrt(3), rtol=0.1)


def test_the_same_key_gives_the_same_network_and_another_another():
    one, same, other = (weights(CNN(key=jax.random.key(seed))) for seed in (0, 0, 1))
    for name in one:
        np.testing.assert_array_equal(one[name], same[name])
    assert all(np.any(one[name] != other[name]) for name in one if name.endswith("kernel"))


def test_no_two_layers_start_from_the_same_numbers(model):
    """Two streams with one key would give the layers' first weights in proportion."""
    starts = [np.asarray(leaf).ravel()[:9] for name, leaf in weights(model).items() if "kernel" in name]
    similar = np.corrcoef(starts)
    assert np.abs(similar[np.triu_indices(len(starts), 1)]).max() < 0.99


def test_the_type_checking_hook_is_on(model):
    with pytest.raises(TypeError, match="images"):
        model(jnp.zeros((2, 28, 27, 1)))


def test_the_last_two_rows_and_columns_change_no_logit_and_need_not_be_given(model, images, found):
    cropped = model.activations(images[:, :26, :26])
    np.testing.assert_allclose(cropped.logits, found.logits, atol=1e-5)
    np.testing.assert_allclose(cropped.activations["conv_3"], found.activations["conv_3"], atol=1e-5)
    np.testing.assert_allclose(
        cropped.activations["pool_1"], found.activations["pool_1"][:, :12, :12], atol=1e-5
    )
    np.testing.assert_allclose(
        cropped.preactivations["conv_2"], found.preactivations["conv_2"][:, :10, :10], atol=1e-5
    )


@WAYS
def test_the_fast_step_gives_the_gradients_of_xlas_own_convolution(images, way):
    labels = jnp.array([4, 9])
    fast = CNN(key=jax.random.key(3), convolution=way)
    plain = CNN(key=jax.random.key(3), convolution=lax.conv_general_dilated)

    def loss(model, images):
        return -jax.nn.log_softmax(model(images))[jnp.arange(2), labels].mean()

    mine, theirs = nnx.grad(loss)(fast, images[:, :26, :26]), nnx.grad(loss)(plain, images)
    for one, other in zip(jax.tree.leaves(mine), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", ["conv_1", "conv_2", "conv_3", "dense"])
def test_a_profile_can_tell_its_layers_apart(model, images, name):
    graph, state = nnx.split(model)
    lowered = jax.jit(lambda state, images: nnx.merge(graph, state)(images)).lower(state, images)
    assert f"/{name}/" in lowered.as_text(debug_info=True)
