"""Starts, parameters, robustness and presets: each by itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from cnnbook.oip.parameters import Fourier, Pixels, Pyramid, Standardised
from cnnbook.oip.presets import PRESETS, Preset, Robustness, normalise_by_rms, preset_named
from cnnbook.oip.start import Fluctuations, check_starts, from_digits, uniform_pictures
from helpers import noise


def fresh():
    """A key that nobody has used."""
    return jax.random.key(1)


def test_start_number_k_is_the_same_whatever_the_count():
    many, few = Fluctuations().draw(fresh(), count=5), Fluctuations().draw(fresh(), count=2, first=3)
    np.testing.assert_array_equal(many[3:], few)
    assert many.shape == (5, 28, 28)
    assert 0 <= many.min() < many.max() <= 1


def test_coarse_fluctuations_are_smooth_and_fine_ones_are_not():
    def roughness(cells: int) -> float:
        picture = Fluctuations(scales=(cells,)).draw(fresh(), count=1)[0]
        return float(np.abs(np.diff(picture, axis=1)).mean() / picture.std())

    assert roughness(3) < roughness(7) < roughness(14) < roughness(28)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Fluctuations(scales=(0,)), r"scales=\(0,\): expected cells a side, 1 to 28"),
        (lambda: Fluctuations(weights=(1.0,)), r"weights=\(1.0,\): expected one a scale"),
        (lambda: Fluctuations(spread=0), "spread=0: expected 0 to 1, and spread above 0"),
        (lambda: Fluctuations().draw(fresh(), count=0), "count=0: expected at least 1 start"),
        (lambda: uniform_pictures(ink=2), "ink=2: expected at least 1 start, and ink 0 to 1"),
        (lambda: check_starts(np.zeros((28, 28))), r"starts: shape \(28, 28\), expected \(n, 28, 28\)"),
        (
            lambda: check_starts(np.full((1, 28, 28), 255)),
            "starts: values from 255 to 255, expected ink",
        ),
        (lambda: check_starts(np.full((1, 28, 28), np.nan)), "starts: values from nan to nan"),
        (lambda: Pixels(low=1, high=0), "low=1, high=0: expected low below high"),
        (lambda: Pyramid(cells=(4, 14)), r"cells=\(4, 14\): expected levels that end with 28"),
        (lambda: Robustness(jitter=9), "jitter=9: expected a number from 0 to 8"),
        (lambda: Robustness(total_variation=float("nan")), "total_variation=nan: expected a number from 0"),
        (lambda: Robustness(ink=3), "ink=3: expected mean ink from 0 to 1, or None"),
        (lambda: Preset(parameters=Pixels(), step_size=float("inf")), "step_size=inf: expected a finite"),
        (lambda: Preset(parameters=Pixels(), step_size=0), "step_size=0: expected a finite number above 0"),
        (lambda: Preset(parameters=Pixels(), update="sgd"), "update='sgd': expected 'adam' or 'rms'"),
        (lambda: Preset(parameters=Pixels(), steps=0), "steps=0: expected at least 1"),
        (
            lambda: preset_named("nice"),
            "preset='nice': expected one of pixels, robust, fourier",
        ),
    ],
)
def test_what_cannot_be_is_named_with_its_value(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_stored_digits_become_ink():
    assert from_digits(np.full((1, 28, 28), 255, np.uint8)).max() == 1


@pytest.mark.parametrize("written", [Pixels(), Fourier(), Pyramid()], ids=["pixels", "fourier", "pyramid"])
def test_a_picture_survives_being_written(written):
    picture = jnp.asarray(np.clip(noise(3, 28, 28) * 0.1 + 0.5, 0.05, 0.95))
    np.testing.assert_allclose(written.to_picture(written.from_picture(picture)), picture, atol=1e-4)


def test_a_standardised_picture_has_one_mean_and_one_spread():
    kept = np.asarray(Standardised().project(jnp.asarray(noise(4, 28, 28) * 9)))
    assert (kept.mean(), kept.std()) == (pytest.approx(0.1307, abs=1e-4), pytest.approx(0.3081, abs=1e-3))


def test_pixels_are_cut_off_at_their_ends():
    assert np.asarray(Pixels().project(jnp.array([[-1.0, 0.5, 2.0]]))).tolist() == [[0.0, 0.5, 1.0]]


def test_jitter_moves_by_whole_pixels_at_most_so_far():
    picture = jnp.zeros((28, 28)).at[10, 10].set(1)
    places = set()
    for number in range(40):
        moved = np.asarray(Robustness(jitter=2).transform(jax.random.key(number), picture))
        assert moved.sum() == 1
        places.add(tuple(int(at) for at in np.argwhere(moved == 1)[0]))
    assert {row for row, _ in places} <= set(range(8, 13))
    assert len(places) > 10


def test_turning_and_scaling_keep_the_middle_and_nothing_moves_without_them():
    picture = jnp.zeros((28, 28)).at[12:16, 12:16].set(1)
    moved = np.asarray(Robustness(rotation=20, scaling=0.1).transform(fresh(), picture))
    assert moved[13:15, 13:15].min() > 0.9
    np.testing.assert_array_equal(Robustness().transform(fresh(), picture), picture)


def test_the_price_is_that_of_edges_and_of_ink_above_the_budget():
    """An inked column at the edge: 28 of 756 differences across are 1, and the mean ink is 1/28."""
    picture = jnp.zeros((28, 28)).at[:, 0].set(1)
    assert float(Robustness(total_variation=3).penalty(picture)) == pytest.approx(3 * 28 / 756)
    assert float(Robustness(ink=0.0, ink_penalty=7).penalty(picture)) == pytest.approx(7 / 28)
    assert float(Robustness(ink=0.5).penalty(picture)) == 0


def test_a_gradient_by_its_root_mean_square_has_size_1_and_zero_stays_zero():
    rule = normalise_by_rms()
    found, _ = rule.update(jnp.array([3.0, -4.0, 0.0, 0.0]), rule.init(jnp.zeros(4)))
    np.testing.assert_allclose(np.asarray(found), np.array([3, -4, 0, 0]) / 2.5, rtol=1e-4)
    still, _ = rule.update(jnp.zeros(4), rule.init(jnp.zeros(4)))
    assert not np.any(np.asarray(still))


def test_the_presets_are_the_named_ones_and_climb_64_steps():
    assert list(PRESETS) == ["pixels", "robust", "fourier", "pyramid", "series"]
    assert {preset.steps for preset in PRESETS.values()} == {64}
