"""A head with a hidden layer, trained anew on activations that stay as they are."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from jaxtyping import Float, Int, Integer, Key

from cnnbook.arrays import RawLabels
from cnnbook.fcp.head import Codes, Head
from cnnbook.nets.cnn import HIDDEN_UNITS
from cnnbook.nets.geometry import CLASSES

BATCH, PEAK, DECAY = 128, 2e-3, 1e-4
"""Images in an update, highest learning rate of AdamW, and its weight decay."""


def train_head(codes: Codes, labels: RawLabels, *, epochs: int, key: Key[Array, ""]) -> Head:
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
    start_key, *keys = jax.random.split(key, epochs + 1)
    orders = np.stack([np.asarray(jax.random.permutation(each, len(codes))) for each in keys])
    batches = orders[:, : len(codes) // batch * batch].reshape(-1, batch)
    standardised = jnp.asarray((codes - mean) / spread)
    params = _trained(standardised, jnp.asarray(labels), jnp.asarray(batches), start_key)
    hidden, bias, scores, offset = (np.asarray(part) for part in params)
    scaled = hidden / spread[:, None]
    return Head(scaled, bias - mean @ scaled, scores, offset)


@partial(jax.jit)
def _trained(
    codes: Float[Array, "n d"], labels: Integer[Array, " n"], batches: Int[Array, "updates batch"], key: Array
) -> tuple[Array, ...]:
    """The parameters after one update for each batch."""
    first_key, second_key = jax.random.split(key)
    glorot = jax.nn.initializers.glorot_uniform()
    start = (
        glorot(first_key, (codes.shape[1], HIDDEN_UNITS)),
        jnp.zeros(HIDDEN_UNITS),
        glorot(second_key, (HIDDEN_UNITS, CLASSES)),
        jnp.zeros(CLASSES),
    )
    rule = optax.adamw(optax.cosine_onecycle_schedule(len(batches), PEAK), weight_decay=DECAY)

    def loss(params: tuple[Array, ...], inputs: Array, labels: Array) -> Array:
        first, bias, second, offset = params
        hidden = jax.nn.relu(inputs @ first + bias[None])
        logits = hidden @ second + offset[None]
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

    def update(state: tuple, batch: Array) -> tuple[tuple, None]:
        params, memory = state
        slopes = jax.grad(loss)(params, codes[batch], labels[batch].astype(jnp.int32))
        changes, memory = rule.update(slopes, memory, params)
        return (optax.apply_updates(params, changes), memory), None

    (params, _), _ = jax.lax.scan(update, (start, rule.init(start)), batches)
    return params  # pyright: ignore[reportReturnType]
