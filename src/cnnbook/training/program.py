"""One compiled program that trains several networks at once, a network or more on each device.

It is placed on a mesh of devices with two axes: "nets" (each device has networks of its own) and "data" (each
device has a part of every batch, and gradients are averaged). On a CPU, networks of one device are trained
one after the other between two reports; on other platforms they share each operation.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax import Array, lax
from jax.flatten_util import ravel_pytree
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Float, Int, Key, UInt32

from cnnbook.arrays import RawImages, RawLabels
from cnnbook.config.training import NetworkName, TrainConfig
from cnnbook.data.scaling import Scaling
from cnnbook.keys import shape_key
from cnnbook.nets.geometry import INPUT_SIZE
from cnnbook.nets.networks import network, side_used
from cnnbook.training.recipe import MOVING, Rule, attacked, cross_entropy, keys_of_images, optimiser

NETS, DATA = "nets", "data"
"""The axes of a mesh of devices."""

SEGMENTS_PER_EPOCH = 8
"""An epoch is computed in so many segments; between them progress is reported and checkpoints are written."""

MICROBATCH: Mapping[NetworkName, tuple[int, int]] = {
    "cnn": (64, 32),
    "paired-cnn": (16, 16),
    "pooled-cnn": (64, 32),
    "bilinear-cnn": (64, 32),
    "narrow-cnn": (64, 32),
}
"""On a CPU, a core computes the gradient of at most so many images at once; of more, so few at a time.

So that maps stay in its caches: see `bench/` for what other numbers give. An MLP has no maps.
"""

NETS_PER_ACCELERATOR = 20
"""Networks that a GPU or TPU trains together, always: of fewer, the last is trained several times.

There the last digits of a result depend on the shape of the operation that gave it. With one shape a network
is the same whatever is trained beside it. An H200 trains twenty in 15 s, and took 13 s for a program of ten.
"""

BY_NET, EVERYWHERE = PartitionSpec(NETS), PartitionSpec()
"""Along the axis of networks; a copy on each device."""


class TrainState(NamedTuple):
    """Some networks in the middle of their training; every leaf has a first axis, the networks.

    Attributes:
        params: their parameters, as `flax.nnx.split` gives them.
        moments: the optimiser's memory.
        losses: mean loss of each segment of updates, in nats; 0 for those that are to come.
    """

    params: Any
    moments: Any
    losses: Float[Array, "nets segments"]


class EpochRandomness(NamedTuple):
    """What is random in one epoch, for some networks: every leaf has a first axis, the networks.

    Attributes:
        order: of the images, each once.
        augmentation_key: raw, decides how images are changed.
    """

    order: Int[Array, "nets images"]
    augmentation_key: UInt32[Array, "nets numbers"]


class TrainProgram:
    """A compiled recipe on one set of images, for a number of networks on a mesh.

    Each epoch visits the images in a new order and leaves out the last `n % batch_size` of that order.

    Args:
        images: training images; a copy on each device, a byte a pixel.
        labels: their classes.
        scaling: fitted on these images.
        config: the recipe; its learning rates, momentum, weight decay and label smoothing may differ from
            network to network.
        nets: number of networks, a multiple of the mesh's axis "nets".
        mesh: of devices, with the axes "nets" and "data".
    """

    def __init__(
        self,
        images: RawImages,
        labels: RawLabels,
        *,
        scaling: Scaling,
        config: TrainConfig,
        nets: int,
        mesh: Mesh,
    ) -> None:
        self.config, self.nets, self.mesh = config, nets, mesh
        self.updates_per_epoch = len(images) // config.batch_size
        self.updates = config.epochs * self.updates_per_epoch
        self.segments = config.epochs * SEGMENTS_PER_EPOCH
        edges = np.linspace(0, self.updates_per_epoch, SEGMENTS_PER_EPOCH + 1)
        self._edges = edges.astype(np.int32)
        self._count = len(labels)
        self._on_cpu = mesh.devices.flat[0].platform == "cpu"
        side = self._side = side_used(config.network)
        moved = config.augmentation in MOVING
        stored = INPUT_SIZE if moved else side  # what is moved may come into view
        self._mean, self._std = (part[None, :side, :side, None] for part in (scaling.mean, scaling.std))
        self._data = (
            self._place(np.ascontiguousarray(images[:, :stored, :stored, None]), EVERYWHERE),
            self._place(labels.astype(np.int32), EVERYWHERE),
        )
        self._graph = nnx.graphdef(network(config.network, key=shape_key(), training=True))
        self._compile()

    def begin(self, init_keys: Key[Array, " nets"]) -> TrainState:
        """Networks before their first update, from a key each; the keys are consumed."""
        return self._initial(init_keys)

    def randomness(self, order_keys: Key[Array, " nets"], epoch: int) -> EpochRandomness:
        """What is random in an epoch.

        Args:
            order_keys: the same ones for the whole training.
            epoch: its number, from 0.
        """
        keys = self._place(np.asarray(jax.random.key_data(order_keys)), BY_NET)
        return self._randomness(keys, np.int32(epoch))

    def advance(
        self, state: TrainState, rules: Rule, order_keys: Key[Array, " nets"], *, segments: range
    ) -> Iterator[TrainState]:
        """The same networks after each of some segments of updates.

        Args:
            state: consumed, and so is each state that is yielded, as soon as the next one is asked for.
            rules: each network's numbers, stacked.
            order_keys: decide the order of images; the same ones for the whole training.
            segments: counted from the training's start.
        """
        rules, randomness = jax.tree.map(lambda part: self._place(part, BY_NET), rules), None
        for segment in segments:
            epoch, position = divmod(segment, SEGMENTS_PER_EPOCH)
            if randomness is None or position == 0:
                randomness = self.randomness(order_keys, epoch)
            state = self._updates(state, rules, randomness, *self._data, np.int32(segment))
            yield state

    def images_in(self, *segments: int) -> int:
        """Training images that each network sees in some segments together."""
        positions = [segment % SEGMENTS_PER_EPOCH for segment in segments]
        updates = sum(int(self._edges[position + 1] - self._edges[position]) for position in positions)
        return updates * self.config.batch_size

    def _place(self, values: np.ndarray, along: PartitionSpec) -> Array:
        """An array on this mesh's devices, also where other processes hold some of them."""
        sharding = NamedSharding(self.mesh, along)
        return jax.make_array_from_callback(values.shape, sharding, lambda part: values[part])

    def _compile(self) -> None:
        """The functions for initial weights, for an epoch's randomness, and for any segment of updates."""
        shard = partial(jax.shard_map, mesh=self.mesh, out_specs=BY_NET, check_vma=False)
        randomness = shard(jax.vmap(self._one_randomness, in_axes=(0, None)), in_specs=(BY_NET, EVERYWHERE))
        specs = (BY_NET, BY_NET, BY_NET, EVERYWHERE, EVERYWHERE, EVERYWHERE)
        self._initial = jax.jit(jax.vmap(self._one_initial), out_shardings=NamedSharding(self.mesh, BY_NET))
        self._randomness = jax.jit(randomness)
        self._updates = jax.jit(shard(self._segment, in_specs=specs), donate_argnums=0)

    def _one_initial(self, key: Array) -> TrainState:
        """One network before its first update."""
        params = nnx.state(network(self.config.network, key=key), nnx.Param)
        moments = self._optimiser(0.0, 0.0).init(params)  # pyright: ignore[reportArgumentType]
        return TrainState(params, moments, jnp.zeros(self.segments))

    def _one_randomness(self, key: Array, epoch: Array) -> EpochRandomness:
        """What is random in an epoch for one network."""
        epoch_key = jax.random.fold_in(jax.random.wrap_key_data(key), epoch)
        order_key, augmentation_key = jax.random.split(epoch_key)
        order = jax.random.permutation(order_key, self._count)
        return EpochRandomness(order, jax.random.key_data(augmentation_key))

    def _segment(
        self,
        state: TrainState,
        rules: Rule,
        randomness: EpochRandomness,
        images: Array,
        labels: Array,
        segment: Array,
    ) -> TrainState:
        """A segment of updates for the networks of one device."""
        one = partial(self._one_segment, images, labels, segment)
        if self._on_cpu:
            return lax.map(lambda net: one(*net), (state, rules, randomness))
        return jax.vmap(one)(state, rules, randomness)

    def _one_segment(
        self,
        images: Array,
        labels: Array,
        segment: Array,
        state: TrainState,
        rules: Rule,
        randomness: EpochRandomness,
    ) -> TrainState:
        """A segment of updates for one network, in one loop on the device."""
        epoch, position = jnp.divmod(segment, SEGMENTS_PER_EPOCH)
        begin, end = (jnp.asarray(self._edges)[position + side] for side in (0, 1))
        augmentation_key = jax.random.wrap_key_data(randomness.augmentation_key)
        part = self.config.batch_size // self.mesh.shape[DATA]
        rule = self._optimiser(rules.momentum, rules.weight_decay)

        def update(step: Array, now: TrainState) -> TrainState:
            first = step * self.config.batch_size + lax.axis_index(DATA) * part
            chosen = lax.dynamic_slice_in_dim(randomness.order, first, part)
            inputs = self._inputs(images[chosen], augmentation_key, first)
            if self.config.augmentation == "adversarial":
                keys = keys_of_images(augmentation_key, first, part)
                inputs = attacked(inputs, keys, lambda x: self._loss(now.params, x, labels[chosen], rules))
            loss, gradient = self._gradient(now.params, inputs, labels[chosen], rules)
            loss, gradient = self._mean_of_devices((loss, gradient))
            change, moments = rule.update(gradient, now.moments, now.params)
            rate = rules.rates[epoch * self.updates_per_epoch + step]
            params = optax.apply_updates(now.params, jax.tree.map(lambda d: -rate * d, change))
            return TrainState(params, moments, now.losses.at[segment].add(loss / (end - begin)))

        return lax.fori_loop(begin, end, update, state)

    def _gradient(self, params: Any, inputs: Array, labels: Array, rules: Rule) -> tuple[Array, Any]:
        """Mean loss of a part of a batch, and its gradient; on a CPU, by microbatches."""
        loss_and_gradient = jax.value_and_grad(self._loss)
        largest, size = MICROBATCH.get(self.config.network, (len(labels), 1))
        if not self._on_cpu or len(labels) <= largest or len(labels) % size:
            return loss_and_gradient(params, inputs, labels, rules)
        parts = len(labels) // size
        split = (inputs.reshape(parts, size, *inputs.shape[1:]), labels.reshape(parts, size))
        first = loss_and_gradient(params, split[0][0], split[1][0], rules)
        others = jax.tree.map(lambda part: part[1:], split)

        def add(total: Any, part: Any) -> tuple[Any, None]:
            return jax.tree.map(jnp.add, total, loss_and_gradient(params, *part, rules)), None

        total, _ = lax.scan(add, first, others)
        return jax.tree.map(lambda leaf: leaf / parts, total)

    def _mean_of_devices(self, tree: Any) -> Any:
        """Means over the devices that share a batch, as one vector: one collective and not one a leaf."""
        if self.mesh.shape[DATA] == 1:
            return tree
        vector, as_tree = ravel_pytree(tree)
        return as_tree(lax.pmean(vector, DATA))

    def _inputs(self, images: Array, augmentation_key: Array, first: Array) -> Array:
        """Network inputs from stored pixels, changed at random where the recipe says so."""
        pixels = images.astype(jnp.float32) / 255
        if self.config.augmentation in MOVING:
            keys = keys_of_images(augmentation_key, first, len(images))
            moved = jax.vmap(MOVING[self.config.augmentation])(pixels, keys)
            pixels = moved[:, : self._side, : self._side]
        if self.config.scaling == "unit":
            return pixels
        return (pixels - self._mean) / self._std

    def _loss(self, params: Any, images: Array, labels: Array, rules: Rule) -> Array:
        """Loss of one batch."""
        logits = nnx.merge(self._graph, params)(images)
        return cross_entropy(logits, labels, label_smoothing=rules.label_smoothing)

    def _optimiser(self, momentum: Any, weight_decay: Any) -> optax.GradientTransformation:
        return optimiser(self.config.optimiser, momentum=momentum, weight_decay=weight_decay)


def stacked(rules: Sequence[Rule]) -> Rule:
    """The numbers of several networks as one, with a first axis for the networks."""
    return Rule(*(np.stack([np.asarray(part) for part in parts]) for parts in zip(*rules, strict=True)))
