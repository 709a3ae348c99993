"""What accuracy is left when the activations in front of a trained head are changed, or the head itself."""

from collections.abc import Iterator

import jax
import numpy as np

from cnnbook.fcp.head import Head, exchanged, means_of_maps, places_shuffled, quantised
from cnnbook.fcp.softmax import Reader
from cnnbook.keys import key_for

CHANGES = (
    "places shuffled", "maps replaced by their means", "4 bits", "3 bits", "2 bits", "1 bit",
    "exchanged within classes", "exchanged within classes, linear", "no negative weights, linear",
)  # fmt: skip
"""All of them, in their order; those of the linear head say so."""


def changed_right(
    head: Head,
    linear: Reader,
    seen: np.ndarray,
    asked: np.ndarray,
    labels: np.ndarray,
    *,
    seed: int,
    number: int,
) -> Iterator[np.ndarray]:
    """Whether each test image is still named rightly, under each of `CHANGES`.

    Args:
        head: the network's own.
        linear: a linear head on the same activations.
        seen: activations of training images, for the largest value of each point.
        asked: those of the test images.
        labels: their classes.
        seed: of the profile.
        number: of the network.
    """
    places_key = key_for(seed, "heads/places", net=number)
    points_key = key_for(seed, "heads/exchange", net=number)
    orders = np.asarray(jax.random.uniform(places_key, (len(asked), 9))).argsort(axis=1)
    yield head.answers(places_shuffled(asked, orders)) == labels
    yield head.answers(means_of_maps(asked)) == labels
    top = seen.max(axis=0)
    for bits in (4, 3, 2, 1):
        yield head.answers(quantised(asked, top, bits)) == labels
    mixed = exchanged(asked, labels, np.asarray(jax.random.uniform(points_key, asked.shape)))
    yield head.answers(mixed) == labels
    yield linear.right(mixed, labels)
    yield linear._replace(weights=np.maximum(linear.weights, 0)).right(asked, labels)
