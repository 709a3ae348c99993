"""How large a part of the image matters to a point: areas that hold a share of a quantity."""

import numpy as np
from jaxtyping import Float
from numpy.lib.stride_tricks import sliding_window_view

from cnnbook.arrays import RawImages
from cnnbook.nets.geometry import Geometry

HELD = 0.95
"""The share of the squared gradient that an effective receptive field holds."""


def area_holding(weights: Float[np.ndarray, "*maps h w"], share: float = HELD) -> Float[np.ndarray, "*maps"]:
    """The smallest share of pixels that together hold a share of the weight.

    Args:
        weights: of the pixels, not negative.
        share: of their sum, 0 to 1.

    Returns:
        In [0, 1]; 0 where nothing has any weight.
    """
    flat = weights.reshape(*weights.shape[:-2], -1).astype(np.float64)
    total = flat.sum(axis=-1, keepdims=True)
    held = np.cumsum(-np.sort(-flat, axis=-1), axis=-1)  # the heaviest pixels first
    needed = (held < share * total * (1 - 1e-12)).sum(axis=-1) + 1
    return np.where(total[..., 0] > 0, np.minimum(needed, flat.shape[-1]) / flat.shape[-1], 0.0)


def patch_means(picture: Float[np.ndarray, "h w"], side: int, step: int) -> Float[np.ndarray, "rows columns"]:
    """The mean of a picture over square patches, as occlusion blanks them.

    Args:
        picture: any.
        side: of a patch.
        step: from one patch to the next.
    """
    windows = sliding_window_view(picture, (side, side))
    return windows[::step, ::step].mean(axis=(-2, -1))


def window_means(images: RawImages, geometry: Geometry) -> Float[np.ndarray, "n size size"]:
    """The mean pixel, in [0, 1], of the window of each unit of a layer.

    Args:
        images: as stored, 0 to 255.
        geometry: of the layer.
    """
    field, jump = geometry.receptive_field, geometry.jump
    windows = sliding_window_view(images, (field, field), axis=(1, 2))[:, ::jump, ::jump]
    return windows[:, : geometry.size, : geometry.size].mean(axis=(-2, -1)) / 255
