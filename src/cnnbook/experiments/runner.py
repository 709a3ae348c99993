"""Results of experiments: from the store, or measured now, stored with what made them, and read back.

A result's key holds its config, the networks it looks at, the data, the results it builds on, the code that
it depends on, and the versions of all that computes. Its provenance is made once, when it is stored.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import xarray as xr

from cnnbook.config.profiles import VARIANTS, Profile, Variant
from cnnbook.data.digits import Digits
from cnnbook.environment import environment
from cnnbook.experiments import find_experiments
from cnnbook.experiments.concurrency import run_concurrently, single_threaded_blas
from cnnbook.experiments.experiment import Experiment, Measurement
from cnnbook.experiments.facts import facts_of
from cnnbook.experiments.measuring import measure
from cnnbook.experiments.plan import config_of, networks_of
from cnnbook.inputs import BookInputs
from cnnbook.progress import Reporter, peak_memory
from cnnbook.results import PROVENANCE, RESULT, add_provenance, read_result, write_result
from cnnbook.sources import source_digest
from cnnbook.store import Key, Store
from cnnbook.timing import EXPERIMENTS
from cnnbook.training.runs import Run
from cnnbook.training.trained import TrainedNet
from cnnbook.training.trainer import Trainer

COST = "cost.json"
"""Beside a result: the seconds it took, and the largest memory of the process until then."""

_LOOPS = "cnnbook.experiments.measuring"


class Runner:
    """Measures experiments for one edition, each once.

    Args:
        profile: the edition.
        digits: its data.
        inputs: what experiments take from `seeds/`.
        store: keeps results.
        trainer: trains networks.
        reporter: shows long work.
    """

    def __init__(
        self,
        *,
        profile: Profile,
        digits: Digits,
        inputs: BookInputs,
        store: Store,
        trainer: Trainer,
        reporter: Reporter,
    ) -> None:
        self.experiments = find_experiments()
        self._profile, self._digits, self._store, self._reporter = profile, digits, store, reporter
        self._trainer = trainer
        # A reason that is reworded must not change a result.
        shown = tuple(replace(digit, why="") for digit in inputs.shown)
        self._inputs = replace(inputs, shown=shown)
        self._results: dict[str, xr.Dataset] = {}
        self._nets: dict[Run, TrainedNet] = {}

    def networks(self, wanted: Mapping[str, int]) -> dict[str, tuple[TrainedNet, ...]]:
        """The first networks of several recipes; all that are missing are trained in one go.

        Args:
            wanted: how many of each, by the recipe's name.
        """
        runs = self._runs(wanted)
        missing = [run for run in dict.fromkeys(sum(runs.values(), ())) if run not in self._nets]
        if missing:
            self._nets |= zip(missing, self._trainer.train(missing), strict=True)
        return {name: tuple(self._nets[run] for run in each) for name, each in runs.items()}

    def result(self, name: str) -> xr.Dataset:
        """An experiment's Dataset, with its provenance on the whole and on each variable.

        Args:
            name: of the experiment.

        Raises:
            ValueError: there is no such experiment.
        """
        if name not in self.experiments:
            raise ValueError(f"name={name!r}: expected one of {', '.join(self.experiments)}")
        if name not in self._results:
            experiment = self.experiments[name]
            key = self.key(experiment)
            with self._store.lock_missing(key) as missing:
                for _ in missing:
                    with self._store.write_entry(key) as folder:
                        self._keep(experiment, folder)
            self._results[name] = add_provenance(read_result(self._store.folder(key) / RESULT))
        return self._results[name]

    def facts(self) -> dict[str, str]:
        """Every fact of every experiment by name, such as "accuracy.mean".

        Networks are trained in one go before, then several experiments are measured at once.
        """
        unmeasured = self.unmeasured()
        self._reporter.timing.expect(EXPERIMENTS, unmeasured)
        self.networks(self.networks_for(unmeasured))
        with single_threaded_blas():
            run_concurrently({name: each.builds_on for name, each in self.experiments.items()}, self._measure)
        return {
            f"{name}.{fact}": text
            for name, experiment in self.experiments.items()
            for fact, text in facts_of(experiment, self.result(name)).items()
        }

    def _measure(self, name: str) -> None:
        """Make a result ready; where that fails, say whose it is."""
        try:
            self.result(name)
        except Exception:
            self._reporter.say(f"measuring {name} failed")
            raise

    def key(self, experiment: Experiment) -> Key:
        """The address of an experiment's result in the store."""
        runs = sum(self._runs(self.wanted(experiment)).values(), ())
        material = {
            "experiment": experiment.name,
            "question": experiment.question,
            "profile": self._profile.name,
            "config": self._about(experiment),
            "nets": [self._trainer.key(run).digest for run in runs],
            "data": self._digits.digest,
            "results": [self.key(self.experiments[name]).digest for name in experiment.builds_on],
            "source": [source_digest(experiment.measure.__module__), source_digest(_LOOPS)],
            **environment(),
        }
        return Key("results", material)

    def _about(self, experiment: Experiment) -> dict[str, Any]:
        """All numbers and inputs that a result follows from, as plain values."""
        config = self.config(experiment)
        return {
            "config": None if config is None else asdict(config),
            "inputs": asdict(self._given(experiment)),
            "seed": self._profile.seed,
            "resamples": self._profile.resamples,
        }

    def config(self, experiment: Experiment) -> Any:
        """The numbers of an experiment in this edition."""
        return config_of(experiment, self.experiments, self._profile, is_sample=self._digits.is_sample)

    def _given(self, experiment: Experiment) -> BookInputs:
        """Of what `seeds/` holds, that which an experiment takes; a change of the rest is none of its own."""
        return BookInputs(**{name: getattr(self._inputs, name) for name in experiment.inputs})

    def wanted(self, experiment: Experiment) -> Mapping[str, int]:
        """How many networks of each recipe an experiment looks at in this edition."""
        return networks_of(experiment, self._profile, self._digits.name)

    def _runs(self, wanted: Mapping[str, int]) -> dict[str, tuple[Run, ...]]:
        """What makes the first networks of several recipes."""
        recipes = self._profile.recipes_for(self._digits.name)
        made = {}
        for name, count in wanted.items():
            variant, config = VARIANTS.get(name, Variant()), recipes[name]
            one = partial(
                Run,
                seed=self._profile.seed,
                config=config,
                stopped=min(variant.stopped, config.epochs),
                parted=min(variant.parted, config.epochs),
            )
            made[name] = tuple(one(number=number) for number in range(count))
        return made

    def networks_for(self, names: Iterable[str]) -> Mapping[str, int]:
        """How many networks of each recipe some experiments look at together.

        Args:
            names: of the experiments.
        """
        wanted: dict[str, int] = {}
        for name in names:
            for recipe, count in self.wanted(self.experiments[name]).items():
                wanted[recipe] = max(count, wanted.get(recipe, 0))
        return wanted

    def unmeasured(self) -> list[str]:
        """The names of the experiments whose results the store does not have."""
        return [
            name
            for name, experiment in self.experiments.items()
            if name not in self._results and self._store.get(self.key(experiment)) is None
        ]

    def _keep(self, experiment: Experiment, folder: Path) -> None:
        """Measure into a new entry of the store, with provenance and cost."""
        nets = self.networks(self.wanted(experiment))
        results = {name: self.result(name) for name in experiment.builds_on}
        self._reporter.say_start(f"measuring {experiment.name}: {experiment.question}")
        begin = time.monotonic()
        with self._reporter.timing.part(EXPERIMENTS, experiment.name):
            result = self._measured(experiment, nets, results)
        seconds, peak = time.monotonic() - begin, peak_memory()
        made = self._provenance(experiment, sum(nets.values(), ()))
        write_result(result.assign_attrs({PROVENANCE: json.dumps([made], sort_keys=True)}), folder / RESULT)
        (folder / COST).write_text(json.dumps({"seconds": round(seconds, 3), "peak_bytes": peak}))
        memory = "" if peak is None else f"; at most {peak / 1e9:.1f} GB used so far"
        self._reporter.say(f"measured {experiment.name} in {seconds:.1f} s{memory}")

    def _measured(
        self,
        experiment: Experiment,
        nets: Mapping[str, Sequence[TrainedNet]],
        results: Mapping[str, xr.Dataset],
    ) -> xr.Dataset:
        """The Dataset of an experiment."""
        run = Measurement(
            experiment=experiment.name,
            config=self.config(experiment),
            digits=self._digits,
            inputs=self._given(experiment),
            seed=self._profile.seed,
            resamples=self._profile.resamples,
            nets=nets,
            results=results,
        )
        return measure(experiment, run)

    def _provenance(self, experiment: Experiment, nets: Sequence[TrainedNet]) -> dict[str, Any]:
        """How a result was measured: what the record of each figure that shows it says."""
        return {
            "experiment": experiment.name,
            "question": experiment.question,
            "function": f"{experiment.measure.__module__}.{experiment.measure.__qualname__}",
            **self._about(experiment),
            "profile": self._profile.name,
            "data": {"name": self._digits.name, "digest": self._digits.digest},
            "nets": [net.digest for net in nets],
            **environment(),
        }
