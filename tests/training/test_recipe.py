"""The loss, the learning rate and the optimiser do what the recipe says."""

import math
from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest

from cnnbook.config.profiles import RECIPES
from cnnbook.config.training import TrainConfig
from cnnbook.training.recipe import cross_entropy, learning_rates, optimiser, rule

ONE, NOTHING = {"kernel": jnp.ones((1, 1))}, {"kernel": jnp.zeros((1, 1))}


def directions(name: str, gradients: list[dict], *, momentum: float = 0.0) -> list[float]:
    """What is subtracted, before the learning rate, for a run of gradients of one weight."""
    found, params = optimiser(name, momentum=momentum, weight_decay=0.0), NOTHING
    state, steps = found.init(params), []
    for gradient in gradients:
        change, state = found.update(gradient, state, params)
        steps.append(float(change["kernel"][0, 0]))  # pyright: ignore
    return steps


def test_the_learning_rate_rises_from_a_25th_to_the_peak_and_falls_to_almost_nothing():
    found = learning_rates(TrainConfig(peak_learning_rate=0.1, warmup=0.3), 1000)
    # half way up and half way down a cosine is the mean of its ends; it ends near the first / 10,000
    assert found[[0, 150, 300, 650]] == pytest.approx([0.004, 0.052, 0.1, 0.0500002], rel=1e-3)
    assert 4e-7 < found[-1] < 2e-6


def test_the_learning_rate_is_highest_at_the_end_of_the_warmup():
    assert int(np.argmax(learning_rates(TrainConfig(warmup=0.25), 40))) == 10


@pytest.mark.parametrize("warmup", [0.0, 0.3, 0.99])
@pytest.mark.parametrize("updates", [1, 2, 10])
def test_every_warmup_gives_rates_between_nothing_and_the_peak(warmup, updates):
    found = learning_rates(TrainConfig(warmup=warmup), updates)
    assert found.shape == (updates,)
    assert np.all((found > 0) & (found <= 0.1 * (1 + 1e-6)))


def test_a_constant_rate_is_the_peak_from_the_first_update_to_the_last():
    found = learning_rates(TrainConfig(schedule="constant", peak_learning_rate=0.02), 5)
    assert found.tolist() == pytest.approx([0.02] * 5)


def test_weight_decay_pulls_at_kernels_and_leaves_biases_alone():
    params = {"kernel": jnp.full((3, 3, 1, 2), 2.0), "bias": jnp.full(2, 2.0)}
    found = optimiser("sgd", weight_decay=5e-4, momentum=0.9)
    nothing = {"kernel": jnp.zeros((3, 3, 1, 2)), "bias": jnp.zeros(2)}
    change, _ = found.update(nothing, found.init(params), params)
    # first update, Nesterov: g + 0.9 g with g = 5e-4 · 2
    assert np.asarray(change["kernel"]) == pytest.approx(1.9 * 1e-3, rel=1e-5)  # pyright: ignore
    assert not np.any(change["bias"])  # pyright: ignore


def test_momentum_keeps_nine_tenths_of_the_last_update():
    """Nesterov: 1 + 0.9 · 1, then 0 + 0.9 · 0.9 · 1."""
    assert directions("sgd", [ONE, NOTHING], momentum=0.9) == pytest.approx([1.9, 0.81], rel=1e-5)


def test_without_momentum_sgd_follows_the_gradient():
    assert directions("sgd", [ONE, NOTHING]) == [1.0, 0.0]


def test_rmsprop_divides_by_the_running_root_mean_square():
    """Its memory of squares is 0.1, then 0.9 · 0.1 + 0.1 = 0.19, whatever the size of the gradient."""
    expected = [1 / math.sqrt(0.1), 1 / math.sqrt(0.19)]
    assert directions("rmsprop", [ONE, ONE]) == pytest.approx(expected, rel=1e-4)
    large = {"kernel": jnp.full((1, 1), 100.0)}
    assert directions("rmsprop", [large, large]) == pytest.approx(expected, rel=1e-4)


def test_smoothing_spreads_a_tenth_over_all_classes():
    """Softmax of (ln 11, 0, …, 0) is 0.55 and nine times 0.05; the target is 0.91 and nine times 0.01."""
    logits = jnp.array([[math.log(11)] + [0.0] * 9])
    loss = cross_entropy(logits, jnp.array([0]), label_smoothing=0.1)
    assert float(loss) == pytest.approx(-0.91 * math.log(0.55) - 0.09 * math.log(0.05), rel=1e-5)
    plain = cross_entropy(logits, jnp.array([0]), label_smoothing=0.0)
    assert float(plain) == pytest.approx(-math.log(0.55), rel=1e-5)


def test_the_loss_is_the_mean_over_images():
    logits = jnp.zeros((4, 10)).at[0, 3].set(1e3)
    loss = cross_entropy(logits, jnp.array([3, 1, 2, 9]), label_smoothing=0.0)
    assert float(loss) == pytest.approx(0.75 * math.log(10), rel=1e-5)


def test_a_rule_holds_the_numbers_of_its_recipe():
    found = rule(replace(RECIPES["article"], momentum=0.5), 7)
    assert (float(found.momentum), float(found.weight_decay), float(found.label_smoothing)) == (0.5, 0, 0)
    assert found.rates.tolist() == pytest.approx([1e-3] * 7)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("no-momentum", {"momentum": 0}),
        ("no-decay", {"weight_decay": 0}),
        ("no-smoothing", {"label_smoothing": 0}),
        ("mlp", {"network": "mlp"}),
        ("wide-mlp", {"network": "wide-mlp"}),
    ],
)
def test_a_variant_differs_from_the_reference_in_one_part(name, parts):
    assert RECIPES[name] == replace(RECIPES["reference"], **parts)
