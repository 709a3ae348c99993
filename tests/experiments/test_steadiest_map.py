"""The steadiest map and its partners: from cards and pictures made by hand."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments import steadiest_map
from cnnbook.experiments.steadiest_map import KINDS
from cnnbook.maps import MapResponses
from synthetic import fact, measured, oips_result, stub_net

STARTS = ("mixed", "mixed", "3", "7", "14", "28")


@pytest.fixture
def result(few_digits, monkeypatch) -> xr.Dataset:
    """Three maps and two networks; the second has the maps of the first in reverse, and their pictures.

    Map 2 has the largest start agreement, but is dead; so map 1 is the steadiest of both networks.
    """
    responses = np.random.default_rng(1).random((120, 3))

    def map_responses(net, images, layers):
        mean = responses if net.number == 0 else responses[:, ::-1]
        return {"conv_3": MapResponses(mean, mean, np.zeros(mean.shape, int))}

    monkeypatch.setattr(steadiest_map, "map_responses", map_responses)
    pictures = np.zeros((2, 3, len(STARTS), 28, 28), np.uint8)
    for k in range(3):
        for start in range(len(STARTS)):
            pictures[0, k, start, 3 * k :: k + 2] = 200 + start
            pictures[1, 2 - k, start, 3 * k :: k + 2] = 100 + start
    reached = np.ones((2, 3, len(STARTS)))
    agreements = [[[0.1, 0.7, 0.9]], [[0.2, 0.86, 0.3]]]
    before = [[[0.5, 0.3, 0.1]], [[0.9, 0.1, 0.1]]]
    live = [[True, True, False], [True, True, True]]
    quality = xr.Dataset(
        {
            "card": (("training", "net", "number", "map_conv_3"), [agreements, before]),
            "live": (("training", "net", "map_conv_3"), [live, live]),
        },
        coords={"number": ["start_agreement"], "training": ["trained", "untrained"]},
    )
    results = {"oips": oips_result(reached, kinds=STARTS, pictures=pictures), "oip_quality": quality}
    nets = {"reference": (stub_net(0), stub_net(1))}
    return measured("steadiest_map", few_digits, nets, results=results)


def test_the_steadiest_map_is_live_and_agrees_most(result):
    assert result.steadiest.values.tolist() == [1, 1]
    assert result.steadiness.values.tolist() == [[0.1, 0.7, 0], [0.2, 0.86, 0.3]]
    assert fact("steadiest_map", "with_one", result) == {"with_one": "1"}


def test_the_steadiest_map_is_beside_the_steadiest_before_training(result):
    assert fact("steadiest_map", "steadiest", result) == {"steadiest": "0.78"}
    assert fact("steadiest_map", "untrained", result) == {"untrained": "0.70"}
    assert fact("steadiest_map", "with_one_untrained", result) == {"with_one_untrained": "1"}


def test_its_oips_are_shown_by_the_kind_of_start(result):
    """The scales from 3 to 28 are starts 2 to 5; of the mixed starts it is the first."""
    assert KINDS == ("3", "7", "14", "28", "mixed")
    assert result.oip.sel(net=0).max(["row", "column"]).values.tolist() == [202, 203, 204, 205, 200]
    assert result.oip.sel(net=1).max(["row", "column"]).values.tolist() == [102, 103, 104, 105, 100]


def test_partners_have_one_picture_and_other_maps_do_not(result):
    """The partner of the steadiest map is map 1 of the second network, by the same rows of ink.

    Stripes of different distances are not alike at any shift.
    """
    np.testing.assert_allclose(result.alike, 1, atol=1e-5)
    assert (result.not_alike < 0.9).all()
    assert np.flatnonzero(result.partner_oip.sel(net=1).max("column")).tolist() == [*range(3, 28, 3)]
