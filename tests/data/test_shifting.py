"""Images moved by whole pixels: what leaves is lost, what comes in is blank."""

import numpy as np
import pytest

from cnnbook.data.shifting import shifted

IMAGES = np.arange(1, 785, dtype=np.uint16).reshape(1, 28, 28).astype(np.uint8)


@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, 0), (-3, 0), (0, 5), (0, -5), (2, -7), (27, 27)])
def test_every_pixel_moves_as_far_and_paper_from_outside_is_blank(down, right):
    moved = shifted(IMAGES, down, right)
    assert (moved.shape, moved.dtype) == (IMAGES.shape, np.uint8)
    for row in range(28):
        for column in range(28):
            inside = 0 <= row - down < 28 and 0 <= column - right < 28
            expected = IMAGES[0, row - down, column - right] if inside else 0
            assert moved[0, row, column] == expected


@pytest.mark.parametrize(("down", "right", "named"), [(28, 0, "down=28"), (0, -28, "right=-28")])
def test_a_shift_beyond_the_image_is_refused(down, right, named):
    with pytest.raises(
        ValueError, match=f"{named}: expected a shift of less than the image's 28 pixels, from -27"
    ):
        shifted(IMAGES, down, right)
