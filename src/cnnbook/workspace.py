"""What a chapter opens: the profile, the digits, the networks, the results, and a place for figures."""

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import xarray as xr
from matplotlib.figure import Figure

from cnnbook import benchmarks, claims, data
from cnnbook.build_info import build_info, edition_label
from cnnbook.claims import report
from cnnbook.claims.committed import read_committed
from cnnbook.config.profiles import Profile, profile_named
from cnnbook.data.digits import Digits
from cnnbook.environment import COMPUTING
from cnnbook.experiments.experiment import REFERENCE
from cnnbook.experiments.runner import Runner
from cnnbook.figures.style import DARK, LIGHT
from cnnbook.files import cache_folder
from cnnbook.inputs import BookInputs, ShownDigit, book_root, read_inputs
from cnnbook.progress import Reporter
from cnnbook.publishing.publisher import EXECUTION, Publisher, open_publisher
from cnnbook.publishing.record import FigureRecord
from cnnbook.store import Store
from cnnbook.training.devices import begin_computing
from cnnbook.training.trained import TrainedNet
from cnnbook.training.trainer import Trainer


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
        self.trainer = Trainer(digits, store=store, reporter=reporter)
        self._reporter = reporter

    def nets(self, count: int | None = None) -> tuple[TrainedNet, ...]:
        """The first `count` networks of the book's own recipe, or all of them, trained first if need be."""
        count = self.profile.nets if count is None else count
        return self.networks({REFERENCE: count})[REFERENCE]

    def networks(self, wanted: Mapping[str, int]) -> dict[str, tuple[TrainedNet, ...]]:
        """The first networks of several recipes; all that are missing are trained in one go.

        Args:
            wanted: how many of each, by the recipe's name.
        """
        return self.runner.networks(wanted)

    @cached_property
    def inputs(self) -> BookInputs:
        """What the book takes from `seeds/`."""
        return read_inputs(self.root, self.digits.name)

    @property
    def shown(self) -> tuple[ShownDigit, ...]:
        """The digits that chapters show."""
        return self.inputs.shown

    @cached_property
    def runner(self) -> Runner:
        """Measures this edition's experiments, each once."""
        return Runner(
            profile=self.profile,
            digits=self.digits,
            inputs=self.inputs,
            store=self.store,
            trainer=self.trainer,
            reporter=self._reporter,
        )

    def result(self, name: str) -> xr.Dataset:
        """An experiment's Dataset: from the store, or measured now and stored.

        Args:
            name: of a module in `cnnbook.experiments`.

        Raises:
            ValueError: there is no such experiment.
        """
        return self.runner.result(name)

    def facts(self) -> dict[str, str]:
        """Every number that prose may quote, by name, such as "accuracy.mean"."""
        facts = self.runner.facts()
        for source, values in (
            ("edition", self.build_info),
            ("bench", benchmarks.facts(self.root)),
            ("claims", report.facts(self.judged, read_committed(self.root))),
        ):
            facts |= {f"{source}.{name}": text for name, text in values.items()}
        return facts

    @cached_property
    def judged(self) -> tuple[claims.Judged, ...]:
        """Every claim of the ledger with its verdict, measured first if need be.

        Raises:
            ValueError: the ledger cannot be read, or names a statistic that does not exist.
        """
        ledger = claims.read_ledger(self.root)
        wanted = {part.experiment for claim in ledger if not claim.awaits for part in claim.parts}
        results = {name: self.result(name) for name in self.runner.experiments if name in wanted}
        return tuple(claims.judge(claim, results, is_sample=self.digits.is_sample) for claim in ledger)

    def verdicts(self) -> xr.Dataset:
        """All verdicts as a Dataset, for pictures."""
        return report.as_dataset(self.judged, read_committed(self.root))

    @cached_property
    def publisher(self) -> Publisher:
        """Publishes this book's figures."""
        return open_publisher(
            light=LIGHT,
            dark=DARK,
            root=self.root,
            store=self.store,
            edition=edition_label(self.profile, self.digits),
            packages=COMPUTING,
        )

    def publish(
        self, figure_id: str, draw: Callable[..., Figure], *data: Any, **options: Any
    ) -> FigureRecord | None:
        """Draw a figure, unless the store has it, and publish it under its id: see `Publisher.publish`."""
        return self.publisher.publish(figure_id, draw, *data, **options)

    def say(self, line: str) -> None:
        """Show the builder one line."""
        self._reporter.say(line)

    @property
    def build_info(self) -> Mapping[str, str]:
        """What this copy is built from, by name, as text."""
        return build_info(self.profile, self.digits, self.profile.training_for(self.digits.name))


def open_book(
    *,
    root: Path | None = None,
    profile: str | None = None,
    choice: str | None = None,
    reporter: Reporter | None = None,
) -> Book:
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
        profile=profile_named(profile).for_data(digits.name),
        digits=digits,
        store=store,
        reporter=reporter,
    )
