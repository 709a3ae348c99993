"""Networks with their maps in other orders, and the path between two: exact, on random weights."""

from dataclasses import replace

import numpy as np
import pytest

from cnnbook.experiments.minima import with_weights
from cnnbook.fcp.rebasin import (
    ORDERED,
    barrier,
    check_alike,
    match_activations,
    match_weights,
    on_the_path,
    permute,
    unchanged,
)
from cnnbook.keys import key_for
from cnnbook.nets.cnn import CNN
from synthetic import stub_net


@pytest.fixture(scope="module")
def net():
    return replace(stub_net(), model=CNN(key=key_for(0, "a network of random weights")))


@pytest.fixture(scope="module")
def weights(net):
    """With biases that differ, so that their order matters."""
    draw = np.random.default_rng(0)
    return {
        name: each + 0.1 * draw.normal(size=each.shape).astype(np.float32) if "bias" in name else each
        for name, each in net.weights.items()
    }


@pytest.fixture(scope="module")
def orders(weights):
    draw = np.random.default_rng(1)
    return {layer: draw.permutation(len(order)) for layer, order in unchanged(weights).items()}


def back(orders):
    return {layer: np.argsort(order).tolist() for layer, order in orders.items()}


def test_a_permuted_network_computes_the_same_logits(net, weights, orders, few_digits):
    first, second = (with_weights(net, each) for each in (weights, permute(weights, orders)))
    images = first.inputs(few_digits.test_images[:20])
    np.testing.assert_allclose(first.model(images), second.model(images), atol=1e-5)
    assert not np.allclose(first.weights["conv_1.kernel"], second.weights["conv_1.kernel"])


def test_matching_weights_of_a_permuted_network_recovers_the_permutation(weights, orders):
    found = match_weights(weights, permute(weights, orders), unchanged(weights))
    again = permute(permute(weights, orders), found)
    assert {layer: order.tolist() for layer, order in found.items()} == back(orders)
    assert all(np.array_equal(again[name], weights[name]) for name in weights)


def test_matching_activations_of_a_permuted_network_recovers_the_permutation(orders):
    draw = np.random.default_rng(2)
    rows = {layer: draw.normal(size=(500, len(order))) for layer, order in orders.items()}
    permuted = {layer: rows[layer][:, order] for layer, order in orders.items()}
    found = match_activations(rows, permuted)
    assert {layer: order.tolist() for layer, order in found.items()} == back(orders)


def test_orders_that_leave_a_network_as_it_is_change_nothing(weights):
    again = permute(weights, unchanged(weights))
    assert all(np.array_equal(again[name], weights[name]) for name in weights)


def test_the_path_begins_at_one_network_and_ends_at_the_other(weights, orders):
    second = permute(weights, orders)
    for share, end in ((0, weights), (1, second)):
        found = on_the_path(weights, second, share)
        assert all(np.array_equal(found[name], end[name]) for name in weights)
    middle = on_the_path(weights, second, 0.5)["conv_1.bias"]
    assert middle == pytest.approx((weights["conv_1.bias"] + second["conv_1.bias"]) / 2)


def test_a_barrier_is_the_highest_loss_less_the_mean_of_the_ends():
    losses = np.array([[0.2, 0.9, 0.4], [0.5, 0.5, 0.5]])
    assert barrier(losses) == pytest.approx(np.array([0.6, 0]))
    assert barrier(losses.T, axis=0) == pytest.approx(np.array([0.6, 0]))


@pytest.mark.parametrize(
    ("order", "message"),
    [([0, 0], r"orders\['conv_1'\]=\[0, 0\]: expected each of 0 to 31 once"), (None, "once")],
)
def test_an_order_that_is_none_is_refused(weights, order, message):
    given = unchanged(weights)
    if order is None:
        del given["conv_1"]
    else:
        given["conv_1"] = np.array(order)
    with pytest.raises(ValueError, match=message):
        permute(weights, given)


def test_networks_of_other_layers_are_refused(weights):
    mlp = {"layers.0.kernel": np.zeros((784, 70)), "layers.0.bias": np.zeros(70)}
    with pytest.raises(
        ValueError, match=r"conv_1.bias: \(32,\) in the first network and nothing in the second"
    ):
        check_alike(weights, mlp)
    narrow = weights | {"hidden.bias": np.zeros(50)}
    with pytest.raises(
        ValueError, match=r"hidden.bias: \(100,\) .* \(50,\) in the second; expected the same"
    ):
        on_the_path(weights, narrow, 0.5)


def test_activations_of_other_layers_are_refused(orders):
    rows = {layer: np.zeros((5, len(order))) for layer, order in orders.items()}
    with pytest.raises(
        ValueError, match=r"hidden: \(5, 100\) in the first network and nothing in the second"
    ):
        match_activations(rows, {layer: rows[layer] for layer in ORDERED[:3]})


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_place_outside_the_path_is_refused(weights, share):
    with pytest.raises(ValueError, match=f"share={share}: expected a number from 0 to 1"):
        on_the_path(weights, weights, share)


def test_a_path_of_one_place_has_no_barrier():
    with pytest.raises(ValueError, match="losses: 1 along a path, expected at least its two ends"):
        barrier(np.zeros((3, 1)))
