"""Where networks are trained: runs in waves, each wave by one program, and the results in a store."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import jax
import numpy as np
from flax import nnx
from jaxtyping import Float

from cnnbook.arrays import RawLabels
from cnnbook.config.checked import to_dict
from cnnbook.config.training import TrainConfig
from cnnbook.data.digits import Digits
from cnnbook.data.scaling import Scaling, fit
from cnnbook.environment import environment
from cnnbook.keys import shape_key
from cnnbook.nets.networks import network
from cnnbook.progress import Reporter
from cnnbook.sources import source_digest
from cnnbook.store import Key, Store
from cnnbook.training import cluster, trained
from cnnbook.training.checkpoint import Keeper, Progress
from cnnbook.training.devices import Arrangement, arrangement
from cnnbook.training.group import Group
from cnnbook.training.keys import shuffled_labels
from cnnbook.training.runs import Run, check
from cnnbook.training.trained import TrainedNet
from cnnbook.training.wave import Diverged, Learned, Spent, Wave

WEIGHTS = "net.safetensors"
"""The file of a network in the store."""

MOST_NAMED = 8
"""Networks of a wave that are told by their place; more are counted."""


class Workshop:
    """Trains runs on one set of digits; compiles each program once.

    Args:
        digits: trained on their training images.
        store: keeps the networks.
        reporter: shows the training.
        arranged: where to train; None takes all devices.
        progress: keeps checkpoints; None keeps none.

    Attributes:
        spent: what each wave cost that was trained here.
    """

    def __init__(
        self, digits: Digits, *, store: Store, reporter: Reporter, arranged: Arrangement | None = None,
        progress: Progress | None = None,
    ) -> None:  # fmt: skip
        self.digits, self.spent = digits, list[Spent]()
        self._store, self._reporter, self._arranged, self._progress = store, reporter, arranged, progress
        self._groups: dict[tuple[Any, ...], Group] = {}
        self._scalings: dict[str, Scaling] = {}
        self._going: Wave | None = None

    @cached_property
    def arranged(self) -> Arrangement:
        """Where networks are trained."""
        return self._arranged or arrangement()

    def scaling(self, config: TrainConfig) -> Scaling:
        """The scaling of a recipe, fitted on the training images."""
        if config.scaling not in self._scalings:
            self._scalings[config.scaling] = fit(config.scaling, self.digits.train_images)
        return self._scalings[config.scaling]

    def key(self, run: Run) -> Key:
        """The address of a run's network in the store."""
        material = {"training": to_dict(run.config), "seed": run.seed, "number": run.number}
        return Key("nets", {**self._material, **material})

    @cached_property
    def _material(self) -> Mapping[str, Any]:
        """What all networks follow from, whatever their run; reading the source takes time."""
        return {
            "data": self.digits.digest,
            "source": [source_digest(f"cnnbook.training.{module}") for module in ("group", "keys")],
            "format": trained.FORMAT,
            **environment(),
        }

    def nets(self, runs: Sequence[Run]) -> Iterator[TrainedNet]:
        """The networks of some runs in their order; those not in the store are trained on the way.

        Interrupted, it loses at most what the wave it was training has learned since the last checkpoint.

        Raises:
            ValueError: before any work: no runs, a run twice, or a batch larger than the data.
            KeyboardInterrupt: with a text that says what is kept.
        """
        check(runs, images=len(self.digits.train_labels), data=self.arranged.data)
        return self._nets(runs)

    def train(self, runs: Sequence[Run]) -> tuple[TrainedNet, ...]:
        """All networks of some runs: see `nets`."""
        return tuple(self.nets(runs))

    def _nets(self, runs: Sequence[Run]) -> Iterator[TrainedNet]:
        there = cluster.agreed(np.array([self._store.has(self.key(run)) for run in runs]))
        wave_of = {run: wave for wave in self._waves(runs, there) for run in wave}
        asked: set[Run] = set()
        trouble: dict[Run, Diverged] = {}
        for run in runs:
            if run not in asked:
                wave = wave_of.get(run, [run])
                try:
                    self._obtain(wave, runs)
                except KeyboardInterrupt:
                    raise KeyboardInterrupt(self._kept(runs)) from None
                except Diverged as error:  # told when its network's turn has come
                    trouble = dict.fromkeys(wave, error)
                asked.update(wave)
            if run in trouble and not self._store.has(self.key(run)):
                raise trouble[run]
            yield trained.load(self._store.folder(self.key(run)) / WEIGHTS)

    def _waves(self, runs: Sequence[Run], there: Iterable[Any]) -> Iterator[list[Run]]:
        """Runs that are to be trained at once, those of one program after another."""
        missing = [run for run, is_there in zip(runs, there, strict=True) if not is_there]
        for static in dict.fromkeys(run.static for run in missing):
            alike = [run for run in missing if run.static == static]
            for part in self.arranged.waves(len(alike)):
                yield [alike[place] for place in part]

    def _obtain(self, wave: Sequence[Run], runs: Sequence[Run]) -> None:
        """Have the entries of a wave; in a cluster, process 0 says what is missing and all train it."""
        nothing = np.zeros(len(wave), bool)
        if jax.process_index() == 0:
            with self._store.missing(*map(self.key, wave)) as missing:
                self._make([run for run in wave if self.key(run) in missing], wave, runs)
            cluster.agreed(nothing)
            return
        while (wanted := cluster.agreed(nothing)).any():
            missing = [run for run, is_wanted in zip(wave, wanted, strict=True) if is_wanted]
            going, learned = self._train(missing, runs)
            going.finish(learned)

    def _make(self, missing: Sequence[Run], wave: Sequence[Run], runs: Sequence[Run]) -> None:
        """Train those of a wave that are missing, and store them."""
        if not missing:
            return
        cluster.agreed(np.array([run in missing for run in wave]))
        going, learned = self._train(missing, runs)
        for run, params, losses in zip(missing, *learned, strict=True):
            if np.isfinite(losses).all():
                with self._store.writing(self.key(run)) as folder:
                    trained.save(self._net(run, params, losses), folder / WEIGHTS)
        going.finish(learned)

    def _train(self, wave: Sequence[Run], runs: Sequence[Run]) -> tuple[Wave, Learned]:
        """Train a wave now, one of those that all these runs need."""
        group = self._group(wave)
        self._going = going = Wave(group, wave, keeper=self._keeper(wave, group))
        with self._reporter.work(_called(wave, runs), going.images_left, "images") as work:
            learned, spent = going.learn(report=work.advance)
        self.spent.append(spent)
        return going, learned

    def _keeper(self, wave: Sequence[Run], group: Group) -> Keeper | None:
        """What keeps a wave's checkpoints: those of no other wave, machine or arrangement."""
        if self._progress is None:
            return None
        about = {
            "nets": [dict(self.key(run).material) for run in wave],
            "devices": [group.mesh.devices.flat[0].device_kind, *group.mesh.devices.shape],
            "trained together": group.nets,
            "processes": jax.process_count(),
        }
        return self._progress.keeper(about)

    def _net(self, run: Run, params: Any, losses: Float[np.ndarray, " stretches"]) -> TrainedNet:
        """One network of a wave."""
        shape = nnx.eval_shape(lambda: network(run.config.network, key=shape_key()))
        return TrainedNet(
            number=run.number, seed=run.seed, model=nnx.merge(nnx.graphdef(shape), params),
            scaling=self.scaling(run.config), config=run.config, loss_curve=losses,
        )  # fmt: skip

    def _group(self, wave: Sequence[Run]) -> Group:
        """The compiled program for a wave."""
        config, nets = wave[0].config, self.arranged.padded(len(wave))
        place = (wave[0].static, nets)
        if place not in self._groups:
            self._groups.clear()  # each holds the data once more, and waves come program after program
            self._going = None
            self._reporter.say(f"compiling the training of {config.epochs} epochs …")
            self._groups[place] = Group(
                self.digits.train_images, self._labels(wave[0]), scaling=self.scaling(config),
                config=config, nets=nets, mesh=self.arranged.mesh(len(wave)),
            )  # fmt: skip
        return self._groups[place]

    def _labels(self, run: Run) -> RawLabels:
        """What is learned of the training images."""
        labels = self.digits.train_labels
        return labels if run.config.labels == "true" else shuffled_labels(labels, seed=run.seed)

    def _kept(self, runs: Sequence[Run]) -> str:
        """What is kept of an interrupted training, in a few words."""
        count = sum(self._store.has(self.key(run)) for run in runs)
        said = f"{count} of {len(runs)} networks are kept"
        kept = self._going.kept if self._going is not None else None
        return said if kept is None else f"{said}, and the next {kept[0]} up to epoch {kept[1]} of {kept[2]}"


def _called(wave: Sequence[Run], runs: Sequence[Run]) -> str:
    """What is being trained, in a few words: "training nets 1, 2 of 10"."""
    places = [str(runs.index(run) + 1) for run in wave]
    which = f"net {places[0]}" if len(places) == 1 else f"nets {', '.join(places)}"
    return f"training {which if len(places) <= MOST_NAMED else f'{len(places)} nets'} of {len(runs)}"
