"""Which builds of a version have other numbers, and how they are told apart."""

from typing import Literal

import numpy as np
import pytest

from cnnbook.build_info import edition_label
from cnnbook.config.profiles import profile_named
from cnnbook.data.digits import Digits


@pytest.mark.parametrize(
    ("profile", "data", "label"),
    [
        ("book", "mnist", ""),
        ("book", "sample", "sample"),
        ("draft", "mnist", "draft"),
        ("draft", "sample", "sample-draft"),
        ("paper", "mnist", "paper"),
    ],
)
def test_only_the_books_own_profile_on_all_of_mnist_has_no_label(
    profile: str, data: Literal["mnist", "sample"], label: str
):
    images, labels = np.zeros((1, 28, 28), np.uint8), np.zeros(1, np.uint8)
    digits = Digits(
        name=data,
        source="a test",
        train_images=images,
        train_labels=labels,
        test_images=images,
        test_labels=labels,
    )
    assert edition_label(profile_named(profile), is_sample=digits.is_sample) == label
