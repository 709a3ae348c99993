"""Runs: every combination once, and no to what cannot be trained before anything is computed."""

import pytest

from cnnbook.config.training import TrainConfig
from cnnbook.training.runs import Run, check, runs

CONFIG = TrainConfig()


def test_runs_are_all_combinations_of_numbers_seeds_and_fields():
    made = runs(CONFIG, numbers=range(2), seed=(3, 4), momentum=[0.0, 0.9], network=["mlp"])
    assert [(run.config.momentum, run.seed, run.number) for run in made] == [
        (0.0, 3, 0), (0.0, 3, 1), (0.0, 4, 0), (0.0, 4, 1),
        (0.9, 3, 0), (0.9, 3, 1), (0.9, 4, 0), (0.9, 4, 1),
    ]  # fmt: skip
    assert {run.config.network for run in made} == {"mlp"}
    assert {run.config.epochs for run in made} == {CONFIG.epochs}


def test_rates_momentum_decay_and_smoothing_are_not_static_and_all_else_is():
    (base,) = runs(CONFIG)
    changed = {
        "peak_learning_rate": 0.2, "schedule": "constant", "warmup": 0.1, "momentum": 0.5,
        "weight_decay": 0.0, "label_smoothing": 0.0,
    }  # fmt: skip
    for name, value in changed.items():
        assert runs(CONFIG, **{name: [value]})[0].static == base.static, name
    static = {
        "network": "mlp", "epochs": 1, "batch_size": 32, "optimiser": "rmsprop", "augmentation": "warps",
        "scaling": "standardised", "labels": "shuffled",
    }  # fmt: skip
    for name, value in static.items():
        assert runs(CONFIG, **{name: [value]})[0].static != base.static, name
    assert changed.keys() | static.keys() == TrainConfig.__dataclass_fields__.keys()


def test_a_run_given_twice_is_named():
    with pytest.raises(ValueError, match=r"runs: net 1 of seed 5, momentum=0\.5: given twice; give each run"):
        runs(CONFIG, numbers=(0, 1, 1), seed=5, momentum=[0.5])
    with pytest.raises(ValueError, match="net 0 of seed 7: given twice"):
        runs(CONFIG, seed=(7, 7))


def test_a_field_that_recipes_do_not_have_is_named():
    with pytest.raises(ValueError, match=r"dropout: no such field of a recipe; it has network, epochs"):
        runs(CONFIG, dropout=[0.5])


@pytest.mark.parametrize(("number", "seed", "name"), [(-1, 0, "number"), (0, -5, "seed"), (0, 2**31, "seed")])
def test_numbers_and_seeds_have_a_range(number, seed, name):
    with pytest.raises(ValueError, match=rf"{name}=-?\d+: expected a whole number from 0 to 2147483647"):
        Run(number=number, seed=seed, config=CONFIG)


@pytest.mark.parametrize("epochs", [0, -3])
def test_no_training_has_zero_or_negative_epochs(epochs):
    with pytest.raises(ValueError, match=rf"TrainConfig\.epochs={epochs}: expected a whole number ≥ 1"):
        runs(CONFIG, epochs=[epochs])


def test_a_batch_fits_the_data_and_is_shared_out_evenly():
    some = runs(CONFIG, batch_size=[100])
    check(some, images=100, data=4)
    with pytest.raises(ValueError, match="batch_size=100: expected at most 99, the training images"):
        check(some, images=99)
    with pytest.raises(ValueError, match="batch_size=100: expected a multiple of 3, the devices that share"):
        check(some, images=100, data=3)


def test_no_runs_at_all_are_refused():
    with pytest.raises(ValueError, match="runs: none given; expected at least one"):
        runs(CONFIG, numbers=())
