"""What holds for every experiment of the book."""

import dataclasses
import importlib

import pytest

from cnnbook.config import PROFILES
from cnnbook.experiments import EXPERIMENTS


def test_the_book_asks_five_questions_in_this_order():
    assert list(EXPERIMENTS) == ["geometry", "accuracy", "maps_of_digits", "likeness", "common_points"]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_is_named_as_its_module_and_asks_one_question(name):
    experiment = EXPERIMENTS[name]
    module = importlib.import_module(f"cnnbook.experiments.{name}")
    assert (experiment.name, experiment.measure) == (name, module.measure)
    assert experiment.question.endswith("?")
    assert experiment.question.count("?") == 1


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiments_config_is_plain_or_a_dataclass(name, few_shown):
    config = EXPERIMENTS[name].config(PROFILES["draft"], few_shown)
    assert config == {} or dataclasses.is_dataclass(config) or isinstance(config, tuple)
