"""The loss, the learning rate and the optimiser do what the recipe says."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from cnnbook.config import TrainConfig
from cnnbook.training.recipe import cross_entropy, learning_rate, optimiser


def rates(config: TrainConfig, updates: int) -> np.ndarray:
    """The learning rate of every update, and after the last."""
    return np.asarray(jax.vmap(learning_rate(config, updates))(jnp.arange(updates + 1)))


def test_the_learning_rate_rises_from_a_25th_to_the_peak_and_falls_to_almost_nothing():
    found = rates(TrainConfig(peak_learning_rate=0.1, warmup=0.3), 1000)[[0, 150, 300, 650, 1000]]
    # half way up and half way down a cosine is the mean of its ends; the last rate is the first / 10,000
    assert found == pytest.approx([0.004, 0.052, 0.1, 0.0500002, 4e-7], rel=1e-3)


def test_the_learning_rate_is_highest_at_the_end_of_the_warmup():
    assert int(np.argmax(rates(TrainConfig(warmup=0.25), 40))) == 10


@pytest.mark.parametrize("warmup", [0.0, 0.3, 0.99])
@pytest.mark.parametrize("updates", [1, 2, 10])
def test_every_warmup_gives_rates_between_nothing_and_the_peak(warmup, updates):
    found = rates(TrainConfig(warmup=warmup), updates)
    assert np.all((found > 0) & (found <= 0.1 * (1 + 1e-6)))


def test_weight_decay_pulls_at_kernels_and_leaves_biases_alone():
    params = {"kernel": jnp.full((3, 3, 1, 2), 2.0), "bias": jnp.full(2, 2.0)}
    rule = optimiser(TrainConfig(weight_decay=5e-4, momentum=0.9), 1000)
    nothing = {"kernel": jnp.zeros((3, 3, 1, 2)), "bias": jnp.zeros(2)}
    change, _ = rule.update(nothing, rule.init(params), params)
    # first update, Nesterov: rate · (g + 0.9 g) with rate 0.1 / 25 and g = 5e-4 · 2
    assert np.asarray(change["kernel"]) == pytest.approx(-0.004 * 1.9 * 1e-3, rel=1e-5)  # pyright: ignore
    assert not np.any(change["bias"])  # pyright: ignore


def test_momentum_keeps_nine_tenths_of_the_last_update():
    params = {"kernel": jnp.zeros((1, 1))}
    config = TrainConfig(weight_decay=0, momentum=0.9, warmup=0)
    rule = optimiser(config, 10**6)
    gradient, still = {"kernel": jnp.ones((1, 1))}, {"kernel": jnp.zeros((1, 1))}
    first, state = rule.update(gradient, rule.init(params), params)
    second, _ = rule.update(still, state, params)
    assert float(first["kernel"][0, 0]) == pytest.approx(-0.1 * 1.9, rel=1e-4)  # pyright: ignore
    assert float(second["kernel"][0, 0]) == pytest.approx(-0.1 * 0.81, rel=1e-4)  # pyright: ignore


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
