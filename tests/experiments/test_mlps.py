"""MLPs beside the CNN: pairs counted both ways, ranked, and judged by the rule."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments import mlps
from cnnbook.experiments.mlps import PAIRS, gain_in_words, paired, parameters, rank_in_words, ranks, table
from synthetic import facts, measured


@pytest.fixture
def worked() -> xr.Dataset:
    """Two networks a kind, 100 images a class.

    The CNN takes one 4 for a 9 and one or three 7s for 2s. The MLP takes six 4s for 9s, four 9s for 4s and
    ten 7s for 2s.
    """
    tables = np.zeros((2, 2, 10, 10), np.int64)
    tables[:, :, range(10), range(10)] = 100
    for kind, net, (true, answer), count in [
        (0, 0, (4, 9), 1), (0, 0, (7, 2), 1), (0, 1, (4, 9), 1), (0, 1, (7, 2), 3),
        (1, 0, (4, 9), 6), (1, 0, (9, 4), 4), (1, 0, (7, 2), 10),
        (1, 1, (4, 9), 6), (1, 1, (9, 4), 4), (1, 1, (7, 2), 10),
    ]:  # fmt: skip
        tables[kind, net, true, true] -= count
        tables[kind, net, true, answer] += count
    dims = {"test_accuracy": "kind net", "pair_errors": "kind net pair", "share_of_4_9": "kind net"}
    dims["share_interval"] = "kind bound"
    return xr.Dataset(
        {name: (dims[name].split(), values) for name, values in paired(tables).items()}
        | {"parameters": ("kind", [208_982, 57_390])},
        coords={"kind": ["CNN", "small MLP"], "net": [0, 1], "pair": [f"{a}–{b}" for a, b in PAIRS]},
        attrs={"test_images": 1000},
    )


def test_there_are_45_pairs_and_each_stands_once():
    assert len(PAIRS) == len(set(PAIRS)) == 45
    assert all(a < b for a, b in PAIRS)


def test_a_pairs_errors_are_counted_both_ways(worked):
    assert worked.pair_errors.sel(kind="small MLP", pair="4–9").values.tolist() == [10, 10]
    assert worked.pair_errors.sel(kind="CNN", pair="2–7").values.tolist() == [1, 3]
    wrong = 1000 * (1 - worked.test_accuracy)
    assert worked.pair_errors.sum("pair").values == pytest.approx(wrong.values)


def test_the_share_of_4_and_9_is_taken_for_each_network(worked):
    assert worked.share_of_4_9.values.tolist() == [[0.5, 0.25], [0.5, 0.5]]


def test_the_interval_of_the_share_worked_by_hand(worked):
    """Differences 0 and 0.25: mean 0.125, standard error 0.125; t with one degree of freedom is 12.706."""
    ends = worked.share_interval.sel(kind="small MLP").values
    assert ends == pytest.approx([0.125 - 12.706 * 0.125, 0.125 + 12.706 * 0.125], rel=1e-4)
    assert worked.share_interval.sel(kind="CNN").values.tolist() == [0, 0]


def test_networks_without_an_error_have_no_share():
    tables = np.zeros((1, 1, 10, 10), np.int64)
    tables[..., range(10), range(10)] = 5
    assert paired(tables)["share_of_4_9"].item() == 0


def test_ranks_count_the_pairs_with_more_errors():
    assert ranks(np.array([3, 7, 0, 3])).tolist() == [2, 1, 4, 2]


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        (1, "the hardest pair"),
        (2, "among the hardest pairs"),
        (5, "among the hardest pairs"),
        (6, "not among the hardest pairs"),
    ],
)
def test_the_place_of_4_and_9_follows_the_rule(rank, expected):
    assert rank_in_words(rank) == expected


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((0.01, 0.05), "more than"),
        ((-0.05, -0.01), "less than"),
        ((-0.01, 0.05), "neither more nor less than"),
        ((np.nan, np.nan), "neither more nor less than"),
    ],
)
def test_whether_convolutions_help_more_follows_the_rule(ends, expected):
    assert gain_in_words(np.array(ends)) == expected


def test_facts_worked_by_hand(worked):
    found = facts("mlps", worked)
    assert (found["cnn"], found["small_mlp"]) == ("99.70 %", "98.00 %")
    assert (found["cnn_errors"], found["small_mlp_errors"]) == ("3", "20")
    assert (found["cnn_rank_4_9"], found["small_mlp_rank_4_9"]) == ("2", "1")
    assert found["small_mlp_4_9_is"] == "the hardest pair"
    assert (found["cnn_errors_4_9"], found["small_mlp_errors_4_9"]) == ("1.0", "10.0")
    assert (found["cnn_share_4_9"], found["small_mlp_share_4_9"]) == ("38 %", "50 %")
    assert found["small_mlp_parameters"] == "57,390"
    assert found["cnn_hardest"].startswith("2–7, 4–9 and ")


def test_the_table_has_a_row_a_kind(worked):
    frame = table(worked).frame
    assert frame.index.tolist() == ["CNN", "small MLP"]
    assert frame.loc["CNN", "rank of 4–9"] == "2"


def test_measured_on_networks_it_is_their_confusion(nets, few_digits, monkeypatch):
    fours = np.eye(10, dtype=np.float32)[np.full(120, 4)]
    monkeypatch.setattr(mlps, "probabilities", lambda net, images: fours)
    found = measured("mlps", few_digits, {"reference": nets[:2], "mlp": nets[:2]})
    assert found.kind.values.tolist() == ["CNN", "small MLP"]
    assert found.confusion.sel(predicted=4).values.tolist() == [[[12] * 10] * 2] * 2
    assert found.test_accuracy.values == pytest.approx(0.1)
    assert found.pair_errors.sel(kind="CNN", net=0, pair="4–9").item() == 12


def test_parameters_are_counted_in_the_network_itself(nets):
    assert parameters(nets[0]) == 208_982
