"""What a statistic is defined by: its config, the networks it looks at, and the source of all that it calls.

Two definitions are compared by their digests. They say nothing of the data or of versions: those belong to a
result. How networks are trained is part of the recipe's config, not of the statistic's source.
"""

import ast
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from cnnbook.config.checked import to_dict
from cnnbook.config.profiles import Profile
from cnnbook.definitions import definition, read_module
from cnnbook.digests import digest_of
from cnnbook.experiments import experiment as declarations
from cnnbook.experiments.experiment import Experiment
from cnnbook.experiments.plan import config_of, networks_of

APART = ("facts", "statistics", "about", "config", "draft")
"""What an experiment declares that is no part of what each of its statistics is, or is looked at by value."""

DECLARING = frozenset(
    (declarations.__name__, name)
    for name in ("Experiment", "Fact", "Statistic", "Variable", "experiment", "fact", "statistic", "variable")
)
"""The means of declaring, which compute nothing."""


def statistic_definition(
    experiments: Mapping[str, Experiment], name: str, profile: Profile
) -> dict[str, str]:
    """Digests of what a statistic is on all of MNIST: of its config, and of its source.

    Args:
        experiments: all of them, by name.
        name: of the statistic, such as "codes.silence_gain".
        profile: the edition.

    Raises:
        ValueError: there is no such statistic.
    """
    experiment, _, statistic = name.partition(".")
    experiments[experiment].statistic(statistic)
    chain = _with_bases(experiments, experiment)
    config = {each: _config(experiments[each], experiments, profile) for each in chain}
    source = [_source(experiments[each], statistic if each == experiment else None) for each in chain]
    return {"config": digest_of(config), "source": digest_of({"source": source})}


def _with_bases(experiments: Mapping[str, Experiment], name: str) -> list[str]:
    """An experiment and all that it builds on, directly or through others, each once."""
    found: dict[str, None] = {name: None}
    for base in experiments[name].builds_on:
        found |= dict.fromkeys(_with_bases(experiments, base))
    return list(found)


def _config(experiment: Experiment, experiments: Mapping[str, Experiment], profile: Profile) -> Any:
    """All numbers that an experiment follows from, as plain values."""
    config = config_of(experiment, experiments, profile, is_sample=False)
    nets = networks_of(experiment, profile, "mnist")
    recipes = profile.recipes_for("mnist")
    return {
        "config": None if config is None else asdict(config),
        "seed": profile.seed,
        "resamples": profile.resamples,
        "nets": dict(nets),
        "recipes": {name: to_dict(recipes[name]) for name in nets},
    }


def _source(experiment: Experiment, statistic: str | None) -> str:
    """The source of a statistic, or, with None, of all that an experiment measures."""
    module = read_module(experiment.measure.__module__)
    (function,) = module.defined[experiment.measure.__name__]
    assert isinstance(function, ast.FunctionDef)
    declared = {
        word.arg: word.value
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call)
        for word in decorator.keywords
    }
    roots: list[ast.AST] = [node for name, node in declared.items() if name not in APART]
    roots += [each.annotation for each in function.args.args if each.annotation]
    roots += function.body
    if statistic is not None:
        roots.append(_declaration(declared["statistics"], statistic))
    return definition(module, roots, without=DECLARING)


def _declaration(statistics: ast.expr, name: str) -> ast.expr:
    """What declares a statistic: `statistic("name", …)`, or all declarations where none says its name."""
    for node in ast.walk(statistics):
        if isinstance(node, ast.Call) and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and first.value == name:
                return node
    return statistics
