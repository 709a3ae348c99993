"""Heads of one layer or two, trained anew, and alike, on activations that stay as they are."""

from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from jaxtyping import Float, Int, Integer, Key

from cnnbook.arrays import RawLabels
from cnnbook.fcp.head import Head
from cnnbook.fcp.probes import LinearProbe
from cnnbook.nets.cnn import HIDDEN_UNITS
from cnnbook.nets.geometry import CLASSES

BATCH, PEAK, DECAY = 128, 2e-3, 1e-4
"""Images in an update, highest learning rate of AdamW, and its weight decay."""

Params = tuple[tuple[Array, Array], ...]
"""Weights and biases of each layer."""


def train_head(
    codes: Float[np.ndarray, "n d"], labels: RawLabels, *, epochs: int, key: Key[Array, ""]
) -> Head:
    """Train a head like the network's own, with one hidden layer, by AdamW and a one-cycle rate.

    Args:
        codes: activations, or pixels, flat; they are standardised first.
        labels: their classes.
        epochs: passes.
        key: decides its first weights and the order of the images.

    Returns:
        The head, for activations as they are.
    """
    mean, spread, ((hidden, bias), (scores, offset)) = _fitted(codes, labels, (HIDDEN_UNITS,), epochs, key)
    scaled = hidden / spread[:, None]
    return Head(scaled, bias - mean @ scaled, scores, offset)


def train_linear_head(
    codes: Float[np.ndarray, "n d"], labels: RawLabels, *, epochs: int, key: Key[Array, ""]
) -> LinearProbe:
    """Train a head without hidden layer as `train_head` trains one with it.

    Args:
        codes: activations, or pixels, flat; they are standardised first.
        labels: their classes.
        epochs: passes.
        key: decides its first weights and the order of the images.
    """
    mean, spread, ((weights, bias),) = _fitted(codes, labels, (), epochs, key)
    return LinearProbe(mean, spread, weights, bias)


def _fitted(
    codes: Float[np.ndarray, "n d"],
    labels: RawLabels,
    layers: tuple[int, ...],
    epochs: int,
    key: Key[Array, ""],
) -> tuple[np.ndarray, np.ndarray, tuple[tuple[np.ndarray, np.ndarray], ...]]:
    """Mean and spread of the inputs, and the layers' weights and biases for standardised inputs."""
    mean, spread = codes.mean(axis=0), codes.std(axis=0)
    spread[spread < 1e-6] = 1
    batch = min(BATCH, len(codes))
    start_key, *keys = jax.random.split(key, epochs + 1)
    orders = np.stack([np.asarray(jax.random.permutation(each, len(codes))) for each in keys])
    batches = orders[:, : len(codes) // batch * batch].reshape(-1, batch)
    standardised = jnp.asarray((codes - mean) / spread)
    params = _trained(standardised, jnp.asarray(labels), jnp.asarray(batches), start_key, layers=layers)
    return mean, spread, jax.tree.map(np.asarray, params)


@partial(jax.jit, static_argnames="layers")
def _trained(
    codes: Float[Array, "n d"],
    labels: Integer[Array, " n"],
    batches: Int[Array, "updates batch"],
    key: Array,
    *,
    layers: tuple[int, ...],
) -> Params:
    """The parameters after one update for each batch."""
    glorot, sizes = jax.nn.initializers.glorot_uniform(), (codes.shape[1], *layers, CLASSES)
    keys = jax.random.split(key, len(sizes) - 1)
    start = tuple(
        (glorot(each, pair), jnp.zeros(pair[1])) for each, pair in zip(keys, pairwise(sizes), strict=True)
    )
    rule = optax.adamw(optax.cosine_onecycle_schedule(len(batches), PEAK), weight_decay=DECAY)

    def loss(params: Params, inputs: Array, labels: Array) -> Array:
        for weights, bias in params[:-1]:
            inputs = jax.nn.relu(inputs @ weights + bias[None])
        logits = inputs @ params[-1][0] + params[-1][1][None]
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

    def update(state: tuple, batch: Array) -> tuple[tuple, None]:
        params, memory = state
        slopes = jax.grad(loss)(params, codes[batch], labels[batch].astype(jnp.int32))
        changes, memory = rule.update(slopes, memory, params)
        return (optax.apply_updates(params, changes), memory), None

    (params, _), _ = jax.lax.scan(update, (start, rule.init(start)), batches)
    return params
