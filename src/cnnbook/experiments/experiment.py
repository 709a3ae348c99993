"""What an experiment is: what it measures of one network, and the statistics and numbers that follow.

An experiment is one module with one decorated function:

    @experiment(variables=[...], statistics=[...], facts=[...])
    def kernels(net: TrainedNet, run: Measurement[None]) -> Measured: ...

The function measures one network in one state; with `together=True` it compares those of `run.nets`, with
`nets="none"` it measures digits alone. The runner loops over networks and states, stacks arrays, resamples
test images, computes the statistics, and keeps the result: see `measuring` and `runner`.
"""

import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

import jax
import numpy as np
import xarray as xr
from jaxtyping import Float, Key

from cnnbook.arrays import RawImages, RawLabels
from cnnbook.config.checked import Checked
from cnnbook.data.digits import Digits, shown_images
from cnnbook.data.subsets import stratified_subset
from cnnbook.experiments.intervals import resample_weights
from cnnbook.inputs import BookInputs
from cnnbook.keys import key_for
from cnnbook.training.trained import TrainedNet

REFERENCE = "reference"
"""The book's own recipe; the others are compared with it."""

TRAINED, UNTRAINED = "trained", "untrained"

_Config = TypeVar("_Config", bound=Checked | None)
_Value = TypeVar("_Value")

NetsOf = Mapping[str, Sequence[TrainedNet]]
"""Networks by the name of the recipe that trained them; those of one number started alike."""

Expression = str | Callable[[xr.Dataset], Any]
"""A name in the Dataset of all variables, those not published included, or what is computed from it."""

Measured = Mapping[str, Any]
"""Arrays by the name of the variable, with its dimensions less those that the runner adds."""


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A variable of an experiment's Dataset.

    Attributes:
        name: in the Dataset.
        dims: in their order. "state" and "net" are added by the runner; without "net" a variable is the first
            network's, without "state" that of the trained network. With "image" it is measured for each test
            image; statistics see its mean for each "resample", the Dataset holds the mean of all images.
            With "resample" it is computed from `Measurement.weights`.
        long_name: what it is, in words; "" leaves it to the name.
        units: of its values.
        published: whether the Dataset holds it, or only statistics see it.
        of: computes it from the Dataset of all measured variables; None if the function measures it.
        attrs: further attributes.
    """

    name: str
    dims: tuple[str, ...]
    long_name: str = ""
    units: str = "1"
    published: bool = True
    of: Callable[[xr.Dataset], xr.DataArray] | None = None
    attrs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """What a claim may be judged by: a number, or one for each network, or for each network and resample.

    Attributes:
        name: of the variable that it becomes.
        of: a variable, or what computes it.
        long_name: what it is, in words.
        units: of its values.
    """

    name: str
    of: Expression
    long_name: str
    units: str = "1"


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A number that prose may quote, or one for each value of some dimensions.

    Attributes:
        name: what prose calls it; "{layer}" stands for each value of the coordinate "layer".
        of: a variable, statistic or attribute, or what computes an array, a number or a text. Of an array by
            resample the first counts: all images.
        form: Python's format of a number: ".2f", ".1%", ",.0f", "+.2f".
        scale: the number is multiplied by it first.
    """

    name: str
    of: Expression
    form: str = ".2f"
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Measurement(Generic[_Config]):
    """What an experiment's function is given besides a network.

    Attributes:
        experiment: its name.
        config: its numbers to choose.
        digits: the data.
        inputs: the digits that chapters show, and disputed labels.
        seed: of the profile.
        resamples: times that the test images are drawn anew for an interval.
        nets: all networks it looks at, by recipe.
        results: Datasets of the experiments that it builds on, by name.
        number: which network is measured now, counted from 0.
        state: "trained" or "untrained".
    """

    experiment: str
    config: _Config
    digits: Digits
    inputs: BookInputs
    seed: int
    resamples: int
    nets: NetsOf = field(default_factory=dict, repr=False)
    results: Mapping[str, xr.Dataset] = field(default_factory=dict, repr=False)
    number: int = 0
    state: str = TRAINED
    _memo: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    @property
    def is_first(self) -> bool:
        """Whether this is the first network, trained: the one that variables without networks are of."""
        return self.number == 0 and self.is_trained

    @property
    def is_trained(self) -> bool:
        """Whether the network is measured after its training."""
        return self.state == TRAINED

    @property
    def reference(self) -> Sequence[TrainedNet]:
        """The networks of the book's own recipe."""
        return self.nets[REFERENCE]

    def key(self, purpose: str, **numbers: int) -> Key[jax.Array, ""]:
        """A key of this experiment's own.

        Args:
            purpose: what is drawn, such as "shuffled labels".
            numbers: which of several, such as `net=3`.
        """
        return key_for(self.seed, f"{self.experiment}/{purpose}", **numbers)

    def test_images(self, count: int) -> RawImages:
        """So many test images, at most: the first of one fixed stratified random order, never of the file."""
        return stratified_subset(self.digits, count)[0]

    def test_labels(self, count: int) -> RawLabels:
        """The labels of `test_images(count)`."""
        return stratified_subset(self.digits, count)[1]

    def weights(self, images: int) -> Float[np.ndarray, "resample images"]:
        """How often each resample holds each of the first test images; the first row is all ones.

        Equal for all experiments that ask for as many images, so that their statistics can be compared.
        """
        return self.cached(
            ("weights", images), lambda: resample_weights(images, resamples=self.resamples, seed=self.seed)
        )

    @property
    def shown_images(self) -> RawImages:
        """The digits that chapters show."""
        return shown_images(self.digits, self.inputs.shown)

    def cached(self, what: Hashable, compute: Callable[[], _Value]) -> _Value:
        """What all networks of this experiment share, computed when it is first asked for.

        Args:
            what: names it.
            compute: makes it.
        """
        if what not in self._memo:
            self._memo[what] = compute()
        return self._memo[what]


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One question of the book.

    Attributes:
        name: of its module, its entry in the store and its numbers in prose.
        question: one sentence, the first line of its module.
        measure: the decorated function.
        variables: what it measures.
        statistics: what claims are judged by.
        facts: what prose may quote.
        coords: values of dimensions, or a function of the `Measurement` that gives them.
        about: further attributes of the Dataset, computed from the `Measurement`.
        config: its numbers in the profile "book"; None if it has none.
        draft: the same in the profile "draft", and everywhere on the sample.
        config_of: the experiment whose numbers it shares, if not its own.
        nets: which networks it looks at: none, the first or all by the book's recipe, or the recipes named.
        states: in which states each network is measured.
        together: whether the function measures all networks at once, and returns arrays with all dimensions.
        every_net: whether it looks at all networks on the sample too.
        builds_on: names of the experiments whose Datasets it needs.
        inputs: what it takes from `seeds/`: "shown", "disputed", both or nothing.
    """

    name: str
    question: str
    measure: Callable[..., Measured]
    variables: tuple[Variable, ...]
    statistics: tuple[Statistic, ...] = ()
    facts: tuple[Fact, ...] = ()
    coords: Mapping[str, Any] | Callable[[Measurement], Mapping[str, Any]] = field(default_factory=dict)
    about: Callable[[Measurement], Mapping[str, Any]] | None = None
    config: Checked | None = None
    draft: Checked | None = None
    config_of: str | None = None
    nets: Literal["none", "first", "all"] | tuple[str, ...] = "all"
    states: tuple[str, ...] = (TRAINED,)
    together: bool = False
    every_net: bool = False
    builds_on: tuple[str, ...] = ()
    inputs: tuple[Literal["shown", "disputed"], ...] = ()

    def statistic(self, name: str) -> Statistic:
        """A statistic by name.

        Raises:
            ValueError: there is none.
        """
        found = {each.name: each for each in self.statistics}
        if name not in found:
            raise ValueError(f"name={name!r}: {self.name} has {', '.join(found) or 'no statistics'}")
        return found[name]


def variable(
    name: str,
    dims: str = "",
    long_name: str = "",
    *,
    units: str = "1",
    published: bool = True,
    of: Callable[[xr.Dataset], xr.DataArray] | None = None,
    **attrs: Any,
) -> Variable:
    """A variable, its dimensions written as words: see `Variable`."""
    return Variable(
        name=name,
        dims=tuple(dims.split()),
        long_name=long_name,
        units=units,
        published=published,
        of=of,
        attrs=attrs,
    )


def statistic(name: str, of: Expression, long_name: str, *, units: str = "1") -> Statistic:
    """A statistic: see `Statistic`."""
    return Statistic(name=name, of=of, long_name=long_name, units=units)


def fact(name: str, of: Expression = "", form: str = ".2f", *, scale: float = 1.0) -> Fact:
    """A fact, by default the variable, statistic or attribute of its name: see `Fact`."""
    return Fact(name=name, of=of or name, form=form, scale=scale)


def experiment(**declared: Any) -> Callable[[Callable[..., Measured]], Experiment]:
    """Make a function an experiment, named like its module, whose first line is the question.

    Args:
        declared: attributes of `Experiment`; of lists tuples are made.
    """
    attributes: dict[str, Any] = {
        name: tuple(each) if isinstance(each, list) else each for name, each in declared.items()
    }

    def decorate(measure: Callable[..., Measured]) -> Experiment:
        module = sys.modules[measure.__module__]
        name = measure.__module__.rpartition(".")[2]
        question = (module.__doc__ or "").strip().partition("\n")[0]
        return Experiment(name=name, question=question, measure=measure, **attributes)

    return decorate
