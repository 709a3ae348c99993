"""Where a network's randomness comes from: its number alone, whatever is trained beside it."""

import jax


def net_key(seed: int, number: int) -> jax.Array:
    """The JAX key of one network."""
    return jax.random.fold_in(jax.random.key(seed), number)


def init_and_shuffle_keys(key: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The keys for initial weights and for the order of images; the network's own key is consumed."""
    init_key, shuffle_key = jax.random.split(key)
    return init_key, shuffle_key
