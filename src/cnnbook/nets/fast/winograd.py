"""Convolution with fewer multiplications: Winograd's minimal filtering, drawn in `cnnbook.nets.fast`.

As products of polynomials a tile of m×m units takes (m + r - 1)² multiplications instead of m²r², for a
kernel of r×r, between linear transforms of the tile below, of the kernel and of the products (Winograd,
Arithmetic Complexity of Computations, SIAM 1980): 196 instead of 900 for the 100 units of a map of Conv_2, 25
instead of 81 for the nine of Conv_3.

Maps lie unit by unit in memory (`MapsByUnit`), so that tiles are cut and joined in contiguous blocks.
"""

from collections.abc import Sequence
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Int

from cnnbook.arrays import Kernel, MapsByUnit
from cnnbook.nets.convolution import by_image, by_unit, check_options, patches_convolution

WINDOW = 3
"""Rows and columns of the kernels that this is written for."""

SIDES = (5, 3, 2)
"""Sides of tiles, the one with fewer multiplications a unit first. Larger ones would cost digits."""

POINTS = (0, 1, -1, 2, -2, 0.5)
"""Where the polynomials are evaluated, besides infinity; a tile of side m takes the first m + 1."""

Tiles = Float[Array, "units rows columns n c_out"]
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
    are values of the product; the map back to coefficients is the inverse, and the transpose of this
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


def side_of_tiles(inputs: MapsByUnit, kernel: Kernel) -> int | None:
    """The side of the tiles that the convolution's maps consist of; None if they do not, or for no gain.

    With one map below, the product is so small that the transforms cost more than they save.
    """
    if kernel.shape[:2] != (WINDOW, WINDOW) or kernel.shape[2] == 1:
        return None
    sizes = [size - WINDOW + 1 for size in inputs.shape[:2]]
    return next((side for side in SIDES if all(size > 0 and size % side == 0 for size in sizes)), None)


def tiles_convolution(
    inputs: Float[Array, "n h w c_in"],
    kernel: Kernel,
    window_strides: Sequence[int],
    padding: str | Sequence[tuple[int, int]],
    **options: Any,
) -> Float[Array, "n h2 w2 c_out"]:
    """Convolve by Winograd's tiles where the maps consist of whole ones, else by patches.

    Trains 1.5 times as fast as patches.

    Args and errors are those of `patches_convolution`.
    """
    check_options(window_strides, padding, options)
    units = by_unit(inputs)
    side = side_of_tiles(units, kernel)
    if side is None:
        return patches_convolution(inputs, kernel, window_strides, padding)
    return by_image(from_tiles(convolve_in_tiles(units, kernel, side)))


def convolve_in_tiles(inputs: MapsByUnit, kernel: Kernel, side: int) -> Tiles:
    """Stride 1, valid padding, 3×3 weights.

    Args:
        inputs: maps of the layer below.
        kernel: weights of all filters.
        side: of a tile, one of `SIDES`.

    Raises:
        ValueError: the result does not consist of whole tiles.
    """
    rows, columns = (_tiles_in(size - WINDOW + 1, side, inputs.shape) for size in inputs.shape[:2])
    reach, (c_in, c_out) = side + WINDOW - 1, kernel.shape[2:]
    of = transforms(side)
    below = _below(inputs, side, rows, columns)
    values = (of.inputs @ below.reshape(reach**2, -1)).reshape(reach**2, -1, c_in)
    weights = (of.kernel @ kernel.reshape(WINDOW**2, -1)).reshape(reach**2, c_in, c_out)
    products = jnp.einsum("pmk,pkc->pmc", values, weights)
    units = of.outputs @ products.reshape(reach**2, -1)
    return jnp.reshape(units, (side**2, rows, columns, inputs.shape[2], c_out))


def _below(
    inputs: MapsByUnit, side: int, rows: int, columns: int
) -> Float[Array, "reach_rows reach_columns rows columns n c_in"]:
    """What each tile depends on: a slice for each tile, or for each position in a tile, whichever are fewer.

    In the backward pass slices are added up, in a loop that finds for every number the slices it lies in.
    """
    reach = side + WINDOW - 1
    if rows * columns <= reach**2:
        below = jnp.stack(
            [
                inputs[i * side : i * side + reach, j * side : j * side + reach]
                for i in range(rows)
                for j in range(columns)
            ],
            axis=2,
        )
    else:
        h, w = (size - reach + 1 for size in inputs.shape[:2])
        below = jnp.stack(
            [inputs[i : i + h : side, j : j + w : side] for i in range(reach) for j in range(reach)]
        )
    return below.reshape(reach, reach, rows, columns, *inputs.shape[2:])


def _tiles_in(size: int, side: int, shape: tuple[int, ...]) -> int:
    """How many tiles make up some rows or columns."""
    if size < side or size % side:
        raise ValueError(
            f"side={side}: expected a divisor of the rows and columns of the result, and {size} is one of "
            f"them, of inputs of shape {shape}; ask side_of_tiles first"
        )
    return size // side


def from_tiles(tiles: Tiles) -> MapsByUnit:
    """The maps that were cut into these tiles."""
    positions = _unit_positions(tiles)
    return _reordered_units(tiles, positions).reshape(*positions.shape, *tiles.shape[3:])


def phases_from_tiles(tiles: Tiles) -> Float[Array, "4 h2 w2 n c_out"]:
    """The same, as maps of the four units of each 2×2 block: upper left and right, lower left and right."""
    positions = _unit_positions(tiles)
    h2, w2 = (size // 2 for size in positions.shape)
    order = positions.reshape(h2, 2, w2, 2).transpose(1, 3, 0, 2)
    return _reordered_units(tiles, order).reshape(4, h2, w2, *tiles.shape[3:])


def _unit_positions(tiles: Tiles) -> Int[np.ndarray, "h w"]:
    """The index of each unit of the maps among all units of all tiles."""
    units, rows, columns = tiles.shape[:3]
    side = round(units**0.5)
    numbers = np.arange(units * rows * columns).reshape(side, side, rows, columns)
    return numbers.transpose(2, 0, 3, 1).reshape(rows * side, columns * side)


def _reordered_units(tiles: Tiles, positions: np.ndarray) -> Float[Array, "positions numbers"]:
    """Each unit's numbers of all images and maps, in another order of the units."""
    units, order = tiles.reshape(positions.size, -1), positions.ravel().tolist()
    return units if order == sorted(order) else _reordered(units, tuple(order))


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def _reordered(rows: Float[Array, "rows numbers"], order: tuple[int, ...]) -> Float[Array, "rows numbers"]:
    """All rows in another order; its VJP is another order as well, not a sum.

    Taken in two halves, because of one gather XLA makes a loop that finds each number's position anew as soon
    as the result is reshaped: five times slower.
    """
    half = len(order) // 2
    return jnp.concatenate([rows[np.array(part)] for part in (order[:half], order[half:])])


def _reordered_forward(rows: Array, order: tuple[int, ...]) -> tuple[Array, None]:
    return _reordered(rows, order), None


def _reordered_backward(order: tuple[int, ...], residuals: None, upstream: Array) -> tuple[Array]:
    return (_reordered(upstream, tuple(np.argsort(order).tolist())),)


_reordered.defvjp(_reordered_forward, _reordered_backward)
