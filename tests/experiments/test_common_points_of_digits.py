"""Common points of the shown 4s, and what they are compared with."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments.common_points import LAYERS, Config, more_or_fewer
from cnnbook.experiments.triples import KINDS
from cnnbook.fcp.common_points import mean_common_count, strong_in_all, strong_points
from cnnbook.maps import feature_maps
from synthetic import fact, facts, measured, statistic_from

PER_NET = ("shown", "also_one", "also_two", "expected", "marked_in_fours", "marked_in_others")


@pytest.fixture(scope="module")
def config() -> Config:
    return Config(strong_share=0.1, triples=30)


@pytest.fixture(scope="module")
def result(nets, few_digits, few_shown, config) -> xr.Dataset:
    return measured("common_points", few_digits, nets[:2], config=config, shown=few_shown)


def test_the_result_has_the_agreed_dimensions_and_units(result):
    assert result.layer.values.tolist() == ["conv_2", "conv_3"]
    assert result.kind.values.tolist() == [
        "three 4s", "three of one class", "three of different classes", "any three digits",
    ]  # fmt: skip
    assert result.net.values.tolist() == [0, 1]
    assert all(result[name].dims == ("layer", "net") for name in PER_NET)
    assert all("units" in result[name].attrs for name in result)
    assert result["count"].dims == ("layer", "kind", "net", "triple")
    assert result["count"].shape == (2, 4, 2, 30)
    assert result.strong_conv_2.shape == (5, 11, 11, 64)
    assert result.common_conv_3.dims == ("row_conv_3", "col_conv_3", "map_conv_3")
    assert result.common_conv_3.dtype == result.strong_conv_3.dtype == bool
    assert list(result.attrs["points"]) == [7744, 1152]
    assert (result.attrs["strong_share"], result.attrs["data"]) == (0.1, "sample")


def test_marks_are_those_of_the_rule_on_the_first_network(result, nets, few_digits):
    maps = feature_maps(nets[0], few_digits.test_images[[4, 14, 24, 1, 2]], ("conv_3",))["conv_3"]
    strong = strong_points(maps.reshape(5, -1), share=0.1)
    np.testing.assert_array_equal(result.strong_conv_3.values.reshape(5, -1), strong)
    common = strong_in_all(strong[:3])
    np.testing.assert_array_equal(result.common_conv_3.values.ravel(), common)
    here = result.sel(layer="conv_3", net=0)
    assert int(here.shown) == common.sum() > 0
    assert int(here.also_one) == (common & strong[3]).sum()
    assert int(here.also_two) == (common & strong[4]).sum()


def test_shares_of_marked_points_lie_between_nothing_and_all(result):
    for name in ("marked_in_fours", "marked_in_others"):
        assert 0 <= float(result[name].min()) <= float(result[name].max()) <= 1
    assert np.all(result.marked_in_fours >= 3 / 12)  # the shown 4s are 3 of the 12, and strong in all of them


def test_no_triple_shares_more_points_than_are_strong(result):
    counts = result["count"]
    assert int(counts.min()) >= 0
    assert int(counts.sel(layer="conv_3").max()) <= 115
    assert int(counts.sel(layer="conv_2").max()) <= 774


def test_a_network_counts_the_same_beside_others_and_alone(result, nets, few_digits, few_shown, config):
    alone = measured("common_points", few_digits, nets[1:2], config=config, shown=few_shown)
    for name in (*PER_NET, "count"):
        np.testing.assert_array_equal(alone[name].sel(net=1), result[name].sel(net=1))


TRIPLE_FACTS = (
    "share", "nets", "triples", "{layer}_points", "{layer}_strong", "{layer}_first", "{layer}_first_one",
    "{layer}_shown", "{layer}_{kind}", "{layer}_rank", "{layer}_times", "{layer}_marked_in_fours",
)  # fmt: skip


def test_facts_worked_for_one_network():
    """Counts 10, 20, 30 and 40 for the four kinds; the shown 4s have 15, more than half of the triples."""
    counts = np.zeros((2, 4, 1, 2))
    counts += np.array([10, 20, 30, 40])[None, :, None, None]
    counts[:, 0, :, 1] = 30  # three 4s: 10 and 30
    numbers = dict.fromkeys(PER_NET, (("layer", "net"), np.full((2, 1), 15.0)))
    numbers |= {"marked_in_fours": (("layer", "net"), np.full((2, 1), 0.75))}
    result = xr.Dataset(
        numbers | {"count": (("layer", "kind", "net", "triple"), counts)},
        coords={"layer": list(LAYERS), "kind": list(KINDS), "net": [0]},
        attrs={"strong_share": 0.1, "points": [7744, 1152]},
    )
    found = {}
    for name in TRIPLE_FACTS:
        found |= fact("common_points", name, result)
    assert (found["share"], found["nets"], found["triples"]) == ("10 %", "1", "2")
    assert (found["conv_3_points"], found["conv_3_strong"], found["conv_2_strong"]) == ("1,152", "115", "774")
    assert (found["conv_3_first"], found["conv_3_first_one"], found["conv_3_shown"]) == ("15", "15", "15")
    assert (found["conv_3_three_4s"], found["conv_3_any_three_digits"]) == ("20", "40")
    assert (found["conv_3_rank"], found["conv_3_times"]) == ("50 %", "0.5")
    assert found["conv_3_marked_in_fours"] == "75 %"


@pytest.mark.parametrize(
    ("excess", "word"), [(1.0, "more"), (0.9, "about as many"), (-0.9, "about as many"), (-1.0, "fewer")]
)
def test_a_difference_of_less_than_one_point_is_none_in_prose(excess, word):
    assert more_or_fewer(excess) == word


def test_facts_are_text(result):
    assert all(isinstance(text, str) for text in facts("common_points", result).values())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("over_upside_down", [[5, 0]]),
        ("over_other_classes", [[-2, 4]]),
        ("over_pixels", [[0.1, -0.05]]),
    ],
)
def test_a_statistic_is_worked_by_hand(name, expected):
    """Three 4s share 30 points, upside down 25, of another class 32; of their own 0.2 and 0.1 of pixels."""
    variables = {
        "three_fours": ("net resample", [[30.0, 20]]),
        "three_turned": ("net resample", [[25.0, 20]]),
        "three_others": ("net resample", [[32.0, 16]]),
        "own_share": ("net resample", [[0.2, 0.1]]),
        "own_share_of_pixels": ("resample", [0.1, 0.15]),
    }
    np.testing.assert_allclose(statistic_from("common_points", name, variables), expected)


def test_three_fours_share_what_the_exact_mean_over_triples_says(nets, few_digits, few_shown, config):
    """On the first network, and with the nulls: 4s that are turned, the nine other classes, and pixels."""
    found = measured("common_points", few_digits, nets[:1], config=replace(config, most=3), shown=few_shown)
    images, labels = few_digits.test_images, few_digits.test_labels
    is_four = labels == 4

    def strong(images: np.ndarray) -> np.ndarray:
        maps = feature_maps(nets[0], images, ("conv_3",))["conv_3"]
        return strong_points(maps.reshape(len(images), -1), share=0.1)

    def shared(marks: np.ndarray) -> float:
        return float(mean_common_count(marks.sum(axis=0), len(marks), 3))

    marks, pixels = strong(images), strong_points(images.reshape(120, -1).astype(float), share=0.1)
    fours = shared(marks[is_four])
    others = np.mean([shared(marks[labels == k]) for k in range(10) if k != 4])
    assert float(found.over_upside_down[0, 0]) == pytest.approx(
        fours - shared(strong(images[is_four][:, ::-1, ::-1])), abs=1e-6
    )
    assert float(found.over_other_classes[0, 0]) == pytest.approx(fours - others, abs=1e-6)
    own = [
        (shared(each[is_four]) - shared(each)) / each[is_four].sum(axis=1).mean() for each in (marks, pixels)
    ]
    assert float(found.over_pixels[0, 0]) == pytest.approx(own[0] - own[1], abs=1e-6)


def test_prose_gets_its_comparing_words_from_the_numbers():
    """Triples of 4s spread with 3 and independent points with 2; 4s share 5 points more than turned ones."""
    result = xr.Dataset(
        {
            "spread": (("spread_of", "net"), [[3.0], [2.0]]),
            "over_upside_down": (("net", "resample"), [[5.0, -9.0]]),
            "over_other_classes": (("net", "resample"), [[-2.0, 9.0]]),
            "over_pixels": (("net", "resample"), [[0.05, 0.9]]),
            "own": ("net", [0.2]),
        }
    )
    found = {}
    for name in ("spread_says", "upside_down_word", "other_classes_word", "own", "own_of_pixels"):
        found |= fact("common_points", name, result)
    assert found == {
        "spread_says": "in groups", "upside_down_word": "more", "other_classes_word": "fewer",
        "own": "20 %", "own_of_pixels": "15 %",
    }  # fmt: skip
    turned = result.assign(spread=result.spread[::-1])
    assert "no more in groups" in fact("common_points", "spread_says", turned)["spread_says"]
