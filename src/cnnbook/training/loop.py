"""Training one network: shuffled epochs, compiled once, reported while they run."""

import itertools
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax import Array, lax
from jaxtyping import Float

from cnnbook.arrays import RawImages, RawLabels
from cnnbook.config import TrainConfig
from cnnbook.data.scaling import Scaling
from cnnbook.nets.cnn import CNN
from cnnbook.training.keys import init_and_shuffle_keys
from cnnbook.training.recipe import cross_entropy, optimiser

REPORTS_PER_EPOCH = 8
"""How often an epoch says how far it is."""

Report = Callable[[int, str], None]
"""Told the images seen since the last call, and a note."""


class Trained(NamedTuple):
    """A trained network's weights and how it got them.

    Attributes:
        params: the network's parameters, as `flax.nnx.split` gives them.
        train_loss: mean loss over each epoch, in nats, label smoothing included.
        images: training images seen, repetitions counted.
        seconds: time spent on them, compilation left out.
    """

    params: nnx.State
    train_loss: Float[np.ndarray, " epochs"]
    images: int
    seconds: float


class Trainer:
    """Trains networks by one recipe on one set of images; compiles once for all of them.

    Each epoch visits the images in a new order and leaves out the last `n % batch_size` of that order.

    Args:
        images: training images.
        labels: their classes.
        scaling: fitted on these images.
        config: the recipe.

    Raises:
        ValueError: the batch is larger than the set of images.
    """

    def __init__(
        self, images: RawImages, labels: RawLabels, *, scaling: Scaling, config: TrainConfig
    ) -> None:
        self.updates_per_epoch = len(images) // config.batch_size
        if self.updates_per_epoch == 0:
            raise ValueError(
                f"batch_size={config.batch_size}: expected at most {len(images)}, the training images"
            )
        self.config = config
        self._data = (jnp.asarray(scaling(images)), jnp.asarray(labels, dtype=jnp.int32))
        self._optimiser = optimiser(config, config.epochs * self.updates_per_epoch)
        self._graph = nnx.graphdef(CNN(key=jax.random.key(0)))
        begin = time.perf_counter()
        self._updates = self._compile()
        self.compile_seconds = time.perf_counter() - begin

    @property
    def images_per_net(self) -> int:
        """Training images that one network sees, repetitions counted."""
        return self.config.epochs * self.updates_per_epoch * self.config.batch_size

    def train(self, key: Array, *, report: Report) -> Trained:
        """Train one network from its key, which is consumed.

        Args:
            key: the network's own; it decides the initial weights and the order of the images.
            report: told of progress, several times an epoch.

        Returns:
            The weights after the last epoch.
        """
        init_key, shuffle_key = init_and_shuffle_keys(key)
        params = nnx.state(CNN(key=init_key), nnx.Param)
        carry = (params, self._optimiser.init(params), jnp.zeros(()))  # pyright: ignore[reportArgumentType]
        begin, losses = time.perf_counter(), []
        for epoch in range(self.config.epochs):
            order = jax.random.permutation(jax.random.fold_in(shuffle_key, epoch), len(self._data[1]))
            carry, loss = self._epoch(carry, order, lambda n: report(n, f"epoch {epoch + 1}"))  # noqa: B023
            losses.append(loss)
        seconds = time.perf_counter() - begin
        return Trained(carry[0], np.array(losses), self.images_per_net, seconds)

    def _epoch(self, carry: Any, order: Array, report: Callable[[int], None]) -> tuple[Any, float]:
        """All updates of one epoch, in a few compiled stretches; also their mean loss."""
        params, moments, _ = carry
        carry = (params, moments, jnp.zeros(()))
        edges = np.linspace(0, self.updates_per_epoch, REPORTS_PER_EPOCH + 1).astype(np.int32)
        for begin, end in itertools.pairwise(edges):
            carry = jax.block_until_ready(self._updates(carry, *self._data, order, begin, end))
            report(int(end - begin) * self.config.batch_size)
        return carry, float(carry[2]) / self.updates_per_epoch

    def _compile(self) -> Callable[..., Any]:
        """Compile a stretch of updates for these images, whatever its ends."""
        params = nnx.state(CNN(key=jax.random.key(0)), nnx.Param)
        carry = (params, self._optimiser.init(params), jnp.zeros(()))  # pyright: ignore[reportArgumentType]
        order, edge = jnp.zeros(len(self._data[1]), jnp.int32), np.int32(0)
        return jax.jit(self._stretch).lower(carry, *self._data, order, edge, edge).compile()

    def _stretch(
        self, carry: Any, images: Array, labels: Array, order: Array, begin: Array, end: Array
    ) -> Any:
        """The updates from `begin` up to `end` of an epoch, in one loop on the device."""
        size = self.config.batch_size

        def update(step: Array, carry: Any) -> Any:
            params, moments, total = carry
            batch = lax.dynamic_slice_in_dim(order, step * size, size)
            loss, gradient = jax.value_and_grad(self._loss)(params, images[batch], labels[batch])
            change, moments = self._optimiser.update(gradient, moments, params)
            return optax.apply_updates(params, change), moments, total + loss

        return lax.fori_loop(begin, end, update, carry)

    def _loss(self, params: nnx.State, images: Array, labels: Array) -> Array:
        """Loss of one batch."""
        logits = nnx.merge(self._graph, params)(images)
        return cross_entropy(logits, labels, label_smoothing=self.config.label_smoothing)
