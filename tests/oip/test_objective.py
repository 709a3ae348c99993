"""Objectives: what they read off activations, and what is refused."""

import jax.numpy as jnp
import numpy as np
import pytest

from cnnbook.fcp.pattern import FCP
from cnnbook.oip.ascent import objective_values, preactivations
from cnnbook.oip.objective import (
    class_logit,
    fcp_response,
    feature_inversion,
    map_maximum,
    map_mean,
    map_point,
    stack_terms,
)
from helpers import noise


@pytest.fixture(scope="module")
def seen(drawn):
    """Three images, and everything the network computes for them."""
    images = jnp.asarray(noise(5, 3, 28, 28, 1) ** 2)
    return images, drawn.model.activations(images)


def value_of(drawn, objective, images):
    parts = tuple(
        (jnp.asarray(np.repeat(maps, len(images), 0)), jnp.asarray(np.repeat(weights, len(images), 0)))
        for maps, weights in stack_terms([objective])
    )
    return np.asarray(objective_values(drawn.model, images, parts, structure=objective.structure))


@pytest.mark.parametrize("layer", ["conv_1", "conv_2", "conv_3"])
def test_a_map_mean_is_the_mean_of_the_activations_before_and_after_relu(drawn, seen, layer):
    images, found = seen
    after, before = (np.asarray(part[layer])[..., 7] for part in (found.activations, found.preactivations))
    np.testing.assert_allclose(value_of(drawn, map_mean(layer, 7), images), after.mean((1, 2)), atol=1e-5)
    same = value_of(drawn, map_mean(layer, 7).before_relu(), images)
    np.testing.assert_allclose(same, before.mean((1, 2)), atol=1e-5)


def test_a_point_and_a_largest_point_are_those_of_the_map(drawn, seen):
    images, found = seen
    maps = np.asarray(found.activations["conv_3"])[..., 40]
    np.testing.assert_allclose(
        value_of(drawn, map_point("conv_3", 40, 2, 1), images), maps[:, 2, 1], atol=1e-5
    )
    largest = value_of(drawn, map_maximum("conv_3", 40), images)
    np.testing.assert_allclose(largest, maps.max((1, 2)), atol=1e-5)


def test_a_direction_weighs_all_points_of_a_layer(drawn, seen):
    images, found = seen
    weights = noise(6, 3, 3, 128)
    expected = (np.asarray(found.activations["conv_3"]) * weights).sum((1, 2, 3))
    fcp = FCP(name="any", layer="conv_3", weights=weights)
    np.testing.assert_allclose(value_of(drawn, fcp_response(fcp), images), expected, rtol=1e-4, atol=1e-4)


def test_objectives_add_subtract_and_scale_and_say_so(drawn, seen):
    images, found = seen
    logits = np.asarray(found.logits)
    four_less_nine = class_logit(4) - 2.0 * class_logit(9)
    assert four_less_nine.name == "class 4 − 2 · class 9"
    expected = logits[:, 4] - 2 * logits[:, 9]
    np.testing.assert_allclose(value_of(drawn, four_less_nine, images), expected, atol=1e-5)
    both = map_mean("conv_3", 1) + class_logit(4)
    assert (both.name, both.with_name("x").name) == ("map 1 of Conv_3 + class 4", "x")
    assert both.before_relu().name == "map 1 of Conv_3 + class 4, before ReLU"


def test_likeness_is_less_the_squared_distance_by_the_squared_length(drawn, seen):
    images, found = seen
    maps = np.asarray(found.activations["conv_3"])
    got = value_of(drawn, feature_inversion("conv_3", maps[0], "the first"), images)
    expected = -((maps - maps[0]) ** 2).sum((1, 2, 3)) / (maps[0] ** 2).sum()
    np.testing.assert_allclose(got, expected, atol=1e-5)
    assert got[0] == pytest.approx(0, abs=1e-6)


def test_all_maps_at_once_are_those_of_the_layer_in_their_order(drawn, seen):
    images, found = seen
    every = jnp.tile(jnp.arange(64), (3, 1))
    got = preactivations(drawn.model, images, "conv_2", every)
    np.testing.assert_allclose(got, found.preactivations["conv_2"], atol=1e-5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: map_mean("pool_1", 3), r"layer='pool_1': expected one of conv_1, conv_2, conv_3, logits"),
        (lambda: map_mean("conv_3", 128), r"map=128: conv_3 has maps 0 to 127"),
        (lambda: map_point("conv_3", 0, 3, 0), r"point \(3, 0\): conv_3 has rows and columns 0 to 2"),
        (lambda: class_logit(10), r"map=10: logits has maps 0 to 9"),
        (lambda: feature_inversion("conv_3", np.zeros((3, 3, 128)), "x"), "maps: all zero"),
        (lambda: feature_inversion("conv_3", np.zeros((3, 3, 64)), "x"), r"maps: shape \(3, 3, 64\)"),
        (lambda: fcp_response(FCP.from_points("pool_2", [(0, 0, 0)])), "layer='pool_2': expected one of"),
        (lambda: stack_terms([]), "objectives: none, expected at least one"),
        (lambda: stack_terms([map_mean("conv_3", 1), map_mean("conv_2", 1)]), "has another structure than"),
    ],
)
def test_what_cannot_be_an_objective_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
