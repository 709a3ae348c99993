"""Margins when points change hands, their ranking, badly written images, and separation: worked by hand."""

import numpy as np
import pytest

from cnnbook.fcp.head import Head
from cnnbook.fcp.margins import (
    Margin,
    changed_preactivations,
    contributions,
    linear_margin,
    margin_of,
    margins_along,
)
from cnnbook.fcp.ranking import (
    Pair,
    enough,
    flipping_order,
    greedy_order,
    jaccard,
    kept_and_left,
    rank_by_contribution,
    rank_points,
    with_remaining,
)
from cnnbook.fcp.separation import common_to, d_prime, fisher_axis, overlap_scores
from cnnbook.fcp.writing import badly_written, nearest_of_each_class, other_share

POINTS = 1152


@pytest.fixture
def head() -> Head:
    draw = np.random.default_rng(0)
    parts = (draw.normal(size=shape) for shape in ((POINTS, 7), (7,), (7, 10), (10,)))
    return Head(*parts)


@pytest.fixture
def codes() -> np.ndarray:
    return np.random.default_rng(1).random((5, POINTS))


def padded(values: list[float]) -> np.ndarray:
    """Some points, and zeros for all others."""
    return np.array([*values, *[0.0] * (POINTS - len(values))])


def test_a_margin_is_one_logit_less_another(head, codes):
    logits = head.logits(codes)
    assert margin_of(head, 4, 9)(codes) == pytest.approx(logits[:, 4] - logits[:, 9])


@pytest.mark.parametrize("classes", [(4, 4), (4, 10), (-1, 9)])
def test_a_margin_is_of_two_classes(head, classes):
    with pytest.raises(ValueError, match=r"first=.*, second=.*: expected two different classes"):
        margin_of(head, *classes)


def test_a_weighted_sum_is_a_margin_too():
    weights = np.array([2.0, -1.0, 0.5])
    points = np.array([[1.0, 4.0, 0.0], [3.0, 1.0, 2.0]])
    assert linear_margin(weights, -1.0)(points).tolist() == [-3.0, 5.0]


def test_all_points_of_another_image_give_its_logits(head, codes):
    start, stop = codes[:2], codes[2:4]
    for order in (np.arange(POINTS)[::-1], np.tile(np.arange(POINTS), (2, 1))):
        (hidden,) = changed_preactivations(head, start, stop, order, [POINTS])
        logits = np.maximum(hidden, 0) @ head.scores + head.scores_bias
        np.testing.assert_allclose(logits, head.logits(stop), atol=1e-10)


def test_the_first_points_of_an_order_change_hands(head, codes):
    margin, start, stop = margin_of(head, 4, 9), codes[:2], codes[2:4]
    orders = np.stack(
        [with_remaining(np.array(first), np.arange(POINTS)) for first in ([3, 0, 5], [11, 3, 2])]
    )
    mixed = start.copy()
    for row, order in enumerate(orders):
        mixed[row, order[:3]] = stop[row, order[:3]]
    along = margins_along(margin, start, stop, orders, [0, 3])
    np.testing.assert_allclose(along, [margin(start), margin(mixed)], atol=1e-10)
    by_row = [margins_along(margin, start[[k]], stop[[k]], orders[k], [0, 3])[:, 0] for k in range(2)]
    np.testing.assert_allclose(along, np.transpose(by_row), atol=1e-10)


def test_contributions_add_up_to_the_change_of_the_margin(head, codes):
    margin = margin_of(head, 9, 4)
    found = contributions(margin, codes[:2], codes[2:4])
    np.testing.assert_allclose(found.sum(axis=1), margin(codes[2:4]) - margin(codes[:2]), atol=1e-10)


def test_points_are_flipped_until_the_answer_is_another():
    """Class 1 has the points 0 and 2, and 3 counts double; one of them alone is not enough, 3 and 0 are."""
    hidden, scores = np.eye(POINTS, 4), np.zeros((4, 10))
    scores[[0, 2, 3], 1] = 1, 1, 2
    scores[1, 0] = 2.5
    head = Head(hidden, np.zeros(4), scores, np.zeros(10))
    start, stop = padded([0.0, 1.0, 0.0, 0.0]), padded([1.0, 1.0, 0.5, 1.0])
    assert flipping_order(head, start, stop, 1).tolist() == [3, 0]
    assert flipping_order(head, start, stop, 0).tolist() == []
    assert sorted(flipping_order(head, start, stop, 7).tolist()) == [0, 2, 3]


def made_up_pair(points: int = 8, images: int = 400) -> Pair:
    """Two classes that the points 2 and 5 tell apart, 5 more clearly, and none of the others."""
    draw = np.random.default_rng(2)
    positive = np.arange(images) % 2 == 0
    values = draw.random((images, points))
    values[:, 2] += 3 * positive
    values[:, 5] += 6 * positive
    half = images // 2
    return Pair(values[:half], positive[:half], values[half:], positive[half:])


def test_points_are_ranked_by_what_they_contribute_and_greedily():
    pair, margin = made_up_pair(), linear_margin(np.ones(8), -8.5)
    by_contribution = rank_by_contribution(margin, pair.train, pair.positive)
    assert by_contribution[:2].tolist() == [5, 2]
    stand_ins = np.random.default_rng(3).integers(0, 200, (2, 100))
    greedy = greedy_order(margin, pair.train[stand_ins[0]], pair.train[:100], pair.positive[:100], most=3)
    assert greedy[:2].tolist() == [5, 2]
    ranking = rank_points(margin, pair, stand_ins, most=2, sizes=range(9), share=0.98)
    assert ranking.chosen[:2].tolist() == [5, 2]
    assert sorted(ranking.chosen) == list(range(8))
    assert not ranking.is_greedy, "of two orders that need as many points the one by contribution counts"


def test_images_of_one_class_cannot_rank_points():
    with pytest.raises(ValueError, match=r"labels: all 3 are 1, expected more than one class"):
        rank_by_contribution(linear_margin(np.ones(2), 0.0), np.ones((3, 2)), np.ones(3, bool))


def test_sufficiency_keeps_the_first_points_and_necessity_replaces_them():
    """One point decides, and the other image is of the other class each time."""
    margin = linear_margin(np.array([1.0, 0.0]), -0.5)
    values = np.array([[1.0, 0.3], [0.0, 0.7]])
    is_first = np.array([True, False])
    pair = Pair(values, is_first, values, is_first)
    others = np.array([[1, 0], [0, 1]])
    kept, left = kept_and_left(margin, pair, others, np.array([0, 1]), [0, 1, 2])
    assert kept.tolist() == [[0.5, 0.5], [1, 1], [1, 1]]
    assert left.tolist() == [[1, 1], [0.5, 0.5], [0.5, 0.5]]


def test_enough_is_the_smallest_number_that_keeps_a_share():
    accuracy = np.array([[0.5, 0.5], [0.9, 0.6], [0.97, 0.99], [1.0, 1.0]])
    assert enough(accuracy, [0, 10, 20, 40], share=0.95).tolist() == [20, 20]
    assert enough(accuracy, [0, 10, 20, 40], share=0.9).tolist() == [10, 20]


def test_sets_are_compared_and_orders_completed():
    assert jaccard(np.array([1, 2, 3]), np.array([3, 4])) == 0.25
    assert jaccard(np.array([7]), np.array([7])) == 1
    assert with_remaining(np.array([2]), np.array([0, 1, 2, 3])).tolist() == [2, 0, 1, 3]


def test_the_nearest_of_each_class_worked_by_hand():
    references, labels = np.array([[0.0], [5.0], [7.0]]), np.array([4, 9, 9])
    distances, found = nearest_of_each_class(references, labels, np.array([[1.0], [6.5]]))
    assert distances[:, [4, 9]] == pytest.approx(np.array([[1, 4], [6.5, 0.5]]))
    assert found[:, [4, 9]].tolist() == [[0, 1], [0, 2]]
    assert np.isinf(distances[:, 0]).all()
    assert (found[:, 0] == -1).all()


def test_the_badly_written_tenth_are_those_nearest_to_the_other_class():
    labels = np.array([4] * 10 + [9] * 10 + [1])
    distances = np.full((21, 10), np.inf)
    distances[:, 4], distances[:, 9] = np.where(labels == 4, 1, 3), np.where(labels == 9, 1, 3)
    distances[3, 9], distances[15, 4], distances[16, 4] = 0.5, 0.4, 1.5
    assert badly_written(distances, labels, (4, 9)).tolist() == [15, 3]


def test_distances_of_zero_are_compared_too():
    """On an image of its own class: well written; of the other: as badly as can be; of both: a half."""
    own, other = np.array([0.0, 2.0, 0.0, 1.0]), np.array([2.0, 0.0, 0.0, 3.0])
    assert other_share(own, other).tolist() == [1, 0, 0.5, 0.75]


def test_a_pair_is_of_two_digits_that_there_are():
    with pytest.raises(ValueError, match=r"pair=\(4, 4\): expected two different classes out of 0 to 9"):
        badly_written(np.ones((1, 10)), np.array([4]), (4, 4))
    with pytest.raises(ValueError, match=r"no image of the pair=\(4, 9\), expected one at least"):
        badly_written(np.ones((1, 10)), np.array([1]), (4, 9))


def test_d_prime_worked_by_hand():
    """Means 3 and 0, variances 1 and 1; in the second resample the 4 that is at 4 counts alone."""
    values, positive = np.array([2.0, 4.0, -1.0, 1.0]), np.array([True, True, False, False])
    weights = np.array([[1.0, 1, 1, 1], [0, 2, 1, 1]])
    assert d_prime(values, positive, weights) == pytest.approx([3, 4 / np.sqrt(0.5)])
    assert d_prime(np.ones(4), positive, weights).tolist() == [0, 0]


def test_fishers_axis_leaves_out_what_varies_together():
    """The second point says nothing of the class, but what it shares with the first can be taken away."""
    draw = np.random.default_rng(4)
    positive, noise = np.arange(2000) % 2 == 0, draw.normal(size=2000)
    points = np.stack([noise + 0.5 * positive, noise + 0.05 * draw.normal(size=2000)], axis=1)
    axis = fisher_axis(points, positive)
    assert axis[1] / axis[0] == pytest.approx(-1, abs=0.1)


def test_an_eyes_rule_counts_strong_points_that_are_common_to_a_class():
    fours = np.array([[3.0, 2.0, 0, 0], [2.0, 3.0, 0, 1.0]])
    assert common_to(fours, share=0.5).tolist() == [True, True, False, False]
    commons = np.array([[True, True, False, False], [False, False, True, True]])
    image = np.array([[5.0, 0.1, 4.0, 0.0], [0.0, 2.0, 3.0, 9.0]])
    assert overlap_scores(image, commons, share=0.5).tolist() == [[1, 1], [0, 2]]


def test_a_margin_counts_what_lies_behind_the_hidden_layer():
    margin = Margin(np.eye(2), np.zeros(2), np.array([1.0, -2.0]), 0.25)
    assert margin.from_hidden(np.array([[3.0, -1.0], [0.0, 1.0]])).tolist() == [3.25, -1.75]
