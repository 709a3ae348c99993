"""Handwritten digits as arrays: checked once, frozen, and known by their digest."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Shaped, UInt8

from cnnbook.inputs import ShownDigit

SIDE = 28
"""Rows and columns of an image, in pixels."""

CLASSES = 10
"""Labels are 0 to 9."""


@dataclass(frozen=True, kw_only=True)
class Digits:
    """Images and labels, for training and for testing.

    The arrays are read-only: one that could still be written to is copied first. Two `Digits` are equal
    when their name and their digest are.

    Attributes:
        name: which digits these are.
        source: where they came from, for people to read. It may name a folder of this machine.
        train_images: pixel intensities, 0 (paper) to 255 (ink).
        train_labels: the digit that each training image shows.
        test_images: as `train_images`, for testing only.
        test_labels: the digit that each test image shows.
        digest: SHA-256 over the arrays' names, types, shapes and bytes. The source plays no part in it.

    Raises:
        ValueError: an array is not of this shape or type, is empty, holds a label above 9, or there is not
            one label for each image.
    """

    name: Literal["mnist", "sample"]
    source: str = field(compare=False)
    train_images: UInt8[np.ndarray, "n_train 28 28"] = field(repr=False, compare=False)
    train_labels: UInt8[np.ndarray, " n_train"] = field(repr=False, compare=False)
    test_images: UInt8[np.ndarray, "n_test 28 28"] = field(repr=False, compare=False)
    test_labels: UInt8[np.ndarray, " n_test"] = field(repr=False, compare=False)
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        for part in ("train", "test"):
            images, labels = f"{part}_images", f"{part}_labels"
            check_pair(getattr(self, images), getattr(self, labels), images=images, labels=labels)
        digest = hashlib.sha256()
        for name in ("train_images", "train_labels", "test_images", "test_labels"):
            array = read_only(getattr(self, name))
            object.__setattr__(self, name, array)
            digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
            digest.update(array.data)
        object.__setattr__(self, "digest", digest.hexdigest())

    @property
    def is_sample(self) -> bool:
        """Whether these are the sample: no number from it is a result about MNIST."""
        return self.name == "sample"


def check_pair(
    pixels: Shaped[np.ndarray, "..."], classes: Shaped[np.ndarray, "..."], *, images: str, labels: str
) -> None:
    """Check that images and labels are well formed and belong together.

    Args:
        pixels: the images, of any shape: it is checked here.
        classes: the labels, of any shape likewise.
        images: what to call the images in a message: an argument or a file.
        labels: what to call the labels.

    Raises:
        ValueError: names the array and what was found in it.
    """
    if pixels.ndim != 3 or pixels.shape[1:] != (SIDE, SIDE) or pixels.dtype != np.uint8:
        raise ValueError(f"{images}: {pixels.dtype} {pixels.shape}, expected uint8 (n, {SIDE}, {SIDE})")
    if classes.ndim != 1 or classes.dtype != np.uint8:
        raise ValueError(f"{labels}: {classes.dtype} {classes.shape}, expected uint8 (n,)")
    if len(pixels) != len(classes):
        raise ValueError(
            f"{images} and {labels}: {len(pixels)} images but {len(classes)} labels, "
            " expected as many of each: take both from the same set"
        )
    if not len(pixels):
        raise ValueError(f"{images}: no images, expected at least one")
    wrong = np.flatnonzero(classes >= CLASSES)
    if wrong.size:
        first = int(wrong[0])
        raise ValueError(
            f"{labels}: label {first} (counted from 0) is {classes[first]}, expected 0 to {CLASSES - 1}"
            f" ({wrong.size} such labels): these are not the labels of digits, take MNIST's own file"
        )


def read_only(array: Shaped[np.ndarray, "*shape"]) -> Shaped[np.ndarray, "*shape"]:
    """The same values in one read-only block."""
    if array.flags.writeable or not array.flags.c_contiguous:
        array = np.array(array, order="C")
        array.flags.writeable = False
    return array


def shown_images(digits: Digits, shown: Sequence[ShownDigit]) -> UInt8[np.ndarray, "shown 28 28"]:
    """The test images of the digits that chapters show.

    Args:
        digits: the data.
        shown: which of its test images, from `seeds/digits.yaml`.

    Raises:
        ValueError: an index is out of range, or its image has another label than `seeds/digits.yaml` says.
    """
    for digit in shown:
        if not 0 <= digit.index < len(digits.test_labels):
            raise ValueError(
                f"{digit.name}: index={digit.index}: expected 0 to {len(digits.test_labels) - 1}"
            )
        label = int(digits.test_labels[digit.index])
        if label != digit.label:
            raise ValueError(
                f"{digit.name}: test image {digit.index} of the {digits.name} data is a {label}, "
                f"not a {digit.label}; mend seeds/digits.yaml"
            )
    return digits.test_images[[digit.index for digit in shown]]
