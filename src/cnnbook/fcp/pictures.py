"""Pictures of digits: similarity of two, measures of the strokes of one, and means of patches and windows."""

import numpy as np
from jaxtyping import Bool, Float
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import distance_transform_edt, uniform_filter

from cnnbook.arrays import RawImages
from cnnbook.nets.geometry import Geometry

WINDOW = 7
_C1, _C2 = 0.01**2, 0.03**2

MEASURES = ("slant", "stroke width", "height of the bar", "openness of the top")
"""All of them; the last two are meant for 4s."""

_INK = 0.5


def ssim(first: Float[np.ndarray, "n h w"], second: Float[np.ndarray, "n h w"]) -> Float[np.ndarray, " n"]:
    """Mean structural similarity of each pair of pictures: 1 for equal ones, about 0 for unrelated ones.

    Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, "Image quality assessment: from error visibility to
    structural similarity", IEEE Transactions on Image Processing 13 (2004) 600, eq. 13, with a 7×7 window of
    equal weights and full ink as range.

    Args:
        first: values in [0, 1].
        second: likewise.

    Raises:
        ValueError: they have different shapes, or are smaller than the window.
    """
    if min(first.shape[1:]) < WINDOW:
        raise ValueError(f"first: shape {first.shape}, expected pictures of at least {WINDOW} by {WINDOW}")
    if first.shape != second.shape:
        raise ValueError(f"second: shape {second.shape}, expected that of the first, {first.shape}")
    mean_1, mean_2 = _local(first), _local(second)
    spread_1, spread_2 = _local(first**2) - mean_1**2, _local(second**2) - mean_2**2
    shared = _local(first * second) - mean_1 * mean_2
    likeness = (2 * mean_1 * mean_2 + _C1) * (2 * shared + _C2)
    edge = WINDOW // 2
    whole = likeness / ((mean_1**2 + mean_2**2 + _C1) * (spread_1 + spread_2 + _C2))
    return whole[:, edge:-edge, edge:-edge].mean(axis=(1, 2))


def _local(pictures: Float[np.ndarray, "n h w"]) -> Float[np.ndarray, "n h w"]:
    """The mean over each pixel's window."""
    return uniform_filter(pictures, (1, WINDOW, WINDOW))  # pyright: ignore[reportArgumentType]


def stroke_measures(images: Float[np.ndarray, "n 28 28"]) -> Float[np.ndarray, "n 4"]:
    """The four measures of each image, in the order of `MEASURES`; 0 for a blank image.

    Slant: shift to the right for each row upwards, from second moments. Stroke width: mean over the inked
    pixels of four times the distance to the nearest blank pixel; it grows with the width, and is about two
    pixels more. Height of the bar: the row with most ink, of the digit's lower two thirds, in units of its
    height from below. Openness of the top: of the upper third of the digit's rows, the mean share of the
    digit's width that lies blank between its outermost ink. A closed loop counts as open inside. An image
    that is inked all over has no blank pixel: its rim, outside the image, counts as blank.

    Args:
        images: ink, 0 to 1.
    """
    return np.array([_measures(image) for image in images], np.float64).reshape(-1, len(MEASURES))


def _measures(image: Float[np.ndarray, "28 28"]) -> tuple[float, float, float, float]:
    inked = image >= _INK
    if not inked.any():
        return 0.0, 0.0, 0.0, 0.0
    rows, columns = (np.flatnonzero(inked.any(axis=axis)) for axis in (1, 0))
    top, bottom, left, right = rows[0], rows[-1], columns[0], columns[-1]
    box = inked[top : bottom + 1, left : right + 1]
    height, width = box.shape
    lower = image[top + height // 3 : bottom + 1].sum(axis=1)
    bar = (len(lower) - 1 - int(lower.argmax())) / max(height - 1, 1)
    upper = box[: max(height // 3, 1)]
    blank_around = np.pad(inked, 1) if inked.all() else inked
    inside = np.asarray(distance_transform_edt(blank_around))
    inside = inside[blank_around]
    return _slant(image), 4 * float(inside.mean()), bar, _gap(upper) / width


def _slant(image: Float[np.ndarray, "28 28"]) -> float:
    """Shift to the right for each row upwards."""
    total = image.sum()
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    x, y = x - (image * x).sum() / total, y - (image * y).sum() / total
    upright = (image * y**2).sum()
    return float(-(image * x * y).sum() / upright) if upright > 0 else 0.0


def _gap(rows: Bool[np.ndarray, "h w"]) -> float:
    """Blank pixels between the outermost ink of a row, mean over the rows."""
    gaps = []
    for row in rows:
        inked = np.flatnonzero(row)
        gaps.append(inked[-1] - inked[0] + 1 - len(inked) if len(inked) else 0)
    return float(np.mean(gaps))


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
