"""Networks that are trained together: one compiled program, a network or more on each device.

A group is placed on a mesh of devices with two axes: "nets" (each device has networks of its own) and "data"
(each device has a part of every batch, and gradients are averaged). On a CPU, networks of one device are
trained one after the other between two reports; on other platforms they share each operation.
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
from cnnbook.nets.networks import network, side_seen
from cnnbook.training.recipe import Rule, cross_entropy, optimiser
from cnnbook.training.warps import warp

NETS, DATA = "nets", "data"
"""The axes of a mesh of devices."""

STRETCHES_PER_EPOCH = 8
"""An epoch is computed in so many pieces; between them progress is told and kept."""

AT_ONCE: Mapping[NetworkName, tuple[int, int]] = {"cnn": (64, 32), "paired-cnn": (16, 16)}
"""On a CPU, a core computes the gradient of at most so many images at once; of more, so few at a time.

So that maps stay in its caches: see `bench/` for what other numbers give. An MLP has no maps.
"""

COMPANY = 20
"""Networks that a GPU or TPU trains together, always: of fewer, the last is trained several times.

There the last digits of a result depend on the shape of the operation that gave it. With one shape a network
is the same whatever is trained beside it. An H200 trains twenty in 15 s, and took 13 s for a program of ten.
"""

BY_NET, EVERYWHERE = PartitionSpec(NETS), PartitionSpec()
"""Along the axis of networks; a copy on each device."""


class Learning(NamedTuple):
    """How far some networks are; every leaf has a first axis, the networks.

    Attributes:
        params: their parameters, as `flax.nnx.split` gives them.
        moments: the optimiser's memory.
        losses: mean loss of each stretch of updates, in nats; 0 for those that are to come.
    """

    params: Any
    moments: Any
    losses: Float[Array, "nets stretches"]


class Epoch(NamedTuple):
    """What chance decides of one epoch, for some networks: every leaf has a first axis, the networks.

    Attributes:
        order: of the images, each once.
        warp_key: raw, decides how images are changed.
    """

    order: Int[Array, "nets images"]
    warp_key: UInt32[Array, "nets numbers"]


class Group:
    """A compiled recipe on one set of images, for a number of networks on a mesh.

    Each epoch visits the images in a new order and leaves out the last `n % batch_size` of that order.

    Args:
        images: training images; kept once on each device, a byte a pixel.
        labels: their classes.
        scaling: fitted on these images.
        config: the recipe; its learning rates, momentum, weight decay and label smoothing may differ from
            network to network.
        nets: number of networks, a multiple of the mesh's axis "nets".
        mesh: of devices, with the axes "nets" and "data".
    """

    def __init__(
        self, images: RawImages, labels: RawLabels, *, scaling: Scaling, config: TrainConfig, nets: int,
        mesh: Mesh,
    ) -> None:  # fmt: skip
        self.config, self.nets, self.mesh = config, nets, mesh
        self.updates_per_epoch = len(images) // config.batch_size
        self.stretches = config.epochs * STRETCHES_PER_EPOCH
        edges = np.linspace(0, self.updates_per_epoch, STRETCHES_PER_EPOCH + 1)
        self._edges = edges.astype(np.int32)
        self._count = len(labels)
        self._on_cpu = mesh.devices.flat[0].platform == "cpu"
        side = self._side = side_seen(config.network)
        kept = INPUT_SIZE if config.augmentation == "warps" else side  # what is moved may come into view
        self._mean, self._std = (part[None, :side, :side, None] for part in (scaling.mean, scaling.std))
        self._data = (
            self._place(np.ascontiguousarray(images[:, :kept, :kept, None]), EVERYWHERE),
            self._place(labels.astype(np.int32), EVERYWHERE),
        )
        self._graph = nnx.graphdef(network(config.network, key=shape_key(), training=True))
        by_net = NamedSharding(mesh, BY_NET)
        self._fresh = jax.jit(jax.vmap(self._one_fresh), out_shardings=by_net)
        self._epochs, self._updates = self._compile()

    def begin(self, init_keys: Key[Array, " nets"]) -> Learning:
        """Networks before their first update, from a key each; the keys are consumed."""
        return self._fresh(init_keys)

    def _one_fresh(self, key: Array) -> Learning:
        """One network before its first update."""
        params = nnx.state(network(self.config.network, key=key), nnx.Param)
        moments = self._optimiser(0.0, 0.0).init(params)  # pyright: ignore[reportArgumentType]
        return Learning(params, moments, jnp.zeros(self.stretches))

    def epoch(self, shuffle_keys: Key[Array, " nets"], number: int) -> Epoch:
        """An epoch's chance, for `advance`.

        Args:
            shuffle_keys: the same ones for the whole training.
            number: of the epoch, from 0.
        """
        keys = self._place(np.asarray(jax.random.key_data(shuffle_keys)), BY_NET)
        return self._epochs(keys, np.int32(number))

    def advance(
        self, learning: Learning, rules: Rule, shuffle_keys: Key[Array, " nets"], *, stretches: range
    ) -> Iterator[Learning]:
        """The same networks after each of some stretches of updates.

        Args:
            learning: consumed, and so is what is given whenever the next is asked for.
            rules: each network's numbers, stacked.
            shuffle_keys: decide the order of images; the same ones for the whole training.
            stretches: counted from the training's start.
        """
        rules, epoch = jax.tree.map(lambda part: self._place(part, BY_NET), rules), None
        for stretch in stretches:
            number, place = divmod(stretch, STRETCHES_PER_EPOCH)
            if epoch is None or place == 0:
                epoch = self.epoch(shuffle_keys, number)
            learning = self._updates(learning, rules, epoch, *self._data, np.int32(stretch))
            yield learning

    def images_in(self, stretch: int) -> int:
        """Training images that each network sees in a stretch."""
        place = stretch % STRETCHES_PER_EPOCH
        return int(self._edges[place + 1] - self._edges[place]) * self.config.batch_size

    def _place(self, values: np.ndarray, along: PartitionSpec) -> Array:
        """An array on this mesh's devices, also where other processes hold some of them."""
        sharding = NamedSharding(self.mesh, along)
        return jax.make_array_from_callback(values.shape, sharding, lambda part: values[part])

    def _compile(self) -> tuple[Any, Any]:
        """The programs for an epoch's chance, and for a stretch of updates, whatever its ends."""
        shard = partial(jax.shard_map, mesh=self.mesh, out_specs=BY_NET, check_vma=False)
        epoch = shard(jax.vmap(self._epoch, in_axes=(0, None)), in_specs=(BY_NET, EVERYWHERE))
        wanted = (BY_NET, BY_NET, BY_NET, EVERYWHERE, EVERYWHERE, EVERYWHERE)
        return jax.jit(epoch), jax.jit(shard(self._stretch, in_specs=wanted), donate_argnums=0)

    def _epoch(self, key: Array, number: Array) -> Epoch:
        """An epoch's chance for one network."""
        epoch_key = jax.random.fold_in(jax.random.wrap_key_data(key), number)
        order_key, warp_key = jax.random.split(epoch_key)
        return Epoch(jax.random.permutation(order_key, self._count), jax.random.key_data(warp_key))

    def _stretch(
        self, learning: Learning, rules: Rule, epoch: Epoch, images: Array, labels: Array, stretch: Array
    ) -> Learning:
        """A stretch of updates for the networks of one device."""
        one = partial(self._one, images, labels, stretch)
        if self._on_cpu:
            return lax.map(lambda net: one(*net), (learning, rules, epoch))
        return jax.vmap(one)(learning, rules, epoch)

    def _one(
        self, images: Array, labels: Array, stretch: Array, learning: Learning, rules: Rule, chance: Epoch
    ) -> Learning:
        """A stretch of updates for one network, in one loop on the device."""
        epoch, place = jnp.divmod(stretch, STRETCHES_PER_EPOCH)
        begin, end = (jnp.asarray(self._edges)[place + side] for side in (0, 1))
        warp_key = jax.random.wrap_key_data(chance.warp_key)
        part = self.config.batch_size // self.mesh.shape[DATA]
        rule = self._optimiser(rules.momentum, rules.weight_decay)

        def update(step: Array, now: Learning) -> Learning:
            first = step * self.config.batch_size + lax.axis_index(DATA) * part
            chosen = lax.dynamic_slice_in_dim(chance.order, first, part)
            inputs = self._inputs(images[chosen], warp_key, first)
            loss, gradient = self._gradient(now.params, inputs, labels[chosen], rules)
            loss, gradient = self._mean_of_devices((loss, gradient))
            change, moments = rule.update(gradient, now.moments, now.params)
            rate = rules.rates[epoch * self.updates_per_epoch + step]
            params = optax.apply_updates(now.params, jax.tree.map(lambda d: -rate * d, change))
            return Learning(params, moments, now.losses.at[stretch].add(loss / (end - begin)))

        return lax.fori_loop(begin, end, update, learning)

    def _gradient(self, params: Any, inputs: Array, labels: Array, rules: Rule) -> tuple[Array, Any]:
        """Mean loss of a part of a batch, and its gradient; on a CPU, not too many images at a time."""
        ask = jax.value_and_grad(self._loss)
        most, few = AT_ONCE.get(self.config.network, (len(labels), 1))
        if not self._on_cpu or len(labels) <= most or len(labels) % few:
            return ask(params, inputs, labels, rules)
        parts = len(labels) // few
        split = (inputs.reshape(parts, few, *inputs.shape[1:]), labels.reshape(parts, few))
        first = ask(params, split[0][0], split[1][0], rules)
        others = jax.tree.map(lambda part: part[1:], split)

        def add(total: Any, part: Any) -> tuple[Any, None]:
            return jax.tree.map(jnp.add, total, ask(params, *part, rules)), None

        total, _ = lax.scan(add, first, others)
        return jax.tree.map(lambda leaf: leaf / parts, total)

    def _mean_of_devices(self, tree: Any) -> Any:
        """Means over the devices that share a batch, as one vector: they meet once and not for each leaf."""
        if self.mesh.shape[DATA] == 1:
            return tree
        vector, as_tree = ravel_pytree(tree)
        return as_tree(lax.pmean(vector, DATA))

    def _inputs(self, images: Array, warp_key: Array, first: Array) -> Array:
        """Network inputs from stored pixels, changed at random where the recipe says so."""
        pixels = images.astype(jnp.float32) / 255
        if self.config.augmentation == "warps":
            numbers = first + jnp.arange(len(images))  # in the epoch's order, wherever the batch is split
            pixels = jax.vmap(warp)(pixels, jax.vmap(partial(jax.random.fold_in, warp_key))(numbers))
            pixels = pixels[:, : self._side, : self._side]
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
