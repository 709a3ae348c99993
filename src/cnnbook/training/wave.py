"""A wave: networks that are trained at once, from their keys to their weights, told of on the way."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import monitoring
from jaxtyping import Float

from cnnbook.training import cluster
from cnnbook.training.checkpoint import Keeper
from cnnbook.training.group import STRETCHES_PER_EPOCH, Group, Learning, stacked
from cnnbook.training.keys import init_key, order_key
from cnnbook.training.recipe import rule
from cnnbook.training.runs import Run

Report = Callable[[int, str], None]
"""Told the images seen since the last call, by all networks together, and a note."""


class Learned(NamedTuple):
    """What a wave gave.

    Attributes:
        params: each network's parameters, as `flax.nnx.split` gives them, in the order of the runs.
        losses: mean loss of each stretch, in nats, label smoothing included.
    """

    params: list[Any]
    losses: Float[np.ndarray, "nets stretches"]


class Spent(NamedTuple):
    """What a wave cost.

    Attributes:
        images: training images seen by all networks together, repetitions counted.
        seconds: time spent on them, compilation left out.
        compile_seconds: time spent on compiling.
    """

    images: int
    seconds: float
    compile_seconds: float


class Diverged(ValueError):
    """Networks whose loss is no number any more; those trained beside them are unharmed."""


class Wave:
    """Networks that are trained together, each by its own run.

    Args:
        group: compiled for at least as many networks; where it has more, the last run is trained again and
            dropped.
        runs: with the group's `STATIC` fields.
        keeper: keeps checkpoints; None keeps none.

    Attributes:
        learning: how far the networks are.
        done: stretches that they have behind them.
    """

    def __init__(self, group: Group, runs: Sequence[Run], *, keeper: Keeper | None = None) -> None:
        self._group, self._runs, self._keeper = group, runs, keeper
        padded = [*runs, *[runs[-1]] * (group.nets - len(runs))]
        self._rules = stacked([rule(run.config, updates_of(group)) for run in padded])
        init_keys, self._shuffle_keys = (
            jnp.stack([key(run.seed, run.number) for run in padded]) for key in (init_key, order_key)
        )
        self.learning, self.done = group.begin(init_keys), 0
        if keeper is not None and (resumed := keeper.restore(self.learning)) is not None:
            self.learning, self.done = resumed

    @property
    def images_left(self) -> int:
        """Training images that are still to be seen, by all networks together."""
        return len(self._runs) * sum(map(self._group.images_in, range(self.done, self._group.stretches)))

    def learn(self, *, report: Report) -> tuple[Learned, Spent]:
        """Train the networks to their end, or until none of them is of any use.

        Args:
            report: told of progress, several times an epoch.

        Raises:
            OSError: a checkpoint cannot be written.
        """
        images, begin = self.images_left, time.perf_counter()
        with compiling() as compiled:
            stretches = range(self.done, self._group.stretches)
            steps = self._group.advance(self.learning, self._rules, self._shuffle_keys, stretches=stretches)
            for stretch, learning in zip(stretches, steps, strict=True):
                losses = self._take(learning)
                report(self._group.images_in(stretch) * len(self._runs), self._note(stretch))
                if not np.isfinite(losses[: len(self._runs)]).all(axis=1).any():
                    break
            params, losses = cluster.gathered((self.learning.params, self.learning.losses))
        seconds = max(time.perf_counter() - begin - sum(compiled), 1e-9)
        each = [jax.tree.map(lambda leaf, n=n: leaf[n], params) for n in range(len(self._runs))]
        filled = _filled(losses[: len(self._runs)], self._group)
        return Learned(each, filled), Spent(images, seconds, sum(compiled))

    def finish(self, learned: Learned) -> None:
        """Remove the checkpoints, when the networks are stored, and say which of them are of no use.

        Args:
            learned: what `learn` gave.

        Raises:
            Diverged: a loss is not a finite number.
        """
        if self._keeper is not None:
            self._keeper.remove()
        lost = [n for n, losses in enumerate(learned.losses) if not np.isfinite(losses).all()]
        if lost:
            raise Diverged(self._told(lost, int(np.argmin(np.isfinite(learned.losses[lost[0]])))))

    def _told(self, lost: Sequence[int], stretch: int) -> str:
        """What to say of networks that are lost, the first of them in some stretch."""
        run, epoch = self._runs[lost[0]], stretch // STRETCHES_PER_EPOCH
        others = f" (and of {len(lost) - 1} trained beside it)" if len(lost) > 1 else ""
        update = stretch * updates_of(self._group) // self._group.stretches
        return (
            f"the loss of net {run.number}, seed {run.seed}{others}, was no finite number any more in epoch "
            f"{epoch + 1} of {run.config.epochs}, at learning rate {self._rules.rates[lost[0], update]:.3g}; "
            f"train with a peak_learning_rate below {run.config.peak_learning_rate:g}; networks trained "
            "beside it are kept"
        )

    @property
    def kept(self) -> tuple[int, int, int] | None:
        """Networks, epoch and epochs of the last checkpoint; None if there is none."""
        if self._keeper is None or not self._keeper.done:
            return None
        epochs = self._group.config.epochs
        return len(self._runs), self._keeper.done // STRETCHES_PER_EPOCH + 1, epochs

    def _take(self, learning: Learning) -> Float[np.ndarray, "nets stretches"]:
        """Take over what a stretch of updates gave, kept if it is time to; returns all losses so far."""
        self.learning = learning
        losses = cluster.gathered(learning.losses)
        self.done += 1
        last = self.done == self._group.stretches
        if self._keeper is not None and not last and cluster.agreed(self._keeper.is_due):
            self._keeper.keep(self.learning, self.done)
        return losses

    def _note(self, stretch: int) -> str:
        return f"epoch {stretch // STRETCHES_PER_EPOCH + 1}"


def updates_of(group: Group) -> int:
    """Updates of a whole training."""
    return group.config.epochs * group.updates_per_epoch


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
