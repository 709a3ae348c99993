"""Nearest neighbours: judged among the largest number of training images."""

import numpy as np
import pytest

from cnnbook.experiments import neighbours
from synthetic import facts, measured, statistic_from, stub_net


def test_neighbours_are_judged_among_most_images_not_among_few():
    """Conv_3 and pixels among two numbers of training images: among few the gain would be 0.3."""
    accuracy = np.array([[0.9, 0.98], [0.6, 0.97]]).reshape(2, 2, 1, 1)
    found = statistic_from(
        "neighbours",
        "neighbour_gain",
        {"accuracy": ("space references net resample", accuracy)},
        space=neighbours.SPACES,
        references=(10, 40),
    )
    assert found.ravel() == pytest.approx([0.01])


def test_conv_3_and_pixels_stand_under_their_names(few_digits, monkeypatch):
    """On "Conv_3" an image is its class, made into a point; among 20 images every class has two."""
    labels = dict(zip(map(bytes, few_digits.train_images), few_digits.train_labels, strict=True))
    labels |= zip(map(bytes, few_digits.test_images), few_digits.test_labels, strict=True)

    def classes(net: object, images: np.ndarray, layer: str) -> np.ndarray:
        return np.eye(10, dtype=np.float32)[[labels[bytes(image)] for image in images]]

    monkeypatch.setattr(neighbours, "flat_maps", classes)
    monkeypatch.setattr(neighbours, "REFERENCES", (20, 100))
    config = neighbours.Config(train=60, tests=30)
    found = measured("neighbours", few_digits, (stub_net(0),), config=config)
    assert found.references.values.tolist() == [20, 60]
    assert float(found.accuracy.sel(space="Conv_3", references=60).item()) == 1
    assert 0.2 < float(found.accuracy.sel(space="pixels", references=60).item()) < 1
    texts = facts("neighbours", found)
    assert (texts["most"], texts["fewest"], texts["tests"], texts["conv_3"]) == ("60", "20", "30", "100.0 %")
