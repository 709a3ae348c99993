"""Convolution and pooling that train fast on a CPU, behind the interface of `jax.lax.conv_general_dilated`.

XLA's own CPU gradients of a convolution and of a windowed maximum are slow: a network written with them
trains seven to ten times slower than in PyTorch. Two decompositions avoid them; see `bench/`.

**Winograd tiles** (`winograd`). A map is cut into tiles of m×m units. A tile depends on (m + 2)² numbers of
each map below, for a kernel of 3×3; tiles do not overlap, what they depend on does. For m = 3::

      map below, 8 × 8             map above, 6 × 6
      ┌─────────────────┐          ┌───────┬───────┐
      │a a a ab ab b b b│ ─┐       │ 1 2 3 │ 1 2 3 │
      │a a a ab ab b b b│  │       │ 4 5 6 │ 4 5 6 │   four tiles a, b, c, d of 9 units;
      │a a a ab ab b b b│  │       │ 7 8 9 │ 7 8 9 │   each takes 25 multiplications
      │ac …             │  │       ├───────┼───────┤   instead of 81
      │ac …             │ ─┘ 5     │ 1 2 3 │ 1 2 3 │
      │c  …             │          │ 4 5 6 │ 4 5 6 │
      │c  …             │          │ 7 8 9 │ 7 8 9 │
      │c  …             │          └───────┴───────┘
      └─────────────────┘

With B, G and A constant matrices, d the 25 numbers below a tile, g the 9 weights, Y its 9 units, for each
pair of maps (Lavin and Gray, CVPR 2016, eq. 8, flattened)::

      Y = A · [ (G · g) ⊙ (B · d) ],     summed over the maps below inside the brackets

Only that sum is a matrix product over maps; the rest are small products with constants.

**Polyphase pooling** (`polyphase`). The units that a 2×2 maximum compares are computed into four arrays, the
phases, in which neighbours of a block have the same position::

      a b a b        phases   a a   b b   c c   d d        pooled = relu(max(a, b, c, d) + bias)
      c d c d    →            a a   b b   c c   d d
      a b a b
      c d c d

The maximum then reads whole arrays instead of every second row and column; bias and ReLU come after it, which
changes nothing, since both grow with their argument, and saves three of four additions.

A unit of a tile depends, in the size of rounding, on all that its tile depends on, and so does its gradient:
experiments about windows use `cnnbook.nets.convolution.patches_convolution`, where that is not so.
"""

from collections.abc import Callable

import jax
from jax import Array, lax

from cnnbook.nets.convolution import patches_convolution
from cnnbook.nets.fast.winograd import tiles_convolution

Convolution = Callable[..., Array]
"""What `flax.nnx.Conv` takes as `conv_general_dilated`."""


def convolution_for(platform: str, *, training: bool = False) -> Convolution:
    """The convolution to use on a JAX platform.

    On "cpu" it is ours. On "gpu" it is XLA's own, except in training: for many networks at once XLA makes its
    convolution one with groups, which takes 1.7 times as long as patches (`bench/results/operations.json`).
    On "tpu" it is XLA's own.

    Args:
        platform: its name.
        training: whether weights are learned; if not, a unit's value depends on its window alone.
    """
    if platform == "gpu" and training:
        return patches_convolution
    if platform != "cpu":
        return lax.conv_general_dilated
    return tiles_convolution if training else patches_convolution


def default_convolution(*, training: bool = False) -> Convolution:
    """The convolution that suits the platform JAX runs on now."""
    return convolution_for(jax.default_backend(), training=training)
