"""One module a question of the book; what is in this folder is found.

A module is an experiment if it holds an `Experiment`, which `@experiment` makes of a function; the other
modules declare, measure and keep them.
"""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from cnnbook.experiments.experiment import Experiment

__all__ = ["Experiment", "find_experiments"]


@cache
def find_experiments() -> Mapping[str, Experiment]:
    """Every experiment by name, each after those that it builds on.

    Raises:
        ValueError: an experiment builds on one that does not exist, or on itself through others.
    """
    found = {each.name: each for name in sorted(_modules()) for each in _experiments_in(name)}
    ordered: dict[str, Experiment] = {}
    for name in found:
        _add(name, found, ordered, ())
    return ordered


def _modules() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__)]


def _experiments_in(name: str) -> list[Experiment]:
    module = import_module(f"{__name__}.{name}")
    return [
        each
        for each in vars(module).values()
        if isinstance(each, Experiment) and each.measure.__module__ == module.__name__
    ]


def _add(
    name: str, found: Mapping[str, Experiment], ordered: dict[str, Experiment], above: tuple[str, ...]
) -> None:
    """Put an experiment behind all that it builds on."""
    if name in above:
        raise ValueError(f"experiments: {' → '.join([*above, name])}: each builds on the next")
    if name not in found:
        raise ValueError(f"experiment {above[-1]}: builds on {name!r}; there are {', '.join(found)}")
    for below in found[name].builds_on:
        _add(below, found, ordered, (*above, name))
    ordered.setdefault(name, found[name])
