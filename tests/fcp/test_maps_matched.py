"""Maps of two networks matched: permuted copies, correlations by hand, and stitches that are exact."""

import numpy as np
import pytest

from cnnbook.fcp.matching import (
    best_partners,
    fit_stitch,
    map_correlations,
    match_one_to_one,
    profiles_of,
    resampled_correlations,
    weighted_sums,
)


@pytest.fixture
def maps():
    return np.random.default_rng(0).random((30, 3, 3, 8)).astype(np.float32)


def flat(maps):
    return maps.reshape(len(maps), 9, -1)


def test_matching_of_a_permuted_network_recovers_the_permutation(maps):
    order = np.array([3, 1, 7, 0, 2, 6, 5, 4])
    r = map_correlations(flat(maps), flat(maps[..., order] * np.float32(2) + 1))
    assert order[match_one_to_one(r)].tolist() == list(range(8))
    assert order[best_partners(r)].tolist() == list(range(8))
    assert r.max(axis=1) == pytest.approx(np.ones(8), abs=1e-5)


def test_a_correlation_is_that_of_all_cells_and_images():
    first = np.array([[[0.0], [1]], [[2], [3]]])
    second = np.array([[[1.0], [0]], [[3], [2]]])
    expected = np.corrcoef(first.ravel(), second.ravel())[0, 1]
    assert map_correlations(first, second) == pytest.approx(np.array([[expected]]))


def test_a_map_that_does_not_vary_correlates_with_none(maps):
    maps[..., 2] = 0
    r = map_correlations(flat(maps), flat(maps))
    assert not r[2].any()
    assert not profiles_of(maps).varies[2]
    assert profiles_of(maps).varies.sum() == 7


def test_several_maps_may_have_one_best_partner_but_not_one_partner_of_their_own():
    r = np.array([[0.9, 0.1], [0.8, 0.7]])
    assert best_partners(r).tolist() == [0, 0]
    assert match_one_to_one(r).tolist() == [0, 1]


def test_a_profile_has_mean_zero_and_variance_one(maps):
    values = profiles_of(maps).values
    assert values.shape == (30, 9, 8)
    assert values.mean(axis=(0, 1)) == pytest.approx(np.zeros(8), abs=1e-5)
    assert values.std(axis=(0, 1)) == pytest.approx(np.ones(8), abs=1e-4)


def test_a_resample_is_the_correlation_of_the_images_that_it_holds(maps):
    first, second = profiles_of(maps), profiles_of(np.random.default_rng(1).random((30, 3, 3, 8)) + maps)
    weights = np.stack([np.ones(30), np.bincount([0, 0, 3, 7, 9, 9, 9, 21], minlength=30)]).astype(float)
    partner = np.array([1, 0, 2, 3, 4, 5, 6, 6])
    sums = weighted_sums(first, weights), weighted_sums(second, weights)
    found = resampled_correlations(first, second, partner, weights, sums=sums)
    whole = map_correlations(first.values, second.values)[np.arange(8), partner]
    drawn = np.repeat(np.arange(30), weights[1].astype(int))
    again = map_correlations(first.values[drawn], second.values[drawn])[np.arange(8), partner]
    np.testing.assert_allclose(found, [whole, again], atol=1e-5)


def test_a_resample_without_variation_correlates_with_nothing(maps):
    maps[1:, ..., 0] = 0
    profiles = profiles_of(maps)
    weights = np.array([[0.0, *np.ones(29)]])
    sums = weighted_sums(profiles, weights)
    found = resampled_correlations(profiles, profiles, np.arange(8), weights, sums=(sums, sums))
    assert found[0, 0] == 0
    assert found[0, 1:] == pytest.approx(np.ones(7))


def test_a_stitch_finds_the_affine_layer_between_two_networks(maps):
    draw = np.random.default_rng(2)
    weights, bias = draw.normal(size=(8, 5)), draw.normal(size=5)
    wanted = flat(maps) @ weights + bias
    stitch = fit_stitch(flat(maps)[:20], wanted[:20])
    np.testing.assert_allclose(stitch(flat(maps)[20:]), wanted[20:], atol=1e-4)


def test_a_stitch_from_maps_that_do_not_vary_is_the_mean(maps):
    stitch = fit_stitch(np.zeros((30, 9, 8), np.float32), flat(maps))
    assert not stitch.weights.any()
    assert stitch.bias == pytest.approx(flat(maps).mean(axis=(0, 1)), abs=1e-5)


def test_maps_of_different_layers_are_refused(maps):
    other = np.zeros((30, 25, 8), np.float32)
    message = r"shapes \(30, 9, 8\) and \(30, 25, 8\), expected as many images and cells in both"
    with pytest.raises(ValueError, match=f"first and second: {message}; compare the same layer"):
        map_correlations(flat(maps), other)
    with pytest.raises(ValueError, match=f"maps and wanted: {message}; stitch the same layer"):
        fit_stitch(flat(maps), other)


def test_networks_of_different_widths_have_no_permutation():
    with pytest.raises(ValueError, match="r: of 8 and 6 maps, expected as many in both networks"):
        match_one_to_one(np.zeros((8, 6)))


def test_profiles_of_no_images_are_refused():
    with pytest.raises(ValueError, match="maps: of no images, expected at least one"):
        profiles_of(np.zeros((0, 3, 3, 8)))
