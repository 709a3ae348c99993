"""Bar and top of 4s: statistics from numbers made by hand, and which 4s are asked."""

from dataclasses import replace

import numpy as np
import pytest

from cnnbook.experiments.four_parts import PARTS, SOURCES, STATES
from synthetic import measured, statistic_from


def found() -> np.ndarray:
    """By state, source, net, part and resample."""
    table = np.full((2, 2, 1, 2, 2), 0.9)
    table[0, 1, 0] = [[0.7, 0.6], [0.3, 0.2]]
    table[1, 1, 0] = [[0.4, 0.4], [0.2, 0.4]]
    return table


@pytest.mark.parametrize(
    ("name", "expected"), [("conv_3_r2", [0.5, 0.4]), ("conv_3_over_untrained", [0.2, 0])]
)
def test_a_statistic_is_the_mean_of_bar_and_top_from_conv_3(name, expected):
    variables = {"r2_resampled": ("state source net part resample", found())}
    value = statistic_from("four_parts", name, variables, state=STATES, source=SOURCES, part=PARTS)
    np.testing.assert_allclose(value, [expected], atol=1e-12)


def test_other_digits_than_4s_do_not_count(nets, few_digits):
    result = measured("four_parts", few_digits, nets[:1])
    labels, images = few_digits.train_labels, few_digits.train_images
    blank = np.where((labels == 4)[:, None, None], images, 0).astype(np.uint8)
    fours_alone = replace(few_digits, train_images=blank)
    assert (result.attrs["train"], result.attrs["test"]) == (48, 12)
    np.testing.assert_array_equal(measured("four_parts", fours_alone, nets[:1]).r2, result.r2)


def test_digits_without_4s_are_refused(nets, few_digits):
    keep = few_digits.test_labels != 4
    test = {"test_images": few_digits.test_images[keep], "test_labels": few_digits.test_labels[keep]}
    without = replace(few_digits, **test)
    with pytest.raises(ValueError, match="48 4s among the training images and 0 among the test images"):
        measured("four_parts", without, nets[:1])
