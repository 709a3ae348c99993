"""The book's network as one first writes it in Flax: XLA's own convolution, one compiled call an update."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from peers.protocol import Limits, own_stdout, serve

ANSWERS, LIMITS = own_stdout(), Limits.from_command_line()

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402
from flax import nnx  # noqa: E402

FEWEST = 8
"""Updates that are timed together at least: they are slow here."""


class Net(nnx.Module):
    """The layers."""

    def __init__(self, rngs: nnx.Rngs) -> None:
        window = {"kernel_size": (3, 3), "padding": "VALID", "rngs": rngs}
        self.conv_1, self.conv_2 = nnx.Conv(1, 32, **window), nnx.Conv(32, 64, **window)
        self.conv_3 = nnx.Conv(64, 128, **window)
        self.hidden, self.logits = nnx.Linear(1152, 100, rngs=rngs), nnx.Linear(100, 10, rngs=rngs)

    def maps(self, images: jax.Array) -> tuple[jax.Array, ...]:
        """All maps after ReLU or pooling, and the scores."""
        conv_1 = nnx.relu(self.conv_1(images))
        pool_1 = nnx.max_pool(conv_1, (2, 2), strides=(2, 2))
        conv_2 = nnx.relu(self.conv_2(pool_1))
        pool_2 = nnx.max_pool(conv_2, (2, 2), strides=(2, 2))
        conv_3 = nnx.relu(self.conv_3(pool_2))
        hidden = nnx.relu(self.hidden(conv_3.reshape(len(images), -1)))
        return conv_1, pool_1, conv_2, pool_2, conv_3, self.logits(hidden)

    def __call__(self, images: jax.Array) -> jax.Array:
        """The scores."""
        return self.maps(images)[-1]


class Worker:
    """Answers about training and inference of one network.

    Args:
        limits: where the material is; XLA takes all cores.
    """

    def __init__(self, limits: Limits) -> None:
        self._material = np.load(limits.material)
        self._recipe: Mapping[str, Any] = {}
        self._loaded: dict[Any, Any] = {}

    def begin(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Take the recipe; tell versions and settings."""
        self._recipe = request["recipe"]
        return {
            "versions": {},
            "train": {"Flax, as first written": ["nnx.jit, a call an update"]},
            "infer": {"Flax, as first written": ["nnx.jit, 500 a batch"]},
        }

    def losses(self, request: Mapping[str, Any]) -> list[float]:
        """The loss of the first batch before each of some updates on it, from the given weights."""
        update = self._update(self._net(given=True), request["rate"])
        images, labels = self._batch(slice(0, request["batch"]))
        return [float(update(images, labels)) for _ in range(request["updates"])]

    def train(self, request: Mapping[str, Any]) -> dict[str, float]:
        """Train for about so many seconds; the first call compiles and warms up."""
        size = request["batch"]
        if size not in self._loaded:
            self._loaded[size] = self._update(self._net(given=False), self._recipe["constant_rate"])
            self._run(size, 2)
            self._loaded[f"speed {size}"] = self._run(size, 4)
        begin = time.perf_counter()
        speed = self._run(size, max(FEWEST, round(self._loaded[f"speed {size}"] * request["seconds"] / size)))
        return {"speed": speed, "seconds": time.perf_counter() - begin}

    def _run(self, size: int, updates: int) -> float:
        """Images a second over so many updates."""
        update, loss = self._loaded[size], None
        order = np.random.default_rng(0).permutation(len(self._pixels()))
        begin = time.perf_counter()
        for step in range(updates):
            loss = update(*self._batch(order[step * size : (step + 1) * size]))
        jax.block_until_ready(loss)
        return updates * size / (time.perf_counter() - begin)

    def infer(self, request: Mapping[str, Any]) -> dict[str, float]:
        """All maps and scores of the first images, a batch at a time, as NumPy arrays on the host."""
        size = 500
        if "maps" not in self._loaded:
            net, call = self._net(given=True), nnx.jit(Net.maps)
            self._loaded["maps"] = lambda images: call(net, images)
            self._stream(2 * size, size)
        begin = time.perf_counter()
        total = self._stream(request["images"], size)
        return {"seconds": time.perf_counter() - begin, "total": total}

    def _stream(self, count: int, size: int) -> float:
        """Every batch's maps, seen once and dropped; the sum of all scores shows that they were computed."""
        total = 0.0
        for begin in range(0, count, size):
            images, _ = self._batch(slice(begin, begin + size))
            total += float([np.asarray(part) for part in self._loaded["maps"](images)][-1].sum())
        return total

    def _update(self, net: Net, rate: float) -> Callable[..., jax.Array]:
        """A function that makes one update and returns the loss before it."""
        recipe = self._recipe
        rule = optax.chain(
            optax.add_decayed_weights(
                recipe["weight_decay"], mask=lambda params: jax.tree.map(lambda leaf: leaf.ndim > 1, params)
            ),
            optax.sgd(rate, momentum=recipe["momentum"], nesterov=True),
        )
        optimizer = nnx.Optimizer(net, rule, wrt=nnx.Param)

        @nnx.jit
        def update(net: Net, optimizer: nnx.Optimizer, images: jax.Array, labels: jax.Array) -> jax.Array:
            def loss(net: Net) -> jax.Array:
                targets = optax.smooth_labels(jax.nn.one_hot(labels, 10), recipe["label_smoothing"])
                return optax.softmax_cross_entropy(net(images), targets).mean()

            value, gradient = nnx.value_and_grad(loss)(net)
            optimizer.update(net, gradient)
            return value

        return lambda images, labels: update(net, optimizer, images, labels)

    def _net(self, *, given: bool) -> Net:
        """A network with the material's weights, or with weights of its own."""
        net = Net(nnx.Rngs(0))
        if given:
            for name in ("conv_1", "conv_2", "conv_3", "hidden", "logits"):
                for part in ("kernel", "bias"):
                    getattr(getattr(net, name), part).set_value(jnp.asarray(self._material[f"{name}.{part}"]))
        return net

    def _batch(self, which: Any) -> tuple[jax.Array, jax.Array]:
        """Images in [0, 1] and labels."""
        images = jnp.asarray(self._pixels()[which][..., None], jnp.float32) / 255
        return images, jnp.asarray(self._loaded["labels"][which], jnp.int32)

    def _pixels(self) -> np.ndarray:
        """The training images as they are stored, read once."""
        if "pixels" not in self._loaded:
            self._loaded["pixels"] = self._material["train_images"]
            self._loaded["labels"] = self._material["train_labels"]
        return self._loaded["pixels"]


if __name__ == "__main__":
    worker = Worker(LIMITS)
    asked = ("begin", "losses", "train", "infer")
    serve(ANSWERS, {name: getattr(worker, name) for name in asked})
