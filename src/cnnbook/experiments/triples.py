"""Triples of test images drawn at random: the company that three hand-picked 4s are judged in."""

import zlib
from collections.abc import Callable

import jax
import numpy as np
from jaxtyping import Int

from cnnbook.fcp.common_points import Triples
from cnnbook.nets.geometry import CLASSES

Labels = Int[np.ndarray, " n"]


def _distinct(triples: Triples) -> np.ndarray:
    """True where the three are three different items."""
    first, second, third = triples.T
    return (first != second) & (second != third) & (first != third)


def _draw(key: jax.Array, pool: np.ndarray, count: int, accept: Callable[[Triples], np.ndarray]) -> Triples:
    """Draw triples from a pool until enough are accepted."""
    kept = np.zeros((0, 3), np.int64)
    attempt = 0
    while len(kept) < count:
        places = jax.random.randint(jax.random.fold_in(key, attempt), (2 * count, 3), 0, len(pool))
        triples = pool[np.asarray(places)]
        kept = np.concatenate([kept, triples[accept(triples)]])
        attempt += 1
    return kept[:count]


def _of_class(key: jax.Array, labels: Labels, digit: int, count: int) -> Triples:
    return _draw(jax.random.fold_in(key, digit), np.flatnonzero(labels == digit), count, _distinct)


def three_fours(key: jax.Array, labels: Labels, count: int) -> Triples:
    """Three different images of a 4."""
    return _of_class(key, labels, 4, count)


def of_one_class(key: jax.Array, labels: Labels, count: int) -> Triples:
    """Three different images of one class, each class equally often."""
    each = -(-count // CLASSES)
    return np.concatenate([_of_class(key, labels, digit, each) for digit in range(CLASSES)])[:count]


def of_three_classes(key: jax.Array, labels: Labels, count: int) -> Triples:
    """Three images of three different classes."""
    return _draw(key, np.arange(len(labels)), count, lambda triples: _distinct(labels[triples]))


def of_any(key: jax.Array, labels: Labels, count: int) -> Triples:
    """Any three different images."""
    return _draw(key, np.arange(len(labels)), count, _distinct)


KINDS = {
    "three 4s": three_fours,
    "three of one class": of_one_class,
    "three of different classes": of_three_classes,
    "any three digits": of_any,
}
"""The kinds of triples, by the name that figures use."""


def triples_of(kind: str, *, key: jax.Array, labels: np.ndarray, count: int) -> Triples:
    """So many triples of a kind; the same for the same key, whatever other kinds are drawn.

    Args:
        kind: one of `KINDS`.
        key: folded with the kind's name, then consumed.
        labels: of the images to draw from; each class needs three.
        count: how many triples.

    Raises:
        ValueError: no such kind, or a class with fewer than three images.
    """
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r}: expected one of {', '.join(KINDS)}")
    sizes = np.bincount(labels, minlength=CLASSES)
    if sizes.min() < 3:
        raise ValueError(
            f"labels: {sizes.min()} images of a {sizes.argmin()}, expected at least 3 of each class"
        )
    return KINDS[kind](jax.random.fold_in(key, zlib.crc32(kind.encode())), labels.astype(np.int64), count)
