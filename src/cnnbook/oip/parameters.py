"""Parametrisations of a picture: the numbers in which it is changed decide which pictures are near.

Pixels are the plainest. Fourier coefficients divided by their frequency make every frequency as easy to reach
(Olah et al., Distill 2017, "Preconditioning and parameterization"); a pyramid does so with cells of several
sizes. The series' own way standardises the picture after each step.
"""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from cnnbook.nets.geometry import INPUT_SIZE

Picture = Float[Array, "28 28"]
"""Ink of each pixel."""

EDGE = 0.02
"""Least distance from no ink, and from full ink, at which a sigmoid starts."""


class Parameters:
    """How a picture is parametrised: by its pixels, unless a subclass says otherwise."""

    def from_picture(self, picture: Picture) -> Any:
        """The parameters of a picture, or of one near it."""
        return self.project(picture)

    def to_picture(self, params: Any) -> Picture:
        """The picture of some parameters."""
        return params

    def project(self, params: Any) -> Any:
        """Parameters after an update, projected back to where they are allowed."""
        return params


@dataclass(frozen=True, kw_only=True)
class Pixels(Parameters):
    """One number a pixel, clipped to a range.

    Attributes:
        low: least ink.
        high: most ink.

    Raises:
        ValueError: the ends are not in their order.
    """

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"low={self.low}, high={self.high}: expected low below high")

    def project(self, params: Float[Array, "rows columns"]) -> Float[Array, "rows columns"]:
        """Clipped to the range."""
        return jnp.clip(params, self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class Standardised(Parameters):
    """One number a pixel; after each step the picture is standardised, as in the series.

    Ink may fall below 0 and rise above 1: such pictures are not digits, and are drawn by their own scale.

    Attributes:
        mean: of the ink; 0.1307 is that of MNIST's training images.
        spread: standard deviation; theirs is 0.3081.
    """

    mean: float = 0.1307
    spread: float = 0.3081

    def project(self, params: Float[Array, "rows columns"]) -> Float[Array, "rows columns"]:
        """Standardised anew."""
        away = params - params.mean()
        return self.mean + self.spread * away / (away.std() + 1e-6)


@dataclass(frozen=True, kw_only=True)
class Fourier(Parameters):
    """Coefficients of a discrete Fourier transform, weighted by their frequency, then a sigmoid.

    Attributes:
        decay: power of the frequency by which a coefficient is divided.
    """

    decay: float = 1.0

    def _scale(self) -> Float[np.ndarray, "28 15"]:
        """Weight of each coefficient."""
        rows, columns = np.fft.fftfreq(INPUT_SIZE), np.fft.rfftfreq(INPUT_SIZE)
        frequency = np.hypot(rows[:, None], columns[None])
        return (INPUT_SIZE * np.maximum(frequency, 1 / INPUT_SIZE) ** self.decay) ** -1.0 * INPUT_SIZE**2 / 4

    def from_picture(self, picture: Picture) -> Float[Array, "28 15 2"]:
        """Real and imaginary parts along a last axis."""
        spectrum = jnp.fft.rfft2(_logit(picture)) / self._scale()
        return jnp.stack([spectrum.real, spectrum.imag], axis=-1).astype(jnp.float32)

    def to_picture(self, params: Float[Array, "28 15 2"]) -> Picture:
        """The inverse transform, between 0 and 1."""
        spectrum = (params[..., 0] + 1j * params[..., 1]) * self._scale().astype(np.float32)
        return jax.nn.sigmoid(jnp.fft.irfft2(spectrum, s=(INPUT_SIZE, INPUT_SIZE)))


@dataclass(frozen=True, kw_only=True)
class Pyramid(Parameters):
    """Cells of several sizes, each interpolated to the picture's size, summed; then a sigmoid.

    Attributes:
        cells: a side of each level; the finest is one a pixel.

    Raises:
        ValueError: the finest level is not one cell a pixel.
    """

    cells: tuple[int, ...] = (4, 7, 14, 28)

    def __post_init__(self) -> None:
        if not self.cells or self.cells[-1] != INPUT_SIZE:
            raise ValueError(f"cells={self.cells}: expected levels that end with {INPUT_SIZE} cells a side")

    def from_picture(self, picture: Picture) -> tuple[Array, ...]:
        """The whole picture on the finest level."""
        coarse = tuple(jnp.zeros((cells, cells)) for cells in self.cells[:-1])
        return (*coarse, _logit(picture))

    def to_picture(self, params: tuple[Array, ...]) -> Picture:
        """The levels together, between 0 and 1."""
        side = (INPUT_SIZE, INPUT_SIZE)
        coarse = sum(jax.image.resize(level, side, "linear") for level in params[:-1])
        return jax.nn.sigmoid(coarse + params[-1])


def _logit(picture: Picture) -> Picture:
    """The inverse of the sigmoid, for ink clipped to `EDGE` from either end."""
    ink = jnp.clip(picture, EDGE, 1 - EDGE)
    return jnp.log(ink) - jnp.log1p(-ink)
