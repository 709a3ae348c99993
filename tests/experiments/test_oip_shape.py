"""Whether OIPs repeat their motif: shares from peaks, and peaks from pictures made by hand."""

import numpy as np
import pytest

from cnnbook.experiments import oip_shape
from cnnbook.oip.ascent import Ascent
from synthetic import measured, oips_result, statistic_from, stub_net

STARTS = ("28", "mixed", "mixed")


def test_repeating_oips_are_counted_among_maps_with_an_oip():
    """0.3 is a repetition, 0.29 is none; a map without an OIP does not count."""
    variables = {
        "peak": ("net map_conv_3", [[0.3, 0.29, 0.0, 0.5], [0.0] * 4]),
        "has_oip": ("net map_conv_3", [[True, True, False, True], [False] * 4]),
    }
    np.testing.assert_allclose(statistic_from("oip_shape", "repeating_share", variables), [2 / 3, 0])


def stripes(step: int) -> np.ndarray:
    """A picture with a line in every so many columns."""
    picture = np.zeros((28, 28), np.uint8)
    picture[:, ::step] = 255
    return picture


@pytest.fixture
def result(few_digits, monkeypatch):
    """Of the best mixed start counts: stripes for map 0, a single line for map 1, nothing for others."""
    line = stripes(28)
    pictures = np.zeros((2, 128, 3, 28, 28), np.uint8)
    pictures[0, 0, 2], pictures[0, 0, 0] = stripes(5), line  # start 2 reaches most of the mixed ones
    pictures[0, 1, 1], pictures[0, 1, 0] = line, stripes(5)
    reached = np.zeros((2, 128, 3))
    reached[0, 0] = 9, 1, 2
    reached[0, 1] = 9, 3, 1
    nulls = np.zeros((2, 128, 3, 28, 28), np.uint8)
    nulls[1, :, 1] = stripes(5)
    high = np.zeros((2, 128, 3))
    high[:, :, 1] = 1
    of_points = np.stack([stripes(5)[None] / 255, line[None] / 255]).repeat(64, axis=0).astype(np.float32)

    def ascend(net, objectives, starts, preset, *, key):
        reached = np.repeat(np.arange(128.0)[:, None, None], preset.steps + 1, axis=2)
        return Ascent(of_points, reached, np.full((128, 1), preset.steps), np.zeros((128, 1), bool))

    monkeypatch.setattr(oip_shape, "ascend", ascend)
    oips = oips_result(reached, kinds=STARTS, pictures=pictures, null_reached=high, null_pictures=nulls)
    nets = {"reference": (stub_net(0), stub_net(1))}
    return measured("oip_shape", few_digits, nets, results={"oips": oips})


def test_a_map_is_judged_by_its_best_picture_from_mixed_starts(result):
    peak = result.peak.sel(net=0).values
    assert peak[0] > 0.5
    assert not peak[1:].any()
    assert result.repeating_share.values.tolist() == [0.5, 0]


def test_baselines_are_those_of_their_names(result):
    assert (result.null_peak.sel(null="shuffled labels") > 0.5).all()
    assert (result.null_peak.sel(null="untrained") == 0).all()
    assert result.start_peak.values.tolist() == [0, 0]
    assert result.digit_peak.shape == (120,)


def test_a_points_oip_counts_if_it_reaches_more_than_nothing(result):
    """The first 64 maps have stripes and the others a line; the first one's best does not reach above 0."""
    peak = result.point_peak.values
    assert (peak[0], (peak[1:64] > 0.5).all(), (peak[64:] == 0).all()) == (0, True, True)


def test_a_pixel_has_moved_if_it_is_a_tenth_of_full_ink_from_its_start(result):
    """Of the 26 columns that Conv_3 sees stripes fill columns 0, 5, ... 25, a line fills one."""
    np.testing.assert_allclose(result.large.sel(net=0)[:3], [6 / 26, 1 / 26, 0])
