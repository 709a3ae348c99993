"""Triples of test images drawn at random: what three hand-picked 4s are compared with."""

import zlib
from collections.abc import Callable

import jax
import numpy as np
from jax import Array
from jaxtyping import Bool, Integer, Key

from cnnbook.fcp.common_points import Triples
from cnnbook.keys import integers
from cnnbook.nets.geometry import CLASSES

KINDS = ("three 4s", "three of one class", "three of different classes", "any three digits")
"""The kinds of triples, by the name that figures use."""

Labels = Integer[np.ndarray, " n"]


def all_triples(key: Key[Array, ""], labels: Labels, count: int) -> dict[str, Triples]:
    """Triples of every kind.

    Args:
        key: see `triples_of`.
        labels: of the images to draw from.
        count: how many triples of each kind.
    """
    return {kind: triples_of(kind, key=key, labels=labels, count=count) for kind in KINDS}


def triples_of(kind: str, *, key: Key[Array, ""], labels: Labels, count: int) -> Triples:
    """Triples of different images of a kind; the same for the same key, whatever other kinds are drawn.

    Args:
        kind: one of `KINDS`; "three of one class" takes each class equally often.
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
    key, labels = jax.random.fold_in(key, zlib.crc32(kind.encode())), labels.astype(np.int64)

    def of_class(digit: int, count: int) -> Triples:
        pool = np.flatnonzero(labels == digit)
        return _drawn(jax.random.fold_in(key, digit), pool, count, _are_distinct)

    if kind == "three 4s":
        return of_class(4, count)
    if kind == "three of one class":
        return np.concatenate([of_class(digit, -(-count // CLASSES)) for digit in range(CLASSES)])[:count]
    differ = kind == "three of different classes"
    accept = (lambda triples: _are_distinct(labels[triples])) if differ else _are_distinct
    return _drawn(key, np.arange(len(labels)), count, accept)


def _are_distinct(triples: Triples) -> Bool[np.ndarray, " t"]:
    """Whether the three are three different items."""
    first, second, third = triples.T
    return (first != second) & (second != third) & (first != third)


def _drawn(
    key: Key[Array, ""],
    pool: Integer[np.ndarray, " images"],
    count: int,
    accept: Callable[[Triples], Bool[np.ndarray, " t"]],
) -> Triples:
    """Triples drawn from a pool until enough are accepted."""
    accepted = np.zeros((0, 3), np.int64)
    attempt = 0
    while len(accepted) < count:
        triples = pool[integers(jax.random.fold_in(key, attempt), (2 * count, 3), len(pool))]
        accepted = np.concatenate([accepted, triples[accept(triples)]])
        attempt += 1
    return accepted[:count]
