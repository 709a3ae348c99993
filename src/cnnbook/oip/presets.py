"""Choices that belong together, by name: parameters, robustness, update and number of steps."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import optax

from cnnbook.oip.parameters import Fourier, Parameters, Pixels, Pyramid, Standardised
from cnnbook.oip.robustness import Robustness


@dataclass(frozen=True, kw_only=True)
class Preset:
    """How an ascent moves.

    Attributes:
        parameters: how the picture is written.
        robustness: how it is moved and what it pays for.
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

    def rule(self) -> optax.GradientTransformation:
        """The update, for climbing."""
        if self.update == "adam":
            return optax.chain(optax.scale_by_adam(), optax.scale(self.step_size))
        return optax.chain(by_root_mean_square(), optax.scale(self.step_size))


def by_root_mean_square() -> optax.GradientTransformation:
    """Divides a gradient by its root mean square; a gradient of zero stays zero.

    F. Chollet, "Deep learning with Python", 2017, section 5.4.2, which the series starts from.
    """

    def scaled(updates: optax.Updates, params: optax.Params | None = None) -> optax.Updates:
        return jax.tree.map(lambda leaf: leaf / (jnp.sqrt(jnp.mean(leaf**2)) + 1e-5), updates)

    return optax.stateless(scaled)


PRESETS: Mapping[str, Preset] = {
    "pixels": Preset(parameters=Pixels(), step_size=0.03),
    "robust": Preset(parameters=Pixels(), step_size=0.03,
                     robustness=Robustness(jitter=1, total_variation=0.3)),
    "fourier": Preset(parameters=Fourier(), step_size=0.1),
    "pyramid": Preset(parameters=Pyramid(), step_size=0.2),
    "series": Preset(parameters=Standardised(), update="rms", step_size=0.05),
}  # fmt: skip
"""Pixels in a box; the same with jitter and total variation; frequencies; several sizes of cells; and the
series' way, as far as it is known: a standardised picture and a gradient divided by its root mean square."""


def preset_named(name: str) -> Preset:
    """The preset of that name.

    Raises:
        ValueError: there is none.
    """
    if name not in PRESETS:
        raise ValueError(f"preset={name!r}: expected one of {', '.join(PRESETS)}")
    return PRESETS[name]
