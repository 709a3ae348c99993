"""Presets of an ascent: parametrisation, robustness, update rule and number of steps, by name.

Robustness moves the picture a little in each step and penalises it: without that, an ascent may end in a
picture that loses its effect when it is shifted by a pixel (A. Mordvintsev, C. Olah, M. Tyka,
"Inceptionism", 2015; Olah et al., Distill 2017, "Three families of regularization").
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import optax
from jax import Array
from jax.scipy.ndimage import map_coordinates
from jaxtyping import Float, Key

from cnnbook.nets.geometry import INPUT_SIZE
from cnnbook.oip.parameters import Fourier, Parameters, Picture, Pixels, Pyramid, Standardised


@dataclass(frozen=True, kw_only=True)
class Robustness:
    """Random transforms of the picture in each step, and penalties on it. All off by default.

    Attributes:
        jitter: largest shift in each direction, in pixels.
        rotation: largest rotation, in degrees.
        scaling: largest change of size, as a share.
        total_variation: weight of the penalty on the mean difference of neighbouring pixels.
        ink: mean ink above which ink is penalised; None for no such budget.
        ink_penalty: weight of the penalty on the mean ink above the budget.

    Raises:
        ValueError: a number is negative, not finite or too large.
    """

    jitter: int = 0
    rotation: float = 0.0
    scaling: float = 0.0
    total_variation: float = 0.0
    ink: float | None = None
    ink_penalty: float = 10.0

    def __post_init__(self) -> None:
        limits = {"jitter": 8, "rotation": 45, "scaling": 0.5}
        for name in (*limits, "total_variation", "ink_penalty"):
            value, most = getattr(self, name), limits.get(name, math.inf)
            if not (math.isfinite(value) and 0 <= value <= most):
                raise ValueError(f"{name}={value}: expected a number from 0 to {most}")
        if self.ink is not None and not 0 <= self.ink <= 1:
            raise ValueError(f"ink={self.ink}: expected mean ink from 0 to 1, or None")

    def transform(self, key: Key[Array, ""], picture: Picture) -> Picture:
        """The picture, transformed at random; what comes in from outside is blank.

        Args:
            key: of one picture and step.
            picture: ink of each pixel.
        """
        shift_key, turn_key, scale_key = jax.random.split(key, 3)
        if self.jitter:
            padded = jnp.pad(picture, self.jitter)
            row, column = jax.random.randint(shift_key, (2,), 0, 2 * self.jitter + 1)
            picture = jax.lax.dynamic_slice(padded, (row, column), (INPUT_SIZE, INPUT_SIZE))
        if self.rotation or self.scaling:
            angle = jnp.deg2rad(self.rotation) * jax.random.uniform(turn_key, (), minval=-1, maxval=1)
            size = 1 + self.scaling * jax.random.uniform(scale_key, (), minval=-1, maxval=1)
            picture = _rotated(picture, angle, size)
        return picture

    def penalty(self, picture: Picture) -> Float[Array, ""]:
        """The penalties on a picture, which are subtracted from the objective."""
        down, across = jnp.diff(picture, axis=0), jnp.diff(picture, axis=1)
        total = self.total_variation * (jnp.abs(down).mean() + jnp.abs(across).mean())
        if self.ink is not None:
            total = total + self.ink_penalty * jax.nn.relu(picture.mean() - self.ink)
        return jnp.asarray(total, jnp.float32)


def _rotated(picture: Picture, angle: Float[Array, ""], size: Float[Array, ""]) -> Picture:
    """Rotated about the middle and scaled, with linear interpolation."""
    middle = (INPUT_SIZE - 1) / 2
    rows, columns = jnp.mgrid[:INPUT_SIZE, :INPUT_SIZE] - middle
    sine, cosine = jnp.sin(angle), jnp.cos(angle)
    places = [
        (cosine * rows + sine * columns) / size + middle,
        (cosine * columns - sine * rows) / size + middle,
    ]
    return map_coordinates(picture, places, order=1, cval=0.0)


@dataclass(frozen=True, kw_only=True)
class Preset:
    """How an ascent moves.

    Attributes:
        parameters: how the picture is parametrised.
        robustness: how it is transformed in each step, and its penalties.
        update: "adam", or "rms" for the gradient divided by its root mean square, as in the series.
        step_size: of the update, in units of the parameters.
        steps: how many.

    Raises:
        ValueError: an unknown update, a step size that is not positive and finite, or no steps.
    """

    parameters: Parameters
    robustness: Robustness = field(default_factory=Robustness)
    update: str = "adam"
    step_size: float = 0.05
    steps: int = 64

    def __post_init__(self) -> None:
        if self.update not in ("adam", "rms"):
            raise ValueError(f"update={self.update!r}: expected 'adam' or 'rms'")
        if not (math.isfinite(self.step_size) and self.step_size > 0):
            raise ValueError(f"step_size={self.step_size}: expected a finite number above 0")
        if self.steps < 1:
            raise ValueError(f"steps={self.steps}: expected at least 1")

    def optimiser(self) -> optax.GradientTransformation:
        """The update rule, for ascent."""
        if self.update == "adam":
            return optax.chain(optax.scale_by_adam(), optax.scale(self.step_size))
        return optax.chain(normalise_by_rms(), optax.scale(self.step_size))


def normalise_by_rms() -> optax.GradientTransformation:
    """Divides a gradient by its root mean square; a gradient of zero stays zero.

    F. Chollet, "Deep learning with Python", 2017, section 5.4.2, which the series starts from.
    """

    def scaled(updates: optax.Updates, params: optax.Params | None = None) -> optax.Updates:
        return jax.tree.map(lambda leaf: leaf / (jnp.sqrt(jnp.mean(leaf**2)) + 1e-5), updates)

    return optax.stateless(scaled)


_STEADY = Robustness(jitter=1, total_variation=0.3)

PRESETS: Mapping[str, Preset] = {
    "pixels": Preset(parameters=Pixels(), step_size=0.03),
    "robust": Preset(parameters=Pixels(), step_size=0.03, robustness=_STEADY),
    "fourier": Preset(parameters=Fourier(), step_size=0.1),
    "pyramid": Preset(parameters=Pyramid(), step_size=0.2),
    "series": Preset(parameters=Standardised(), update="rms", step_size=0.05),
}
"""Clipped pixels; the same with jitter and total variation; frequencies; cells of several sizes; and the
series' way, as far as it is known: a standardised picture and a gradient divided by its root mean square."""


def preset_named(name: str) -> Preset:
    """The preset of that name.

    Raises:
        ValueError: there is none.
    """
    if name not in PRESETS:
        raise ValueError(f"preset={name!r}: expected one of {', '.join(PRESETS)}")
    return PRESETS[name]
