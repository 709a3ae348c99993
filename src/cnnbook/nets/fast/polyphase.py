"""Convolution, ReLU and 2×2 maximum as one step by polyphase decomposition, drawn in `cnnbook.nets.fast`.

The four units that a maximum compares lie at one position of four arrays, the phases: upper left, upper
right, lower left, lower right. The backward pass needs one comparison a unit.
"""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array, lax
from jaxtyping import Float

from cnnbook.arrays import FeatureMaps, Kernel, MapsByUnit
from cnnbook.nets.convolution import (
    by_image,
    by_unit,
    max_pool,
    patches_convolution,
    product,
    windows,
)
from cnnbook.nets.fast.winograd import convolve_in_tiles, phases_from_tiles, side_of_tiles, tiles_convolution

Phase = Float[Array, "first second third c_out"]
"""The units at one position of every 2×2 block of some maps; images lie first or, in `MapsByUnit`, third."""

Phases = tuple[Phase, Phase, Phase, Phase]
"""Maps with an even number of rows and columns: upper left, upper right, lower left, lower right."""


def convolve_and_pool(layer: nnx.Conv, maps: FeatureMaps) -> tuple[Array, Array]:
    """A layer's preactivations, and their activations after 2×2 maximum.

    With our own convolutions phases are computed, unless a row or column is left over.
    """
    sizes = [size - window + 1 for size, window in zip(maps.shape[1:3], layer.kernel_size, strict=True)]
    ours = layer.conv_general_dilated in (patches_convolution, tiles_convolution)
    if not ours or any(size % 2 for size in sizes):
        before = layer(maps)
        return before, max_pool(nnx.relu(before))
    assert layer.bias is not None
    kernel, bias = layer.kernel[...], layer.bias[...]
    if layer.conv_general_dilated is patches_convolution:
        phases = convolve_in_phases(maps, kernel)
        return from_phases(phases) + bias[None, None, None], max_relu(phases, bias)
    phases = convolve_in_phases_by_unit(by_unit(maps), kernel)
    a, b, c, d = map(by_image, phases)
    return from_phases((a, b, c, d)) + bias[None, None, None], by_image(max_relu(phases, bias))


def from_phases(phases: Phases) -> FeatureMaps:
    """The maps of these phases, images first."""
    n, h2, w2, c_out = phases[0].shape
    blocks = jnp.stack(phases).reshape(2, 2, n, h2, w2, c_out).transpose(2, 3, 0, 4, 1, 5)
    return blocks.reshape(n, 2 * h2, 2 * w2, c_out)


def convolve_in_phases(inputs: FeatureMaps, kernel: Kernel) -> Phases:
    """Stride 1, valid padding, an even number of rows and columns; no bias.

    Args:
        inputs: maps of the layer below.
        kernel: weights of all filters.
    """
    if kernel.shape[2] == 1:
        return _from_larger_windows(inputs, kernel, 1)
    maps = patches_convolution(inputs, kernel, (1, 1), "VALID")
    n, h, w, c_out = maps.shape
    blocks = maps.reshape(n, h // 2, 2, w // 2, 2, c_out).swapaxes(2, 3)
    return _split(blocks.reshape(n, h // 2, w // 2, 4, c_out), -2)


def convolve_in_phases_by_unit(inputs: MapsByUnit, kernel: Kernel) -> Phases:
    """The same, faster to train with: in Winograd's tiles where they fit, and unit by unit."""
    if kernel.shape[2] == 1:
        return _from_larger_windows(inputs, kernel, 0)
    if side := side_of_tiles(inputs, kernel):
        return _split(phases_from_tiles(convolve_in_tiles(inputs, kernel, side)), 0)
    a, b, c, d = map(by_unit, convolve_in_phases(by_image(inputs), kernel))
    return a, b, c, d


def _from_larger_windows(inputs: FeatureMaps | MapsByUnit, kernel: Kernel, axis: int) -> Phases:
    """Of one map below: the four phases are four filters on windows that are larger by a row and a column.

    That is more arithmetic, but less than half the windows' memory, which is what takes the time there.
    """
    kh, kw, _, c_out = kernel.shape
    shifted = [
        jnp.pad(kernel, ((row, 1 - row), (column, 1 - column), (0, 0), (0, 0)))
        for row in (0, 1)
        for column in (0, 1)
    ]
    four = jnp.stack(shifted, axis=3).reshape((kh + 1) * (kw + 1), 4 * c_out)
    maps = product(windows(inputs, kh + 1, kw + 1, stride=2, axis=axis), four)
    a, b, c, d = _split(maps.reshape(-1, 4, c_out), 1)
    shape = (*maps.shape[:3], c_out)
    return a.reshape(shape), b.reshape(shape), c.reshape(shape), d.reshape(shape)


def _split(phases: Array, axis: int) -> tuple[Array, Array, Array, Array]:
    """Phases that lie along an axis, by a split: its VJP is one array, that of slices a sum of four."""
    a, b, c, d = (part.squeeze(axis) for part in lax.split(phases, (1, 1, 1, 1), axis % phases.ndim))
    return a, b, c, d


def max_relu(phases: Phases, bias: Float[Array, " c_out"]) -> Phase:
    """ReLU of the largest of four, plus a bias.

    Where several of the four are equal, the gradient is shared among them, as in `max_pool`.
    """
    a, b, c, d = (phase.reshape(-1, len(bias)) for phase in phases)  # loops without positions are faster
    return _max_relu((a, b, c, d), bias).reshape(phases[0].shape)


Row = Float[Array, "positions c_out"]
"""A phase, without the positions of its units."""


@jax.custom_vjp
def _max_relu(phases: tuple[Row, Row, Row, Row], bias: Float[Array, " c_out"]) -> Row:
    return jnp.maximum(_largest(phases) + bias[None], 0)


def _largest(phases: tuple[Row, Row, Row, Row]) -> Row:
    a, b, c, d = phases
    return jnp.maximum(jnp.maximum(a, b), jnp.maximum(c, d))


def _max_relu_forward(phases: tuple[Row, Row, Row, Row], bias: Array) -> tuple[Row, Any]:
    pooled = _max_relu(phases, bias)
    return pooled, (phases, pooled)


def _max_relu_backward(residuals: Any, upstream: Row) -> tuple[tuple[Row, Row, Row, Row], Array]:
    phases, pooled = residuals
    passed = jnp.where(pooled > 0, upstream, 0)
    largest = _largest(phases)
    winners = [phase == largest for phase in phases]
    share = passed / sum(winner.astype(passed.dtype) for winner in winners)
    a, b, c, d = (jnp.where(winner, share, 0) for winner in winners)
    return (a, b, c, d), passed.sum(0)


_max_relu.defvjp(_max_relu_forward, _max_relu_backward)
