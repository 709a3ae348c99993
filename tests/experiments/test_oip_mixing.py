"""What is predicted for mixtures of OIPs: shares by class, and what is mixed, made by hand."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments import oip_mixing
from cnnbook.experiments.oip_mixing import WAYS, prediction_shares
from cnnbook.experiments.oips import Config
from cnnbook.maps import MapResponses
from synthetic import fact, measured, oips_result, statistic_from, stub_net

MAPS = 20


def test_what_counts_is_how_much_more_often_than_random_mixtures_own_ones_are_called_a_4():
    own, random = [[0.5, 0.25], [1.0, 0.75]], [[0.25, 0.25], [0.0, 1.0]]
    variables = {"is_four": ("way net resample", [own, random])}
    found = statistic_from("oip_mixing", "four_gain", variables, way=WAYS)
    np.testing.assert_allclose(found, [[0.25, 0], [1, -0.25]])


def test_predictions_are_shares_of_their_own_class():
    labels = np.array([*range(10), 4], np.uint8)
    predicted = np.array([*range(10), 9])
    found = prediction_shares(labels, predicted)
    assert (found[4, 4], found[4, 9], found[9, 9], found[9, 4]) == (0.5, 0.5, 1, 0)


@pytest.fixture
def result(few_digits, monkeypatch):
    """Ten images of each class. An image of class k drives maps k to k + 7, whose OIPs have ink in row k.

    The network sees a 4 in ink of row 11 (the last of a 4's maps), but for every second such mixture.
    """

    def map_responses(net, images, layers):
        mean = np.zeros((len(images), MAPS))
        for n, label in enumerate(np.repeat(np.arange(10), 2)):
            mean[n, label : label + 8] = 5
        return {"conv_3": MapResponses(mean, mean, np.zeros(mean.shape, int))}

    def predictions(net, images):
        is_four = (images[:, 11].max(axis=1) > 0) & (images[:, 3].max(axis=1) == 0)
        return np.where(is_four & (np.arange(len(images)) % 2 == 0), 4, 9)

    monkeypatch.setattr(oip_mixing, "map_responses", map_responses)
    monkeypatch.setattr(oip_mixing, "predictions", predictions)
    monkeypatch.setattr(oip_mixing, "integers", lambda key, shape, below: np.full(shape, 1))
    pictures = np.zeros((1, MAPS, 1, 28, 28), np.uint8)
    for k in range(MAPS):
        pictures[0, k, 0, k] = 255
    reached = np.ones((1, MAPS, 1))
    oips = oips_result(reached, kinds=["mixed"], pictures=pictures)
    return measured(
        "oip_mixing",
        few_digits,
        {"reference": (stub_net(0),)},
        config=Config(mixtures=2),
        results={"oips": oips, "oip_quality": responses(MAPS)},
    )


def responses(maps: int) -> xr.Dataset:
    """Every map varies by as much."""
    by_map = ("net", "map_conv_3")
    return xr.Dataset(
        {"response_mean": (by_map, np.zeros((1, maps))), "response_spread": (by_map, np.ones((1, maps)))}
    )


def test_a_mixture_is_made_of_the_maps_that_its_digit_drives(result):
    """Rows 4 to 11 have ink for a 4; of maps drawn at random (all map 1 here) row 1 alone."""
    inked = result.mixture.max("column") > 0
    assert np.flatnonzero(inked.sel(way="its own maps", **{"class": 4})).tolist() == [*range(4, 12)]
    assert np.flatnonzero(inked.sel(way="maps at random", **{"class": 4})).tolist() == [1]


def test_a_mixture_has_the_ink_of_its_digit(result):
    ink = result.digit.mean(["row", "column"]) / 255
    mixed = result.mixture.sel(way="its own maps").mean(["row", "column"]) / 255
    np.testing.assert_allclose(mixed, ink, atol=0.01)


def test_half_of_the_mixtures_for_4s_are_called_a_4(result):
    """Mixtures for a 5 and above have ink in row 11 too, but none says what a 4's share is."""
    assert float(result.four_gain.isel(net=0, resample=0)) == 0.5
    assert float(result.called.sel(way="its own maps", net=0, answer=4, **{"class": 3})) == 0
    assert float(result.called.sel(way="maps at random", net=0, answer=9, **{"class": 4})) == 1
    assert fact("oip_mixing", "four", result) == {"four": "50 %"}
    assert fact("oip_mixing", "four_random", result) == {"four_random": "0 %"}


def test_every_class_needs_an_image(few_digits):
    without = few_digits.test_labels != 7
    fewer = type(few_digits)(
        name="sample",
        source="a test",
        train_images=few_digits.train_images,
        train_labels=few_digits.train_labels,
        test_images=few_digits.test_images[without],
        test_labels=few_digits.test_labels[without],
    )
    results = {"oips": oips_result(np.ones((1, 4, 1)), kinds=["mixed"]), "oip_quality": responses(4)}
    with pytest.raises(ValueError, match="digits: no test image of class 7; mixtures are asked for every"):
        measured("oip_mixing", fewer, {"reference": (stub_net(0),)}, results=results)
