"""Convolution, ReLU and 2×2 maximum as one step that is fast on a CPU.

The four units that a 2×2 maximum compares are computed side by side, on an axis of their own ("phases": upper
left, upper right, lower left, lower right), instead of two rows and two columns apart. Bias and ReLU come
after the maximum, which changes nothing, since both grow with their argument: three of four additions are
saved, and the way back needs one comparison a unit.
"""

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array
from jaxtyping import Float

from cnnbook.arrays import FeatureMaps, Kernel
from cnnbook.nets.convolution import max_pool, patches_convolution, product, windows

Phases = Float[Array, "n h2 w2 4 c_out"]
"""Maps with an even number of rows and columns, the four units of each 2×2 block on one axis."""


def convolve_and_pool(layer: nnx.Conv, maps: FeatureMaps) -> tuple[Array, Array]:
    """A layer's preactivations, and their activations after 2×2 maximum.

    On a CPU the maximum is taken where it is cheap, if no row or column is left over.
    """
    sizes = [size - window + 1 for size, window in zip(maps.shape[1:3], layer.kernel_size, strict=True)]
    if layer.conv_general_dilated is not patches_convolution or any(size % 2 for size in sizes):
        before = layer(maps)
        return before, max_pool(nnx.relu(before))
    assert layer.bias is not None
    phases, bias = convolve_in_phases(maps, layer.kernel[...]), layer.bias[...]
    return from_phases(phases) + bias[None, None, None], max_relu(phases, bias)


def to_phases(maps: FeatureMaps) -> Phases:
    """Maps in phases; rows and columns must be even in number."""
    n, h, w, c = maps.shape
    blocks = maps.reshape(n, h // 2, 2, w // 2, 2, c).transpose(0, 1, 3, 2, 4, 5)
    return blocks.reshape(n, h // 2, w // 2, 4, c)


def from_phases(phases: Phases) -> FeatureMaps:
    """The maps that are kept in these phases."""
    n, h2, w2, _, c = phases.shape
    blocks = phases.reshape(n, h2, w2, 2, 2, c).transpose(0, 1, 3, 2, 4, 5)
    return blocks.reshape(n, 2 * h2, 2 * w2, c)


def convolve_in_phases(inputs: FeatureMaps, kernel: Kernel) -> Phases:
    """Stride 1, valid padding, an even number of rows and columns; no bias.

    With one map below, the four phases are four filters on windows that are larger by a row and a column:
    more arithmetic, but less than half the windows' memory, which is what takes the time there.
    """
    kh, kw, c_in, c_out = kernel.shape
    if c_in > 1:
        return to_phases(patches_convolution(inputs, kernel, (1, 1), "VALID"))
    shifted = [
        jnp.pad(kernel, ((row, 1 - row), (column, 1 - column), (0, 0), (0, 0)))
        for row in (0, 1)
        for column in (0, 1)
    ]
    four = jnp.stack(shifted, axis=3).reshape((kh + 1) * (kw + 1), 4 * c_out)
    found = product(windows(inputs, kh + 1, kw + 1, stride=2), four)
    return found.reshape(*found.shape[:3], 4, c_out)


@jax.custom_vjp
def max_relu(phases: Phases, bias: Float[Array, " c_out"]) -> Float[Array, "n h2 w2 c_out"]:
    """ReLU of the largest of four, plus a bias.

    Where several of the four are equal, the gradient is shared among them, as in `max_pool`.
    """
    return jnp.maximum(_largest(phases) + bias[None, None, None], 0)


def _largest(phases: Phases) -> Float[Array, "n h2 w2 c_out"]:
    a, b, c, d = _four(phases)
    return jnp.maximum(jnp.maximum(a, b), jnp.maximum(c, d))


def _four(phases: Phases) -> tuple[Array, ...]:
    """The phases one by one: XLA compiles this better than a maximum along an axis."""
    return tuple(phases[..., number, :] for number in range(4))


def _max_relu_forward(phases: Phases, bias: Array) -> tuple[Array, tuple[Array, Array]]:
    pooled = max_relu(phases, bias)
    return pooled, (phases, pooled)


def _max_relu_backward(kept: tuple[Array, Array], upstream: Array) -> tuple[Array, Array]:
    phases, pooled = kept
    passed = jnp.where(pooled > 0, upstream, 0)
    largest = _largest(phases)
    winners = [phase == largest for phase in _four(phases)]
    share = passed / sum(winner.astype(passed.dtype) for winner in winners)
    to_phase = jnp.stack([jnp.where(winner, share, 0) for winner in winners], axis=-2)
    return to_phase, passed.sum((0, 1, 2))


max_relu.defvjp(_max_relu_forward, _max_relu_backward)
