"""4s and 9s on the border: statistics from numbers made by hand, and readers of made-up images."""

from dataclasses import replace

import numpy as np
import pytest

from cnnbook.experiments.border import AXES, READERS, SPACES, BorderImages, Config, _readers
from cnnbook.fcp.head import Head
from synthetic import facts, measured, statistic_from


@pytest.mark.parametrize(
    ("name", "expected"), [("overlap_accuracy", 0.6), ("probe_accuracy", 0.9), ("overlap_below_probe", 0.3)]
)
def test_readers_are_compared_on_the_same_images(name, expected):
    variables = {"overlap_right": ("net resample", [[0.6]]), "probe_right": ("net resample", [[0.9]])}
    assert statistic_from("border", name, variables).ravel() == pytest.approx([expected])


@pytest.mark.parametrize(
    ("name", "expected"),
    [("hidden_gain", 1.5), ("hidden_gain_untrained", 0.75), ("hidden_over_untrained", 0.75)],
)
def test_separation_on_the_hidden_layer_is_compared_with_that_on_conv_3(name, expected):
    """Along the difference of means; Fisher's axis does not count."""
    separated = np.array([[1.0, 9.0], [4.0, 9.0], [6.0, 9.0], [3.0, 9.0]])[..., None, None]
    variables = {"separated": ("space axis net resample", separated)}
    found = statistic_from("border", name, variables, space=SPACES, axis=AXES)
    assert found.ravel() == pytest.approx([expected])


def test_a_reader_that_cannot_say_is_half_right():
    """The first 115 points are those of 4s, the next 115 those of 9s. The third test image has both."""
    four, nine, both = np.zeros((3, 1152))
    four[:115], nine[115:230], both[58:172] = 1, 1, 1
    train, test = np.stack([four, nine] * 10), np.stack([four, four, both])
    blank = np.zeros((1, 28, 28), np.uint8)
    is_four = np.arange(20) % 2 == 0
    images = BorderImages(blank, is_four, blank, np.array([True, False, True]), np.arange(3), np.arange(3))
    scores = np.zeros((1, 10))
    scores[0, 9] = 1
    head = Head(np.ones((1152, 1)), np.zeros(1), scores, np.zeros(10))
    overlap, probe, network = _readers(head, train, test, images, Config(steps=5))
    assert overlap.tolist() == [1, 0, 0.5]
    assert probe[:2].tolist() == [1, 0]
    assert network.tolist() == [0, 1, 0], "it answers 9 to all"


@pytest.fixture(scope="module")
def found(nets, few_digits):
    return measured("border", few_digits, nets[:2])


def test_the_border_is_the_badly_written_tenth(found):
    assert found.attrs["border"] == 2
    assert found.border_image.shape == (2, 28, 28)
    assert set(found.border_label.values) <= {4, 9}
    texts = facts("border", found)
    assert (texts["border"], texts["tests"], texts["strong"]) == ("2", "24", "115")


def test_the_accuracy_shown_is_that_of_the_statistics(found):
    on_border = found.accuracy.sel(where="on the border")
    for reader, statistic in zip(READERS[:2], ("overlap_accuracy", "probe_accuracy"), strict=True):
        shown = on_border.sel(reader=reader).values
        np.testing.assert_allclose(shown, found[statistic].isel(resample=0).values)


def test_nodes_are_in_the_order_of_their_means(found):
    apart = found.node_means.sel({"class": 4}) - found.node_means.sel({"class": 9})
    assert (np.diff(apart.values, axis=1) >= -1e-6).all()
    assert found.nodes.sizes == {"layer": 2, "class": 2, "example": 12, "node": 100}


def test_digits_with_a_single_4_are_refused(nets, few_digits):
    labels = few_digits.test_labels.copy()
    labels[np.flatnonzero(labels == 4)[1:]] = 8
    lacking = replace(few_digits, test_labels=labels)
    with pytest.raises(ValueError, match=r"digits: 1 images of class 4 in test_labels, expected at least 2"):
        measured("border", lacking, nets[:1])
