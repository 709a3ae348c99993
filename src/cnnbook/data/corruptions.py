"""Changed digits, each kind at three levels, after those of MNIST-C.

N. Mu and J. Gilmer, "MNIST-C: A robustness benchmark for computer vision", 2019. Computed here, from their
descriptions and with levels of our own: these are not their images.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from scipy import ndimage

from cnnbook.arrays import RawImages

Pictures = Float[np.ndarray, "n h w"]
"""Ink, 0 to 1."""


class Corruption(NamedTuple):
    """A kind of change.

    Attributes:
        apply: gives changed pictures for pictures, a level, and random numbers from 0 to 1 of the same shape.
        levels: weak, medium and strong.
        says: what a level is.
    """

    apply: Callable[[Pictures, float, Pictures], Pictures]
    levels: tuple[float, float, float]
    says: str


def _mapped(pictures: Pictures, matrix: Float[np.ndarray, "2 2"]) -> Pictures:
    """Pictures of which each point shows the point that a matrix gives, about the middle."""
    middle = (np.array(pictures.shape[1:]) - 1) / 2
    offset: Any = middle - matrix @ middle
    return np.array([ndimage.affine_transform(each, matrix, offset=offset, order=1) for each in pictures])


def _rotated(pictures: Pictures, degrees: float, random: Pictures) -> Pictures:
    """Every other picture turned to the other side."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = np.empty_like(pictures)
    turned[::2], turned[1::2] = _mapped(pictures[::2], turn), _mapped(pictures[1::2], turn.T)
    return turned


def _sheared(pictures: Pictures, shear: float, random: Pictures) -> Pictures:
    """Every other picture sheared to the other side."""
    sheared = np.empty_like(pictures)
    for first, sign in ((0, 1), (1, -1)):
        sheared[first::2] = _mapped(pictures[first::2], np.array([[1.0, 0.0], [sign * shear, 1.0]]))
    return sheared


def _scaled(pictures: Pictures, factor: float, random: Pictures) -> Pictures:
    return _mapped(pictures, np.eye(2) / factor)


def _thinner(pictures: Pictures, share: float, random: Pictures) -> Pictures:
    return pictures + share * (ndimage.grey_erosion(pictures, size=(1, 3, 3)) - pictures)


def _thicker(pictures: Pictures, share: float, random: Pictures) -> Pictures:
    return pictures + share * (ndimage.grey_dilation(pictures, size=(1, 3, 3)) - pictures)


def _noisy(pictures: Pictures, width: float, random: Pictures) -> Pictures:
    return pictures + width * (2 * random - 1)


def _speckled(pictures: Pictures, share: float, random: Pictures) -> Pictures:
    """Some pixels without ink, as many with full ink."""
    return np.where(random < share / 2, 0.0, np.where(random > 1 - share / 2, 1.0, pictures))


def _blurred(pictures: Pictures, width: float, random: Pictures) -> Pictures:
    return np.asarray(ndimage.gaussian_filter(pictures, (0, width, width)))


def _faint(pictures: Pictures, factor: float, random: Pictures) -> Pictures:
    return pictures * factor


def _grey_paper(pictures: Pictures, ink: float, random: Pictures) -> Pictures:
    return pictures + ink


def _striped(pictures: Pictures, stripes: float, random: Pictures) -> Pictures:
    """Stripes of full ink, two rows each, from top to bottom."""
    striped = pictures.copy()
    for row in (4, 22, 13)[: int(stripes)]:
        striped[:, row : row + 2] = 1
    return striped


def _covered(pictures: Pictures, side: float, random: Pictures) -> Pictures:
    """A blank square in the middle."""
    covered, begin = pictures.copy(), (pictures.shape[1] - int(side)) // 2
    covered[:, begin : begin + int(side), begin : begin + int(side)] = 0
    return covered


CORRUPTIONS: Mapping[str, Corruption] = {
    "rotated": Corruption(_rotated, (15, 30, 45), "degrees, half of the images to either side"),
    "sheared": Corruption(_sheared, (0.2, 0.4, 0.6), "columns a row, half to either side"),
    "smaller": Corruption(_scaled, (0.85, 0.7, 0.55), "times as large"),
    "larger": Corruption(_scaled, (1.15, 1.3, 1.45), "times as large"),
    "thinner strokes": Corruption(_thinner, (0.3, 0.6, 0.9), "of the way to the least of 3×3 pixels"),
    "thicker strokes": Corruption(_thicker, (0.3, 0.6, 1.0), "of the way to the most of 3×3 pixels"),
    "noise": Corruption(_noisy, (0.3, 0.6, 0.9), "at most added or taken, in full ink"),
    "speckles": Corruption(_speckled, (0.05, 0.15, 0.3), "of the pixels without ink or with full ink"),
    "blur": Corruption(_blurred, (0.8, 1.4, 2.0), "pixels, standard deviation"),
    "faint ink": Corruption(_faint, (0.5, 0.25, 0.12), "times as much ink"),
    "grey paper": Corruption(_grey_paper, (0.15, 0.3, 0.5), "of full ink added everywhere"),
    "stripes": Corruption(_striped, (1, 2, 3), "stripes of two rows"),
    "covered middle": Corruption(_covered, (4, 7, 10), "pixels, side of a blank square"),
}
"""By name."""


def corrupted(images: RawImages, kind: str, level: int, random: Pictures) -> RawImages:
    """Changed images, as stored.

    Args:
        images: as stored.
        kind: one of `CORRUPTIONS`.
        level: 0, 1 or 2: weak, medium or strong.
        random: numbers from 0 to 1, one a pixel; most kinds do not look at them.

    Raises:
        ValueError: there is no such kind or level.
    """
    if kind not in CORRUPTIONS:
        raise ValueError(f"kind={kind!r}: expected one of {', '.join(CORRUPTIONS)}")
    change = CORRUPTIONS[kind]
    if level not in range(len(change.levels)):
        raise ValueError(f"level={level}: expected 0, 1 or 2, for weak, medium and strong")
    pictures = change.apply(images / 255.0, change.levels[level], random)
    return np.rint(255 * np.clip(pictures, 0, 1)).astype(np.uint8)
