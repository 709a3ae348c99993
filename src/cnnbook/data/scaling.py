"""How pixels become network inputs: input A, pixel/255, or input B, standardised pixel by pixel.

NumPy only. The arithmetic is `(pixel / 255 - mean) / std` for both, so a traced function can do the same with
`mean` and `std`.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, UInt8

from cnnbook.data.digits import SIDE, read_only

SCALINGS = ("unit", "standardised")
"""Input A and input B."""

_FULL = np.float32(255)
_CHUNK = 1024


@dataclass(frozen=True, kw_only=True, eq=False)
class Scaling:
    """A scaling with its numbers; `fit_scaling` makes one.

    Attributes:
        name: "unit" (input A) or "standardised" (input B).
        mean: what is subtracted, in units of full ink; 0 for "unit".
        std: what is divided by, in units of full ink; 1 for "unit", and where no training image has any ink.
    """

    name: str
    mean: Float32[np.ndarray, "28 28"]
    std: Float32[np.ndarray, "28 28"]

    def __call__(self, images: UInt8[np.ndarray, "n 28 28"]) -> Float32[np.ndarray, "n 28 28 1"]:
        """Network inputs from pixels of 0 to 255."""
        scaled = images.astype(np.float32)
        scaled /= _FULL
        if self.name != "unit":
            scaled -= self.mean
            scaled /= self.std
        return scaled[..., np.newaxis]


def fit_scaling(name: str, train_images: UInt8[np.ndarray, "n 28 28"]) -> Scaling:
    """A scaling, with the statistics of training images.

    A pixel that is the same in all of them gets a standard deviation of 1, so that it becomes 0 in each of
    them (and in another image, at most 1 from it).

    Args:
        name: "unit" or "standardised".
        train_images: pixels of 0 to 255; only "standardised" looks at them.

    Raises:
        ValueError: no such scaling, or no images.
    """
    if name not in SCALINGS:
        raise ValueError(f"name={name!r}: expected one of {', '.join(SCALINGS)}")
    mean, std = np.zeros((SIDE, SIDE)), np.ones((SIDE, SIDE))
    if name == "standardised":
        mean, std = _statistics(train_images)
    mean, std = (read_only(each.astype(np.float32)) for each in (mean, std))
    return Scaling(name=name, mean=mean, std=std)


def _statistics(
    images: UInt8[np.ndarray, "n 28 28"],
) -> tuple[Float[np.ndarray, "28 28"], Float[np.ndarray, "28 28"]]:
    """Each pixel's mean and standard deviation over images, from sums that are exact."""
    count = len(images)
    if not count:
        raise ValueError("train_images: no images, expected at least one")
    total = images.sum(axis=0, dtype=np.int64)
    squares = np.zeros((SIDE, SIDE), dtype=np.int64)
    for start in range(0, count, _CHUNK):
        squares += np.square(images[start : start + _CHUNK], dtype=np.uint32).sum(axis=0, dtype=np.int64)
    variance = (count * squares - total**2) / count**2
    std = np.where(variance > 0, np.sqrt(variance), 255.0)
    return total / count / 255, std / 255
