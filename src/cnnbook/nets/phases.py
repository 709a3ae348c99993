"""Convolution, ReLU and 2×2 maximum as one step that is fast on a CPU.

The four units that a 2×2 maximum compares are computed side by side, in arrays of their own ("phases": upper
left, upper right, lower left, lower right), instead of two rows and two columns apart. Bias and ReLU come
after the maximum, which changes nothing, since both grow with their argument: three of four additions are
saved, and the way back needs one comparison a unit.
"""

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array, lax
from jaxtyping import Float

from cnnbook.arrays import FeatureMaps, Kernel
from cnnbook.nets.convolution import max_pool, patches_convolution, product, tiles_convolution, windows
from cnnbook.nets.winograd import convolve_in_tiles, from_tiles, side_of_tiles

Phase = Float[Array, "n h2 w2 c_out"]
"""The units at one place of every 2×2 block of some maps."""

Phases = tuple[Phase, Phase, Phase, Phase]
"""Maps with an even number of rows and columns: upper left, upper right, lower left, lower right."""


def convolve_and_pool(layer: nnx.Conv, maps: FeatureMaps) -> tuple[Array, Array]:
    """A layer's preactivations, and their activations after 2×2 maximum.

    On a CPU the maximum is taken where it is cheap, if no row or column is left over.
    """
    sizes = [size - window + 1 for size, window in zip(maps.shape[1:3], layer.kernel_size, strict=True)]
    ours = layer.conv_general_dilated in (patches_convolution, tiles_convolution)
    if not ours or any(size % 2 for size in sizes):
        before = layer(maps)
        return before, max_pool(nnx.relu(before))
    assert layer.bias is not None
    in_tiles = layer.conv_general_dilated is tiles_convolution
    phases, bias = convolve_in_phases(maps, layer.kernel[...], in_tiles=in_tiles), layer.bias[...]
    return from_phases(phases) + bias[None, None, None], max_relu(phases, bias)


def from_phases(phases: Phases) -> FeatureMaps:
    """The maps that are kept in these phases."""
    return from_tiles(jnp.stack(phases))


def convolve_in_phases(inputs: FeatureMaps, kernel: Kernel, *, in_tiles: bool) -> Phases:
    """Stride 1, valid padding, an even number of rows and columns; no bias.

    With one map below, the four phases are four filters on windows that are larger by a row and a column:
    more arithmetic, but less than half the windows' memory, which is what takes the time there.

    Args:
        inputs: maps of the layer below.
        kernel: weights of all filters.
        in_tiles: take the phases from Winograd's tiles of side 2, where these fit.
    """
    kh, kw, c_in, c_out = kernel.shape
    if in_tiles and side_of_tiles(inputs, kernel):
        return _apart(convolve_in_tiles(inputs, kernel, 2), 0)
    if c_in > 1:
        maps = patches_convolution(inputs, kernel, (1, 1), "VALID")
        n, h, w, _ = maps.shape
        blocks = maps.reshape(n, h // 2, 2, w // 2, 2, c_out).swapaxes(2, 3)
        return _apart(blocks.reshape(n, h // 2, w // 2, 4, c_out), -2)
    shifted = [
        jnp.pad(kernel, ((row, 1 - row), (column, 1 - column), (0, 0), (0, 0)))
        for row in (0, 1)
        for column in (0, 1)
    ]
    four = jnp.stack(shifted, axis=3).reshape((kh + 1) * (kw + 1), 4 * c_out)
    found = product(windows(inputs, kh + 1, kw + 1, stride=2), four)
    return _apart(found.reshape(*found.shape[:3], 4, c_out), -2)


def _apart(phases: Array, axis: int) -> Phases:
    """Phases that lie along an axis, by a split: its way back is one array, that of slices a sum of four."""
    a, b, c, d = (part.squeeze(axis) for part in lax.split(phases, (1, 1, 1, 1), axis % phases.ndim))
    return a, b, c, d


@jax.custom_vjp
def max_relu(phases: Phases, bias: Float[Array, " c_out"]) -> Phase:
    """ReLU of the largest of four, plus a bias.

    Where several of the four are equal, the gradient is shared among them, as in `max_pool`.
    """
    return jnp.maximum(_largest(phases) + bias[None, None, None], 0)


def _largest(phases: Phases) -> Phase:
    a, b, c, d = phases
    return jnp.maximum(jnp.maximum(a, b), jnp.maximum(c, d))


def _max_relu_forward(phases: Phases, bias: Array) -> tuple[Array, tuple[Phases, Array]]:
    pooled = max_relu(phases, bias)
    return pooled, (phases, pooled)


def _max_relu_backward(kept: tuple[Phases, Array], upstream: Array) -> tuple[Phases, Array]:
    phases, pooled = kept
    passed = jnp.where(pooled > 0, upstream, 0)
    largest = _largest(phases)
    winners = [phase == largest for phase in phases]
    share = passed / sum(winner.astype(passed.dtype) for winner in winners)
    a, b, c, d = (jnp.where(winner, share, 0) for winner in winners)
    return (a, b, c, d), passed.sum((0, 1, 2))


max_relu.defvjp(_max_relu_forward, _max_relu_backward)
