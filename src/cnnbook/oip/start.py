"""Starts of an ascent: fluctuations of several length scales, a digit, or a uniform picture.

A start is drawn from a key, so that the same number gives the same picture whatever is drawn beside it. The
article's series mixes four length scales, because some maps respond to none of the short ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Key, Real, UInt8

from cnnbook.nets.geometry import INPUT_SIZE

Pictures = Float[np.ndarray, "n 28 28"]
"""Ink of each pixel, 0 for blank paper, 1 for full ink."""

SCALES = (3, 7, 14, 28)
"""Cells a side of the series' four fluctuations; 28 is one a pixel."""

_AT_ONCE = 32
"""Pictures are drawn in multiples of it, so that there are few shapes to compile."""


@dataclass(frozen=True, kw_only=True)
class Fluctuations:
    """Random cells, interpolated to the picture's size and mixed.

    Attributes:
        scales: cells a side of each part, 1 to 28.
        weights: of the parts; None for equal ones.
        mean: ink of the mixture.
        spread: its standard deviation; the result is clipped to 0 to 1.

    Raises:
        ValueError: a scale, the weights, mean or spread is out of range.
    """

    scales: tuple[int, ...] = SCALES
    weights: tuple[float, ...] | None = None
    mean: float = 0.3
    spread: float = 0.15

    def __post_init__(self) -> None:
        if not self.scales or not all(1 <= cells <= INPUT_SIZE for cells in self.scales):
            raise ValueError(f"scales={self.scales}: expected cells a side, 1 to {INPUT_SIZE}, at least one")
        if self.weights is not None and (len(self.weights) != len(self.scales) or min(self.weights) < 0):
            raise ValueError(f"weights={self.weights}: expected one a scale, none negative")
        if not (0 <= self.mean <= 1 and 0 < self.spread <= 1):
            raise ValueError(f"mean={self.mean}, spread={self.spread}: expected 0 to 1, and spread above 0")

    def draw(self, key: Key[Array, ""], *, count: int, first: int = 0) -> Pictures:
        """Pictures by number: number k is the same whatever the count.

        Args:
            key: of all of them.
            count: how many.
            first: number of the first one.

        Raises:
            ValueError: `count` is below 1.
        """
        if count < 1:
            raise ValueError(f"count={count}: expected at least 1 start")
        numbers = np.arange(first, first + -(-count // _AT_ONCE) * _AT_ONCE)
        keys = jax.vmap(lambda number: jax.random.fold_in(key, number))(numbers)
        return np.asarray(jax.vmap(self._one)(keys), np.float32)[:count]

    def _one(self, key: Key[Array, ""]) -> Float[Array, "28 28"]:
        """One picture."""
        weights = self.weights or (1.0,) * len(self.scales)
        total = jnp.zeros((INPUT_SIZE, INPUT_SIZE))
        for weight, cells, part in zip(
            weights, self.scales, jax.random.split(key, len(self.scales)), strict=True
        ):
            coarse = jax.random.normal(part, (cells, cells))
            fine = jax.image.resize(coarse, (INPUT_SIZE, INPUT_SIZE), "cubic")
            total = total + weight * (fine - fine.mean()) / (fine.std() + 1e-6)
        standardised = (total - total.mean()) / (total.std() + 1e-6)
        return jnp.clip(self.mean + self.spread * standardised, 0, 1)


def uniform_pictures(count: int = 1, *, ink: float = 0.0) -> Pictures:
    """Uniform pictures.

    Args:
        count: how many.
        ink: of every pixel.

    Raises:
        ValueError: `count` is below 1, or the ink out of range.
    """
    if count < 1 or not 0 <= ink <= 1:
        raise ValueError(f"count={count}, ink={ink}: expected at least 1 start, and ink 0 to 1")
    return np.full((count, INPUT_SIZE, INPUT_SIZE), ink, np.float32)


def from_digits(images: Real[np.ndarray, "n 28 28"]) -> Pictures:
    """Images as MNIST stores them, as starts."""
    return check_starts(images / np.float32(255))


def as_bytes(pictures: Float[np.ndarray, "*n h w"]) -> UInt8[np.ndarray, "*n h w"]:
    """Ink from 0 to 1 as whole numbers from 0 to 255, as MNIST stores digits."""
    return np.rint(255 * np.clip(pictures, 0, 1)).astype(np.uint8)


def check_starts(starts: Real[np.ndarray, "..."] | Sequence) -> Pictures:
    """Starts as an array, checked.

    Raises:
        ValueError: another shape than n × 28 × 28, no picture, or ink outside 0 to 1.
    """
    pictures = np.asarray(starts, np.float32)
    if pictures.ndim != 3 or pictures.shape[1:] != (INPUT_SIZE, INPUT_SIZE) or not len(pictures):
        raise ValueError(
            f"starts: shape {pictures.shape}, expected (n, {INPUT_SIZE}, {INPUT_SIZE}) with n ≥ 1"
        )
    if not np.isfinite(pictures).all() or pictures.min() < 0 or pictures.max() > 1:
        raise ValueError(
            f"starts: values from {pictures.min():g} to {pictures.max():g}, expected ink from 0 to 1; divide "
            "stored pixels by 255 (`from_digits`)"
        )
    return pictures
