"""Train networks at once, from their keys to their weights, with reports and checkpoints on the way."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, monitoring
from jaxtyping import Float, Key

from cnnbook.keys import init_key, order_key
from cnnbook.training import cluster
from cnnbook.training.checkpoint import Checkpointer, Snapshot
from cnnbook.training.program import SEGMENTS_PER_EPOCH, TrainProgram, TrainState, stacked
from cnnbook.training.recipe import Rule, learning_rates, rule
from cnnbook.training.runs import Run

Report = Callable[[int, str], None]
"""Called with the images seen since the last call, by all networks together, and a note."""


class TrainResult(NamedTuple):
    """Networks at the end of their training.

    Attributes:
        params: each network's parameters, as `flax.nnx.split` gives them, in the order of the runs.
        losses: mean loss of each segment, in nats, label smoothing included.
    """

    params: list[Any]
    losses: Float[np.ndarray, "nets segments"]


class Cost(NamedTuple):
    """What it took to train some networks at once.

    Attributes:
        images: training images seen by all networks together, repetitions counted.
        seconds: time spent on them, compilation left out.
        compile_seconds: time spent on compiling.
    """

    images: int
    seconds: float
    compile_seconds: float


class Diverged(ValueError):
    """Networks whose loss is not finite; those trained beside them are unharmed."""


def starting_point(
    program: TrainProgram, runs: Sequence[Run], checkpointer: Checkpointer | None = None
) -> Snapshot:
    """Networks where their training goes on: at the last checkpoint, or before their first update.

    Args:
        program: compiled for at least as many networks; where it has more, the last run is trained again.
        runs: with the program's `STATIC` fields.
        checkpointer: None restores nothing.

    Raises:
        Unusable: the last checkpoint cannot be read.
    """
    initial = program.begin(_keys(program, runs, init_key))
    restored = checkpointer.restore(initial) if checkpointer is not None else None
    return restored or Snapshot(initial, 0)


def images_left(program: TrainProgram, runs: Sequence[Run], start: Snapshot) -> int:
    """Training images that are still to be seen, by all networks together."""
    return len(runs) * program.images_in(*range(start.segments, last_segment(program, runs)))


def last_segment(program: TrainProgram, runs: Sequence[Run]) -> int:
    """Segments of updates that some runs take: all of the program's, or those before they are stopped."""
    stopped = runs[0].stopped
    return round(stopped * SEGMENTS_PER_EPOCH) if stopped else program.segments


def train_batch(
    program: TrainProgram,
    runs: Sequence[Run],
    start: Snapshot,
    *,
    report: Report,
    checkpointer: Checkpointer | None = None,
) -> tuple[TrainResult, Cost]:
    """Train networks to their end, or until the loss of none of them is finite.

    Args:
        program: compiled for at least as many networks; where it has more, the last run is trained again and
            dropped.
        runs: with the program's `STATIC` fields.
        start: what `starting_point` returned; consumed.
        report: called several times an epoch.
        checkpointer: None writes no checkpoints.

    Raises:
        OSError: a checkpoint cannot be written.
    """
    images, begin = images_left(program, runs, start), time.perf_counter()
    state, segments = start.state, range(start.segments, last_segment(program, runs))
    with compiling() as compiled:
        states = _advance(program, runs, state, segments)
        for segment, state in zip(segments, states, strict=True):
            losses = cluster.all_gather(state.losses)[: len(runs)]
            if checkpointer is not None and segment + 1 < segments.stop:
                checkpointer.save_if_due(Snapshot(state, segment + 1))
            epoch = segment // SEGMENTS_PER_EPOCH + 1
            report(program.images_in(segment) * len(runs), f"epoch {epoch}")
            if not np.isfinite(losses).all(axis=1).any():
                break
        params, losses = cluster.all_gather((state.params, state.losses))
    seconds = max(time.perf_counter() - begin - sum(compiled), 1e-9)
    each = [jax.tree.map(lambda leaf, n=n: leaf[n], params) for n in range(len(runs))]
    filled = _filled(losses[: len(runs)], program)[:, : segments.stop]
    return TrainResult(each, filled), Cost(images, seconds, sum(compiled))


def check_finite(runs: Sequence[Run], losses: Float[np.ndarray, "nets segments"], *, updates: int) -> None:
    """Raise unless every network has learned.

    Args:
        runs: trained at once.
        losses: of their training.
        updates: of a whole training.

    Raises:
        Diverged: a loss is not a finite number.
    """
    finite = np.isfinite(losses)
    lost = np.flatnonzero(~finite.all(axis=1)).tolist()
    if not lost:
        return
    run, segment = runs[lost[0]], int(np.argmin(finite[lost[0]]))
    others = f" (and of {len(lost) - 1} trained beside it)" if len(lost) > 1 else ""
    rate = learning_rates(run.config, updates)[segment * updates // losses.shape[1]]
    raise Diverged(
        f"the loss of net {run.number}, seed {run.seed}{others}, was no finite number any more in epoch "
        f"{segment // SEGMENTS_PER_EPOCH + 1} of {run.config.epochs}, at learning rate {rate:.3g}; "
        f"train with a peak_learning_rate below {run.config.peak_learning_rate:g}; networks trained "
        "beside it are kept"
    )


def _advance(
    program: TrainProgram, runs: Sequence[Run], state: TrainState, segments: range
) -> Iterator[TrainState]:
    """The states of a training; runs that part go on with other orders of images from then on."""
    rules, parting = _rules(program, runs), runs[0].parted * SEGMENTS_PER_EPOCH or segments.stop
    before = range(segments.start, min(parting, segments.stop))
    after = range(max(parting, segments.start), segments.stop)
    for part, parted in ((before, False), (after, True)):
        order_keys = _keys(program, runs, partial(order_key, parted=parted))
        for latest in program.advance(state, rules, order_keys, segments=part):
            state = latest
            yield latest


def _padded(program: TrainProgram, runs: Sequence[Run]) -> list[Run]:
    """As many runs as the program trains: the last one again where there are fewer."""
    return [*runs, *[runs[-1]] * (program.nets - len(runs))]


def _keys(
    program: TrainProgram, runs: Sequence[Run], key_of: Callable[[int, int], Key[Array, ""]]
) -> Key[Array, " nets"]:
    """The keys of one purpose."""
    return jnp.stack([key_of(run.seed, run.number) for run in _padded(program, runs)])


def _rules(program: TrainProgram, runs: Sequence[Run]) -> Rule:
    """The numbers in which the recipes differ."""
    return stacked([rule(run.config, program.updates) for run in _padded(program, runs)])


def _filled(losses: np.ndarray, program: TrainProgram) -> Float[np.ndarray, "nets segments"]:
    """The same losses, where a segment without updates has the loss of the next one."""
    filled = losses.copy()
    for segment in reversed(range(program.segments)):
        if not program.images_in(segment):
            filled[:, segment] = filled[:, segment + 1]
    return filled


@contextmanager
def compiling() -> Iterator[list[float]]:
    """A list of the seconds that JAX spends on compiling while the block runs."""
    seconds: list[float] = []

    def listen(event: str, duration_secs: float, **kwargs: str | int) -> None:
        if event.startswith("/jax/core/compile/"):
            seconds.append(duration_secs)

    monitoring.register_event_duration_secs_listener(listen)
    try:
        yield seconds
    finally:
        monitoring.unregister_event_duration_listener(listen)
