"""The OIPs as a result: which network, layer and start each picture belongs to."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments import oips
from cnnbook.experiments.oips import Config, oips_of, starts_of
from cnnbook.oip.ascent import Ascent
from synthetic import measured, run_of, stub_net

KINDS = ["mixed", "mixed", "3", "7", "14", "28"]
CONFIG = Config(mixed=2, single=1, steps=3)
LAYER_INK = {"conv_1": 0.1, "conv_2": 0.2, "conv_3": 0.3}


def ascend_by_name(net, objectives, starts, preset, *, key):
    """Pictures whose ink says which network and layer, and whose height says which map and start."""
    maps, count = len(objectives), len(starts)
    height = 100.0 * net.number + np.arange(maps)[:, None] + 0.1 * np.arange(count)
    layer = objectives[0].terms[0].layer
    ink = np.full((maps, count, 28, 28), net.number * 0.2 + LAYER_INK[layer], np.float32)
    ink[:, -1, 0, 0] = 1  # the last start reaches most
    trace = np.repeat(height[..., None], preset.steps + 1, axis=-1)
    return Ascent(ink, trace, np.full(height.shape, preset.steps), np.zeros(height.shape, bool))


@pytest.fixture
def result(few_digits, monkeypatch) -> xr.Dataset:
    monkeypatch.setattr(oips, "ascend", ascend_by_name)
    monkeypatch.setattr(oips, "untrained", lambda net: stub_net(3 + net.number))
    monkeypatch.setattr(oips, "_drawn_starts", lambda run: (np.zeros((6, 28, 28)), KINDS))
    nets = {"reference": (stub_net(0), stub_net(1)), "shuffled": (stub_net(2),)}
    return measured("oips", few_digits, nets, config=CONFIG)


def test_pictures_are_those_of_their_network_and_layer(result):
    ink = [round(255 * LAYER_INK[layer]) for layer in oips.LAYERS]
    assert [int(result[f"picture_{layer}"][5, 0, 9, 9]) for layer in oips.LAYERS] == ink
    assert result.picture[:, 5, 0, 9, 9].values.tolist() == [ink[2], round(255 * 0.5)]
    assert result["kind"].values.tolist() == KINDS
    assert result.untrained_picture[:, 5, 0, 9, 9].values.tolist() == [round(255 * 0.9), 255]
    assert int(result.shuffled_picture[5, 0, 9, 9]) == round(255 * 0.7)
    assert result.untrained_reached[:, 5, 0].values.tolist() == [305, 405]
    assert float(result.shuffled_reached[5, 0]) == 205


def test_the_best_picture_is_the_one_that_reaches_most(result):
    for layer in oips.LAYERS:
        assert (result[f"best_{layer}"][:, 0, 0] == 255).all()
        assert result[f"trace_{layer}"].shape[-1] == CONFIG.steps + 1


def test_starts_of_all_scales_come_first_then_those_of_single_ones(few_digits):
    starts, kinds = starts_of(run_of("oips", few_digits, config=CONFIG))
    assert starts.shape == (6, 28, 28)
    assert kinds == KINDS
    neighbours = np.abs(np.diff(starts, axis=1)).mean(axis=(1, 2))
    assert np.argsort(neighbours[2:]).tolist() == [0, 1, 2, 3]  # shorter scales vary more from pixel to pixel


def test_what_was_found_is_passed_on_by_network_and_baseline(result, few_digits):
    run = run_of("oip_search", few_digits, config=CONFIG, results={"oips": result}, number=1)
    assert oips_of(run).reached[7, 0] == 107
    assert oips_of(run, 0).reached[7, 0] == 7
    assert oips_of(run, training="untrained").reached[7, 0] == 407
    assert oips_of(run, 0, training="untrained").reached[7, 0] == 307
    assert oips_of(run, training="shuffled labels").reached[7, 0] == 207
