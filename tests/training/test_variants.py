"""Trainings that stop early or part: the same as the whole one until then; shifts; attacked images."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from cnnbook.config.profiles import PROFILES, RECIPES, VARIANTS, Variant
from cnnbook.config.training import TrainConfig
from cnnbook.training.recipe import WHOLE_SHIFT, shift
from cnnbook.training.runs import Run
from helpers import same_weights

BASE = TrainConfig(network="mlp", epochs=2, batch_size=24, peak_learning_rate=0.03)


def run(**changed):
    return Run(number=1, seed=5, config=BASE, **changed)


def test_a_stopped_training_is_the_whole_one_until_then(trainer):
    whole, quarter, epoch = trainer.train([run(), run(stopped=0.25), run(stopped=1)])
    np.testing.assert_array_equal(quarter.loss_curve, whole.loss_curve[:2])
    np.testing.assert_array_equal(epoch.loss_curve, whole.loss_curve[:8])
    assert not same_weights(epoch.weights, whole.weights)


def test_networks_that_part_share_their_first_epoch_and_no_other(trainer):
    whole, parted, again = trainer.train([run(), run(parted=1), run(parted=1, stopped=1)])
    np.testing.assert_array_equal(parted.loss_curve[:8], whole.loss_curve[:8])
    assert np.all(parted.loss_curve[8:] != whole.loss_curve[8:])
    (first,) = trainer.train([run(stopped=1)])
    assert same_weights(again.weights, first.weights)


def test_variants_have_keys_of_their_own_and_plain_runs_keep_theirs(trainer):
    keys = {trainer.key(each).digest for each in (run(), run(stopped=0.5), run(parted=1))}
    assert len(keys) == 3
    assert "stopped" not in trainer.key(run()).material


@pytest.mark.parametrize("changed", [{"stopped": 2.5}, {"stopped": -1}, {"parted": 3}])
def test_a_variant_beyond_the_training_is_refused(changed):
    (name,) = changed
    with pytest.raises(ValueError, match=f"{name}={changed[name]}: expected .* 0 to 2, the epochs"):
        run(**changed)


def test_a_run_says_how_it_varies():
    assert str(run(stopped=0.5)).endswith(", stopped=0.5")


def test_every_variant_is_of_a_recipe_and_trained_as_often_as_the_book_s_own():
    profile = PROFILES["book"]
    assert {variant.recipe for variant in VARIANTS.values()} <= set(RECIPES)
    assert profile.recipes_for("mnist")["shuffled-labels"].labels == "shuffled"
    assert profile.recipe_nets_for("mnist", "parted") == 10
    assert Variant().stopped == Variant().parted == 0


def test_a_shift_moves_by_whole_pixels_and_brings_blank_paper_in():
    image = np.arange(1, 101, dtype=np.float32).reshape(10, 10, 1)
    seen = set()
    for number in range(40):
        moved = np.asarray(shift(jnp.asarray(image), jax.random.key(number)))
        places = np.argwhere(moved[..., 0] == 55)  # stands at row 5, column 4, away from every border
        (row, column), *_ = places.tolist()
        seen.add((row - 5, column - 4))
        kept = moved[moved > 0]
        assert len(kept) == (10 - abs(row - 5)) * (10 - abs(column - 4))
    assert max(max(map(abs, each)) for each in seen) == WHOLE_SHIFT
    assert len(seen) > 10


def test_training_on_attacked_images_differs_and_learns(trainer):
    attacked = replace(run(), config=replace(BASE, augmentation="adversarial", network="cnn"))
    plain = replace(run(), config=replace(BASE, network="cnn"))
    one, other = trainer.train([attacked, plain])
    assert not same_weights(one.weights, other.weights)
    assert np.isfinite(one.loss_curve).all()
    assert one.loss_curve[-1] >= other.loss_curve[-1]
