"""Linear CKA of layers made by hand."""

import numpy as np
import pytest

from cnnbook.fcp.alignment import linear_alignment


def test_a_rotated_enlarged_and_moved_copy_is_aligned():
    points = np.random.default_rng(0).normal(size=(50, 4))
    rotation, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))
    assert linear_alignment(points, 3 * points @ rotation + 5) == pytest.approx(1)


def test_layers_that_vary_over_other_images_are_not_aligned():
    """Centred products: one layer separates images 0, 1 from 2, 3, the other 0, 2 from 1, 3."""
    first, second = np.array([[1.0], [1], [0], [0]]), np.array([[1.0], [0], [1], [0]])
    assert linear_alignment(first, second) == 0
    both = np.concatenate([first, second], axis=1)
    assert linear_alignment(first, both) == pytest.approx(1 / np.sqrt(2))


def test_a_layer_that_does_not_vary_is_aligned_with_none():
    assert linear_alignment(np.ones((4, 2)), np.eye(4)) == 0
