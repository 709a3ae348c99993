"""Whether OIPs are large and repeat their motif: shares from pictures made by hand."""

import numpy as np
import pytest

from cnnbook.experiments import measuring, oip_shape
from cnnbook.nets.geometry import geometry_of
from cnnbook.oip.ascent import Ascent
from synthetic import measured, oips_result, statistic_from, stub_net

STARTS = ("28", "mixed", "mixed")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("repeating_share", [0.6, 0.5]),
        ("repeating_untrained", [0.2, 0.5]),
        ("repeating_gain", [0.4, 0]),
        ("large_gain", [0.3, -0.1]),
    ],
)
def test_shares_count_against_networks_before_training_and_the_layer_below(name, expected):
    variables = {
        "repeating": ("state net", [[0.6, 0.5], [0.2, 0.5]]),
        "large": ("state net", [[0.7, 0.4], [0.9, 0.9]]),
        "large_conv_2": ("net", [0.4, 0.5]),
    }
    found = statistic_from("oip_shape", name, variables, state=["trained", "untrained"])
    np.testing.assert_allclose(found, expected)


def test_long_is_what_is_longer_than_a_point_of_conv_2_sees():
    assert geometry_of()["conv_2"].receptive_field == oip_shape.LONG


def stripes(step: int) -> np.ndarray:
    """A picture with a line in every so many columns."""
    picture = np.zeros((28, 28), np.uint8)
    picture[:, ::step] = 255
    return picture


WAVE = np.tile(np.rint(127.5 + 127.5 * np.cos(2 * np.pi * np.arange(28) / 13)), (28, 1)).astype(np.uint8)
"""A wave of 13 pixels, longer than the 8 that a point of Conv_2 sees."""


@pytest.fixture
def result(few_digits, monkeypatch):
    """Of the best mixed start counts: stripes for map 0, a wave for map 1, nothing for others.

    Before training all maps have stripes, after learning shuffled labels a line. Half of the OIPs of Conv_2
    and of points are stripes, half a wave; only the second half reaches above zero.
    """
    line = stripes(28)
    pictures = np.zeros((2, 128, 3, 28, 28), np.uint8)
    pictures[0, 0, 2], pictures[0, 0, 0] = stripes(5), line  # start 2 reaches most of the mixed ones
    pictures[0, 1, 1], pictures[0, 1, 0] = WAVE, stripes(5)
    reached = np.zeros((2, 128, 3))
    reached[0, 0] = 9, 1, 2
    reached[0, 1] = 9, 3, 1
    before = np.zeros((2, 128, 3, 28, 28), np.uint8)
    before[:, :, 1] = stripes(5)
    high = np.zeros((2, 128, 3))
    high[:, :, 1] = 1
    shuffled = np.broadcast_to(line, (128, 3, 28, 28))

    def ascend(net, objectives, starts, preset, *, key):
        count = len(objectives)
        ends = np.stack([stripes(5)[None] / 255, WAVE[None] / 255]).repeat(count // 2, axis=0)
        height = (np.arange(count) >= count // 2).astype(float)
        reached = np.repeat(height[:, None, None], preset.steps + 1, axis=2)
        shape = (count, 1)
        return Ascent(ends.astype(np.float32), reached, np.full(shape, preset.steps), np.zeros(shape, bool))

    monkeypatch.setattr(oip_shape, "ascend", ascend)
    monkeypatch.setattr(measuring, "untrained", lambda net: stub_net(9))
    oips = oips_result(
        reached,
        kinds=STARTS,
        pictures=pictures,
        untrained=(high, before),
        shuffled=(np.ones((128, 3)), shuffled),
    )
    return measured("oip_shape", few_digits, (stub_net(0), stub_net(1)), results={"oips": oips})


def test_a_map_is_judged_by_its_best_picture_from_mixed_starts(result):
    peak = result.peak.sel(state="trained", net=0).values
    assert peak[0] > 0.5
    assert not peak[2:].any()
    assert result.repeating.sel(state="untrained").values.tolist() == [1, 1]
    np.testing.assert_allclose(result.repeating_gain, [result.repeating_share[0] - 1, -1])


def test_long_waves_count_among_maps_with_an_oip(result):
    """The OIP of map 1 is a long wave, as is every OIP of Conv_2 that there is."""
    wave = float(result.long_share.sel(state="trained", net=0)[1])
    assert wave > 0.9
    np.testing.assert_allclose(result.large_conv_2, [wave, wave], rtol=1e-5)
    of_maps = result.long_share.sel(state="trained", net=0)[:2]
    np.testing.assert_allclose(result.large_gain, [float(of_maps.mean()) - wave, -wave], atol=1e-5)


def test_baselines_are_those_of_their_names(result):
    assert (result.shuffled_peak == 0).all()
    assert result.start_peak.values.tolist() == [0, 0]
    assert result.digit_peak.shape == result.digit_long_share.shape == (120,)


def test_a_points_oip_counts_if_it_reaches_more_than_nothing(result):
    """The first 64 maps have stripes, but do not reach above 0."""
    assert not result.point_peak[:64].any()


def test_a_pixel_has_moved_if_it_is_a_tenth_of_full_ink_from_its_start(result):
    """Of the 26 columns that Conv_3 sees stripes fill columns 0, 5, ... 25."""
    np.testing.assert_allclose(result.changed.sel(net=0)[[0, 2]], [6 / 26, 0])
