"""Pairs of classes: statistics from counts made by hand, and what three made-up networks confuse."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments import pairs
from cnnbook.experiments.mlps import CALLED, FOUR_NINE
from cnnbook.experiments.pairs import NAMES, OTHERS, confused_pairs, ratio_of_ratios
from synthetic import facts, measured, statistic_from

KINDS = list(CALLED.values())
PLACE = NAMES.index(FOUR_NINE)


def counts(**of_kinds: tuple[list[float], list[float]]) -> dict[str, tuple[str, np.ndarray]]:
    """Confusions of 4 and 9, and of the pair 0–1, by network, for each kind; none of the other 43 pairs."""
    table = np.zeros((3, len(NAMES), 2, 1))
    for row, (four_nine, first) in enumerate(of_kinds.values()):
        table[row, PLACE, :, 0], table[row, 0, :, 0] = four_nine, first
    return {"confused": ("kind pair net resample", table)}


COUNTS = counts(cnn=([2, 4], [3, 5]), mlp=([9, 5], [1, 6]), wide=([10, 20], [8, 8]))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("mlp_rank_of_4_9", 1.5), ("errors_ratio", 3 / 15), ("ratio_by_other_pairs", (3 / 15) / (4 / 8))],
)
def test_a_statistic_compares_the_kinds_and_pairs_that_it_names(name, expected):
    found = statistic_from("pairs", name, COUNTS, kind=KINDS, pair=NAMES)
    assert found.shape == (2, 1)
    assert found.mean() == pytest.approx(expected)


@pytest.mark.parametrize("name", ["errors_ratio", "ratio_by_other_pairs"])
def test_where_an_mlp_has_no_such_confusions_nothing_is_compared(name):
    none = counts(cnn=([2, 4], [3, 5]), mlp=([9, 5], [1, 6]), wide=([0, 0], [8, 8]))
    assert statistic_from("pairs", name, none, kind=KINDS, pair=NAMES).tolist() == [[1], [1]]


def test_errors_on_badly_written_images_are_compared_with_those_of_other_pairs():
    badly = np.full((3, len(NAMES), 1, 1), 0.9)
    badly[1] = 0.1
    badly[1, PLACE], badly[1, 0] = 0.3, 0.1 + 44 * 0.05
    found = statistic_from(
        "pairs", "badly_written_excess", {"badly": ("kind pair net resample", badly)}, kind=KINDS, pair=NAMES
    )
    assert found.ravel() == pytest.approx([0.3 - 0.15])


def test_a_ratio_of_ratios_spreads_as_its_parts_do():
    """A network that has more confusions of the first kind has a larger number; where none vary it is one."""
    one, many = (xr.DataArray(each, dims="net") for each in ([1.0, 3.0], [4.0, 4.0]))
    assert ratio_of_ratios((one, many), (many, many)).values.tolist() == [0.25, 0.75]
    assert ratio_of_ratios((many, many), (many, one)).values.tolist() == [0.25, 0.75]
    assert ratio_of_ratios((many, many), (many, many)).values.tolist() == [1, 1]


def test_a_confusion_counts_both_ways_and_only_as_its_pair():
    found = confused_pairs(np.array([4, 9, 4, 4]), np.array([9, 4, 4, 1]))
    assert found.tolist() == [PLACE, PLACE, -1, NAMES.index("1–4")]
    assert len(OTHERS) == 44


def test_networks_that_call_everything_a_nine(nets, few_digits, monkeypatch):
    monkeypatch.setattr(pairs, "predictions", lambda net, images: np.full(len(images), 9))
    found = measured("pairs", few_digits, {recipe: nets[:2] for recipe in CALLED})
    assert found.kind.values.tolist() == KINDS
    assert found.pair_errors.sel(pair=FOUR_NINE).values.tolist() == [[12, 12]] * 3
    assert found.pair_errors.sel(pair="0–1").values.tolist() == [[0, 0]] * 3
    assert found.badly_images.values.tolist() == [2] * 45
    assert (found.badly_errors.sel(pair="0–1") == 1).all()
    assert (found.badly_confused.sel(pair="0–1") == 0).all()
    assert found.errors_ratio.values == pytest.approx(1)
    texts = facts("pairs", found)
    assert (texts["cnn_rank"], texts["middle"], texts["pairs"]) == ("1", "23", "45")
