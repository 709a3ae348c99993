"""Statistics of activations on cases worked by hand, and what empty and constant activations give."""

from itertools import combinations

import numpy as np
import pytest

from cnnbook.fcp.census import activity_kinds, lifetime_sparseness, silence_information, silent_together
from cnnbook.fcp.common_points import (
    common_count_by_kind,
    independent_std,
    mean_common_count,
    mean_share,
    own_share,
    shared_by_three,
)
from cnnbook.fcp.concentration import (
    area_holding,
    centred_gram,
    count_holding,
    participation_ratio,
    principal_variances,
    two_nn_dimension,
)
from cnnbook.fcp.kernels import contour_share, inputs_used, most_similar_pair
from cnnbook.fcp.pictures import MEASURES, patch_means, ssim, stroke_measures
from cnnbook.fcp.probes import least_squares_classes
from cnnbook.fcp.selection import accuracy_by_points, auc, best_point_auc, select_points
from cnnbook.fcp.similarity import class_variance_share, cosines_by_class, nearest_mean, unit_rows


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


# Receptive fields ------------------------------------------------------------------------------------------


def test_the_area_holding_half_of_a_weight_is_that_of_its_heaviest_pixels():
    weights = np.array([[4.0, 3.0], [2.0, 1.0]])
    assert area_holding(weights, 0.4) == 0.25
    assert area_holding(weights, 0.7) == 0.5
    assert area_holding(weights, 1.0) == 1.0
    assert area_holding(np.zeros((2, 2))) == 0


def test_all_of_a_weight_lies_on_all_pixels_in_single_precision_too():
    weights = np.full((100, 100), 0.1, np.float32)
    assert area_holding(weights, 1.0) == 1.0


def test_patch_means_are_means_of_squares():
    picture = np.arange(16.0).reshape(4, 4)
    np.testing.assert_allclose(patch_means(picture, 2, 2), [[2.5, 4.5], [10.5, 12.5]])


# Dimensions ------------------------------------------------------------------------------------------------


def test_dimensions_of_a_spectrum():
    assert count_holding(np.array([90.0, 5.0, 5.0]), 0.95) == 2
    assert participation_ratio(np.array([1.0, 1.0, 1.0, 0.0])) == 3
    assert count_holding(np.zeros(3), 0.95) == participation_ratio(np.zeros(3)) == 0


def test_a_plane_in_many_dimensions_has_two_components_and_about_two_intrinsic_dimensions():
    points = rng().uniform(size=(600, 2)) @ rng(1).normal(size=(2, 20))
    gram = centred_gram(points)
    assert count_holding(principal_variances(gram), 0.95) == 2
    assert two_nn_dimension(gram) == pytest.approx(2, abs=0.25)


def test_points_that_are_all_alike_have_no_dimension():
    gram = centred_gram(np.ones((10, 4)))
    assert two_nn_dimension(gram) == 0
    assert count_holding(principal_variances(gram), 0.95) == 0


# Silence ---------------------------------------------------------------------------------------------------


def test_kinds_of_maps():
    active = np.full((10, 4), 0.5)
    active[:, 0], active[:, 3] = 0, 1
    active[7, 1] = 0
    assert activity_kinds(active, np.array([True, False, False, False]), rare=0.01).tolist() == [0, 1, 2, 3]


def test_silence_for_exactly_half_of_the_classes_says_one_bit_less_the_bias():
    total = np.full(10, 100.0)
    silent = np.repeat([100.0, 0.0], 5)[:, None]
    assert silence_information(silent, total)[0] == pytest.approx(1 - 9 / (2 * 1000 * np.log(2)))


def test_a_map_that_is_never_or_always_silent_says_nothing():
    total = np.full(10, 100.0)
    assert silence_information(np.stack([np.zeros(10), total], axis=1), total).tolist() == [0, 0]


def test_sparseness_is_1_for_one_image_0_for_all_alike_and_0_for_a_dead_map():
    answers = np.zeros((4, 3))
    answers[0, 0], answers[:, 1] = 2, 5
    found = lifetime_sparseness(answers.mean(axis=0), (answers**2).mean(axis=0), 4)
    np.testing.assert_allclose(found, [1, 0, 0])


def test_emptiness_that_is_shared_worked_by_hand():
    """Silent for all 4s and for half: 1 + 1/8 maps; for two more 1 + 1/32; for 1s and 2s the first alone."""
    rates = np.zeros((10, 2))
    rates[4], rates[1], rates[2] = [1.0, 0.5], [1.0, 0.0], [1.0, 1.0]
    np.testing.assert_allclose(silent_together(rates), [1 + 1 / 8, 1 + 1 / 32, 1])
    assert silent_together(np.zeros((10, 2))).tolist() == [0, 0, 0]


# Kernels ----------------------------------------------------------------------------------------------------


def test_an_even_kernel_has_no_contour_and_a_difference_is_all_contour():
    kernels = np.stack([np.ones((3, 3)), np.diag([1.0, 0, -1]), np.zeros((3, 3))], axis=-1)
    np.testing.assert_allclose(contour_share(kernels), [0, 1, 0], atol=1e-12)


def test_inputs_used_by_one_by_all_and_by_none():
    kernels = np.zeros((3, 3, 4, 3))
    kernels[..., 0, 0], kernels[..., :, 1] = 1, 1
    np.testing.assert_allclose(inputs_used(kernels), [0.25, 1, 0])


def test_the_most_similar_pair_leaves_out_dead_kernels():
    kernels = np.zeros((1, 1, 2, 3))
    kernels[0, 0, :, 0], kernels[0, 0, :, 1] = [1, 0], [1, 1]
    assert most_similar_pair(kernels) == pytest.approx(1 / np.sqrt(2))
    assert most_similar_pair(kernels[..., [0, 2]]) == 0


# Tuples, tests, classes ------------------------------------------------------------------------------------


def test_shared_points_of_all_tuples_are_those_of_brute_force():
    strong = rng(3).random((7, 5)) < 0.6
    brute = np.mean([strong[list(three)].all(axis=0).sum() for three in combinations(range(7), 3)])
    assert mean_common_count(strong.sum(axis=0), 7, 3) == pytest.approx(brute)
    assert mean_common_count(strong.sum(axis=0), 2, 3) == 0


def test_the_spread_of_independent_points_worked_by_hand():
    assert independent_std(np.array([0.5, 1.0]), 2) == pytest.approx(np.sqrt(0.25 * 0.75))


def test_cosines_of_all_pairs_are_those_of_brute_force():
    points, labels = rng(4).normal(size=(20, 3)).astype(np.float32), np.repeat(np.arange(10), 2)
    found = cosines_by_class(points, labels)
    rows = unit_rows(points)
    assert found.mean[3, 3] == pytest.approx(rows[6] @ rows[7], abs=1e-6)
    assert found.mean[1, 2] == pytest.approx((rows[2:4] @ rows[4:6].T).mean(), abs=1e-6)
    within = [rows[2 * k] @ rows[2 * k + 1] for k in range(10)]
    assert found.within == pytest.approx(np.mean(within), abs=1e-6)


def test_a_class_without_two_images_has_no_pairs():
    with pytest.raises(ValueError, match="1 images of class 9, expected at least 2 of every class"):
        cosines_by_class(np.ones((19, 2), np.float32), np.repeat(np.arange(10), 2)[:19])


def test_a_point_that_tells_classes_apart_is_explained_by_them_and_a_constant_one_by_nothing():
    labels = np.repeat(np.arange(10), 3)
    points = np.stack([labels.astype(float), np.ones(30)], axis=1)
    np.testing.assert_allclose(class_variance_share(points, labels), [1, 0])


def test_the_nearest_mean_is_the_nearest():
    assert nearest_mean(np.array([[0.9, 0.0], [0.1, 0.2]]), np.eye(2)).tolist() == [0, 1]


def test_a_constant_that_binary_numbers_cannot_hold_has_no_dimension_and_no_class_share():
    points = np.full((30, 7), 0.1)
    gram = centred_gram(points)
    assert (
        count_holding(principal_variances(gram), 0.95) == participation_ratio(principal_variances(gram)) == 0
    )
    assert two_nn_dimension(gram) == 0
    assert class_variance_share(points, np.tile(np.arange(10), 3)).tolist() == [0] * 7


def test_a_point_whose_neighbours_are_equally_far_is_left_out_of_the_intrinsic_dimension():
    corners = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    assert two_nn_dimension(centred_gram(corners)) == 0


# Points ----------------------------------------------------------------------------------------------------


def test_areas_under_the_curve_worked_by_hand():
    points = np.array([[1.0, 0, 5], [2, 0, 5], [3, 1, 5], [4, 0, 5]])
    found = auc(points, np.array([False, False, True, True]))
    np.testing.assert_allclose(found, [1, 0.75, 0.5])
    with pytest.raises(ValueError, match="positive: 0 of 4 images, expected some of both kinds"):
        auc(points, np.zeros(4, bool))


def test_points_are_chosen_for_what_they_add():
    labels = np.tile(np.arange(10), 20)
    twice = (labels >= 5).astype(float)
    points = np.stack([np.zeros(200), twice, twice, labels.astype(float)], axis=1)
    chosen = select_points(points, labels, most=3).tolist()
    assert chosen[0] in (1, 2, 3)
    assert {1, 2} - set(chosen[:2])
    assert len(set(chosen)) == 3


def test_no_point_is_chosen_for_what_another_has_explained():
    """A sum of two points has all that is left of neither; so it is not the third choice, an odd one is."""
    labels = np.tile(np.arange(10), 30)
    first, second, other = rng(3).normal(size=(3, 300)) * 1e-3
    points = np.stack([labels == 3, labels == 7, (labels == 3) | (labels == 7), labels == 1], axis=1)
    points = points + np.stack([first, second, first + second, other], axis=1)
    assert set(select_points(points, labels, most=3).tolist()) >= {3}
    with pytest.raises(ValueError, match="most=0: expected at least 1 point"):
        select_points(points, labels, most=0)


def test_least_squares_name_what_a_point_shows():
    labels = np.arange(10).repeat(3)
    shown = np.eye(10)[labels]
    assert least_squares_classes(shown, labels, shown).tolist() == labels.tolist()


def test_accuracy_grows_with_the_points_of_an_order():
    """One point separates one class of three from the others, two points all of them."""
    labels = np.arange(3).repeat(4)
    shown = np.eye(3)[labels]
    found = accuracy_by_points(shown, labels, shown, labels, np.array([0, 1, 2]), [1, 2, 3])
    assert found[1:].tolist() == [1.0, 1.0]
    assert found[0] == pytest.approx(2 / 3)


def test_the_best_point_is_chosen_on_training_images_and_judged_on_others():
    """The second point falls for the positive images: 1 of 4 pairs of other images is in another order."""
    train, test = np.array([[1.0, 0], [2, 0], [2, 1], [1, 1]]), np.array([[9.0, 0], [9, 2], [0, 1], [0, 3]])
    positive = np.array([True, True, False, False])
    assert best_point_auc(train, positive, test, positive) == pytest.approx(0.75)


# Pictures --------------------------------------------------------------------------------------------------


def test_equal_pictures_have_ssim_1_and_an_even_one_is_defined():
    pictures = rng(5).random((2, 28, 28))
    np.testing.assert_allclose(ssim(pictures, pictures), 1)
    assert 0 <= ssim(np.zeros((1, 28, 28)), np.ones((1, 28, 28)))[0] < 0.01


def test_pictures_smaller_than_the_window_are_refused():
    with pytest.raises(ValueError, match=r"first: shape \(1, 6, 9\), expected pictures of at least 7 by 7"):
        ssim(np.zeros((1, 6, 9)), np.zeros((1, 6, 9)))


def test_an_image_inked_all_over_has_a_finite_stroke_width():
    """k pixels from the rim lie 4 (29 − 2 k) pixels; Σ k · 4 (29 − 2 k) is 4,060 for k to 14."""
    assert stroke_measures(np.ones((1, 28, 28)))[0, 1] == pytest.approx(4 * 4060 / 784)


def test_strokes_of_a_standing_a_leaning_and_a_blank_image():
    images = np.zeros((3, 28, 28))
    images[0, 4:24, 13:15] = 1
    for row in range(4, 24):
        images[1, row, 20 - row // 2] = 1  # half a pixel to the right for each row upwards
    slant, width, _, gap = stroke_measures(images).T
    assert slant[0] == pytest.approx(0)
    assert slant[1] == pytest.approx(0.5, abs=0.02)
    assert width[0] >= width[1] > 0
    assert gap[0] == 0
    assert stroke_measures(images)[2].tolist() == [0] * len(MEASURES)


# Common points of many images ------------------------------------------------------------------------------


def test_shared_points_are_counted_over_pairs_of_each_kind():
    """Of three 4s two pairs share the first point and one pair both.

    Two 1s share nothing and two 2s both points: pairs of one other class share one. Turned 4s share all.
    """
    strong = np.array([[1, 1], [1, 1], [1, 0], [0, 1], [0, 0], [1, 1], [1, 1]], bool)
    labels = np.array([4, 4, 4, 1, 1, 2, 2])
    found = common_count_by_kind(strong, labels, np.ones((3, 2), bool), np.array([2]))
    fours, anyone = (3 + 1) / 3, (10 + 10) / 21
    np.testing.assert_allclose(found[:, 0], [fours, 1, anyone, 2])


def test_three_of_a_resample_share_what_brute_force_counts():
    """A resample that holds an image twice counts its triples twice, but never the image with itself."""
    strong = rng(4).random((6, 5)) < 0.6
    weights = np.array([[1.0] * 6, [2, 0, 1, 3, 0, 1], [3, 0, 0, 0, 0, 3]])
    for row, found in zip(weights, shared_by_three(strong, weights), strict=True):
        triples = list(combinations(range(6), 3))
        weight = np.array([row[list(three)].prod() for three in triples])
        counts = np.array([strong[list(three)].all(axis=0).sum() for three in triples])
        assert found == pytest.approx((weight * counts).sum() / max(weight.sum(), 1))


def test_what_three_4s_share_of_their_own_worked_by_hand():
    """Three 4s share two of their two strong points, any three (2 + 1) / 20."""
    strong = np.array([[1, 1, 0]] * 3 + [[0, 0, 1]] * 3, bool)
    is_four = np.array([1, 1, 1, 0, 0, 0], bool)
    anyone = (2 + 1) / 20
    np.testing.assert_allclose(own_share(strong, is_four, np.ones((1, 6))), [(2 - anyone) / 2])


def test_marked_points_are_looked_up_in_images():
    """One marked point is strong in both images, the other in one; without marks nothing is."""
    strong = np.array([[1, 1, 0], [1, 0, 0]], bool)
    assert mean_share(strong, np.array([1, 1, 0], bool)) == 0.75
    assert mean_share(strong, np.zeros(3, bool)) == 0
