"""Convolution by one matrix product, and 2×2 maxima: exact, and fast where XLA's own gradients are not.

Each unit depends on its own window alone. `cnnbook.nets.fast` has what trains faster still.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jaxtyping import Float

from cnnbook.arrays import FeatureMaps, Kernel, MapsByUnit


def patches_convolution(
    inputs: Float[Array, "n h w c_in"],
    kernel: Kernel,
    window_strides: Sequence[int],
    padding: str | Sequence[tuple[int, int]],
    **options: Any,
) -> Float[Array, "n h2 w2 c_out"]:
    """Convolve by one matrix product: every window laid out as a row, times the kernel.

    Equal to `jax.lax.conv_general_dilated` for stride 1 and valid padding, which is all that this
    network uses.

    Args:
        inputs: maps of the layer below.
        kernel: weights of all filters.
        window_strides: must be (1, 1).
        padding: must be "VALID".
        options: further arguments that `flax.nnx.Conv` passes; no dilation and no groups.

    Returns:
        Maps that are smaller by `kh - 1` rows and `kw - 1` columns.

    Raises:
        ValueError: another stride or padding, a dilation or groups were asked for.
    """
    check_options(window_strides, padding, options)
    kh, kw, c_in, c_out = kernel.shape
    return product(windows(inputs, kh, kw), kernel.reshape(kh * kw * c_in, c_out))


def by_unit(maps: FeatureMaps) -> MapsByUnit:
    """The same maps, unit by unit."""
    return maps.transpose(1, 2, 0, 3)


def by_image(maps: MapsByUnit) -> FeatureMaps:
    """The same maps, image by image."""
    return maps.transpose(2, 0, 1, 3)


def check_options(window_strides: Sequence[int], padding: Any, options: Mapping[str, Any]) -> None:
    """Raise unless stride, padding and options are those that products compute.

    Args and errors are those of `patches_convolution`.
    """
    if tuple(window_strides) != (1, 1) or padding != "VALID":
        raise ValueError(
            f"window_strides={tuple(window_strides)}, padding={padding!r}: by products we convolve only "
            "with stride (1, 1) and padding 'VALID'; use jax.lax.conv_general_dilated for others"
        )
    for name in ("lhs_dilation", "rhs_dilation", "feature_group_count"):
        if not np.all(np.equal(options.get(name) or 1, 1)):
            raise ValueError(
                f"{name}={options[name]}: by products we convolve only with 1; "
                "use jax.lax.conv_general_dilated for others"
            )


def windows(
    inputs: FeatureMaps | MapsByUnit, kh: int, kw: int, *, stride: int = 1, axis: int = 1
) -> Float[Array, "first second third patch"]:
    """Every kh×kw window of the inputs, flattened in the kernel's own order.

    Args:
        inputs: maps.
        kh: rows of a window.
        kw: columns of a window.
        stride: from one window to the next, in rows and in columns.
        axis: that of the rows; columns lie along the next one.
    """
    rows, columns = inputs.shape[axis] - kh + 1, inputs.shape[axis + 1] - kw + 1
    shifted = [
        lax.slice_in_dim(
            lax.slice_in_dim(inputs, i, i + rows, stride, axis), j, j + columns, stride, axis + 1
        )
        for i in range(kh)
        for j in range(kw)
    ]
    return jnp.concatenate(shifted, axis=-1)


@jax.custom_vjp
def product(rows: Float[Array, "n h w patch"], matrix: Float[Array, "patch c"]) -> Float[Array, "n h w c"]:
    """Rows times a matrix; the matrix's gradient is computed in the shape that is fast on a CPU.

    That gradient is a product with a long inner dimension and a small result. With the smaller side of the
    result as its rows it takes half the time, measured in `bench/`; the barrier keeps XLA from turning it.
    """
    return rows @ matrix


def _product_forward(rows: Array, matrix: Array) -> tuple[Array, tuple[Array, Array]]:
    return rows @ matrix, (rows, matrix)


def _product_backward(residuals: tuple[Array, Array], upstream: Array) -> tuple[Array, Array]:
    rows, matrix = residuals
    below, above = rows.reshape(-1, rows.shape[-1]), upstream.reshape(-1, upstream.shape[-1])
    by_first_axis = (((0,), (0,)), ((), ()))
    if below.shape[1] <= above.shape[1]:
        to_matrix = lax.dot_general(below, above, by_first_axis)
    else:
        to_matrix = lax.optimization_barrier(lax.dot_general(above, below, by_first_axis)).T
    return upstream @ matrix.T, to_matrix


product.defvjp(_product_forward, _product_backward)


def max_pool(inputs: FeatureMaps) -> Float[Array, "n h2 w2 c"]:
    """Keep the largest of every 2×2 block; an odd last row or column is dropped.

    Where several of the four are equal, the gradient is shared among them pairwise, while
    `jax.lax.reduce_window` gives it to one alone. Both are subgradients of the maximum.
    """
    n, h, w, c = inputs.shape
    blocks = inputs[:, : h // 2 * 2, : w // 2 * 2].reshape(n, h // 2, 2, w // 2, 2, c)
    upper = jnp.maximum(blocks[:, :, 0, :, 0], blocks[:, :, 0, :, 1])
    lower = jnp.maximum(blocks[:, :, 1, :, 0], blocks[:, :, 1, :, 1])
    return jnp.maximum(upper, lower)
