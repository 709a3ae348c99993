"""Where all randomness comes from: one key for each purpose, and no other way to make one.

In JAX `split(key, n)[i]` equals `fold_in(key, i)`: whoever splits `key(seed)` may draw with the very key that
somebody else folded a number into. A key that is made from the name of its purpose shares no draw with the
key of another purpose, and depends on no count and no order.
"""

import hashlib
import math
import struct
from collections.abc import Callable

import jax
import numpy as np
from jaxtyping import Float, Int, Key

_WORDS = struct.Struct("<4I")
"""128 bits of a digest, as the 32-bit numbers that `jax.random.fold_in` takes."""


def key_for(seed: int, purpose: str, **numbers: int) -> Key[jax.Array, ""]:
    """The key of one purpose.

    Args:
        seed: of the profile or the call, 0 to 2³¹ − 1.
        purpose: who draws and what for, such as "oips/starts"; a purpose that is renamed draws anew.
        numbers: which of several alike, by name, such as `net=3`; their order does not matter.

    Raises:
        ValueError: the purpose has no name.
    """
    if not purpose.strip():
        raise ValueError(f"purpose={purpose!r}: expected who draws and what for, such as 'oips/starts'")
    name = " ".join([purpose, *(f"{each}={number}" for each, number in sorted(numbers.items()))])
    key = jax.random.key(seed)
    for word in _WORDS.unpack_from(hashlib.sha256(name.encode()).digest()):
        key = jax.random.fold_in(key, word)
    return key


def integers(
    key: Key[jax.Array, "*keys"], shape: tuple[int, ...], below: int
) -> Int[np.ndarray, "*keys_and_shape"]:
    """Whole numbers from 0 to `below` − 1: those of `jax.random.randint`, without a program for each shape.

    Args:
        key: consumed; several give an array each.
        shape: of the array.
        below: bound of the numbers.
    """
    return _by_place(lambda each, size: jax.random.randint(each, size, 0, below), key, shape)


def uniform(key: Key[jax.Array, ""], shape: tuple[int, ...]) -> Float[np.ndarray, "*shape"]:
    """Numbers from 0 to 1: those of `jax.random.uniform`, without a program for each shape.

    Args:
        key: consumed.
        shape: of the array.
    """
    return _by_place(jax.random.uniform, key, shape)


def _by_place(
    draw: Callable[[jax.Array, tuple[int]], jax.Array], key: jax.Array, shape: tuple[int, ...]
) -> np.ndarray:
    """Draws of which each follows from the key and its place alone: the first of a power of four of them."""
    count = math.prod(shape)
    size = (4 ** max(5, -(-(count - 1).bit_length() // 2)),)
    drawn = jax.vmap(lambda each: draw(each, size))(key) if key.ndim else draw(key, size)
    return np.asarray(drawn)[..., :count].reshape(*key.shape, *shape)


def shape_key() -> Key[jax.Array, ""]:
    """A key for networks of which only the structure is wanted; nothing is drawn with it."""
    return key_for(0, "shapes")


def init_key(seed: int, number: int) -> Key[jax.Array, ""]:
    """The key of a network's initial weights.

    Args:
        seed: of the run.
        number: of the network.
    """
    return key_for(seed, "training/initial weights", net=number)


def order_key(seed: int, number: int, *, parted: bool = False) -> Key[jax.Array, ""]:
    """The key of the order in which a network sees the images, and of their augmentation.

    Args:
        seed: of the run.
        number: of the network.
        parted: whether the network has parted from the one of this number, and sees other orders.
    """
    return key_for(seed, "training/order after parting" if parted else "training/order of images", net=number)
