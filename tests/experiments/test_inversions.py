"""Pictures with the same activations: which layer, start and digit they belong to, made by hand."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.data.subsets import stratified_order
from cnnbook.experiments import inversions
from cnnbook.experiments.inversions import LAYERS, Config
from cnnbook.oip.ascent import Ascent
from synthetic import fact, measured, stub_net

CONFIG = Config(digits=6, steps=2)


@pytest.fixture
def result(few_digits, few_shown, monkeypatch) -> xr.Dataset:
    """An ascent's error is 1, 2 or 3 by layer and 0.1 more from another digit.

    From fluctuations it ends in the digit, from another digit in the digit's negative. The first network
    predicts the same for all pictures, the second the same for pictures with much ink alone.
    """
    first = stratified_order(few_digits)[:1]
    images = few_digits.test_images[[4, 14, 24, 1, 2, *first]] / 255

    def ascend(net, objectives, starts, preset, *, key):
        layer = next(layer for layer in LAYERS if objectives[0].name.endswith(layer))
        assert [each.name for each in objectives] == [f"digit {d} on {layer}" for d in range(6)]
        assert starts.shape == (6, 2, 28, 28)
        pictures = np.stack([images, 1 - images], axis=1).astype(np.float32)
        trace = np.zeros((6, 2, 2))
        trace[..., -1] = -(1.0 + LAYERS.index(layer)) - np.array([0, 0.1])
        shape = (6, 2)
        return Ascent(pictures, trace, np.zeros(shape, int), np.zeros(shape, bool))

    def predictions(net, images):
        dark = images.reshape(len(images), -1).mean(axis=1) > 127
        return np.where(dark & (net.number == 1), 3, 7)

    def feature_maps(net, images, layers):
        sizes = {"conv_1": (26, 32), "conv_2": (11, 64), "conv_3": (3, 128)}
        side, maps = sizes[layers[0]]
        return {layers[0]: np.ones((len(images), side, side, maps), np.float32)}

    monkeypatch.setattr(inversions, "ascend", ascend)
    monkeypatch.setattr(inversions, "predictions", predictions)
    monkeypatch.setattr(inversions, "feature_maps", feature_maps)
    monkeypatch.setattr(
        inversions.Fluctuations, "draw", lambda self, key, *, count: np.zeros((count, 28, 28))
    )
    nets = tuple(stub_net(number) for number in range(3))
    return measured("inversions", few_digits, nets, config=CONFIG, shown=few_shown)


def test_errors_stand_under_their_layer_and_start(result):
    np.testing.assert_allclose(result.error[:, 0, 0], [1, 2, 3])
    np.testing.assert_allclose(result.error[:, 1, 5], [1.1, 2.1, 3.1])
    assert fact("inversions", "{layer}_{start}_error", result)["conv_2_digit_error"] == "2.100"


def test_a_picture_is_correlated_with_its_own_digit(result):
    np.testing.assert_allclose(result.likeness.sel(start="fluctuations"), 1, atol=1e-6)
    np.testing.assert_allclose(result.likeness.sel(start="another digit"), -1, atol=1e-6)


def test_networks_agree_if_they_predict_for_the_picture_what_they_predict_for_the_digit(result):
    """Of the two other networks the first takes a negative, which has much ink, for another class."""
    assert (result.own == 1).all()
    assert (result.others.sel(start="fluctuations") == 1).all()
    assert (result.others.sel(start="another digit") == 0.5).all()


def test_a_metamer_starts_from_the_first_of_the_next_class_in_the_fixed_order(result, few_digits):
    order, labels = stratified_order(few_digits), few_digits.test_labels
    np.testing.assert_array_equal(result.target[5], few_digits.test_images[order[0]])
    of_class = {digit: next(index for index in order if labels[index] == digit) for digit in range(10)}
    following = [of_class[(label + 1) % 10] for label in (4, 4, 4, 1, 2, int(labels[order[0]]))]
    begun = result.begin.sel(start="another digit").values
    np.testing.assert_array_equal(begun, few_digits.test_images[following])


def test_one_network_cannot_judge_its_own_pictures(few_digits, few_shown):
    with pytest.raises(ValueError, match="nets: 1, expected at least 2: one judges the pictures of another"):
        measured("inversions", few_digits, (stub_net(0),), shown=few_shown)
