"""Pictures that are no 4: patches and outlines worked by hand, and an ascent that makes a network sure."""

import numpy as np
import pytest

from cnnbook.experiments.nonsense import (
    ASCENDED,
    KINDS,
    NOISE,
    REAL,
    ascend,
    outlines,
    patches_shuffled,
    smoothed_noise,
)
from cnnbook.experiments.predictions import probabilities
from synthetic import facts, measured


def test_patches_are_exchanged_whole():
    image = np.arange(16, dtype=np.uint8).reshape(1, 4, 4)
    mixed = patches_shuffled(image, np.array([[0.4, 0.3, 0.2, 0.1]]), side=2)
    assert mixed[0].tolist() == [[10, 11, 8, 9], [14, 15, 12, 13], [2, 3, 0, 1], [6, 7, 4, 5]]
    np.testing.assert_array_equal(patches_shuffled(image, np.array([[1.0, 2, 3, 4]]), side=2), image)


def test_an_outline_is_where_ink_begins_and_ends():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 8:18, 8:18] = 200
    outline = outlines(image)[0]
    assert (outline[10, 7], outline[10, 8], outline[10, 9], outline[13, 13]) == (200, 200, 0, 0)
    assert outline.sum() == 200 * (12**2 - 8**2)


def test_a_fifth_of_smoothed_noise_is_ink():
    noise = smoothed_noise(np.random.default_rng(0).random((3, 28, 28)))
    assert (noise > 0).mean() == pytest.approx(0.2, abs=0.01)
    assert (noise == 255).mean() == pytest.approx(0.05, abs=0.01)


def test_an_ascent_makes_the_network_surer_of_a_4(nets):
    starts = smoothed_noise(np.random.default_rng(1).random((6, 28, 28)))
    before, after = (
        probabilities(nets[0], each)[:, 4] for each in (starts, ascend(nets[0], starts, steps=30))
    )
    assert (after > before).all()
    assert after.mean() > before.mean() + 0.3


def test_measured_on_networks(nets, few_digits):
    found = measured("nonsense", few_digits, nets[:2])
    assert found.attrs["images"] == 12
    np.testing.assert_allclose(found.accepted.sel(kind=REAL), 0.5)
    assert found.probability.sel(kind=ASCENDED).mean() > found.probability.sel(kind=NOISE).mean()
    assert (np.diff(found.example_probability, axis=1) <= 0).all()
    assert set(facts("nonsense", found)) >= {"patches_shuffled_called", "noise_after_ascent_sure"}
    assert found.kind.values.tolist() == list(KINDS)
