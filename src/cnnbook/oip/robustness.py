"""How a picture must keep up its effect while it is moved a little, and what it pays for.

Without that, an ascent may end in pictures that no slightly moved eye would find again (A. Mordvintsev, C.
Olah, M. Tyka, "Inceptionism", 2015; Olah et al., Distill 2017, "Three families of regularization").
"""

import math
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.ndimage import map_coordinates
from jaxtyping import Float, Key

from cnnbook.nets.geometry import INPUT_SIZE
from cnnbook.oip.parameters import Picture


@dataclass(frozen=True, kw_only=True)
class Robustness:
    """Changes of the picture in each step, and what is taken off the objective. All off by default.

    Attributes:
        jitter: pixels by which the picture is moved at most, in each direction.
        rotation: degrees by which it is turned at most.
        scaling: share by which it is enlarged or made smaller at most.
        total_variation: price of the mean difference of neighbouring pixels.
        ink: mean ink above which every further bit costs; None for no such budget.
        ink_price: of the mean ink above the budget.

    Raises:
        ValueError: a number is negative, not finite or too large.
    """

    jitter: int = 0
    rotation: float = 0.0
    scaling: float = 0.0
    total_variation: float = 0.0
    ink: float | None = None
    ink_price: float = 10.0

    def __post_init__(self) -> None:
        for name, most in (("jitter", 8), ("rotation", 45), ("scaling", 0.5), ("total_variation", math.inf),
                           ("ink_price", math.inf)):  # fmt: skip
            value = getattr(self, name)
            if not (math.isfinite(value) and 0 <= value <= most):
                raise ValueError(f"{name}={value}: expected a number from 0 to {most}")
        if self.ink is not None and not 0 <= self.ink <= 1:
            raise ValueError(f"ink={self.ink}: expected mean ink from 0 to 1, or None")

    @property
    def moves(self) -> bool:
        """Whether the picture is moved at all."""
        return bool(self.jitter or self.rotation or self.scaling)

    def moved(self, key: Key[Array, ""], picture: Picture) -> Picture:
        """The picture, moved at random; what comes in from outside is blank."""
        shift_key, turn_key, scale_key = jax.random.split(key, 3)
        if self.jitter:
            padded = jnp.pad(picture, self.jitter)
            row, column = jax.random.randint(shift_key, (2,), 0, 2 * self.jitter + 1)
            picture = jax.lax.dynamic_slice(padded, (row, column), (INPUT_SIZE, INPUT_SIZE))
        if self.rotation or self.scaling:
            angle = jnp.deg2rad(self.rotation) * jax.random.uniform(turn_key, (), minval=-1, maxval=1)
            size = 1 + self.scaling * jax.random.uniform(scale_key, (), minval=-1, maxval=1)
            picture = _turned(picture, angle, size)
        return picture

    def price(self, picture: Picture) -> Float[Array, ""]:
        """What is taken off the objective."""
        down, across = jnp.diff(picture, axis=0), jnp.diff(picture, axis=1)
        total = self.total_variation * (jnp.abs(down).mean() + jnp.abs(across).mean())
        if self.ink is not None:
            total = total + self.ink_price * jax.nn.relu(picture.mean() - self.ink)
        return jnp.asarray(total, jnp.float32)


def _turned(picture: Picture, angle: Array, size: Array) -> Picture:
    """Turned about the middle and enlarged, with straight lines between pixels."""
    middle = (INPUT_SIZE - 1) / 2
    rows, columns = jnp.mgrid[:INPUT_SIZE, :INPUT_SIZE] - middle
    sine, cosine = jnp.sin(angle), jnp.cos(angle)
    places = [
        (cosine * rows + sine * columns) / size + middle,
        (cosine * columns - sine * rows) / size + middle,
    ]
    return map_coordinates(picture, places, order=1, cval=0.0)
