"""What receptive fields are measured from: every image, and the ink inside the windows."""

import numpy as np
import pytest

from cnnbook.experiments.receptive_fields import fields_of, ink_seen
from synthetic import statistic_from


def test_images_beyond_a_multiple_of_20_count_too(nets, few_digits):
    """The mean over 21 images is that of the first 20 and of the last one, by their numbers."""
    images = few_digits.test_images[:21]
    first, last = fields_of(nets[0], images[:20], "conv_2"), fields_of(nets[0], images[20:], "conv_2")
    assert np.abs(last - first).max() > 0
    np.testing.assert_allclose(
        fields_of(nets[0], images, "conv_2"), (20 * first + last) / 21, rtol=1e-5, atol=1e-9
    )


def test_the_ink_seen_is_a_mean_over_the_nine_windows():
    """Windows begin at 0, 4 and 8 and are 18 wide: pixel 12 is in all, 0 in one of three, 26 in none."""
    images = np.zeros((5, 28, 28), np.uint8)
    images[0, 12, 12] = 255
    images[1, 0, 12] = 255
    images[2, 0, 0] = 9
    images[3, 26, 12] = 255
    np.testing.assert_allclose(ink_seen(images), [1, 1 / 3, 1 / 9, 0, 1])


@pytest.mark.parametrize(
    ("name", "expected"), [("effective_share", [0.3, 0.4]), ("effective_share_untrained", [0.7, 0.8])]
)
def test_the_effective_share_is_that_of_conv_3_in_the_state_that_it_names(name, expected):
    area = [[[0.1, 0.2], [0.3, 0.4]], [[0.5, 0.6], [0.7, 0.8]]]
    found = statistic_from(
        "receptive_fields",
        name,
        {"area": ("state layer net", area)},
        state=("trained", "untrained"),
        layer=("conv_2", "conv_3"),
    )
    np.testing.assert_allclose(found, expected)


def test_the_ink_share_is_known_for_each_resample():
    found = statistic_from("receptive_fields", "ink_share", {"ink_seen": ("resample", [0.5, 0.25])})
    assert found.tolist() == pytest.approx([0.5, 0.25])
