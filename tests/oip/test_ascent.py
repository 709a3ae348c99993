"""Ascents: they climb, they are exact where shared weights say so, and one that fails harms no other."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from cnnbook.nets.networks import MLP
from cnnbook.oip.ascent import ascend
from cnnbook.oip.objective import map_mean, map_point
from cnnbook.oip.parameters import Pixels, Standardised
from cnnbook.oip.presets import PRESETS, Preset
from cnnbook.oip.search import find_oip, find_oips, largest_values
from cnnbook.oip.start import Fluctuations, uniform_pictures


def fresh():
    """A key that nobody has used."""
    return jax.random.key(7)


SHORT = Preset(parameters=Pixels(), step_size=0.05, steps=12)
STARTS = Fluctuations().draw(fresh(), count=3)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_climbs_and_keeps_its_range(drawn, name):
    preset = Preset(**{**vars(PRESETS[name]), "steps": 12})
    found = ascend(drawn, [map_mean("conv_2", 5).before_relu()], STARTS, preset, key=fresh())
    assert (found.reached > found.trace[..., 0]).all()
    assert found.trace.shape == (1, 3, 13)
    assert not found.diverged.any()
    if name != "series":
        assert 0 <= found.pictures.min() <= found.pictures.max() <= 1


def test_the_last_of_the_trace_is_the_objective_of_the_picture(drawn):
    found = ascend(drawn, [map_mean("conv_3", 9).before_relu()], STARTS, SHORT, key=fresh())
    maps = drawn.model.activations(jnp.asarray(found.pictures[0][..., None])).preactivations["conv_3"]
    np.testing.assert_allclose(found.reached[0], np.asarray(maps)[..., 9].mean((1, 2)), atol=1e-5)


def test_a_map_is_climbed_alike_alone_and_among_others(drawn):
    jittered = PRESETS["robust"]
    objectives = [map_mean("conv_3", number).before_relu() for number in (3, 8, 20)]
    together = ascend(drawn, objectives, STARTS, jittered, key=fresh())
    alone = ascend(drawn, objectives[1:2], STARTS, jittered, key=fresh())
    np.testing.assert_allclose(together.pictures[1], alone.pictures[0], atol=1e-4)


def test_the_oip_of_one_point_is_the_same_picture_moved_by_4_pixels(drawn):
    """Shared weights: the windows of two neighbours on Conv_3 are 4 pixels apart, and so are their OIPs."""
    patch = STARTS[0, :18, :18]
    inside = []
    for place in range(3):
        begin = uniform_pictures()
        begin[0, 4 * place : 4 * place + 18, 4 * place : 4 * place + 18] = patch
        objective = map_point("conv_3", 11, place, place).before_relu()
        picture = ascend(drawn, [objective], begin, SHORT, key=fresh()).pictures[0, 0]
        inside.append(picture[4 * place : 4 * place + 18, 4 * place : 4 * place + 18])
        changed = picture != begin[0]
        changed[4 * place : 4 * place + 18, 4 * place : 4 * place + 18] = False
        assert not changed.any(), "outside of the window the gradient is exactly 0"
    np.testing.assert_allclose(inside[1], inside[0], atol=1e-4)
    np.testing.assert_allclose(inside[2], inside[0], atol=1e-4)


def test_a_watched_ascent_ends_where_it_is_told(drawn):
    begins = np.repeat(STARTS[:1], 3, axis=0)
    objective, stops = map_mean("conv_2", 1).before_relu(), np.array([0, 4, 12])
    found = ascend(drawn, [objective], begins, SHORT, key=fresh(), stops=stops)
    assert found.steps.tolist() == [[0, 4, 12]]
    np.testing.assert_allclose(found.pictures[0, 0], begins[0], atol=1e-6)
    assert found.reached[0, 0] < found.reached[0, 1] < found.reached[0, 2]
    assert np.isnan(found.trace[0, 1, 4:12]).all()


def test_objectives_may_have_starts_of_their_own(drawn):
    objectives = [map_mean("conv_2", number).before_relu() for number in (1, 2)]
    own = np.stack([STARTS[:1], STARTS[1:2]])
    found = ascend(drawn, objectives, own, SHORT, key=fresh())
    alone = ascend(drawn, objectives[1:], STARTS[1:2], SHORT, key=fresh())
    np.testing.assert_allclose(found.pictures[1], alone.pictures[0], atol=1e-5)
    with pytest.raises(ValueError, match="starts: for 2 objectives, expected 1"):
        ascend(drawn, objectives[:1], own, SHORT, key=fresh())


def test_an_ascent_that_leaves_the_finite_numbers_stops_and_harms_no_other(drawn):
    """One of the objectives weighs a map by 3e38, so that the sum over a few points overflows."""
    huge = (3e38 * map_mean("conv_2", 5).before_relu()).with_name("huge")
    wild = Preset(parameters=Standardised(spread=300), update="rms", step_size=5.0, steps=6)
    plain = map_mean("conv_2", 6).before_relu()
    together = ascend(drawn, [huge, plain], STARTS[:1], wild, key=fresh())
    alone = ascend(drawn, [plain], STARTS[:1], wild, key=fresh())
    assert together.diverged.tolist() == [[True], [False]]
    assert together.steps[0, 0] < 6 == together.steps[1, 0]
    assert np.isfinite(together.pictures).all()
    np.testing.assert_allclose(together.pictures[1], alone.pictures[0], atol=1e-4)
    with pytest.raises(ValueError, match=r"step_size=5.0: every ascent left the finite numbers, the last"):
        ascend(drawn, [huge], STARTS[:1], wild, key=fresh())


def test_a_network_that_lies_on_one_device_is_climbed_on_all(drawn):
    graph, params = nnx.split(drawn.model, nnx.Param)
    there = replace(drawn, model=nnx.merge(graph, jax.device_put(params, jax.devices()[1])))
    objectives = [map_mean("conv_2", number).before_relu() for number in range(4)]
    found = ascend(there, objectives, STARTS, SHORT, key=fresh())
    usual = ascend(drawn, objectives, STARTS, SHORT, key=fresh())
    np.testing.assert_allclose(found.pictures, usual.pictures, atol=1e-5)


def test_another_network_is_refused(drawn):
    mlp = replace(drawn, model=MLP((4,), key=fresh()))
    with pytest.raises(ValueError, match="net: a MLP, expected the book's CNN"):
        ascend(mlp, [map_mean("conv_2", 1)], STARTS, SHORT, key=fresh())


def test_one_line_gives_the_image_its_trace_and_its_card(drawn, few_digits):
    found = find_oip(drawn, map_mean("conv_2", 5), starts=4, preset=SHORT, images=few_digits.test_images)
    assert found.image.shape == (28, 28)
    assert found.trace[-1] == pytest.approx(found.quality.reached) == found.trace.max()
    assert found.quality.activating == 1
    assert 1 <= found.quality.modes <= 4
    top = drawn.model.activations(drawn.inputs(few_digits.test_images)).activations["conv_2"]
    best = float(np.asarray(top)[..., 5].mean((1, 2)).max())
    assert found.quality.relative_activation == pytest.approx(found.quality.reached / best, rel=1e-4)


def test_a_map_that_no_start_wakes_has_no_pattern_and_says_so(drawn):
    found = find_oip(drawn, -1.0 * map_mean("conv_2", 5), starts=2, preset=SHORT)
    assert (found.quality.activating, found.quality.modes, found.quality.agreement) == (0, 0, 0)
    assert np.isnan(found.quality.relative_activation)


def test_the_strongest_of_no_images_is_refused_and_the_last_part_counts(drawn, few_digits):
    objectives = [map_mean("conv_2", number) for number in (5, 6)]
    with pytest.raises(ValueError, match="images: none, expected at least one"):
        largest_values(drawn, objectives, few_digits.test_images[:0])
    images = few_digits.test_images[:70]
    maps = np.asarray(drawn.model.activations(drawn.inputs(images)).activations["conv_2"]).mean((1, 2))
    np.testing.assert_allclose(largest_values(drawn, objectives, images), maps[:, 5:7].max(axis=0), rtol=1e-4)


def test_progress_counts_every_ascent(drawn):
    told: list[int] = []
    find_oips(drawn, [map_mean("conv_2", k) for k in range(4)], starts=3, preset=SHORT, report=told.append)
    assert sum(told) == 12
