"""What a chapter opens: the profile, the digits, the networks, the results, and a place for figures."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import xarray as xr
from matplotlib.figure import Figure

from cnnbook import benchmarks, claims, data
from cnnbook.build_info import build_info
from cnnbook.claims import report
from cnnbook.claims.committed import read_committed
from cnnbook.config.profiles import Profile, profile_named
from cnnbook.data.digits import Digits
from cnnbook.environment import environment
from cnnbook.experiments import EXPERIMENTS, Experiment
from cnnbook.experiments.provenance import MADE, noted, plain, signed
from cnnbook.figures.style import DARK, LIGHT
from cnnbook.files import cache_folder
from cnnbook.inputs import BookInputs, ShownDigit, book_root, read_inputs
from cnnbook.progress import Reporter, peak_memory
from cnnbook.publishing.publisher import EXECUTION, Publisher, open_publisher
from cnnbook.publishing.record import PublishedFigure
from cnnbook.results import RESULT, read_result, write_result
from cnnbook.sources import source_digest
from cnnbook.store import Key, Store
from cnnbook.training.devices import begin_computing
from cnnbook.training.ensemble import Ensemble
from cnnbook.training.runs import Run
from cnnbook.training.trained import TrainedNet

REFERENCE = "reference"
"""The book's own recipe; the others are compared with it."""


class Book:
    """One edition of the book, opened: everything is loaded or computed when it is first asked for.

    Args:
        root: the book's folder.
        profile: the edition.
        digits: what it is built from.
        store: where results are kept.
        reporter: shows long work.
    """

    def __init__(
        self, root: Path, *, profile: Profile, digits: Digits, store: Store, reporter: Reporter
    ) -> None:
        self.root, self.profile, self.digits, self.store = root, profile, digits, store
        self.ensemble = Ensemble(
            digits, profile.training_on(digits.name), seed=profile.seed, store=store, reporter=reporter
        )
        self._reporter = reporter
        self._results: dict[str, xr.Dataset] = {}
        self._nets: dict[Run, TrainedNet] = {}

    def nets(self, count: int | None = None) -> tuple[TrainedNet, ...]:
        """The first `count` networks of the book's own recipe, or all of them, trained first if need be."""
        count = self.profile.nets if count is None else count
        return self.networks({REFERENCE: count})[REFERENCE]

    def networks(self, wanted: Mapping[str, int]) -> dict[str, tuple[TrainedNet, ...]]:
        """The first networks of several recipes; all that are missing are trained in one go.

        Args:
            wanted: how many of each, by the recipe's name.

        Returns:
            Them, by the recipe's name.
        """
        runs = self._runs(wanted)
        missing = [run for run in dict.fromkeys(sum(runs.values(), ())) if run not in self._nets]
        if missing:
            self._nets |= zip(missing, self.ensemble.workshop.train(missing), strict=True)
        return {name: tuple(self._nets[run] for run in some) for name, some in runs.items()}

    @cached_property
    def inputs(self) -> BookInputs:
        """What experiments take from `seeds/`."""
        return read_inputs(self.root, self.digits.name)

    @property
    def shown(self) -> tuple[ShownDigit, ...]:
        """The digits that chapters show."""
        return self.inputs.shown

    def result(self, name: str) -> xr.Dataset:
        """An experiment's Dataset: from the store, or measured now and stored.

        Args:
            name: of a module in `cnnbook.experiments`.

        Raises:
            ValueError: there is no such experiment.
        """
        if name not in EXPERIMENTS:
            raise ValueError(f"name={name!r}: expected one of {', '.join(EXPERIMENTS)}")
        if name not in self._results:
            experiment = EXPERIMENTS[name]
            key = self._key(experiment)
            with self.store.missing(key) as missing:
                for _ in missing:
                    with self.store.writing(key) as folder:
                        self._measure(experiment, folder)
            self._results[name] = signed(
                read_result(self.store.folder(key) / RESULT), experiment, config=self._config(experiment),
                profile=self.profile, digits=self.digits,
            )  # fmt: skip
        return self._results[name]

    def facts(self) -> dict[str, str]:
        """Every number that prose may quote, by name, such as "accuracy.mean"."""
        self.networks(self._missing())
        return {
            f"{name}.{fact}": text
            for name, experiment in EXPERIMENTS.items()
            for fact, text in experiment.facts(self.result(name)).items()
        } | {
            f"{source}.{name}": text
            for source, told in (
                ("edition", self.build_info),
                ("bench", benchmarks.facts(self.root)),
                ("claims", report.facts(self.judged, read_committed(self.root))),
            )
            for name, text in told.items()
        }

    @cached_property
    def judged(self) -> tuple[claims.Judged, ...]:
        """Every claim of the ledger with its verdict, measured first if need be.

        Raises:
            ValueError: the ledger cannot be read, or names a statistic that does not exist.
        """
        ledger = claims.read_ledger(self.root)
        wanted = {part.experiment for claim in ledger if not claim.awaits for part in claim.parts}
        results = {name: self.result(name) for name in EXPERIMENTS if name in wanted}
        return tuple(claims.judge(claim, results, is_sample=self.digits.is_sample) for claim in ledger)

    def verdicts(self) -> xr.Dataset:
        """All verdicts as a Dataset, for pictures."""
        return report.as_dataset(self.judged, read_committed(self.root))

    @cached_property
    def publisher(self) -> Publisher:
        """Publishes this book's figures."""
        return open_publisher(light=LIGHT, dark=DARK, root=self.root, store=self.store)

    def publish(
        self, figure_id: str, draw: Callable[..., Figure], *data: Any, **options: Any
    ) -> PublishedFigure | None:
        """Draw a figure, unless the store has it, and publish it under its id: see `Publisher.publish`."""
        return self.publisher.publish(figure_id, draw, *data, **options)

    def say(self, line: str) -> None:
        """Tell the builder one line."""
        self._reporter.say(line)

    @property
    def build_info(self) -> Mapping[str, str]:
        """What this copy is built from, by name, as text."""
        return build_info(self.profile, self.digits, self.ensemble.config)

    def _key(self, experiment: Experiment) -> Key:
        """The address of a result: its config, networks, data, code and machine."""
        runs = self._runs(experiment.asks_for(self.profile, self.digits.name))
        material = {
            "experiment": experiment.name,
            "config": plain(self._config(experiment)),
            "nets": [self.ensemble.workshop.key(run).digest for run in sum(runs.values(), ())],
            "data": self.digits.digest,
            "results": [self._key(EXPERIMENTS[name]).digest for name in experiment.builds_on],
            "source": source_digest(experiment.measure.__module__),
            "notes": MADE,
            **environment(),
        }
        return Key("results", material)

    def _config(self, experiment: Experiment) -> Any:
        """What an experiment takes from the profile and from `seeds/`."""
        # A reason that is reworded must not change a result.
        without_reasons = tuple(replace(digit, why="") for digit in self.shown)
        return experiment.config(self.profile, replace(self.inputs, shown=without_reasons))

    def _runs(self, wanted: Mapping[str, int]) -> dict[str, tuple[Run, ...]]:
        """What makes the first networks of several recipes."""
        recipes = self.profile.recipes_on(self.digits.name)
        return {
            name: tuple(
                Run(number=number, seed=self.profile.seed, config=recipes[name]) for number in range(count)
            )
            for name, count in wanted.items()
        }

    def _missing(self) -> Mapping[str, int]:
        """The networks, by recipe, that results need which the store does not have."""
        wanted: dict[str, int] = {}
        for name, experiment in EXPERIMENTS.items():
            if name not in self._results and self.store.get(self._key(experiment)) is None:
                for recipe, count in experiment.asks_for(self.profile, self.digits.name).items():
                    wanted[recipe] = max(count, wanted.get(recipe, 0))
        return wanted

    def _measure(self, experiment: Experiment, folder: Path) -> None:
        """Run an experiment into a new entry of the store."""
        nets = self.networks(experiment.asks_for(self.profile, self.digits.name))
        below = [self.result(name) for name in experiment.builds_on]
        self._reporter.say(f"measuring {experiment.name}: {experiment.question}")
        begin = time.monotonic()
        asked = nets if experiment.nets == "recipes" else nets.get(REFERENCE, ())
        result = experiment.measure(asked, self.digits, self._config(experiment), *below)
        write_result(noted(result, sum(nets.values(), ())), folder / RESULT)
        took, peak = time.monotonic() - begin, peak_memory()
        used = "" if peak is None else f"; at most {peak / 1e9:.1f} GB used so far"
        self._reporter.say(f"measured {experiment.name} in {took:.1f} s{used}")


def open_book(
    *, root: Path | None = None, profile: str | None = None, choice: str | None = None,
    reporter: Reporter | None = None,
) -> Book:  # fmt: skip
    """Open the book.

    Args:
        root: its folder; None searches upwards from here.
        profile: None asks `CNNBOOK_PROFILE`, then takes "book".
        choice: of data; None asks `CNNBOOK_DATA`, then takes what can be had.
        reporter: shows long work; standard error if None.

    Raises:
        ValueError: no such profile, or damaged data.
        FileNotFoundError: no such data, or this is not a book's folder.
    """
    reporter = reporter or Reporter(quiet=EXECUTION in os.environ)
    cache = cache_folder()
    begin_computing(cache)
    digits = data.load(choice, cache=cache / "data", notify=reporter.say)
    store = Store(cache / "store", notify=reporter.say)
    return Book(
        book_root(root),
        profile=profile_named(profile).asking_on(digits.name),
        digits=digits,
        store=store,
        reporter=reporter,
    )
