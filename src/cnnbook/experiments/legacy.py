"""The former shape of an experiment, until the last module has the new one."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any, Literal

import xarray as xr

from cnnbook.config.profiles import Profile
from cnnbook.inputs import BookInputs

Measure = Callable[..., xr.Dataset]
Choose = Callable[[Profile, BookInputs], Any]
Facts = Callable[[xr.Dataset], Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class LegacyExperiment:
    """One question of the book.

    Attributes:
        name: also of its module, its entry in the store and its values in prose.
        question: one sentence.
        measure: networks, digits, config and the results that it builds on to a Dataset with named dimensions
            and units. The networks are a sequence, or for "recipes" a `NetsOf`.
        facts: the Dataset to the numbers that prose quotes, ready to print.
        config: picks its config from the profile and from `seeds/`; plain JSON values or a dataclass.
        nets: which networks it looks at: none, the first or all that learned by the book's own recipe, or
            some of each of several recipes.
        recipes: their names, for "recipes"; the profile says how many networks of each.
        asks_every: whether it is about the networks themselves, and looks at all of them on the sample too.
        builds_on: names of other experiments, whose Datasets `measure` is given last, in this order.
    """

    name: str
    question: str
    measure: Measure
    facts: Facts
    config: Choose = lambda profile, seeds: {}
    nets: Literal["none", "first", "all", "recipes"] = "all"
    recipes: tuple[str, ...] = ()
    builds_on: tuple[str, ...] = ()
    asks_every: bool = False

    def asks_for(self, profile: Profile, data: str) -> Mapping[str, int]:
        """How many networks of each recipe it looks at in an edition, made from "mnist" or the "sample"."""
        if self.nets == "recipes":
            return dict.fromkeys(self.recipes, profile.recipe_nets_on(data))
        every = profile.nets if self.asks_every else profile.asked_on(data)
        count = {"none": 0, "first": 1, "all": every}[self.nets]
        return {"reference": count} if count else {}


def plain(config: Any) -> Any:
    """A config as plain JSON values."""
    if is_dataclass(config) and not isinstance(config, type):
        return asdict(config)
    if isinstance(config, tuple) and hasattr(config, "_asdict"):
        return {name: plain(value) for name, value in config._asdict().items()}  # pyright: ignore
    return [plain(item) for item in config] if isinstance(config, tuple | list) else config
