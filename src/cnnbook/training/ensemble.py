"""The book's networks: any runs, arranged on this machine's devices, each trained once and kept."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import jax
from flax import nnx

from cnnbook.config import TrainConfig, to_dict
from cnnbook.data.digits import Digits
from cnnbook.data.scaling import Scaling, fit
from cnnbook.nets.networks import network
from cnnbook.progress import Reporter
from cnnbook.sources import source_digest
from cnnbook.store import Key, Store
from cnnbook.training import trained
from cnnbook.training.devices import Arrangement, arrangement
from cnnbook.training.group import Group
from cnnbook.training.runs import Run, check
from cnnbook.training.trained import TrainedNet
from cnnbook.training.wave import Learned, learn

WEIGHTS = "net.safetensors"
"""The file of a network in the store."""


def environment() -> dict[str, str]:
    """What of this machine decides a result's bits: the kind of device and the version of JAX."""
    return {"platform": jax.default_backend(), "jax": jax.__version__}


def train(
    runs: Sequence[Run], digits: Digits, *, store: Store, reporter: Reporter,
    arranged: Arrangement | None = None,
) -> tuple[TrainedNet, ...]:  # fmt: skip
    """The networks of any runs, in their order: from the store, or trained now and stored.

    Runs that differ by number, seed, rates, momentum, decay or smoothing alone are trained together. What is
    stored does not depend on what was trained beside it.

    Args:
        runs: what is wanted; several recipes are welcome.
        digits: trained on their training images.
        store: keeps the networks.
        reporter: shows the training.
        arranged: where to train; None takes all devices.

    Raises:
        ValueError: before any work: no runs, a run twice, or a batch larger than the data.
    """
    return Workshop(digits, store=store, reporter=reporter, arranged=arranged).train(runs)


class Workshop:
    """Trains runs on one set of digits; compiles each program once.

    Args:
        digits: trained on their training images.
        store: keeps the networks.
        reporter: shows the training.
        arranged: where to train; None takes all devices.
    """

    def __init__(
        self, digits: Digits, *, store: Store, reporter: Reporter, arranged: Arrangement | None = None
    ) -> None:
        self.digits = digits
        self._store, self._reporter, self._arranged = store, reporter, arranged
        self._groups: dict[tuple[Any, ...], Group] = {}
        self._scalings: dict[str, Scaling] = {}

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

    def train(self, runs: Sequence[Run]) -> tuple[TrainedNet, ...]:
        """See the function `train`."""
        check(runs, images=len(self.digits.train_labels), data=self.arranged.data)
        return tuple(self.obtained(runs))

    def obtained(self, runs: Sequence[Run]) -> Iterator[TrainedNet]:
        """The networks of some runs in their order; those not in the store are trained on the way.

        Interrupted, it loses at most the wave it was training.
        """
        missing = [run for run in runs if not self._store.has(self.key(run))]
        wave_of = {run: wave for wave in self._waves(missing) for run in wave}
        ready: dict[Run, Path] = {}
        for run in runs:
            if run not in ready:
                wave = wave_of.get(run, [run])
                places = self._store.obtain_all([self.key(one) for one in wave], self._maker(wave, runs))
                ready |= dict(zip(wave, places, strict=True))
            yield trained.load(ready[run] / WEIGHTS)

    def _waves(self, runs: Sequence[Run]) -> Iterator[list[Run]]:
        """Runs that are trained at once, those of one program after another."""
        for static in dict.fromkeys(run.static for run in runs):
            alike = [run for run in runs if run.static == static]
            for part in self.arranged.waves(len(alike)):
                yield [alike[place] for place in part]

    def _maker(self, wave: Sequence[Run], runs: Sequence[Run]) -> Any:
        """What the store calls to make the entries of a wave, or of a part of it."""

        def make(folders: Mapping[int, Path]) -> Iterator[int]:
            missing = [wave[place] for place in folders]
            nets, _ = self.train_now(missing, _called(missing, runs))
            for net, (place, folder) in zip(nets, folders.items(), strict=True):
                trained.save(net, folder / WEIGHTS)
                yield place

        return make

    def train_now(self, wave: Sequence[Run], what: str) -> tuple[list[TrainedNet], Learned]:
        """Train a wave now, whether or not the store has it.

        Args:
            wave: runs that differ in no `STATIC` field, at most as many as fit at once.
            what: a few words that announce it.
        """
        group = self._group(wave)
        images = len(wave) * sum(map(group.images_in, range(group.stretches)))
        with self._reporter.work(what, images, "images") as work:
            learned = learn(group, wave, report=work.advance)
        return [self._net(run, learned, place) for place, run in enumerate(wave)], learned

    def _net(self, run: Run, learned: Learned, place: int) -> TrainedNet:
        """One network of a wave."""
        graph = nnx.graphdef(network(run.config.network, key=jax.random.key(0)))
        return TrainedNet(
            number=run.number, seed=run.seed, model=nnx.merge(graph, learned.params[place]),
            scaling=self.scaling(run.config), config=run.config, loss_curve=learned.losses[place],
        )  # fmt: skip

    def _group(self, wave: Sequence[Run]) -> Group:
        """The compiled program for a wave."""
        config, nets = wave[0].config, self.arranged.padded(len(wave))
        place = (wave[0].static, nets)
        if place not in self._groups:
            self._reporter.say(f"compiling the training of {config.epochs} epochs …")
            self._groups[place] = Group(
                self.digits.train_images, self.digits.train_labels, scaling=self.scaling(config),
                config=config, nets=nets, mesh=self.arranged.mesh(len(wave)),
            )  # fmt: skip
        return self._groups[place]


def _called(wave: Sequence[Run], runs: Sequence[Run]) -> str:
    """What is being trained, in a few words: "training nets 1, 2 of 10"."""
    places = [str(runs.index(run) + 1) for run in wave]
    which = f"net {places[0]}" if len(places) == 1 else f"nets {', '.join(places)}"
    return f"training {which if len(places) <= 8 else f'{len(places)} nets'} of {len(runs)}"


class Ensemble:
    """Networks number 0, 1, 2 … of one recipe, seed and set of digits, trained when first asked for.

    Args:
        digits: trained on their training images.
        config: the recipe.
        seed: where randomness starts.
        store: keeps the networks.
        reporter: shows the training.
        arranged: where to train; None takes all devices.
    """

    def __init__(
        self, digits: Digits, config: TrainConfig, *, seed: int, store: Store, reporter: Reporter,
        arranged: Arrangement | None = None,
    ) -> None:  # fmt: skip
        self.digits, self.config, self.seed = digits, config, seed
        self.workshop = Workshop(digits, store=store, reporter=reporter, arranged=arranged)

    @property
    def scaling(self) -> Scaling:
        """Turns stored pixels into the networks' input."""
        return self.workshop.scaling(self.config)

    def run(self, number: int) -> Run:
        """What makes one network."""
        return Run(number=number, seed=self.seed, config=self.config)

    def key(self, number: int) -> Key:
        """The address of one network in the store."""
        return self.workshop.key(self.run(number))

    def nets(self, count: int) -> Iterator[TrainedNet]:
        """Networks 0 to `count` − 1, in order; those not in the store are trained on the way.

        Interrupted, it loses at most the networks it was training.

        Raises:
            ValueError: the batch is larger than the data.
        """
        runs = [self.run(number) for number in range(count)]
        check(runs, images=len(self.digits.train_labels), data=self.workshop.arranged.data)
        return self.workshop.obtained(runs)

    def net(self, number: int) -> TrainedNet:
        """One network: from the store, or trained now and stored."""
        (net,) = self.workshop.train([self.run(number)])
        return net
