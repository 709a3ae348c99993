"""What a chapter opens: the profile, the digits, the networks, the results, and a place for figures.

A chapter that only shows what is stored needs neither JAX nor Flax, which take their seconds to start: they
are imported by whoever first asks for a network, or for a result that the build has not prepared.
"""

import os
from collections.abc import Callable, Collection, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr
from matplotlib.figure import Figure

from cnnbook import data
from cnnbook.build_info import build_info, edition_label
from cnnbook.config.profiles import Profile, profile_named
from cnnbook.data.digits import Digits
from cnnbook.environment import COMPUTING
from cnnbook.figures.style import DARK, LIGHT
from cnnbook.files import cache_folder
from cnnbook.inputs import BookInputs, ShownDigit, book_root, read_inputs
from cnnbook.prepared import PreparedState, read_prepared_state
from cnnbook.progress import Reporter
from cnnbook.publishing.publisher import EXECUTION, Publisher, open_publisher
from cnnbook.publishing.record import FigureRecord
from cnnbook.results import RESULT, add_provenance, mean_value, read_result
from cnnbook.store import Store

if TYPE_CHECKING:
    from cnnbook.claims import Judged
    from cnnbook.experiments.runner import Runner
    from cnnbook.training.trained import TrainedNet
    from cnnbook.training.trainer import Trainer


class Book:
    """One edition of the book, opened: everything is loaded or computed when it is first asked for.

    Args:
        root: the book's folder.
        profile: the edition.
        digits: what it is built from, or what loads it.
        store: where results are kept.
        reporter: shows long work.
        compiled: this machine's folder of compiled programs; None leaves JAX's configuration as it is.
        prepared: what the build has prepared, in one of its chapters.
    """

    def __init__(
        self,
        root: Path,
        *,
        profile: Profile,
        digits: Digits | Callable[[], Digits],
        store: Store,
        reporter: Reporter,
        compiled: Path | None = None,
        prepared: PreparedState | None = None,
    ) -> None:
        self.root, self.profile, self.store = root, profile, store
        self._digits, self._reporter, self._compiled, self._prepared = digits, reporter, compiled, prepared
        self._stored: dict[str, xr.Dataset] = {}

    @cached_property
    def digits(self) -> Digits:
        """The data."""
        return self._digits if isinstance(self._digits, Digits) else self._digits()

    @property
    def is_sample(self) -> bool:
        """Whether the data are the sample: no number from it is a result about MNIST."""
        return self._prepared.data == "sample" if self._prepared else self.digits.is_sample

    @cached_property
    def trainer(self) -> "Trainer":
        """Trains networks, on every core of this machine."""
        from cnnbook.training.devices import begin_computing
        from cnnbook.training.trainer import Trainer

        if self._compiled is not None:
            begin_computing(self._compiled)
        return Trainer(self.digits, store=self.store, reporter=self._reporter)

    def nets(self, count: int | None = None) -> "tuple[TrainedNet, ...]":
        """The first `count` networks of the book's own recipe, or all of them, trained first if need be."""
        from cnnbook.experiments.experiment import REFERENCE

        count = self.profile.nets if count is None else count
        return self.networks({REFERENCE: count})[REFERENCE]

    def networks(self, wanted: Mapping[str, int]) -> "dict[str, tuple[TrainedNet, ...]]":
        """The first networks of several recipes; all that are missing are trained in one go.

        Args:
            wanted: how many of each, by the recipe's name.
        """
        return self.runner.networks(wanted)

    @cached_property
    def inputs(self) -> BookInputs:
        """What the book takes from `seeds/`."""
        return read_inputs(self.root, "sample" if self.is_sample else "mnist")

    @property
    def shown(self) -> tuple[ShownDigit, ...]:
        """The digits that chapters show."""
        return self.inputs.shown

    @cached_property
    def runner(self) -> "Runner":
        """Measures this edition's experiments, each once."""
        from cnnbook.experiments.runner import Runner

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
        if name not in self._stored:
            digest = self._prepared.results.get(name) if self._prepared else None
            folder = self.store.find("results", digest) if digest else None
            if folder is None:
                return self.runner.result(name)
            self._stored[name] = add_provenance(read_result(folder / RESULT))
        return self._stored[name]

    def facts(self) -> dict[str, str]:
        """Every number that prose may quote, by name, such as "accuracy.mean"."""
        from cnnbook import benchmarks
        from cnnbook.claims import report

        facts = self.runner.facts()
        for source, values in (
            ("edition", self.build_info),
            ("bench", benchmarks.facts(self.root)),
            ("claims", report.facts(self.claims)),
        ):
            facts |= {f"{source}.{name}": text for name, text in values.items()}
        return facts

    def statistics(self) -> Mapping[str, float]:
        """What claims may be judged by, as numbers by name: of all test images, mean over networks."""
        return {
            f"{name}.{each.name}": mean_value(self.result(name)[each.name])
            for name, experiment in self.runner.experiments.items()
            for each in experiment.statistics
        }

    @cached_property
    def judged(self) -> "tuple[Judged, ...]":
        """Every claim of the ledger with its verdict, measured first if need be: see `judge`."""
        return self.judge()

    def judge(self, ids: Collection[str] = ()) -> "tuple[Judged, ...]":
        """Claims of the ledger with their verdicts, measured first if need be.

        Args:
            ids: of the claims; none for all.

        Raises:
            ValueError: the ledger cannot be read, or names a statistic that does not exist.
        """
        from cnnbook.claims import judge, read_ledger

        ledger = [claim for claim in read_ledger(self.root) if not ids or claim.id in ids]
        wanted = {
            name.partition(".")[0]
            for claim in ledger
            if not claim.awaits
            for part in claim.parts
            for name in part.statistics
        }
        results = {name: self.result(name) for name in self.runner.experiments if name in wanted}
        return tuple(judge(claim, results, is_sample=self.is_sample) for claim in ledger)

    @cached_property
    def claims(self) -> Mapping[str, Mapping[str, Any]]:
        """Every claim's record by its id, with the verdict and the numbers: see `report.claim_record`."""
        if self._prepared:
            return self._prepared.claims
        from cnnbook.claims.accepted import read_accepted
        from cnnbook.claims.report import claim_record

        accepted = read_accepted(self.root)
        return {
            one.claim.id: claim_record(one, self.definitions[one.claim.id], accepted) for one in self.judged
        }

    @cached_property
    def definitions(self) -> Mapping[str, str]:
        """What each claim, and the judge, is defined by in the book's own edition."""
        from cnnbook.claims import read_ledger
        from cnnbook.claims.accepted import JUDGE
        from cnnbook.claims.definitions import claim_definition, judge_definition
        from cnnbook.experiments import find_experiments
        from cnnbook.experiments.definitions import statistic_definition

        ledger, experiments, profile = read_ledger(self.root), find_experiments(), profile_named("book")
        names = {
            name for each in ledger if not each.awaits for part in each.parts for name in part.statistics
        }
        statistics = {name: statistic_definition(experiments, name, profile) for name in names}
        return {each.id: claim_definition(each, statistics) for each in ledger} | {JUDGE: judge_definition()}

    def verdicts(self) -> xr.Dataset:
        """All verdicts as a Dataset, for pictures."""
        from cnnbook.claims import report

        return report.as_dataset(list(self.claims.values()))

    @cached_property
    def publisher(self) -> Publisher:
        """Publishes this book's figures."""
        return open_publisher(
            light=LIGHT,
            dark=DARK,
            root=self.root,
            store=self.store,
            edition=edition_label(self.profile, is_sample=self.is_sample),
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

    @cached_property
    def build_info(self) -> Mapping[str, str]:
        """What this copy is built from, by name, as text."""
        if self._prepared:
            mine = [name for name in self._prepared.values if name.startswith("edition.")]
            return {name.removeprefix("edition."): self._prepared.values[name] for name in mine}
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
    folder = os.environ.get(EXECUTION)
    reporter = reporter or Reporter(quiet=folder is not None)
    cache = cache_folder()
    prepared = read_prepared_state(Path(folder)) if folder else None
    load = partial(data.load, choice, cache=cache / "data", notify=reporter.say)
    if prepared:
        digits, name = load, prepared.data
    else:
        digits = load()
        name = digits.name
    return Book(
        book_root(root),
        profile=profile_named(profile).for_data(name),
        digits=digits,
        store=Store(cache / "store", notify=reporter.say),
        reporter=reporter,
        compiled=cache,
        prepared=prepared,
    )
