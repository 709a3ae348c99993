"""Keys of a network's training: from its seed and number alone, whatever is trained beside it."""

import jax
import numpy as np
from jaxtyping import Key

from cnnbook.arrays import RawLabels
from cnnbook.keys import key_for


def init_key(seed: int, number: int) -> Key[jax.Array, ""]:
    """The key of a network's initial weights.

    Args:
        seed: of the run.
        number: of the network.
    """
    return key_for(seed, "training/initial weights", net=number)


def order_key(seed: int, number: int) -> Key[jax.Array, ""]:
    """The key of the order in which a network sees the images, and of their augmentation.

    Args:
        seed: of the run.
        number: of the network.
    """
    return key_for(seed, "training/order of images", net=number)


def shuffled_labels(labels: RawLabels, *, seed: int) -> RawLabels:
    """The same labels on other images, drawn once: a network can memorise them, and learns nothing of digits.

    Args:
        labels: of the training images.
        seed: of the run; all networks of one seed learn the same labels.
    """
    key = key_for(seed, "training/shuffled labels")
    return labels[np.asarray(jax.random.permutation(key, len(labels)))]
