"""Clusters in front of an MLP: statistics from numbers made by hand, distances, and what the MLP is given."""

import numpy as np
import pytest

from cnnbook.experiments import clusters
from cnnbook.experiments.clusters import SPACES, Config, distances_to_clusters, nearness
from cnnbook.keys import key_for
from synthetic import facts, measured, statistic_from


@pytest.mark.parametrize(
    ("name", "expected"), [("convolution_gain", [0.04, 0.02]), ("untrained_gain", [0.02, -0.01])]
)
def test_a_gain_is_over_distances_to_clusters_not_over_pixels_or_nearness(name, expected):
    accuracy = {
        "pixels": [[0.5, 0.5]],
        "distances to clusters": [[0.95, 0.97]],
        "nearness to clusters": [[0.1, 0.1]],
        "Conv_3 untrained": [[0.97, 0.96]],
        "Conv_3": [[0.99, 0.99]],
    }
    variables = {"accuracy": ("space net resample", [accuracy[space] for space in SPACES])}
    found = statistic_from("clusters", name, variables, space=SPACES)
    np.testing.assert_allclose(found, [expected], atol=1e-12)


def test_distances_are_those_to_the_means_of_clusters():
    """Two images far apart, each a centre."""
    train = np.array([[0, 1], [10, 1]], np.float32)
    test = np.array([[0, 1], [13, 5]], np.float32)
    found = distances_to_clusters(train, test, centres=2, passes=20, key=key_for(3, "a test"))
    assert [each.shape for each in found] == [(2, 2), (2, 2)]
    by_centre = np.sort(found[1], axis=1)
    np.testing.assert_allclose(by_centre, [[0, 10], [5, np.hypot(13, 4)]], atol=1e-3)


def test_more_centres_than_images_are_refused():
    few = np.zeros((3, 2), np.float32)
    with pytest.raises(ValueError, match="centres=4: expected at most one for each of the 3 images"):
        distances_to_clusters(few, few, centres=4, passes=1, key=key_for(0, "a test"))


def test_nearness_counts_from_the_mean_distance():
    assert nearness(np.array([[1.0, 2.0, 6.0]])).tolist() == [[2, 1, 0]]


def test_each_space_is_given_to_an_mlp_with_as_many_numbers(nets, few_digits, monkeypatch):
    """The head is replaced by one that is right and wrong by turns."""
    given: list[tuple[int, int]] = []

    class Known:
        def predict(self, inputs):
            given.append(inputs.shape)
            return few_digits.test_labels if len(given) % 2 else np.full(len(inputs), 10)

    monkeypatch.setattr(clusters, "train_head", lambda codes, labels, **_: Known())
    config = Config(train=100, centres=80, passes=1, epochs=1)
    result = measured("clusters", few_digits, nets[:2], config=config)
    assert given == [(120, 1152)] * 9  # pixels once, four spaces in each of two networks
    assert result.attrs["centres"] == 50
    by_space = result.accuracy.transpose("net", "space").values.tolist()
    # The order of calls: of the first network pixels and four spaces, then four of the second.
    assert by_space == [[1, 0, 1, 0, 1], [1, 0, 1, 0, 1]]
    assert facts("clusters", result)["convolution_gain"] == "+100.00"


def test_convolutions_that_learned_serve_an_mlp(nets, few_digits):
    result = measured("clusters", few_digits, nets[:1], config=Config(train=480, centres=60, epochs=8))
    assert (result.accuracy > 0.3).all()
    assert result.convolution_gain.dims == ("net", "resample")
