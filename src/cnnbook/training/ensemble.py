"""The book's networks: many that differ by their number alone, each trained once and kept."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import jax
from flax import nnx

from cnnbook.config import TrainConfig, to_dict
from cnnbook.data.digits import Digits
from cnnbook.data.scaling import fit
from cnnbook.nets.cnn import CNN
from cnnbook.progress import Reporter
from cnnbook.sources import source_digest
from cnnbook.store import Key, Store
from cnnbook.training import checkpoint
from cnnbook.training.checkpoint import TrainedNet
from cnnbook.training.keys import net_key
from cnnbook.training.loop import Trainer

WEIGHTS = "net.safetensors"
"""The file of a network in the store."""


def environment() -> dict[str, str]:
    """What of this machine decides a result's bits: the kind of device and the version of JAX."""
    return {"platform": jax.default_backend(), "jax": jax.__version__}


class Ensemble:
    """Networks number 0, 1, 2 … of one recipe, seed and set of digits, trained when first asked for.

    Args:
        digits: trained on their training images.
        config: the recipe.
        seed: where randomness starts.
        store: keeps the networks.
        reporter: shows the training.
    """

    def __init__(
        self, digits: Digits, config: TrainConfig, *, seed: int, store: Store, reporter: Reporter
    ) -> None:
        self.digits, self.config, self.seed = digits, config, seed
        self.scaling = fit(config.scaling, digits.train_images)
        self._store, self._reporter = store, reporter
        self._trainer: Trainer | None = None

    def key(self, number: int) -> Key:
        """The address of one network in the store."""
        return Key("nets", {**self._material, "number": number})

    @cached_property
    def _material(self) -> Mapping[str, Any]:
        """What all networks of this ensemble follow from; reading the source takes time."""
        return {
            "training": to_dict(self.config),
            "seed": self.seed,
            "data": self.digits.digest,
            "source": source_digest("cnnbook.training.loop"),
            "format": checkpoint.FORMAT,
            **environment(),
        }

    def nets(self, count: int) -> Iterator[TrainedNet]:
        """Networks 0 to `count` − 1, in order; those not in the store are trained on the way.

        Interrupted, it loses at most the network it was training.
        """
        for number in range(count):
            yield self.net(number, f"training net {number + 1} of {count}")

    def net(self, number: int, what: str) -> TrainedNet:
        """One network: from the store, or trained now, announced in these words, and stored."""
        folder = self._store.obtain(self.key(number), lambda new: self._make(number, new, what))
        return checkpoint.load(folder / WEIGHTS)

    @property
    def trainer(self) -> Trainer:
        """The compiled recipe."""
        if self._trainer is None:
            self._reporter.say(f"compiling the training of {self.config.epochs} epochs …")
            self._trainer = Trainer(
                self.digits.train_images, self.digits.train_labels, scaling=self.scaling, config=self.config
            )
        return self._trainer

    def train(self, number: int, what: str) -> tuple[TrainedNet, float]:
        """Train one network now, whether or not the store has it.

        Returns:
            The network, and the training images seen a second, compilation left out.
        """
        trainer = self.trainer
        with self._reporter.work(what, trainer.images_per_net, "images") as work:
            trained = trainer.train(net_key(self.seed, number), report=work.advance)
        model = nnx.merge(nnx.graphdef(CNN(key=jax.random.key(0))), trained.params)
        net = TrainedNet(
            number=number, seed=self.seed, model=model, scaling=self.scaling, config=self.config,
            train_loss=trained.train_loss,
        )  # fmt: skip
        return net, trained.images / trained.seconds

    def _make(self, number: int, folder: Path, what: str) -> None:
        """Train one network into a new entry of the store."""
        net, _ = self.train(number, what)
        checkpoint.save(net, folder / WEIGHTS)
