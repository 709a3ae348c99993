"""Somebody's own picture of a digit, made into what MNIST's images are.

MNIST's digits were fitted into 20×20 pixels, keeping their proportions, and placed in 28×28 by their centre
of mass (LeCun, Bottou, Bengio and Haffner, Proceedings of the IEEE 86, 1998, section III.A).
"""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageOps

from cnnbook.data.digits import SIDE

BOX = 20
"""Pixels along the longer side of a digit."""

MIDDLE = 14.0
"""Row and column of a digit's centre of mass, counted from 0: what it is in MNIST, to half a pixel."""

LARGEST = 1000
"""A larger picture is reduced to so many pixels along its longer side first."""

LEAST_CONTRAST = 32
"""Grey levels, of 255, between the lightest and the darkest pixel of a picture that shows anything."""

PAPER = 0.1
"""Share of full ink below which a pixel is paper: noise and the grain of a photograph."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
"""Formats that are opened, as Pillow names them: pictures of pixels, decoded within this process.

Pillow itself opens others too, such as EPS, for which it starts Ghostscript: a PostScript program may run for
ever.
"""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A digit as MNIST would have it.

    Attributes:
        image: 0 is paper and 255 is ink.
        steps: what was done to the picture, in a few words.
    """

    image: UInt8[np.ndarray, "28 28"]
    steps: str


def read_picture(path: Path) -> Picture:
    """Read a picture of one digit.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a picture, or there is nothing on it.
    """
    if not path.is_file():
        what = "a folder" if path.is_dir() else "no such file"
        raise FileNotFoundError(f"{path}: {what}; expected a picture, or the number of a test image")
    try:
        return as_mnist(_grey(path))
    except BlankPicture as error:
        raise ValueError(f"{path}: {error}") from error


class BlankPicture(ValueError):
    """A picture that has one tone only."""


def as_mnist(grey: UInt8[np.ndarray, "h w"]) -> Picture:
    """A digit of any size, dark on light or light on dark, as MNIST would have it.

    Args:
        grey: 0 is black and 255 is white.

    Raises:
        BlankPicture: the picture has one tone only.
    """
    around = float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
    low, high = int(grey.min()), int(grey.max())
    dark_on_light = around > (low + high) / 2
    if grey.shape == (SIDE, SIDE) and around < LEAST_CONTRAST:
        return Picture(image=grey, steps=f"{SIDE}×{SIDE} on black, taken as it is")
    if high - low < LEAST_CONTRAST:
        raise BlankPicture(f"grey levels {low} to {high} only; expected a digit that stands out")
    ink = np.clip((around - grey if dark_on_light else grey - around), 0, None)
    steps = ["dark on light, inverted"] if dark_on_light else ["light on dark"]
    digit, (height, width) = _fitted(ink / ink.max())
    steps.append(f"digit of {width}×{height} fitted into {BOX}×{BOX}")
    steps.append(f"centre of mass in the middle of {SIDE}×{SIDE}")
    return Picture(image=_placed(digit), steps=", ".join(steps))


def _grey(path: Path) -> UInt8[np.ndarray, "h w"]:
    """A file's picture in grey, upright, on white where it is transparent."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as opened:
                picture = ImageOps.exif_transpose(opened)
                if picture.has_transparency_data:
                    picture = picture.convert("RGBA")
                    picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
                if picture.mode.startswith(("I", "F")):  # 16 bits
                    picture = Image.fromarray(np.clip(np.asarray(picture) / 257, 0, 255).astype(np.uint8))
                picture = picture.convert("L")
                picture.thumbnail((LARGEST, LARGEST))
                return np.array(picture)
    except Exception as error:  # what a decoder raises depends on the format and on the damage
        raise ValueError(
            f"{path}: not a picture that can be read ({error}); expected {', '.join(FORMATS)}"
        ) from error


def _fitted(ink: Float[np.ndarray, "h w"]) -> tuple[Float[np.ndarray, "rows columns"], tuple[int, int]]:
    """The part with ink, fitted into the box; and its size before.

    Args:
        ink: 0 to 1.
    """
    ink = np.clip((ink - PAPER) / (1 - PAPER), 0, None)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    part = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = part.shape
    scale = BOX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    digit = Image.fromarray(part.astype(np.float32)).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(digit, dtype=np.float64), (height, width)


def _placed(digit: Float[np.ndarray, "rows columns"]) -> UInt8[np.ndarray, "28 28"]:
    """A digit on an empty image, its centre of mass in the middle, its darkest ink full."""
    image = np.zeros((SIDE, SIDE), np.uint8)
    corner = []
    for axis, size in enumerate(digit.shape):
        mass = digit.sum(axis=1 - axis)
        centre = float(mass @ np.arange(size) / mass.sum())
        corner.append(min(max(round(MIDDLE - centre), 0), SIDE - size))
    top, left = corner
    levels = np.round(255 * digit / digit.max()).astype(np.uint8)
    image[top : top + digit.shape[0], left : left + digit.shape[1]] = levels
    return image
