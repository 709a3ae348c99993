"""Networks of any runs: from the store, or trained now and stored."""

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
from cnnbook.data.scaling import Scaling, fit_scaling
from cnnbook.environment import environment
from cnnbook.keys import shape_key
from cnnbook.nets.networks import network
from cnnbook.progress import Reporter
from cnnbook.sources import source_digest
from cnnbook.store import Key, Store
from cnnbook.timing import TRAINING
from cnnbook.training import cluster, trained
from cnnbook.training.batch import (
    Cost,
    Diverged,
    TrainResult,
    check_finite,
    images_left,
    starting_point,
    train_batch,
)
from cnnbook.training.checkpoint import Checkpointer, CheckpointPolicy
from cnnbook.training.devices import DevicePlan, plan_devices
from cnnbook.training.program import SEGMENTS_PER_EPOCH, TrainProgram
from cnnbook.training.recipe import shuffled_labels
from cnnbook.training.runs import Run, check
from cnnbook.training.trained import TrainedNet

WEIGHTS = "net.safetensors"
"""The file of a network in the store."""

PROGRAM = "cnnbook.training.program"
"""The module whose source, with all that it imports, decides the weights of a network; part of its key."""

MOST_NAMED = 8
"""So many networks that are trained at once are named in a message; more are counted."""


class Trainer:
    """Trains networks on one set of digits, each once; a stopped training goes on from its last checkpoint.

    Runs that differ by number, seed, rates, momentum, decay or smoothing alone are trained at once, by one
    compiled program. What is stored does not depend on what was trained beside it.

    Args:
        digits: trained on their training images.
        store: has the networks.
        reporter: shows the training.
        plan: where to train; None takes all devices.
        checkpoints: where and how often; None writes them beside the store, every 30 s.

    Attributes:
        costs: of all that this object has trained, in order.
    """

    def __init__(
        self,
        digits: Digits,
        *,
        store: Store,
        reporter: Reporter,
        plan: DevicePlan | None = None,
        checkpoints: CheckpointPolicy | None = None,
    ) -> None:
        self.digits, self.store, self.costs = digits, store, list[Cost]()
        self._reporter, self._plan = reporter, plan
        self._checkpoints = checkpoints or CheckpointPolicy.beside(store.root, notify=reporter.say)
        self._programs: dict[tuple[Any, ...], TrainProgram] = {}
        self._scalings: dict[str, Scaling] = {}
        self._unfinished: tuple[Sequence[Run], Checkpointer] | None = None

    @cached_property
    def plan(self) -> DevicePlan:
        """Where networks are trained."""
        return self._plan or plan_devices()

    def scaling(self, config: TrainConfig) -> Scaling:
        """The scaling of a recipe, fitted on the training images."""
        if config.scaling not in self._scalings:
            self._scalings[config.scaling] = fit_scaling(config.scaling, self.digits.train_images)
        return self._scalings[config.scaling]

    def key(self, run: Run) -> Key:
        """The address of a run's network in the store."""
        material = {"training": to_dict(run.config), "seed": run.seed, "number": run.number}
        material |= {name: getattr(run, name) for name in ("stopped", "parted") if getattr(run, name)}
        return Key("nets", {**self._material, **material})

    @cached_property
    def _material(self) -> Mapping[str, Any]:
        """What all networks follow from, whatever their run; reading the source takes time."""
        return {
            "data": self.digits.digest,
            "source": source_digest(PROGRAM),
            "format": trained.FORMAT,
            **environment(),
        }

    def train(self, runs: Sequence[Run]) -> tuple[TrainedNet, ...]:
        """All networks of some runs: see `nets`."""
        return tuple(self.nets(runs))

    def nets(self, runs: Sequence[Run]) -> Iterator[TrainedNet]:
        """The networks of some runs in their order; those not in the store are trained on the way.

        Interrupted, it loses at most what the networks in training have learned since the last checkpoint.

        Raises:
            ValueError: before any work: no runs, a run twice, or a batch larger than the data.
            Diverged: a network's loss was not finite; the others are stored.
            Unusable: the last checkpoint cannot be read.
            OSError: the store or a checkpoint cannot be written to.
            KeyboardInterrupt: with a text that says what is stored.
        """
        check(runs, images=len(self.digits.train_labels), data=self.plan.data)
        return self._nets(runs)

    def _nets(self, runs: Sequence[Run]) -> Iterator[TrainedNet]:
        present = cluster.broadcast_from_host0(np.array([self.store.has(self.key(run)) for run in runs]))
        batches = list(self._batches(runs, present))
        self._reporter.timing.expect(TRAINING, map(_kind, batches))
        batch_of = {run: batch for batch in batches for run in batch}
        attempted: set[Run] = set()
        diverged: dict[Run, Diverged] = {}
        for run in runs:
            if run not in attempted:
                batch = batch_of.get(run, [run])
                try:
                    self._obtain(batch, runs)
                except KeyboardInterrupt:
                    raise KeyboardInterrupt(self._progress(runs)) from None
                except Diverged as error:  # raised when its network is asked for
                    diverged = dict.fromkeys(batch, error)
                attempted.update(batch)
            if run in diverged and not self.store.has(self.key(run)):
                raise diverged[run]
            yield trained.load(self.store.folder(self.key(run)) / WEIGHTS)

    def _batches(self, runs: Sequence[Run], present: Iterable[Any]) -> Iterator[list[Run]]:
        """Runs that are to be trained at once, those of one program after another."""
        missing = [run for run, is_present in zip(runs, present, strict=True) if not is_present]
        for static in dict.fromkeys(run.static for run in missing):
            alike = [run for run in missing if run.static == static]
            for part in self.plan.batches(len(alike)):
                yield [alike[position] for position in part]

    def _obtain(self, batch: Sequence[Run], runs: Sequence[Run]) -> None:
        """Have a batch's networks in the store; in a cluster, process 0 says which are missing, all train."""
        if not cluster.is_first():
            if missing := self._agreed(batch, []):
                self._train(missing, runs)
            return
        with self.store.lock_missing(*map(self.key, batch)) as keys:
            if missing := self._agreed(batch, [run for run in batch if self.key(run) in keys]):
                self._train(missing, runs)

    def _agreed(self, batch: Sequence[Run], missing: Sequence[Run]) -> list[Run]:
        """What process 0 says is missing of a batch."""
        flags = cluster.broadcast_from_host0(np.array([run in missing for run in batch]))
        return [run for run, is_missing in zip(batch, flags, strict=True) if is_missing]

    def _train(self, batch: Sequence[Run], runs: Sequence[Run]) -> None:
        """Train some networks at once, and store those that have learned."""
        program = self._program(batch)
        checkpointer = self._checkpointer(batch, program)
        self._unfinished = batch, checkpointer
        start = starting_point(program, batch, checkpointer)
        total = images_left(program, batch, start)
        task = self._reporter.task(_described(batch, runs), total, "images")
        with self._reporter.timing.part(TRAINING, _kind(batch)), task as task:
            result, cost = train_batch(program, batch, start, report=task.update, checkpointer=checkpointer)
        self.costs.append(cost)
        if cluster.is_first():
            self._put(batch, result)
        cluster.barrier()  # all processes load what process 0 has stored
        checkpointer.remove()
        self._unfinished = None
        check_finite(batch, result.losses, updates=program.updates)

    def _put(self, batch: Sequence[Run], result: TrainResult) -> None:
        """Store networks; one whose loss is not finite is left out."""
        for run, params, losses in zip(batch, *result, strict=True):
            if np.isfinite(losses).all():
                with self.store.write_entry(self.key(run)) as folder:
                    trained.save(self._net(run, params, losses), folder / WEIGHTS)

    def _checkpointer(self, batch: Sequence[Run], program: TrainProgram) -> Checkpointer:
        """Of these networks on this machine with this plan, and of nothing else."""
        about = {
            "nets": [dict(self.key(run).material) for run in batch],
            "devices": [program.mesh.devices.flat[0].device_kind, *program.mesh.devices.shape],
            "trained together": program.nets,
            "processes": jax.process_count(),
        }
        return Checkpointer(self._checkpoints, about)

    def _net(self, run: Run, params: Any, losses: Float[np.ndarray, " segments"]) -> TrainedNet:
        """One network of a result."""
        shapes = nnx.eval_shape(lambda: network(run.config.network, key=shape_key()))
        return TrainedNet(
            number=run.number,
            seed=run.seed,
            model=nnx.merge(nnx.graphdef(shapes), params),
            scaling=self.scaling(run.config),
            config=run.config,
            loss_curve=losses,
        )

    def _program(self, batch: Sequence[Run]) -> TrainProgram:
        """The compiled program for a batch of runs."""
        config, nets = batch[0].config, self.plan.padded(len(batch))
        static = (batch[0].static, nets)
        if static not in self._programs:
            self._programs.clear()  # each has a copy of the data, and batches come program after program
            self._reporter.say(f"compiling the training of {config.epochs} epochs …")
            self._programs[static] = TrainProgram(
                self.digits.train_images,
                self._labels(batch[0]),
                scaling=self.scaling(config),
                config=config,
                nets=nets,
                mesh=self.plan.mesh(len(batch)),
            )
        return self._programs[static]

    def _labels(self, run: Run) -> RawLabels:
        """The labels that a run learns."""
        labels = self.digits.train_labels
        return labels if run.config.labels == "true" else shuffled_labels(labels, seed=run.seed)

    def _progress(self, runs: Sequence[Run]) -> str:
        """What is stored of an interrupted training, and what its last checkpoint has."""
        count = sum(self.store.has(self.key(run)) for run in runs)
        text = f"{count} of {len(runs)} networks are kept"
        if self._unfinished is None or not self._unfinished[1].segments:
            return text
        batch, checkpointer = self._unfinished
        epoch = checkpointer.segments // SEGMENTS_PER_EPOCH + 1
        return f"{text}, and the next {len(batch)} up to epoch {epoch} of {batch[0].config.epochs}"


def _kind(batch: Sequence[Run]) -> str:
    """What a batch has in common with others that take as long: "training of cnn, 7 epochs"."""
    config = batch[0].config
    changed = f", {config.augmentation}" if config.augmentation != "none" else ""
    if batch[0].stopped:
        return f"training of {config.network}, {batch[0].stopped:g} of {config.epochs} epochs{changed}"
    return f"training of {config.network}, {config.epochs} epochs{changed}"


def _described(batch: Sequence[Run], runs: Sequence[Run]) -> str:
    """What is being trained, in a few words: "training nets 1, 2 of 10"."""
    numbers = [str(runs.index(run) + 1) for run in batch]
    named = f"net {numbers[0]}" if len(numbers) == 1 else f"nets {', '.join(numbers)}"
    return f"training {named if len(numbers) <= MOST_NAMED else f'{len(numbers)} nets'} of {len(runs)}"
