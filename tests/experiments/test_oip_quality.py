"""How far OIPs can be trusted: statistics from cards, and whose cards they are, made by hand."""

import numpy as np
import pytest

from cnnbook.experiments import oip_quality
from cnnbook.experiments.oip_quality import MEASURES, PAIRS
from cnnbook.experiments.oips import TRAINING
from cnnbook.maps import MapResponses
from cnnbook.oip.ascent import Ascent
from cnnbook.oip.presets import PRESETS
from cnnbook.oip.scores import CARD, QualityScores
from synthetic import fact, measured, oips_result, statistic_from, stub_net

STARTS = ("mixed", "mixed", "3", "7", "14", "28")


@pytest.mark.parametrize(("name", "expected"), [("one_pattern", [0.5, 0.0]), ("one_spectrum", [0.75, 1.0])])
def test_likeness_across_scales_counts_above_that_of_different_maps(name, expected):
    """0.8 where 0.6 is by chance is half of what could be; the networks before training do not count."""
    likeness = np.zeros((3, 2, 2, 2))
    likeness[0, 0] = [[0.8, 0.6], [0.6, 0.6]]  # at the best shift: same map, different maps
    likeness[0, 1] = [[0.9, 1.0], [0.6, 0.0]]  # spectra
    found = statistic_from(
        "oip_quality",
        name,
        {"scale_likeness": ("training measure pair net", likeness)},
        training=TRAINING,
        measure=MEASURES,
        pair=PAIRS,
    )
    np.testing.assert_allclose(found, expected)


@pytest.fixture
def result(few_digits, monkeypatch):
    """Of two networks (0, 1) and the baselines: a card says its network, and its layer by the maps it has.

    Each map of network 0 responds with 0 to 119 to the digits, in an order of its own; network 1 has the same
    maps in reverse, so that map k's partner is map 127 − k.
    """
    patterns = np.random.default_rng(0).permuted(np.tile(np.arange(120.0)[:, None], 128), axis=0)

    def quality_scores(net, layer, digits, oips, *, images):
        assert images == 20000
        maps = len(oips.reached)
        numbers = np.full((len(CARD), maps), 10.0 * net.number) + np.arange(len(CARD))[:, None]
        mean = np.full(maps, 7.0 + net.number)
        return QualityScores(
            numbers, np.full(maps, net.number != 1), mean, mean / 2, np.zeros((maps, 2), int)
        )

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
    monkeypatch.setattr(oip_quality, "untrained", lambda net: stub_net(3 + net.number))
    monkeypatch.setattr(oip_quality, "starts_of", lambda run: (np.zeros((6, 28, 28)), list(STARTS)))
    reached = np.ones((2, 128, len(STARTS)))
    reached[0, 5] = 0
    oips = oips_result(reached, kinds=STARTS, pictures=pictures_of_maps())
    for layer, maps in (("conv_1", 32), ("conv_2", 64)):
        oips[f"picture_{layer}"] = oips.picture[0, :maps].rename(map_conv_3=f"map_{layer}")
        oips[f"reached_{layer}"] = oips.reached[0, :maps].rename(map_conv_3=f"map_{layer}")
    nets = {"reference": (stub_net(0), stub_net(1)), "shuffled": (stub_net(2),)}
    return measured("oip_quality", few_digits, nets, results={"oips": oips})


def pictures_of_maps() -> np.ndarray:
    """Map k's OIP is noise of its own, moved by a pixel for each start."""
    rng = np.random.default_rng(2)
    noise = rng.integers(0, 255, (128, 40, 40)).astype(np.uint8)
    views = [noise[:, start : start + 28, 4:32] for start in range(len(STARTS))]
    return np.stack([np.stack(views, axis=1)] * 2)


def test_cards_are_those_of_their_network(result):
    card = result.card.sel(number="modes", map_conv_3=9)
    assert card.sel(training="trained").values.tolist() == [2, 12]
    assert card.sel(training="untrained").values.tolist() == [32, 42]
    assert card.sel(training="shuffled labels").values[0] == 22
    assert result.live.sel(training="trained")[:, 0].values.tolist() == [True, False]
    assert result.response_mean[:, 0].values.tolist() == [7, 8]
    assert result.response_spread[:, 0].values.tolist() == [3.5, 4]
    assert (result.sizes["map_conv_1"], result.sizes["map_conv_2"]) == (32, 64)


def test_a_pattern_that_every_start_leads_to_at_another_place_is_one_pattern(result):
    """In the first network; the maps of the second are dead, and different maps share no noise."""
    likeness = result.scale_likeness.sel(training="trained", measure="shifted")
    np.testing.assert_allclose(likeness.sel(pair="same map"), [1, 0], atol=1e-4)
    assert abs(float(likeness.sel(pair="different maps", net=0))) < 0.2
    assert float(result.one_pattern[0]) == pytest.approx(1, abs=1e-3)
    assert result.scale_likeness.sel(training="untrained").max() == 0


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
