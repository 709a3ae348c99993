"""What a statistic is defined by: its config, the networks it looks at, and the source of all that it calls.

Two definitions are compared by their digests. They say nothing of the data or of versions: those belong to a
result. How networks are trained is part of the recipe's config, not of the statistic's source.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from cnnbook.config.checked import to_dict
from cnnbook.config.profiles import VARIANTS, Profile
from cnnbook.config.training import NetworkName
from cnnbook.definitions import definition, parse_module, read_module
from cnnbook.digests import digest_of
from cnnbook.experiments import experiment as declarations
from cnnbook.experiments.experiment import Experiment
from cnnbook.experiments.plan import config_of, networks_of
from cnnbook.nets.networks import HIDDEN, network_class

APART = ("facts", "statistics", "about", "config", "draft")
"""What an experiment declares that is no part of what each of its statistics is, or is looked at by value."""

DECLARING = frozenset(
    (declarations.__name__, name)
    for name in ("Experiment", "Fact", "Statistic", "Variable", "experiment", "fact", "statistic", "variable")
)
"""The means of declaring, which compute nothing."""

TRAINING = frozenset(
    {
        ("cnnbook.config.training", "NetworkName"),
        ("cnnbook.config.training", "TrainConfig"),
        ("cnnbook.nets.networks", "Network"),
        ("cnnbook.nets.networks", "network"),
    }
)
"""What names every recipe and every network there is; of these, a statistic looks at those it names."""


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
    source += [_network(each) for each in _networks(experiments, chain, profile)]
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
        "recipes": {name: to_dict(recipes[name]) | _variant(name) for name in nets},
    }


def _variant(name: str) -> dict[str, Any]:
    """How the training of a variant differs; nothing for a recipe."""
    return to_dict(VARIANTS[name]) if name in VARIANTS else {}


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
    return definition(module, roots, without=DECLARING | TRAINING)


def _networks(
    experiments: Mapping[str, Experiment], chain: Sequence[str], profile: Profile
) -> Sequence[NetworkName]:
    """The kinds of network that some experiments look at on all of MNIST, each once."""
    recipes = profile.recipes_for("mnist")
    found: set[NetworkName] = {
        recipes[name].network
        for each in chain
        for name, count in networks_of(experiments[each], profile, "mnist").items()
        if count
    }
    return sorted(found)


def _network(name: NetworkName) -> str:
    """The source of a kind of network, and the sizes of its hidden layers where it is all dense."""
    kind = network_class(name)
    module = parse_module(name, f"from {kind.__module__} import {kind.__name__}\n{kind.__name__}")
    source = definition(module, ast.parse(module.text).body[1:], without=DECLARING | TRAINING)
    return f"{source}\n{list(HIDDEN.get(name, ()))}"


def _declaration(statistics: ast.expr, name: str) -> ast.expr:
    """What declares a statistic: `statistic("name", …)`, or all declarations where none says its name."""
    for node in ast.walk(statistics):
        if isinstance(node, ast.Call) and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and first.value == name:
                return node
    return statistics
