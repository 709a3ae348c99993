"""Where a network's randomness comes from: its number alone, whatever is trained beside it."""

import jax
import numpy as np

from cnnbook.arrays import RawLabels

_LABELS = 4_096
"""Folded into the key of labels that are drawn; no network has this number."""


def net_key(seed: int, number: int) -> jax.Array:
    """The JAX key of one network."""
    return jax.random.fold_in(jax.random.key(seed), number)


def init_and_shuffle_keys(key: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The keys for initial weights and for the order of images; the network's own key is consumed."""
    init_key, shuffle_key = jax.random.split(key)
    return init_key, shuffle_key


def shuffled_labels(labels: RawLabels, *, seed: int) -> RawLabels:
    """The same labels on other images, drawn once: a network can learn them by heart and not by looking."""
    key = jax.random.fold_in(jax.random.key(seed), _LABELS)
    return labels[np.asarray(jax.random.permutation(key, len(labels)))]
