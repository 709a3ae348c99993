"""Images moved by whole pixels; paper from outside is blank."""

import numpy as np

from cnnbook.arrays import RawImages


def shifted(images: RawImages, down: int, right: int) -> RawImages:
    """Images moved by whole pixels: what leaves is lost, what comes in is blank.

    Args:
        images: as MNIST stores them.
        down: pixels downwards; negative for upwards.
        right: pixels to the right; negative for to the left.

    Raises:
        ValueError: nothing of the image would be left.
    """
    height, width = images.shape[1:]
    for name, pixels, side in (("down", down, height), ("right", right, width)):
        if abs(pixels) >= side:
            raise ValueError(
                f"{name}={pixels}: expected a shift of less than the image's {side} pixels, "
                f"from {1 - side} to {side - 1}"
            )
    moved = np.zeros_like(images)
    moved[:, max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = images[
        :, max(-down, 0) : height - max(down, 0), max(-right, 0) : width - max(right, 0)
    ]
    return moved
