"""How far OIPs can be trusted: statistics from cards, and whose cards they are, made by hand."""

import numpy as np
import pytest

from cnnbook.experiments import oip_quality
from cnnbook.maps import MapResponses
from cnnbook.oip.ascent import Ascent
from cnnbook.oip.presets import PRESETS
from cnnbook.oip.scores import CARD, QualityScores
from synthetic import fact, measured, oips_result, statistic_from, stub_net

STARTS = ("mixed", "mixed", "3", "7", "14", "28")


def card_statistic(name: str) -> np.ndarray:
    """Of two networks with four maps: the third map of the first is dead, as are all of the second."""
    card = np.full((2, len(CARD), 4), 9.0)
    card[0, CARD.index("agreement")] = 0.9, 0.8, 1.0, 0.1
    card[0, CARD.index("start_agreement")] = 0.3, 0.6, 1.0, 0.0
    live = [[True, True, False, True], [False] * 4]
    variables = {"card": ("net number map_conv_3", card), "live": ("net map_conv_3", live)}
    return statistic_from("oip_quality", name, variables, number=CARD)


def test_maps_with_one_pattern_are_counted_among_live_ones():
    np.testing.assert_allclose(card_statistic("one_mode_share"), [2 / 3, 0])


def test_start_agreement_is_the_mean_of_live_maps():
    np.testing.assert_allclose(card_statistic("start_agreement"), [0.3, 0])


@pytest.fixture
def result(few_digits, monkeypatch):
    """Of two networks (0, 1) and the baselines: a card says its network, and its layer by the maps it has.

    Each map of network 0 responds with 0 to 119 to the digits, in an order of its own; network 1 has the same
    maps in reverse, so that map k's partner is map 127 − k.
    """
    patterns = np.random.default_rng(0).permuted(np.tile(np.arange(120.0)[:, None], 128), axis=0)

    def quality_scores(net, layer, digits, oips):
        maps = len(oips.reached)
        numbers = np.full((len(CARD), maps), 10.0 * net.number) + np.arange(len(CARD))[:, None]
        return QualityScores(numbers, np.full(maps, net.number != 1), np.zeros((maps, 2), int))

    def map_responses(net, images, layers):
        mean = patterns if net.number == 0 else patterns[:, ::-1]
        if len(images) == 128:  # the OIPs: each drives its partner more than half of the digits do
            mean = np.where(np.arange(128)[:, None] == 127 - np.arange(128)[None], 59.5, -1.0)
        return {"conv_3": MapResponses(mean, mean, np.zeros(mean.shape, int))}

    def ascend(net, objectives, starts, preset, *, key):
        """Under the preset that moves pictures all starts lead to one picture, otherwise to unlike ones."""
        pictures = np.zeros((128, 2, 28, 28), np.float32)
        pictures[:, :, 5] = 1
        if not preset.robustness.jitter:
            pictures[:, 1] = pictures[:, 1].swapaxes(1, 2)
        shape = (128, 2)
        return Ascent(pictures, np.ones((*shape, 2)), np.ones(shape, int), np.zeros(shape, bool))

    monkeypatch.setattr(oip_quality, "quality_scores", quality_scores)
    monkeypatch.setattr(oip_quality, "map_responses", map_responses)
    monkeypatch.setattr(oip_quality, "ascend", ascend)
    monkeypatch.setattr(oip_quality, "untrained", lambda net: stub_net(3))
    monkeypatch.setattr(oip_quality, "starts_of", lambda run: (np.zeros((6, 28, 28)), list(STARTS)))
    reached = np.ones((2, 128, len(STARTS)))
    reached[0, 5] = 0
    oips = oips_result(reached, kinds=STARTS)
    for layer, maps in (("conv_1", 32), ("conv_2", 64)):
        oips[f"picture_{layer}"] = oips.picture[0, :maps].rename(map_conv_3=f"map_{layer}")
        oips[f"reached_{layer}"] = oips.reached[0, :maps].rename(map_conv_3=f"map_{layer}")
    nets = {"reference": (stub_net(0), stub_net(1)), "shuffled": (stub_net(2),)}
    return measured("oip_quality", few_digits, nets, results={"oips": oips})


def test_cards_are_those_of_their_network(result):
    card, null_card = (each.sel(number="modes", map_conv_3=9) for each in (result.card, result.null_card))
    assert card.values.tolist() == [2, 12]
    assert null_card.sel(null=["untrained", "shuffled labels"]).values.tolist() == [32, 22]
    assert result.live[:, 0].values.tolist() == [True, False]
    assert (result.sizes["map_conv_1"], result.sizes["map_conv_2"]) == (32, 64)


def test_an_oip_is_carried_over_to_the_partner_and_not_to_another_map(result):
    """59.5 lies above half of the responses from 0 to 119; −1 below all. A map without an OIP has none."""
    matched, other = result.transfer.sel(net=0).values, result.transfer_unmatched.sel(net=0).values
    assert np.isnan(matched[5])
    np.testing.assert_allclose(np.delete(matched, 5), 0.5)
    np.testing.assert_allclose(np.delete(other, 5), 0)


def test_agreement_by_preset_is_that_of_its_preset(result):
    for name, preset in PRESETS.items():
        agreement = float(result.by_preset.sel(preset=name, map_conv_3=3))
        assert (agreement == pytest.approx(1)) is (preset.robustness.jitter > 0)
    facts = fact("oip_quality", "agreement_{preset}", result)
    assert facts["agreement_robust"] == "1.00"
