"""What an experiment is run with in an edition: its numbers, and how many networks of which recipes."""

from collections.abc import Mapping
from typing import Any

from cnnbook.config.profiles import Profile
from cnnbook.experiments.experiment import REFERENCE, Experiment


def config_of(
    experiment: Experiment, experiments: Mapping[str, Experiment], profile: Profile, *, is_sample: bool
) -> Any:
    """The numbers of an experiment in an edition: the draft's on the sample, which judges nothing.

    Args:
        experiment: which.
        experiments: all of them, by name: one may share the numbers of another.
        profile: the edition.
        is_sample: whether the data are the sample.
    """
    name = experiment.config_of or experiment.name
    owner = experiments[name]
    if name in profile.configs:
        return profile.configs[name]
    drafted = profile.is_draft or is_sample
    return owner.draft if drafted and owner.draft is not None else owner.config


def networks_of(experiment: Experiment, profile: Profile, data: str) -> Mapping[str, int]:
    """How many networks of each recipe an experiment looks at in an edition.

    Args:
        experiment: which.
        profile: the edition.
        data: "mnist" or "sample".
    """
    if isinstance(experiment.nets, tuple):
        least = getattr(experiment.config, "least_nets", 1)
        return {recipe: max(least, profile.recipe_nets_for(data, recipe)) for recipe in experiment.nets}
    every = profile.nets if experiment.every_net else profile.measured_nets(data)
    count = {"none": 0, "first": 1, "all": every}[experiment.nets]
    return {REFERENCE: count} if count else {}
