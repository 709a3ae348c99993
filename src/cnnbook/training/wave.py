"""A wave: networks that are trained at once, from their keys to their weights, told of on the way."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import monitoring
from jax.experimental.multihost_utils import process_allgather
from jaxtyping import Float

from cnnbook.training.group import STRETCHES_PER_EPOCH, Group, Learning, stacked
from cnnbook.training.keys import init_and_shuffle_keys, net_key
from cnnbook.training.recipe import rule
from cnnbook.training.runs import Run

Report = Callable[[int, str], None]
"""Told the images seen since the last call, by all networks together, and a note."""


class Learned(NamedTuple):
    """What a wave gave.

    Attributes:
        params: each network's parameters, as `flax.nnx.split` gives them, in the order of the runs.
        losses: mean loss of each stretch, in nats, label smoothing included.
        images: training images seen by all networks together, repetitions counted.
        seconds: time spent on them, compilation left out.
        compile_seconds: time spent on compiling.
    """

    params: list[Any]
    losses: Float[np.ndarray, "nets stretches"]
    images: int
    seconds: float
    compile_seconds: float


def learn(group: Group, runs: Sequence[Run], *, report: Report) -> Learned:
    """Train networks together, each by its own run.

    Args:
        group: compiled for at least as many networks; where it has more, the last run is trained again and
            dropped.
        runs: with the group's `STATIC` fields.
        report: told of progress, several times an epoch.
    """
    padded = [*runs, *[runs[-1]] * (group.nets - len(runs))]
    rules = stacked([rule(run.config, updates_of(group)) for run in padded])
    keys = [init_and_shuffle_keys(net_key(run.seed, run.number)) for run in padded]
    init_keys, shuffle_keys = (jnp.stack(some) for some in zip(*keys, strict=True))
    images, begin = 0, time.perf_counter()
    with compiling() as compiled:
        learning = group.begin(init_keys)
        for stretch in range(group.stretches):
            learning = group.advance(learning, rules, shuffle_keys, stretch=stretch)
            jax.block_until_ready(learning.losses)
            seen = group.images_in(stretch) * len(runs)
            images += seen
            report(seen, f"epoch {stretch // STRETCHES_PER_EPOCH + 1}")
    seconds = max(time.perf_counter() - begin - sum(compiled), 1e-9)
    params, losses = _fetched(learning)
    each = [jax.tree.map(lambda leaf, n=n: leaf[n], params) for n in range(len(runs))]
    return Learned(each, _filled(losses[: len(runs)], group), images, seconds, sum(compiled))


def updates_of(group: Group) -> int:
    """Updates of a whole training."""
    return group.config.epochs * group.updates_per_epoch


def _fetched(learning: Learning) -> tuple[Any, Float[np.ndarray, "nets stretches"]]:
    """Parameters and losses of all networks, in this process' memory."""
    wanted = (learning.params, learning.losses)
    if jax.process_count() == 1:
        return jax.tree.map(np.asarray, wanted)
    return process_allgather(wanted, tiled=True)


def _filled(losses: np.ndarray, group: Group) -> Float[np.ndarray, "nets stretches"]:
    """The same losses, where a stretch without updates has the loss of the next one."""
    filled = losses.copy()
    for stretch in reversed(range(group.stretches)):
        if not group.images_in(stretch):
            filled[:, stretch] = filled[:, stretch + 1]
    return filled


@contextmanager
def compiling() -> Iterator[list[float]]:
    """A list of the seconds that JAX spends on making programs while the block runs."""
    spent: list[float] = []

    def hear(event: str, duration_secs: float, **kwargs: str | int) -> None:
        if event.startswith("/jax/core/compile/"):
            spent.append(duration_secs)

    monitoring.register_event_duration_secs_listener(hear)
    try:
        yield spent
    finally:
        monitoring.unregister_event_duration_listener(hear)
