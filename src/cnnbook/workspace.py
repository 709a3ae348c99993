"""What a chapter opens: the profile, the digits, the networks, the results, and a place for figures."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import matplotlib
import xarray as xr
from matplotlib.figure import Figure

from cnnbook import data
from cnnbook.config import Profile, profile_named
from cnnbook.data.digits import Digits
from cnnbook.edition import edition
from cnnbook.experiments import EXPERIMENTS, Experiment
from cnnbook.figures.style import DARK, LIGHT
from cnnbook.folders import cache_folder
from cnnbook.progress import Reporter
from cnnbook.publishing.files import write_figure
from cnnbook.publishing.record import PublishedFigure, check_figure_id, read_record, write_record
from cnnbook.results import RESULT, content_digest, read_result, write_result
from cnnbook.seeds import ShownDigit, book_root, shown_digits
from cnnbook.sources import source_digest
from cnnbook.store import Key, Store
from cnnbook.training.checkpoint import TrainedNet
from cnnbook.training.ensemble import Ensemble, environment

EXECUTION = "CNNBOOK_EXECUTION"
"""Set by a build for the chapters' kernels: the folder where records of published figures go."""


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
        self._nets: tuple[TrainedNet, ...] = ()

    def nets(self, count: int | None = None) -> tuple[TrainedNet, ...]:
        """The first `count` networks, or all of them, trained first if need be."""
        count = self.profile.nets if count is None else count
        if len(self._nets) < count:
            self._nets = tuple(self.ensemble.nets(count))
        return self._nets[:count]

    @cached_property
    def shown(self) -> tuple[ShownDigit, ...]:
        """The digits that chapters show."""
        return shown_digits(self.root, self.digits.name)

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
            folder = self.store.obtain(self._key(experiment), lambda new: self._measure(experiment, new))
            self._results[name] = read_result(folder / RESULT)
        return self._results[name]

    def facts(self) -> dict[str, str]:
        """Every number that prose may quote, by name, such as "accuracy.mean"."""
        return {
            f"{name}.{fact}": text
            for name, experiment in EXPERIMENTS.items()
            for fact, text in experiment.facts(self.result(name)).items()
        } | {f"edition.{name}": text for name, text in self.edition.items()}

    def publish(
        self,
        figure_id: str,
        draw: Callable[..., Figure],
        *datasets: xr.Dataset | xr.DataArray,
        **options: Any,
    ) -> PublishedFigure | None:
        """Draw a figure, unless the store has it, and publish it under its id.

        Args:
            figure_id: never changes once published, such as "fig-conv3-three-fours".
            draw: a function of `cnnbook.figures`; called with the datasets, the options and `palette=`.
            datasets: what it draws.
            options: its keyword arguments; a DataArray among them counts as data.

        Returns:
            The figure, which a notebook shows; None while the book is built, where the directive
            `citable-figure` shows it.
        """
        key = _figure_key(check_figure_id(figure_id), draw, datasets, options)

        def make(folder: Path) -> None:
            write_figure(
                figure_id, lambda palette: draw(*datasets, palette=palette, **options), folder,
                light=LIGHT, dark=DARK,
            )  # fmt: skip

        folder = self.store.obtain(key, make)
        figure = read_record(folder / "figure.json", folder=folder)
        if EXECUTION not in os.environ:
            return figure
        write_record(figure, Path(os.environ[EXECUTION]) / "figures" / f"{figure_id}.json")
        return None

    @property
    def edition(self) -> Mapping[str, str]:
        """What this copy is built from, by name, as text."""
        return edition(self.profile, self.digits, self.ensemble.config)

    def _key(self, experiment: Experiment) -> Key:
        """The address of a result: its config, networks, data, code and machine."""
        material = {
            "experiment": experiment.name,
            "config": _plain(experiment.config(self.profile, self.shown)),
            "nets": [self.ensemble.key(number).digest for number in range(self._needed(experiment))],
            "data": self.digits.digest,
            "source": source_digest(experiment.measure.__module__),
            **environment(),
        }
        return Key("results", material)

    def _needed(self, experiment: Experiment) -> int:
        """How many networks an experiment looks at."""
        return {"none": 0, "first": 1, "all": self.profile.nets}[experiment.nets]

    def _measure(self, experiment: Experiment, folder: Path) -> None:
        """Run an experiment into a new entry of the store."""
        nets = self.nets(self._needed(experiment))
        self._reporter.say(f"measuring {experiment.name}: {experiment.question}")
        config = experiment.config(self.profile, self.shown)
        write_result(experiment.measure(nets, self.digits, config), folder / RESULT)


def _plain(config: Any) -> Any:
    """A config as plain JSON values."""
    if is_dataclass(config) and not isinstance(config, type):
        return asdict(config)
    if isinstance(config, tuple | list):
        return [_plain(item) for item in config]
    return config


def _figure_key(
    figure_id: str, draw: Callable[..., Figure], datasets: Sequence[Any], options: Mapping[str, Any]
) -> Key:
    """The address of a figure: what draws it, from which data, with which options."""

    def described(value: Any) -> Any:
        return {"content": content_digest(value)} if isinstance(value, xr.Dataset | xr.DataArray) else value

    material = {
        "figure": figure_id,
        "draw": f"{draw.__module__}.{draw.__qualname__}",
        "source": source_digest(draw.__module__),
        "writer": source_digest("cnnbook.publishing.files"),
        "data": [described(dataset) for dataset in datasets],
        "options": {name: described(value) for name, value in options.items()},
        "matplotlib": matplotlib.__version__,
    }
    return Key("figures", material)


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
    digits = data.load(choice, cache=cache / "data", notify=reporter.say)
    store = Store(cache / "store", notify=reporter.say)
    return Book(
        book_root(root), profile=profile_named(profile), digits=digits, store=store, reporter=reporter
    )
