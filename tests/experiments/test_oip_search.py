"""Which maps have no OIP: states and shares, from heights made by hand."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments import oip_search
from cnnbook.experiments.oip_search import KINDS, STATES
from cnnbook.maps import MapResponses
from cnnbook.oip.ascent import Ascent
from cnnbook.oip.objective import map_mean
from synthetic import measured, oips_result, statistic_from, stub_net

STARTS = ("mixed", "mixed", "3", "7", "14", "28")


@pytest.mark.parametrize(
    ("name", "expected"), [("resisting_share", [0.25, 0]), ("short_scale_loss", [0.5, 0])]
)
def test_a_share_of_live_maps_says_which_starts_wake_them(name, expected):
    """Live maps: one that none wakes, one that all wake, two that only longer scales wake; and a dead one."""
    is_woken = np.zeros((2, len(KINDS), 5), bool)
    is_woken[0, :, 1] = True
    is_woken[0, 1, 2] = is_woken[0, 0, 3] = True
    is_live = [[True, True, True, True, False], [False] * 5]
    variables = {
        "is_woken": ("net scale map_conv_3", is_woken),
        "is_live": ("net map_conv_3", is_live),
    }
    np.testing.assert_allclose(statistic_from("oip_search", name, variables, scale=KINDS), expected)


def quality(live) -> xr.Dataset:
    return xr.Dataset({"live": (("net", "map_conv_3"), live)})


def test_starts_and_maps_are_counted_by_kind_and_network(few_digits):
    """Of four live maps in the first network every start wakes map 0, "28" alone map 1, "3" alone map 2, and
    one mixed start map 3; in the second network all maps are woken, but a dead one does not count."""
    reached = np.zeros((2, 4, len(STARTS)))
    reached[0, 0] = 1
    reached[0, 1, 5] = reached[0, 2, 2] = reached[0, 3, 1] = 1
    reached[1] = 1
    live = [[True] * 4, [True, True, True, False]]
    results = {"oips": oips_result(reached, kinds=STARTS), "oip_quality": quality(live)}
    nets = {"reference": (stub_net(0), stub_net(1))}
    found = measured("oip_search", few_digits, nets, results=results)
    assert found.woken.sel(net=0).values.tolist() == [0.5, 0.5, 0.25, 0.25, 0.5]
    assert found.from_start.sel(net=0).values.tolist() == [3 / 8, 0.5, 0.25, 0.25, 0.5]
    assert found.short_scale_loss.values.tolist() == [0.5, 0]
    assert found.resisting_share.values.tolist() == [0, 0]
    assert [STATES[index] for index in found.state.sel(net=1).values] == ["found"] * 3 + ["dead"]


def test_a_map_that_starts_leave_off_may_be_found_before_relu(few_digits, monkeypatch):
    """Maps 1 and 2 no start wakes. The pictures climbed for either wake map 1 and leave map 2 off."""
    asked = []

    def ascend(net, objectives, starts, preset, *, key):
        asked.extend(each.name for each in objectives)
        shape = (len(objectives), len(starts))
        pictures = np.ones((*shape, 28, 28), np.float32)
        return Ascent(pictures, np.ones((*shape, 2)), np.ones(shape, int), np.zeros(shape, bool))

    def map_responses(net, images, layers):
        assert (images == 255).all()
        largest = np.tile([5.0, 0.1, 0.0, 5.0], (len(images), 1))
        return {"conv_3": MapResponses(largest, largest, np.zeros(largest.shape, int))}

    monkeypatch.setattr(oip_search, "ascend", ascend)
    monkeypatch.setattr(oip_search, "map_responses", map_responses)
    monkeypatch.setattr(oip_search, "starts_of", lambda run: (np.zeros((6, 28, 28)), list(STARTS)))
    reached = np.ones((1, 4, len(STARTS)))
    reached[0, 1:3] = 0
    results = {"oips": oips_result(reached, kinds=STARTS), "oip_quality": quality(np.ones((1, 4), bool))}
    found = measured("oip_search", few_digits, {"reference": (stub_net(0),)}, results=results)
    assert asked == [map_mean("conv_3", k).before_relu().name for k in (1, 2)]
    states = [STATES[index] for index in found.state.values[0]]
    assert states == ["found", "found before ReLU", "not reached", "found"]
    assert float(found.resisting_share[0]) == 0.5
