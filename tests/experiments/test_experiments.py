"""What holds for every experiment of the book."""

import pytest

from cnnbook.config.profiles import RECIPES, VARIANTS
from cnnbook.experiments import find_experiments

EXPERIMENTS = find_experiments()


def test_an_experiment_is_known_by_its_modules_name_and_stands_behind_those_it_builds_on():
    names = list(EXPERIMENTS)
    for name, experiment in EXPERIMENTS.items():
        assert (name, experiment.measure.__module__) == (experiment.name, f"cnnbook.experiments.{name}")
        assert all(names.index(below) < names.index(name) for below in experiment.builds_on)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_looks_at_recipes_that_exist(name):
    nets = EXPERIMENTS[name].nets
    assert not isinstance(nets, tuple) or set(nets) <= {*RECIPES, *VARIANTS}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_asks_one_question(name):
    question = EXPERIMENTS[name].question
    assert question.endswith("?")
    assert question.count("?") == 1


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_declares_each_variable_statistic_and_fact_once(name):
    experiment = EXPERIMENTS[name]
    names = [each.name for each in (*experiment.variables, *experiment.statistics)]
    assert len(set(names)) == len(names)
    facts = [each.name for each in experiment.facts]
    assert len(set(facts)) == len(facts)
    assert (experiment.draft is None) or type(experiment.draft) is type(experiment.config)
