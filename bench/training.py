"""Training speed of this network: cnnbook beside the same network as one first writes it in Flax.

Both train on the same images, in turn, several rounds; medians and ranges are printed as one table. Run it
on a quiet machine: `make bench`. It takes all of MNIST or the sample; the speed is the same.
"""

import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax import lax
from rich.console import Console
from rich.table import Table

from cnnbook.config import TrainConfig
from cnnbook.data import Digits, fit, load
from cnnbook.nets.cnn import CNN
from cnnbook.nets.geometry import LAYERS
from cnnbook.training.loop import Trainer
from cnnbook.training.recipe import cross_entropy, optimiser

ROUNDS = 5
BATCHES = (64, 128)
PLAIN_UPDATES = 30


class PlainCNN(CNN):
    """The same layers with XLA's own convolution and pooling."""

    def __init__(self, *, key: jax.Array) -> None:
        super().__init__(key=key, convolution=lax.conv_general_dilated)

    def __call__(self, images: jax.Array) -> jax.Array:
        maps = images
        for layer in LAYERS:
            if layer.kind == "convolution":
                maps = nnx.relu(getattr(self, layer.name)(maps))
            else:
                maps = nnx.max_pool(maps, (2, 2), strides=(2, 2))
        return self.logits(nnx.relu(self.hidden(self.flatten(maps))))


def plain(digits: Digits, config: TrainConfig) -> Callable[[], float]:
    """One jitted call an update, as in the usual examples; returns a function that measures images/s."""
    net = PlainCNN(key=jax.random.key(0))
    graph, params = nnx.split(net, nnx.Param)
    rule = optimiser(config, 1000)

    @jax.jit
    def update(params: Any, moments: Any, images: jax.Array, labels: jax.Array) -> Any:
        def loss(params: Any) -> jax.Array:
            logits = nnx.merge(graph, params)(images)
            return cross_entropy(logits, labels, label_smoothing=config.label_smoothing)

        change, moments = rule.update(jax.grad(loss)(params), moments, params)
        return optax.apply_updates(params, change), moments

    images = fit("unit", digits.train_images)(digits.train_images[: config.batch_size])
    labels = jnp.asarray(digits.train_labels[: config.batch_size], dtype=jnp.int32)
    state = (params, rule.init(params))  # pyright: ignore[reportArgumentType]
    jax.block_until_ready(update(*state, images, labels))

    def measure() -> float:
        now, begin = state, time.perf_counter()
        for _ in range(PLAIN_UPDATES):
            now = update(*now, images, labels)
        jax.block_until_ready(now)
        return PLAIN_UPDATES * config.batch_size / (time.perf_counter() - begin)

    return measure


def ours(digits: Digits, config: TrainConfig) -> Callable[[], float]:
    """The book's training; returns a function that measures images/s over an epoch."""
    scaling = fit("unit", digits.train_images)
    trainer = Trainer(digits.train_images, digits.train_labels, scaling=scaling, config=config)

    def measure() -> float:
        trained = trainer.train(jax.random.key(1), report=lambda images, note: None)
        return trained.images / trained.seconds

    return measure


def main() -> None:
    """Measure and print."""
    digits = load()
    table = Table(
        "batch", "network", "images/s, median", "range", title=f"training on {digits.name}, {ROUNDS} rounds"
    )
    for batch in BATCHES:
        config = TrainConfig(epochs=1, batch_size=batch)
        ways = {"cnnbook": ours(digits, config), "Flax as first written": plain(digits, config)}
        speeds: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, measure in ways.items():
                speeds[name].append(measure())
        for name, found in speeds.items():
            low, high = np.min(found), np.max(found)
            table.add_row(str(batch), name, f"{statistics.median(found):,.0f}", f"{low:,.0f}–{high:,.0f}")
    console = Console()
    console.print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print(f"JAX {jax.__version__} on {jax.default_backend()}; peak memory {peak:,.0f} MB")


if __name__ == "__main__":
    main()
