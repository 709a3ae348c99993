"""Small random changes of a digit that leave it the same digit: shift, rotation, scale, elastic warp.

The elastic part is in the spirit of Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural
Networks", ICDAR 2003: a smooth random field of displacements. There it is smoothed by a Gaussian; here random
values on a coarse grid are interpolated by cubics, which costs less.
"""

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.ndimage import map_coordinates
from jaxtyping import Float, Key

SHIFT = 2.0
"""Largest shift along each axis, in pixels."""

ROTATION = 0.2
"""Largest rotation, in radians (11 degrees)."""

SCALE = 0.12
"""Largest change of size, as a share."""

WARP, SMOOTHNESS = 1.2, 4
"""Standard deviation of the elastic displacement on its coarse grid, and that grid's step; both in pixels."""


def warp(image: Float[Array, "side side 1"], key: Key[Array, ""]) -> Float[Array, "side side 1"]:
    """One changed image; outside it, the paper is blank. The key is consumed."""
    affine_key, elastic_key = jax.random.split(key)
    side = image.shape[0]
    shift_y, shift_x, turn, zoom = jax.random.uniform(affine_key, (4,), minval=-1, maxval=1)
    centre = (side - 1) / 2
    rows, columns = jnp.meshgrid(jnp.arange(side) - centre, jnp.arange(side) - centre, indexing="ij")
    angle, size = ROTATION * turn, 1 + SCALE * zoom
    moved_rows = size * (jnp.cos(angle) * rows - jnp.sin(angle) * columns) + SHIFT * shift_y
    moved_columns = size * (jnp.sin(angle) * rows + jnp.cos(angle) * columns) + SHIFT * shift_x
    coarse = side // SMOOTHNESS
    field = WARP * jax.random.normal(elastic_key, (2, coarse, coarse))
    field = jax.image.resize(field, (2, side, side), method="cubic")
    places = jnp.stack([moved_rows, moved_columns]) + centre + field
    return map_coordinates(image[..., 0], list(places), order=1, mode="constant")[..., None]
