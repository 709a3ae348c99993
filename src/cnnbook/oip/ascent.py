"""The ascent: pictures that climb an objective, many at once, by one compiled program a layer.

Nothing is printed or drawn, and no choice is made here that is not an argument. Pictures are climbed in parts
of `PART` for each device, so that memory does not grow with their number; every part has the same shape, so
that the program is compiled once for all maps of a layer. With several devices a part is spread over them.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax import Array, lax
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Bool, Float, Int, Key

from cnnbook.nets.cnn import CNN
from cnnbook.oip.objective import Objective, stacked
from cnnbook.oip.presets import Preset
from cnnbook.oip.response import Form, Parts, values
from cnnbook.oip.start import check_starts
from cnnbook.training.trained import TrainedNet

PART = 64
"""Pictures in one part on each device. More of them do not fit a CPU's cache and take longer each."""


class Ascent(NamedTuple):
    """What was climbed, by objective and start.

    Attributes:
        pictures: ink of each pixel, in the end or where an ascent stopped.
        trace: the objective before each step, of the picture as it was moved, and last of the picture in the
            end; not a number where no step was made any more.
        steps: how many were made before an ascent stopped; all of them if it did not.
        diverged: whether it stopped because a number was no longer finite.
    """

    pictures: Float[np.ndarray, "objectives starts 28 28"]
    trace: Float[np.ndarray, "objectives starts steps"]
    steps: Int[np.ndarray, "objectives starts"]
    diverged: Bool[np.ndarray, "objectives starts"]

    @property
    def reached(self) -> Float[np.ndarray, "objectives starts"]:
        """The objective in the end."""
        return self.trace[..., -1]


class _Climber(NamedTuple):
    """One part of the pictures on their way."""

    params: Any
    memory: Any
    steps: Int[Array, " n"]
    alive: Bool[Array, " n"]


def ascend(
    net: TrainedNet, objectives: Sequence[Objective], starts: Float[np.ndarray, "*own n 28 28"],
    preset: Preset, *, key: Key[Array, ""], stops: Int[np.ndarray, " n"] | None = None,
    report: Callable[[int], None] = lambda count: None,
) -> Ascent:  # fmt: skip
    """Climb every objective from every start.

    Args:
        net: a trained network of the book's kind.
        objectives: of one form, such as the means of several maps of a layer.
        starts: ink of each pixel; for all objectives, or with a first axis some for each of them.
        preset: parameters, robustness, update and steps.
        key: moves pictures; each ascent's own follows from its objective's name and its start's number, so
            that it is the same whatever is climbed beside it.
        stops: steps after which the ascent from each start ends, at most those of the preset; None for all of
            them. So an ascent is watched: the same start several times, with different ends.
        report: told how many ascents have been finished, part by part.

    Raises:
        ValueError: no or unlike objectives, starts that are none, another kind of network, or a step size
            with which every single ascent left the finite numbers.
    """
    if not isinstance(net.model, CNN):
        raise ValueError(f"net: a {type(net.model).__name__}, expected the book's CNN")
    own, parts = _own_starts(starts, len(objectives)), stacked(objectives)
    starts = own[0]
    ends = np.full(len(starts), preset.steps) if stops is None else np.asarray(stops)
    pairs = [(k, s) for k in range(len(objectives)) for s in range(len(starts))]
    numbers = np.array([one.number for one in objectives], np.int32)
    climb = _program(net, objectives[0].form, preset)
    size, placed = _spread(len(pairs))
    found: list[tuple[np.ndarray, ...]] = []
    for begin in range(0, len(pairs), size):
        some = pairs[begin : begin + size]
        which, start = np.array(some + [some[-1]] * (size - len(some)), np.int32).T
        keys = jax.vmap(lambda k, s: jax.random.fold_in(jax.random.fold_in(key, k), s))(numbers[which], start)
        picked = [tuple(values[which] for values in part) for part in parts]
        given = jax.tree.map(placed, (own[which, start], ends[start], tuple(picked)))
        found.append(tuple(np.asarray(each)[: len(some)] for each in climb(*given, keys)))
        report(len(some))
    whole = (len(objectives), len(starts))
    pictures, trace, steps, bad = (np.concatenate(each) for each in zip(*found, strict=True))
    if bad.all():
        raise ValueError(
            f"step_size={preset.step_size}: every ascent left the finite numbers, the last at step "
            f"{steps.max()}; try a smaller step size"
        )
    return Ascent(*(each.reshape(*whole, *each.shape[1:]) for each in (pictures, trace, steps, bad)))


def _own_starts(starts: np.ndarray, objectives: int) -> Float[np.ndarray, "objectives n 28 28"]:
    """The starts of every objective, checked."""
    if np.ndim(starts) != 4:
        checked = check_starts(starts)
        return np.broadcast_to(checked, (objectives, *checked.shape))
    if len(starts) != objectives:
        raise ValueError(f"starts: for {len(starts)} objectives, expected {objectives}")
    return check_starts(np.reshape(starts, (-1, *starts.shape[2:]))).reshape(starts.shape)


def _on_devices(spec: PartitionSpec) -> NamedSharding:
    """A place on all devices: shared out along the pictures, or whole on each."""
    return NamedSharding(Mesh(np.array(jax.devices()), ("pictures",)), spec)


def _spread(pictures: int) -> tuple[int, Callable[[np.ndarray], Array]]:
    """Pictures in a part, and what shares an array of them out among the devices."""
    size = (PART if pictures > 8 else 8) * jax.device_count()
    return size, lambda part: jax.device_put(part, _on_devices(PartitionSpec("pictures")))


def _program(net: TrainedNet, form: Form, preset: Preset) -> Callable[..., tuple[Array, ...]]:
    """The compiled ascent of one part, with the network's numbers filled in, wherever they lay."""
    graph, params = nnx.split(net.model, nnx.Param)
    params = jax.device_put(params, _on_devices(PartitionSpec()))
    return partial(_climb, params, net.scaling.mean, net.scaling.std, graph=graph, form=form, preset=preset)


@partial(jax.jit, static_argnames=("graph", "form", "preset"))
def _climb(
    net: nnx.State, mean: Array, spread: Array, starts: Float[Array, "n 28 28"], ends: Int[Array, " n"],
    parts: Parts, keys: Key[Array, " n"], *, graph: nnx.GraphDef, form: Form, preset: Preset,
) -> tuple[Array, ...]:  # fmt: skip
    """Pictures, trace, steps made, and whether an ascent left the finite numbers."""
    model, written, rule = nnx.merge(graph, net), preset.parameters, preset.rule()

    def asked(pictures: Array) -> Array:
        return values(model, ((pictures - mean[None]) / spread[None])[..., None], parts, form=form)

    def gain(params: Any, step_keys: Array) -> tuple[Array, Array]:
        pictures = jax.vmap(written.picture)(params)
        moved = (
            jax.vmap(preset.robustness.moved)(step_keys, pictures) if preset.robustness.moves else pictures
        )
        reached = asked(moved)
        return (reached - jax.vmap(preset.robustness.price)(pictures)).sum(), reached

    def step(now: _Climber, number: Array) -> tuple[_Climber, Array]:
        step_keys = jax.vmap(partial(jax.random.fold_in, data=number))(keys)
        (_, reached), slope = jax.value_and_grad(gain, has_aux=True)(now.params, step_keys)
        change, memory = jax.vmap(rule.update)(slope, now.memory, now.params)
        params = jax.vmap(written.keep)(optax.apply_updates(now.params, change))
        alive = now.alive & jnp.isfinite(reached) & _finite(params)
        going = alive & (number < ends)
        params, memory = jax.tree.map(partial(_only, going), (params, memory), (now.params, now.memory))
        after = _Climber(params=params, memory=memory, steps=now.steps + going, alive=alive)
        return after, jnp.where(going, reached, jnp.nan)

    params = jax.vmap(written.start)(starts)
    begin = _Climber(
        params, jax.vmap(rule.init)(params), jnp.zeros(len(starts), int), jnp.full(len(starts), True)
    )
    end, trace = lax.scan(step, begin, jnp.arange(preset.steps))
    pictures = jax.vmap(written.picture)(end.params)
    trace = jnp.concatenate([trace, asked(pictures)[None]]).T
    return pictures, trace, end.steps, ~end.alive


def _finite(params: Any) -> Bool[Array, " n"]:
    """Whether all numbers of each picture are finite."""
    each = [jnp.isfinite(leaf).reshape(len(leaf), -1).all(axis=1) for leaf in jax.tree.leaves(params)]
    return jnp.stack(each).all(axis=0)


def _only(chosen: Array, new: Array, old: Array) -> Array:
    """The new values of the chosen pictures, the old ones of the others."""
    return jnp.where(chosen.reshape(-1, *[1] * (new.ndim - 1)), new, old)
