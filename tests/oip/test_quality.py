"""The numbers of the card, on cases worked by hand, and what pictures without contrast give."""

import numpy as np
import pytest

from cnnbook.oip.quality import (
    cluster_modes,
    correlations,
    long_wave_share,
    map_rank,
    match_maps,
    mean_of_pairs,
    patch_distance,
    path_score,
    percentile_rank,
    second_autocorrelation_peak,
)

A = np.array([1.0, 2, 3, 4])


def test_correlations_of_a_row_with_itself_its_negative_and_a_constant():
    found = correlations(np.stack([A, -A, np.full(4, 0.1)]), A[None])
    np.testing.assert_allclose(found[:, 0], [1, -1, 0])


def likeness(*rows) -> np.ndarray:
    return correlations(np.stack(rows), np.stack(rows))


def test_agreement_is_the_mean_over_pairs_and_0_for_one_picture():
    """Two alike and one reversed: of three pairs one has 1 and two have −1."""
    assert mean_of_pairs(likeness(A, A, -A)) == pytest.approx(-1 / 3)
    assert mean_of_pairs(likeness(A)) == 0


def test_modes_are_numbered_by_size_and_have_a_typical_picture():
    other = np.array([1.0, -1, -1, 1])
    found = cluster_modes(likeness(other, A, 2 * A, A + 5, other))
    assert found.numbers.tolist() == [1, 0, 0, 0, 1]
    assert found.sizes.tolist() == [3, 2]
    assert found.numbers[found.typical].tolist() == [0, 1]
    assert cluster_modes(likeness(A)).numbers.tolist() == [0]
    with pytest.raises(ValueError, match="likeness: of no pictures, expected at least one"):
        cluster_modes(np.zeros((0, 0)))


def test_the_rank_is_by_each_maps_own_spread():
    mean, spread = np.zeros(3), np.array([1.0, 10.0, 0.0])
    assert map_rank(0, np.array([2.0, 5.0, 99.0]), mean, spread) == 1
    assert map_rank(1, np.array([2.0, 5.0, 99.0]), mean, spread) == 2
    assert map_rank(2, np.array([2.0, 5.0, 99.0]), mean, spread) == 3, (
        "a map that never varies cannot be strong"
    )


def test_partners_are_the_best_pairing_of_all():
    """Map 0 goes best with 1, but only map 1's other choice is so bad that 0 must take 0."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=(200, 2))
    second = np.stack([first[:, 0], first[:, 0] + 0.01 * first[:, 1]], axis=1)
    which, r = match_maps(first, second)
    assert sorted(which.tolist()) == [0, 1]
    assert which[0] == 0
    assert r[0] == pytest.approx(1)


def test_below_counts_ties_by_half():
    assert percentile_rank(2.0, np.array([1.0, 2.0, 2.0, 3.0])) == 0.5


def test_a_patch_of_digits_is_natural_and_noise_is_strange():
    rng = np.random.default_rng(1)
    base = rng.normal(size=(3, 40))
    patches = base[rng.integers(0, 3, 60)] + 0.1 * rng.normal(size=(60, 40))
    kept = base[rng.integers(0, 3, 20)] + 0.1 * rng.normal(size=(20, 40))
    found = patch_distance(np.stack([kept[0], rng.normal(size=40), np.zeros(40)]), patches, kept)
    assert found[0] == pytest.approx(1, abs=0.3)
    assert found[1] > 3
    assert np.isfinite(found[2])
    with pytest.raises(ValueError, match="patches: 2 and 20 held out, expected 5 and 1 or more"):
        patch_distance(kept, patches[:2], kept)


@pytest.mark.parametrize(("oip", "expected"), [(0.7, 1), (0.3, 0), (0.5, 0.5), (0.1, -0.5)])
def test_the_path_of_random_digits_is_0_and_that_of_the_strongest_1(oip, expected):
    assert path_score(oip, natural=0.7, unrelated=0.3) == pytest.approx(expected)


def test_there_is_no_path_where_strong_digits_are_no_more_alike_than_random_ones():
    assert np.isnan(path_score(0.5, natural=0.3, unrelated=0.3))


@pytest.mark.parametrize(("wavelength", "expected"), [(4, 0), (16, 1)])
def test_waves_are_long_or_short(wavelength, expected):
    wave = np.tile(np.cos(2 * np.pi * np.arange(32) / wavelength), (32, 1))
    assert long_wave_share(wave, 8) == pytest.approx(expected, abs=0.02)
    assert long_wave_share(np.ones((32, 32)), 8) == 0


def test_a_picture_that_repeats_itself_has_a_second_peak_and_a_single_spot_has_none():
    spots = np.zeros((28, 28))
    spots[8:11, 8:11] = 1
    assert second_autocorrelation_peak(spots) < 0.1
    spots[8:11, 18:21] = 1
    assert 0.3 < second_autocorrelation_peak(spots) < 0.7
    stripes = np.tile(np.repeat([1.0, 0.0], 3), 5)[:28]
    assert second_autocorrelation_peak(np.tile(stripes, (28, 1))) > 0.5
    assert second_autocorrelation_peak(np.full((28, 28), 0.3)) == 0
