"""Which maps have no OIP: states and shares, from heights made by hand."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments import measuring, oip_search
from cnnbook.experiments.oip_search import KINDS, STATES
from cnnbook.maps import MapResponses
from cnnbook.oip.ascent import Ascent
from cnnbook.oip.objective import map_mean
from synthetic import measured, oips_result, statistic_from, stub_net

STARTS = ("mixed", "mixed", "3", "7", "14", "28")


def searched(name: str) -> np.ndarray:
    """Of two networks, five maps each, one of them dead. In the first, trained: one that no start wakes, one
    that all wake, two that mixed scales wake and pixels do not; before training all wake but one. In the
    second all maps are dead when trained, and before training single pixels alone wake two of five."""
    is_woken = np.zeros((2, 2, len(KINDS), 5), bool)
    is_woken[0, 0, :, 1] = is_woken[0, 0, 0, 2:4] = True
    is_woken[1, 0, :, :4] = is_woken[1, 1, -1, :2] = True
    is_live = np.array([[[True] * 4 + [False], [False] * 5], [[True] * 5, [True] * 5]])
    variables = {
        "is_woken": ("state net scale map_conv_3", is_woken),
        "is_live": ("state net map_conv_3", is_live),
        "resisting": ("state net", [[0.25, 0.0], [0.2, 0.6]]),
    }
    return statistic_from("oip_search", name, variables, scale=KINDS, state=["trained", "untrained"])


@pytest.mark.parametrize(
    ("name", "expected"), [("resisting_gain", [0.05, -0.6]), ("short_scale_loss", [0.5, 0])]
)
def test_maps_that_starts_do_not_wake_count_against_their_null(name, expected):
    np.testing.assert_allclose(searched(name), expected)


def test_maps_that_pixels_alone_wake_count_against_maps_that_mixed_scales_alone_wake():
    """Of four live maps mixed scales alone wake one, and pixels alone wake one."""
    is_woken = np.zeros((1, 1, len(KINDS), 4), bool)
    is_woken[0, 0, 0, 0] = is_woken[0, 0, -1, 1] = True
    variables = {
        "is_woken": ("state net scale map_conv_3", is_woken),
        "is_live": ("state net map_conv_3", np.ones((1, 1, 4), bool)),
    }
    found = statistic_from("oip_search", "short_scale_loss", variables, scale=KINDS, state=["trained"])
    assert found.tolist() == [0]


MAPS = 4
"""Maps of the networks made by hand."""


@pytest.fixture
def find(few_digits, monkeypatch):
    """What is found where each kind of start has an even ink, 10 to 50, which says what it wakes.

    Trained, mixed starts wake maps 0 and 3, starts of 3 cells map 1; before training each wakes all.
    """
    asked = []

    class StubFluctuations:
        def __init__(self, scales=None) -> None:
            self.ink = 10 if scales is None else {3: 20, 7: 30, 14: 40, 28: 50}[scales[0]]

        def draw(self, key, *, count):
            return np.full((count, 28, 28), self.ink / 255, np.float32)

    def ascend(net, objectives, starts, preset, *, key):
        asked.extend(each.name for each in objectives)
        shape = (len(objectives), len(starts))
        pictures = np.ones((*shape, 28, 28), np.float32)
        return Ascent(pictures, np.ones((*shape, 2)), np.ones(shape, int), np.zeros(shape, bool))

    def map_responses(net, images, layers):
        ink = int(images[0, 0, 0])
        wakes = {10: [1, 0, 0, 1], 20: [0, 1, 0, 0], 255: [0, 5, 0.1, 0]}.get(ink, [0] * MAPS)
        largest = np.tile(np.array(wakes, float), (len(images), 1))
        if net.number == 9:
            largest = np.ones_like(largest)
        return {"conv_3": MapResponses(largest, largest, np.zeros(largest.shape, int))}

    monkeypatch.setattr(oip_search, "Fluctuations", StubFluctuations)
    monkeypatch.setattr(oip_search, "ascend", ascend)
    monkeypatch.setattr(oip_search, "map_responses", map_responses)
    monkeypatch.setattr(oip_search, "starts_of", lambda run: (np.zeros((6, 28, 28)), list(STARTS)))
    monkeypatch.setattr(measuring, "untrained", lambda net: stub_net(9))

    def found(live) -> tuple[xr.Dataset, list[str]]:
        quality = xr.Dataset(
            {"live": (("training", "net", "map_conv_3"), [[live], [[True] * MAPS]])},
            coords={"training": ["trained", "untrained"]},
        )
        results = {"oips": oips_result(np.ones((1, MAPS, 6)), kinds=STARTS), "oip_quality": quality}
        return measured("oip_search", few_digits, (stub_net(0),), results=results), asked

    return found


def test_starts_and_maps_are_counted_by_kind(find):
    """Of three live maps mixed starts wake two and starts of three cells one; others wake none."""
    found, _ = find([True, True, False, True])
    np.testing.assert_allclose(found.woken.sel(net=0, state="trained"), [2 / 3, 1 / 3, 0, 0, 0])
    np.testing.assert_allclose(found.from_start.sel(net=0, state="trained"), [2 / 3, 1 / 3, 0, 0, 0])
    assert found.woken.sel(state="untrained").values.tolist() == [[1] * 5]
    assert [STATES[index] for index in found.fate.values[0]] == ["found", "found", "dead", "found"]
    assert found.resisting_gain.values.tolist() == [0]
    np.testing.assert_allclose(found.short_scale_loss, [2 / 3])


def test_a_map_that_starts_leave_off_may_be_found_before_relu(find):
    """Map 2 no start wakes; the pictures climbed for it before ReLU do."""
    found, asked = find([True] * MAPS)
    assert asked == [map_mean("conv_3", 2).before_relu().name]
    states = [STATES[index] for index in found.fate.values[0]]
    assert states == ["found", "found", "found before ReLU", "found"]
    assert found.resisting_gain.values.tolist() == [0.25]
