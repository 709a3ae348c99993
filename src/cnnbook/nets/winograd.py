"""Convolution with fewer multiplications: Winograd's minimal filtering.

A tile of m×m units of a map depends on (m + r - 1)² numbers of each map below, for a kernel of r×r. As
products of polynomials it takes (m + r - 1)² multiplications instead of m²r², between linear transforms of
the tile below, of the kernel and of the products (Winograd, Arithmetic Complexity of Computations, SIAM 1980;
Lavin and Gray, CVPR 2016, eq. 8): 16 instead of 36 for the four units that a 2×2 maximum compares, 25 instead
of 81 for Conv_3's whole map. All but the transforms is one batched matrix product.
"""

from functools import cache
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from cnnbook.arrays import FeatureMaps, Kernel

WINDOW = 3
"""Rows and columns of the kernels that this is written for."""

SIDES = (3, 2)
"""Sides of tiles, the one with fewer multiplications a unit first. Larger ones would cost digits."""

POINTS = (0, 1, -1, 2)
"""Where the polynomials are evaluated, besides infinity; a tile of side 2 takes all but the last."""

Tiles = Float[Array, "units n rows columns c_out"]
"""Maps cut into square tiles; the units of a tile, row by row, on the first axis."""


class Transforms(NamedTuple):
    """What makes a tile of products: outputs @ ((kernel @ weights) * (inputs @ below)), all flattened.

    Attributes:
        inputs: of a tile below, (side + 2)² numbers.
        kernel: of the 9 weights between two maps.
        outputs: from the products to the side² units of a tile.
    """

    inputs: Float[np.ndarray, "points points"]
    kernel: Float[np.ndarray, "points 9"]
    outputs: Float[np.ndarray, "units points"]


@cache
def transforms(side: int) -> Transforms:
    """Toom and Cook's transforms for two dimensions, as Kronecker products of those for one.

    In one dimension `powers(k)` evaluates a polynomial with k coefficients at every point. Products of values
    are values of the product; the way back to coefficients is the inverse, and the transpose of this
    multiplication of polynomials is the convolution. Rows are scaled so that the largest factor of an input
    is 1, which changes nothing but the size of intermediate numbers.

    Args:
        side: of a tile, one of `SIDES`.
    """
    size = side + WINDOW - 1

    def powers(count: int) -> np.ndarray:
        finite = [[float(point) ** power for power in range(count)] for point in POINTS[: size - 1]]
        return np.array([*finite, [0.0] * (count - 1) + [1.0]])

    inputs = np.linalg.inv(powers(size)).T
    scale = abs(inputs).max(axis=1, keepdims=True)
    in_one_dimension = (inputs / scale, powers(WINDOW) * scale, powers(side).T)
    return Transforms(*(np.kron(part, part).astype(np.float32) for part in in_one_dimension))


def side_of_tiles(inputs: FeatureMaps, kernel: Kernel) -> int | None:
    """The side of the tiles that the convolution's maps consist of; None if they do not, or for no gain.

    With one map below, the product is so small that the transforms cost more than they save.
    """
    if kernel.shape[:2] != (WINDOW, WINDOW) or kernel.shape[2] == 1:
        return None
    sizes = [size - WINDOW + 1 for size in inputs.shape[1:3]]
    return next((side for side in SIDES if all(size > 0 and size % side == 0 for size in sizes)), None)


def convolve_in_tiles(inputs: FeatureMaps, kernel: Kernel, side: int) -> Tiles:
    """Stride 1, valid padding, 3×3 weights; rows and columns of the result must be multiples of `side`."""
    rows, columns = ((size - WINDOW + 1) // side for size in inputs.shape[1:3])
    n, c_in, c_out = len(inputs), *kernel.shape[2:]
    of = transforms(side)
    below = jnp.stack([
        inputs[:, i : i + (rows - 1) * side + 1 : side, j : j + (columns - 1) * side + 1 : side]
        for i in range(side + WINDOW - 1)
        for j in range(side + WINDOW - 1)
    ])  # fmt: skip
    values = (of.inputs @ below.reshape(len(below), -1)).reshape(len(below), -1, c_in)
    weights = (of.kernel @ kernel.reshape(WINDOW**2, -1)).reshape(len(below), c_in, c_out)
    products = jnp.einsum("pmk,pkc->pmc", values, weights)
    units = of.outputs @ products.reshape(len(below), -1)
    return jnp.reshape(units, (side**2, n, rows, columns, c_out))


def from_tiles(tiles: Tiles) -> FeatureMaps:
    """The maps that were cut into these tiles."""
    units, n, rows, columns, c_out = tiles.shape
    side = round(units**0.5)
    blocks = tiles.reshape(side, side, n, rows, columns, c_out).transpose(2, 3, 0, 4, 1, 5)
    return blocks.reshape(n, rows * side, columns * side, c_out)
