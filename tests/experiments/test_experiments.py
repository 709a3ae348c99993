"""What holds for every experiment of the book."""

import dataclasses
import importlib

import pytest

from cnnbook.config.profiles import PROFILES
from cnnbook.config.recipes import RECIPES
from cnnbook.experiments import EXPERIMENTS
from cnnbook.inputs import BookInputs


def test_an_experiment_is_known_by_its_modules_name():
    assert all(name == experiment.name for name, experiment in EXPERIMENTS.items())
    assert list(EXPERIMENTS)[:2] == ["geometry", "accuracy"]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_names_recipes_exactly_when_it_looks_at_them(name):
    experiment = EXPERIMENTS[name]
    assert bool(experiment.recipes) == (experiment.nets == "recipes")
    assert set(experiment.recipes) <= set(RECIPES)


def test_an_edition_says_how_many_networks_an_experiment_looks_at():
    book = PROFILES["book"]
    assert EXPERIMENTS["geometry"].asks_for(book, "mnist") == {}
    assert EXPERIMENTS["maps_of_digits"].asks_for(book, "mnist") == {"reference": 1}
    assert EXPERIMENTS["accuracy"].asks_for(book, "mnist") == {"reference": 10}
    assert EXPERIMENTS["mlps"].asks_for(book, "mnist") == {"reference": 3, "mlp": 3, "wide-mlp": 3}
    assert EXPERIMENTS["mlps"].asks_for(book, "sample") == {"reference": 2, "mlp": 2, "wide-mlp": 2}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_is_named_as_its_module_and_asks_one_question(name):
    experiment = EXPERIMENTS[name]
    module = importlib.import_module(f"cnnbook.experiments.{name}")
    assert (experiment.name, experiment.measure) == (name, module.measure)
    assert experiment.question.endswith("?")
    assert experiment.question.count("?") == 1


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiments_config_is_plain_or_a_dataclass(name, few_shown):
    config = EXPERIMENTS[name].config(PROFILES["draft"], BookInputs(shown=few_shown))
    assert config == {} or dataclasses.is_dataclass(config) or isinstance(config, tuple)
