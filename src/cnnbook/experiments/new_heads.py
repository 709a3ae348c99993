"""A head with a hidden layer, trained anew on activations that stay as they are."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from cnnbook.fcp.head import Head
from cnnbook.nets.cnn import HIDDEN_UNITS
from cnnbook.nets.geometry import CLASSES

BATCH, PEAK, DECAY = 128, 2e-3, 1e-4
"""Images in an update, highest learning rate of AdamW, and its weight decay."""


def train_head(codes: np.ndarray, labels: np.ndarray, *, epochs: int, key: Array) -> Head:
    """Train a head like the network's own, by AdamW and a one-cycle rate, on standardised activations.

    Args:
        codes: activations of Conv_3, flat.
        labels: their classes.
        epochs: passes.
        key: decides its first weights and the order of the activations.

    Returns:
        The head, for activations as they are.
    """
    mean, spread = codes.mean(axis=0), codes.std(axis=0)
    spread[spread < 1e-6] = 1
    batch = min(BATCH, len(codes))
    keys = jax.random.split(key, epochs + 1)
    orders = np.stack([np.asarray(jax.random.permutation(key, len(codes))) for key in keys[1:]])
    used = orders[:, : len(codes) // batch * batch].reshape(-1, batch)
    params = _learned(jnp.asarray((codes - mean) / spread), jnp.asarray(labels), jnp.asarray(used), keys[0])
    first, bias, second, offset = (np.asarray(part) for part in params)
    scaled = first / spread[:, None]
    return Head(scaled, bias - mean @ scaled, second, offset)


@partial(jax.jit)
def _learned(codes: Array, labels: Array, orders: Array, key: Array) -> tuple[Array, ...]:
    """The parameters after one update for each row of `orders`."""
    first_key, second_key = jax.random.split(key)
    glorot = jax.nn.initializers.glorot_uniform()
    start = (
        glorot(first_key, (codes.shape[1], HIDDEN_UNITS)), jnp.zeros(HIDDEN_UNITS),
        glorot(second_key, (HIDDEN_UNITS, CLASSES)), jnp.zeros(CLASSES),
    )  # fmt: skip
    rule = optax.adamw(optax.cosine_onecycle_schedule(len(orders), PEAK), weight_decay=DECAY)

    def loss(params: tuple[Array, ...], inputs: Array, wanted: Array) -> Array:
        first, bias, second, offset = params
        hidden = jax.nn.relu(inputs @ first + bias[None])
        scores = hidden @ second + offset[None]
        return optax.softmax_cross_entropy_with_integer_labels(scores, wanted).mean()

    def update(state: tuple, order: Array) -> tuple[tuple, None]:
        params, memory = state
        slopes = jax.grad(loss)(params, codes[order], labels[order].astype(jnp.int32))
        changes, memory = rule.update(slopes, memory, params)
        return (optax.apply_updates(params, changes), memory), None

    (params, _), _ = jax.lax.scan(update, (start, rule.init(start)), orders)
    return params  # pyright: ignore[reportReturnType]
