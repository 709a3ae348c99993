"""A network is the same after a round trip through its file, and a wrong file says what is wrong."""

import json
from dataclasses import replace

import jax
import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from cnnbook.config.training import TrainConfig
from cnnbook.data import fit_scaling
from cnnbook.maps import predictions
from cnnbook.nets.cnn import CNN
from cnnbook.training.trained import TrainedNet, load, save
from helpers import same_weights


@pytest.fixture(scope="module")
def net(few_digits) -> TrainedNet:
    """An untrained network with input B and an unusual recipe."""
    config = TrainConfig(epochs=3, peak_learning_rate=0.07, scaling="standardised")
    scaling = fit_scaling("standardised", few_digits.train_images)
    model = CNN(key=jax.random.key(4))
    return TrainedNet(
        number=5,
        seed=11,
        model=model,
        scaling=scaling,
        config=config,
        loss_curve=np.array([2, 1, 0.3, 0.2, 0.1, 0.1]),
    )


@pytest.fixture
def path(net, tmp_path):
    save(net, tmp_path / "net.safetensors")
    return tmp_path / "net.safetensors"


def rewrite(path, change=None, metadata=None):
    """Write a file again with other tensors or another header."""
    with safe_open(path, framework="np") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        metadata = file.metadata() if metadata is None else metadata
    save_file(change(tensors) if change else tensors, path, metadata=metadata)


def test_a_network_is_loaded_with_everything_that_made_it(net, path, few_digits):
    found = load(path)
    assert same_weights(found.weights, net.weights)
    assert found.digest == net.digest
    assert (found.number, found.seed, found.config) == (5, 11, net.config)
    assert found.loss_curve.tolist() == [2, 1, 0.3, 0.2, 0.1, 0.1]
    assert found.train_loss.tolist() == [1.5, 0.25, 0.1]
    assert found.scaling.name == "standardised"
    np.testing.assert_array_equal(found.scaling.mean, net.scaling.mean)
    np.testing.assert_array_equal(found.scaling.std, net.scaling.std)
    images = few_digits.test_images[:20]
    np.testing.assert_array_equal(predictions(found, images), predictions(net, images))


def test_the_header_can_be_read_without_this_package(path):
    with safe_open(path, framework="np") as file:
        header = json.loads(file.metadata()["cnnbook"])
    assert header["format"] == "cnnbook-net-2"
    assert header["training"]["peak_learning_rate"] == 0.07
    assert (header["number"], header["seed"]) == (5, 11)


def test_saving_the_same_network_writes_the_same_bytes(net, path, tmp_path):
    save(load(path), tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()


def test_weights_are_called_by_layer_and_kind(net):
    assert net.weights["conv_3.kernel"].shape == (3, 3, 64, 128)
    assert set(net.weights) == {
        f"{layer}.{kind}"
        for layer in ("conv_1", "conv_2", "conv_3", "hidden", "logits")
        for kind in ("kernel", "bias")
    }


def test_one_changed_weight_is_another_digest(net):
    other = replace(net, model=CNN(key=jax.random.key(4)))
    assert other.digest == net.digest
    other.model.logits.bias[...] = other.model.logits.bias[...].at[3].set(1e-7)
    assert other.digest != net.digest


def test_inputs_are_scaled_as_in_training(net, few_digits):
    inputs = net.inputs(few_digits.test_images[:2])
    assert inputs.shape == (2, 28, 28, 1)
    expected = (few_digits.test_images[:2] / 255 - net.scaling.mean) / net.scaling.std
    np.testing.assert_allclose(inputs[..., 0], expected, atol=1e-4)


def test_a_missing_file_says_which_command_writes_one(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"mine\.safetensors: no such file; 'cnnbook train --out mine"
    ):
        load(tmp_path / "mine.safetensors")


@pytest.mark.parametrize("damage", ["text", "cut", "empty"])
def test_a_file_of_another_kind_is_refused(path, damage):
    content = {"text": b"<!DOCTYPE html><p>not here", "cut": path.read_bytes()[:-1000], "empty": b""}
    path.write_bytes(content[damage])
    with pytest.raises(ValueError, match=r"net\.safetensors: not a safetensors file \(.*train --out"):
        load(path)


@pytest.mark.parametrize(
    ("metadata", "found"),
    [
        ({"made": "elsewhere"}, "None"),
        ({"cnnbook": '{"format": "cnnbook-net-0"}'}, "'cnnbook-net-0'"),
        ({"cnnbook": "{"}, "None"),
        ({"cnnbook": "[]"}, "None"),
    ],
)
def test_a_file_of_another_format_is_refused(path, metadata, found):
    rewrite(path, metadata=metadata)
    with pytest.raises(ValueError, match=rf"format {found} in its header; expected 'cnnbook-net-2'"):
        load(path)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (
            lambda found: found | {"hidden.kernel": np.zeros((1152, 128), np.float32)},
            r"hidden\.kernel holds \(1152, 128\); expected \(1152, 100\)",
        ),
        (
            lambda found: {name: array for name, array in found.items() if name != "conv_2.bias"},
            r"conv_2\.bias holds nothing; expected \(64,\)",
        ),
        (
            lambda found: {name: array for name, array in found.items() if name != "scaling.std"},
            r"scaling\.std holds nothing; expected \(28, 28\)",
        ),
        (
            lambda found: found | {"conv_4.kernel": np.zeros((3, 3), np.float32)},
            r"conv_4\.kernel holds \(3, 3\); expected nothing",
        ),
    ],
)
def test_the_file_of_another_network_is_refused(path, change, wrong):
    rewrite(path, change)
    with pytest.raises(ValueError, match=rf"net\.safetensors: {wrong}: it is another network's file"):
        load(path)


def test_a_recipe_from_another_version_is_refused(path):
    with safe_open(path, framework="np") as file:
        header = json.loads(file.metadata()["cnnbook"])
    header["training"]["dropout"] = 0.5
    rewrite(path, metadata={"cnnbook": json.dumps(header)})
    with pytest.raises(ValueError, match=r"TrainConfig\.dropout: no such field"):
        load(path)
