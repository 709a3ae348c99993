"""Points that decide between 4 and 9: statistics from curves made by hand, and what a network gives."""

from dataclasses import replace

import numpy as np
import pytest

from cnnbook.experiments.four_nine import CHANCE, LISTED, ORDERS, POINTS, SIZES, Config
from cnnbook.fcp.ranking import jaccard
from synthetic import facts, measured, statistic_from

TRIED = (0, 10, 20, 40, 80)

KEPT = np.array(
    [
        [0.5, 0.7, 0.99, 0.99, 1.0],
        [0.5, 0.6, 0.9, 0.99, 1.0],
        [0.5, 0.5, 0.5, 0.6, 1.0],
        [0.5, 0.9, 0.9, 0.99, 1],
    ]
)
LEFT = np.array(
    [
        [1.0, 0.8, 0.6, 0.5, 0.5],
        [1.0, 0.8, 0.6, 0.5, 0.5],
        [1.0, 1.0, 0.95, 0.9, 0.5],
        [1.0, 0.9, 0.5, 0.5, 0.5],
    ]
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("points_enough", 20),
        ("random_points_enough", 80),
        ("points_by_random", 20 / 80),
        ("points_by_pixels", 20 / 40),
        ("points_needed", 0.95 - 0.6),
    ],
)
def test_a_statistic_reads_the_orders_and_sizes_that_it_names(name, expected):
    dims = "order points net resample"
    variables = {"kept": (dims, KEPT[..., None, None]), "left": (dims, LEFT[..., None, None])}
    found = statistic_from("four_nine", name, variables, order=ORDERS, points=TRIED)
    assert found.ravel() == pytest.approx([expected])


def test_points_that_are_needed_are_those_enough_on_all_images():
    """The second resample would call ten points enough, but the first says which are asked."""
    kept = np.stack([KEPT, np.where(KEPT > 0.6, 1.0, KEPT)], axis=-1)[:, :, None]
    left = np.stack([LEFT, LEFT], axis=-1)[:, :, None]
    dims = "order points net resample"
    variables = {"kept": (dims, kept), "left": (dims, left)}
    needed = statistic_from("four_nine", "points_needed", variables, order=ORDERS, points=TRIED)
    assert needed.tolist() == [pytest.approx([0.35, 0.35])]
    counts = statistic_from("four_nine", "points_enough", variables, order=ORDERS, points=TRIED)
    assert counts.tolist() == [[20, 10]]


def test_sizes_rise_to_all_points_and_hold_what_the_claim_names():
    assert list(SIZES) == sorted(set(SIZES))
    assert {0, 30, 200, POINTS} <= set(SIZES)


def test_two_sets_at_random_share_as_much_as_is_said():
    draw = np.random.default_rng(0)
    sets = [draw.permutation(POINTS)[:LISTED] for _ in range(400)]
    found = np.mean([jaccard(one, other) for one, other in zip(sets[::2], sets[1::2], strict=True)])
    assert found == pytest.approx(CHANCE, abs=0.004)


@pytest.fixture(scope="module")
def found(nets, few_digits):
    config = Config(ranked=20, greedy=10, others=1, random=1, bootstraps=2, steps=10)
    return measured("four_nine", few_digits, nets[:2], config=config)


def test_with_all_points_the_answers_are_those_of_the_images(found):
    whole = found.kept.isel(points=-1, drop=True).sel(order=list(ORDERS[:3]))
    assert np.ptp(whole.values, axis=0).max() == 0
    np.testing.assert_allclose(found.left.isel(points=0).values, found.kept.isel(points=-1).values)
    np.testing.assert_allclose(found.left.isel(points=-1).values, found.kept.isel(points=0).values)


def test_listed_points_are_counted_by_cell_and_named_once(found):
    assert found.cells.sum(["row", "column"]).values.tolist() == [LISTED, LISTED]
    assert all(len(set(each)) == LISTED for each in found.listed.values)
    texts = facts("four_nine", found)
    assert texts["tests"] == "24"
    assert 0 <= float(texts["stability"]) <= 1
    assert texts["of_points"] == "1,152"


def test_without_4s_and_9s_nothing_can_be_ranked(nets, few_digits):
    lacking = replace(
        few_digits, train_labels=np.where(few_digits.train_labels == 9, 8, few_digits.train_labels)
    )
    with pytest.raises(ValueError, match=r"48 training images and 24 test images of 4s and 9s, expected"):
        measured("four_nine", lacking, nets[:1])
