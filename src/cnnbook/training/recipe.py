"""How a network learns: the loss, the learning rate over time, and the optimiser."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from jaxtyping import Float, Float32

from cnnbook.arrays import Labels, Logits
from cnnbook.config.training import TrainConfig
from cnnbook.nets.geometry import CLASSES

RMS_DECAY, RMS_EPSILON = 0.9, 1e-7
"""RMSprop's memory of squared gradients and the term beside them: Keras' defaults."""


class Rule(NamedTuple):
    """The numbers of a recipe that may differ among networks that are trained together.

    Attributes:
        rates: the learning rate of each update.
        momentum: share of the last update that is kept.
        weight_decay: L2 coefficient.
        label_smoothing: probability spread over all classes.
    """

    rates: Float[Array, "*nets updates"] | Float32[np.ndarray, "*nets updates"]
    momentum: Float[Array, "*nets"] | Float32[np.ndarray, "*nets"]
    weight_decay: Float[Array, "*nets"] | Float32[np.ndarray, "*nets"]
    label_smoothing: Float[Array, "*nets"] | Float32[np.ndarray, "*nets"]


def rule(config: TrainConfig, updates: int) -> Rule:
    """A recipe's numbers for a training of so many updates."""
    return Rule(
        learning_rates(config, updates),
        np.asarray(config.momentum, np.float32),
        np.asarray(config.weight_decay, np.float32),
        np.asarray(config.label_smoothing, np.float32),
    )


def learning_rates(config: TrainConfig, updates: int) -> Float32[np.ndarray, " updates"]:
    """The learning rate of every update.

    "one-cycle" goes up by a cosine to the peak and down by a cosine to almost nothing, after Smith and Topin,
    "Super-Convergence", 2017 (arXiv 1708.07120), with Optax's own constants for the first rate (peak/25) and
    the last. "constant" stays at the peak.

    Args:
        config: schedule, peak and warm-up.
        updates: length of the whole training.
    """
    if config.schedule == "constant":
        return np.full(updates, config.peak_learning_rate, np.float32)
    schedule = optax.cosine_onecycle_schedule(updates, config.peak_learning_rate, pct_start=config.warmup)
    return np.asarray(jax.vmap(schedule)(jnp.arange(updates)), np.float32)


def optimiser(
    name: str, *, momentum: float | Float[Array, ""], weight_decay: float | Float[Array, ""]
) -> optax.GradientTransformation:
    """What turns gradients into a direction; times the learning rate, it is subtracted from the weights.

    The gradient, plus an L2 term on the kernels (biases are not decayed), for "rmsprop" divided by its
    running root mean square, smoothed by Nesterov momentum.

    Args:
        name: "sgd" or "rmsprop".
        momentum: share of the last update that is kept.
        weight_decay: L2 coefficient.
    """
    parts = [optax.add_decayed_weights(weight_decay, mask=_is_kernel)]
    if name == "rmsprop":
        parts.append(optax.scale_by_rms(decay=RMS_DECAY, eps=RMS_EPSILON))
    return optax.chain(*parts, optax.trace(decay=momentum, nesterov=True))  # pyright: ignore[reportArgumentType]


def _is_kernel(params: optax.Params) -> optax.Params:
    """True for kernels, which have two axes or more, and False for biases."""
    return jax.tree.map(lambda leaf: leaf.ndim > 1, params)


def cross_entropy(
    logits: Logits, labels: Labels, *, label_smoothing: float | Float[Array, ""] | Float32[np.ndarray, ""]
) -> Float[Array, ""]:
    """Mean cross-entropy in nats, against labels of which a share is spread over all classes."""
    targets = optax.smooth_labels(jax.nn.one_hot(labels, CLASSES), label_smoothing)  # pyright: ignore
    return optax.softmax_cross_entropy(logits, targets).mean()
