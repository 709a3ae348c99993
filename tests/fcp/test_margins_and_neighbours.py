"""Margins, points that are switched on, calibration, the nearest of many, pairs and products."""

import numpy as np
import pytest

from cnnbook.fcp.attribution import integrated_gradients
from cnnbook.fcp.calibration import best_temperature, calibrated_log_losses, log_losses
from cnnbook.fcp.head import Head, answer_margins, switched_on
from cnnbook.fcp.interactions import best_pair, fit_logistic, products_of_pairs
from cnnbook.fcp.neighbours import nearest_classes


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_margin_is_the_answer_less_the_runner_up():
    logits = np.array([[0.0, 3, 9, 1, 0, 0, 0, 0, 0, 0], [5, 4, -1, 0, 0, 0, 0, 0, 0, 0]])
    margins = answer_margins(logits)
    assert margins[:, :4].tolist() == [[0, -1, 1, 0], [1, -1, 0, 0]]
    assert not margins[:, 4:].any()
    assert (margins * logits).sum(axis=1).tolist() == [6, 1]


def test_contributions_to_a_margin_know_no_shift_of_all_logits_and_those_to_a_logit_do():
    """To all ten classes' weights the same vector is added: the softmax stays."""
    draw = rng(1).normal
    head = Head(draw(size=(1152, 5)) / 30, draw(size=5), draw(size=(5, 10)), draw(size=10))
    shifted = head._replace(scores=head.scores + draw(size=(5, 1)), scores_bias=head.scores_bias + 7)
    codes, zero = np.abs(draw(size=(4, 1152))), np.zeros((4, 1152))
    margins, answers = answer_margins(head.logits(codes)), np.eye(10)[head.predict(codes)]
    before, after = (integrated_gradients(each, zero, codes, margins) for each in (head, shifted))
    np.testing.assert_allclose(before, after, atol=1e-12)
    before, after = (integrated_gradients(each, zero, codes, answers) for each in (head, shifted))
    assert np.abs(before - after).max() > 1e-3


def test_a_point_that_is_switched_on_moves_the_margin_by_what_the_head_says():
    """Three points, each with a unit and a class. The second unit opens only at 3; the third counts twice."""
    head = Head(np.zeros((1152, 3)), np.array([0.0, -3, 0]), np.eye(3, 10), np.zeros(10))
    head.hidden[:3] = np.diag([1, 1, 2])
    code, levels = np.zeros(1152), np.zeros(1152)
    code[:3] = 5, 0, 1
    assert head.logits(code[None])[0, :4].tolist() == [5, 0, 2, 0]
    levels[:3] = 6, 2, 1
    assert switched_on(head, code, levels)[:4].tolist() == [1, 0, 0, 0]
    levels[:3] = 5, 8, 4
    assert switched_on(head, code, levels)[:4].tolist() == [0, -3, -6, 0]


# Calibration -----------------------------------------------------------------------------------------------


def test_the_log_loss_of_even_odds_is_ln_2():
    assert log_losses(np.zeros((2, 2)), np.array([0, 1])) == pytest.approx([np.log(2)] * 2)


def test_a_temperature_takes_back_what_was_multiplied():
    """Ten of forty images are of class 1, for logits that say 9 to 1: the best odds are 3 to 1."""
    labels = np.repeat([0, 1], [30, 10])
    logits = np.tile([np.log(9), 0.0], (40, 1))
    assert best_temperature(logits, labels) == pytest.approx(2, rel=1e-2)
    part = np.arange(40) % 2
    losses = calibrated_log_losses(logits, labels, part)
    assert losses[0] == pytest.approx(-np.log(0.75), rel=1e-2)
    assert losses[-1] == pytest.approx(-np.log(0.25), rel=1e-2)
    np.testing.assert_allclose(calibrated_log_losses(-10 * logits[:, ::-1], labels, part), losses, rtol=1e-2)


def test_both_parts_must_have_images():
    with pytest.raises(ValueError, match=r"part: \[0\], expected some images of part 0 and some of part 1"):
        calibrated_log_losses(np.zeros((2, 2)), np.array([0, 1]), np.array([0, 0]))


# Neighbours ------------------------------------------------------------------------------------------------


def test_the_nearest_are_those_of_all_distances():
    references, points = rng(2).random((600, 8)), rng(3).random((300, 8))
    labels = rng(4).integers(0, 10, 600)
    found = nearest_classes(references, labels, points, neighbours=3, sizes=(50, 600))
    for row, size in enumerate((50, 600)):
        distances = ((points[:, None] - references[None, :size]) ** 2).sum(axis=2)
        nearest = labels[np.argsort(distances, axis=1)[:, :3]]
        assert found[row].tolist() == [np.bincount(each, minlength=10).argmax() for each in nearest]


def test_of_classes_with_as_many_votes_the_smallest_is_taken():
    references = np.array([[1.0], [2], [3], [4], [90]])
    found = nearest_classes(
        references, np.array([7, 5, 5, 7, 1]), np.zeros((1, 1)), neighbours=4, sizes=(1, 5)
    )
    assert found.tolist() == [[7], [5]]


# Pairs and products ----------------------------------------------------------------------------------------


def test_the_best_pair_may_hold_a_point_that_says_nothing_by_itself():
    """The first point is the class plus a disturbance, the second the disturbance alone, the third weak."""
    positive = np.arange(400) % 2 == 0
    disturbance = 3 * rng(5).normal(size=400)
    weak = positive + rng(6).normal(size=400)
    points = np.stack([positive + disturbance, disturbance + 0.1 * rng(7).normal(size=400), weak], axis=1)
    pair, weights = best_pair(points, positive)
    assert sorted(pair.tolist()) == [0, 1]
    assert weights[0] * weights[1] < 0
    score = points[:, pair] @ weights
    assert score[positive].min() > score[~positive].max() - 0.5


def test_a_constant_point_is_of_no_pair():
    points = np.stack([np.ones(40), np.arange(40.0), np.tile([0.0, 1], 20)], axis=1)
    assert sorted(best_pair(points, np.arange(40) > 20)[0].tolist()) == [1, 2]


def test_logistic_regression_finds_the_odds_of_a_coin():
    """One input, on in half of the images: 4s are 3 of 4 where it is on and 1 of 4 where it is off."""
    inputs = np.repeat([1.0, 1, 1, 1, 0, 0, 0, 0], 10)[:, None]
    positive = np.repeat([True, True, True, False, True, False, False, False], 10)
    scores = fit_logistic(inputs, positive, decay=0, steps=100).scores(np.array([[1.0], [0.0]]))
    assert scores == pytest.approx([np.log(3), -np.log(3)], rel=1e-3)


def test_products_are_of_all_pairs_of_different_points():
    assert products_of_pairs(np.array([[2.0, 3, 5]])).tolist() == [[6, 10, 15]]
