"""Gradient ascent on pictures: many at once, by one program that is compiled once for all maps of a layer.

Nothing is printed or drawn, and every choice is an argument. Pictures are computed in microbatches of a few
for each device, so that memory does not grow with their number; all microbatches have one shape. With several
devices each microbatch is sharded over them. An objective is computed no further than its terms
need: a map of Conv_3 is one product with 576 weights a point, and the other 127 maps are left out in the
forward and the backward pass, which saves a quarter of the work.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax import Array, lax
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Bool, Float, Int, Key, Shaped

from cnnbook.arrays import FeatureMaps, Images
from cnnbook.nets.cnn import CNN
from cnnbook.nets.convolution import windows
from cnnbook.nets.fast.polyphase import convolve_and_pool
from cnnbook.nets.geometry import CROP
from cnnbook.oip.objective import Objective, Structure, TermArrays, stack_terms
from cnnbook.oip.presets import Preset
from cnnbook.oip.start import check_starts
from cnnbook.training.trained import TrainedNet

AT_ONCE: Mapping[str, int] = {"cpu": 8}
"""Pictures computed at once on each device; 64 where a platform is not named. On a CPU windows of eight on
Pool_1, 115 kB each, just fit a core's cache of 1 MB: with 64 each picture takes a third longer."""


class Ascent(NamedTuple):
    """Pictures and the course of their ascents, by objective and start.

    Attributes:
        pictures: ink of each pixel, in the end or where an ascent stopped.
        trace: the objective before each step, of the picture as it was transformed, and last of the picture
            in the end; not a number where no step was made any more.
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

    @property
    def best(self) -> Float[np.ndarray, "objectives 28 28"]:
        """The picture that reaches most, of each objective."""
        return self.pictures[np.arange(len(self.pictures)), self.reached.argmax(axis=1)]


class _State(NamedTuple):
    """A microbatch of pictures between two steps."""

    params: Any
    memory: Any
    steps: Int[Array, " n"]
    alive: Bool[Array, " n"]


def ascend(
    net: TrainedNet,
    objectives: Sequence[Objective],
    starts: Float[np.ndarray, "*own n 28 28"],
    preset: Preset,
    *,
    key: Key[Array, ""],
    stops: Int[np.ndarray, " n"] | None = None,
    report: Callable[[int], None] = lambda count: None,
) -> Ascent:
    """Maximise every objective from every start.

    Args:
        net: a trained network of the book's kind.
        objectives: of one form, such as the means of several maps of a layer.
        starts: ink of each pixel; for all objectives, or with a first axis for those of each objective.
        preset: parametrisation, robustness, update rule and steps.
        key: for random transforms; the key of each ascent follows from its objective's name and its start's
            number, so that it is the same whatever is computed beside it.
        stops: steps after which the ascent from each start ends, at most those of the preset; None for all of
            them. With the same start several times and different ends, the course of an ascent is seen.
        report: called with the number of ascents that have been finished, microbatch by microbatch.

    Raises:
        ValueError: no or unlike objectives, invalid starts, another kind of network, or a step size with
            which every single ascent diverged.
    """
    if not isinstance(net.model, CNN):
        raise ValueError(f"net: a {type(net.model).__name__}, expected the book's CNN")
    own, parts = _starts_by_objective(starts, len(objectives)), stack_terms(objectives)
    starts = own[0]
    ends = np.full(len(starts), preset.steps) if stops is None else np.asarray(stops)
    which, start = np.divmod(np.arange(len(objectives) * len(starts), dtype=np.int32), len(starts))
    numbers = np.array([objective.key_number for objective in objectives], np.int32)
    program = _program(net, objectives[0].structure, preset)
    size, place = _at_once() * jax.device_count(), _on_devices(PartitionSpec("pictures"))
    results: list[tuple[np.ndarray, ...]] = []
    for begin in range(0, len(which), size):
        rows = np.minimum(np.arange(begin, begin + size), len(which) - 1)
        count, k, s = min(size, len(which) - begin), which[rows], start[rows]
        keys = jax.vmap(lambda k, s: jax.random.fold_in(jax.random.fold_in(key, k), s))(numbers[k], s)
        terms = tuple(tuple(values[k] for values in part) for part in parts)
        given = jax.device_put((own[k, s], ends[s], terms, keys), place)
        results.append(tuple(np.asarray(each)[:count] for each in program(*given)))
        report(count)
    whole = (len(objectives), len(starts))
    pictures, trace, steps, diverged = (np.concatenate(each) for each in zip(*results, strict=True))
    if diverged.all():
        raise ValueError(
            f"step_size={preset.step_size}: every ascent left the finite numbers, the last at step "
            f"{steps.max()}; try a smaller step size"
        )
    return Ascent(*(each.reshape(*whole, *each.shape[1:]) for each in (pictures, trace, steps, diverged)))


def _starts_by_objective(
    starts: Float[np.ndarray, "*own n 28 28"], objectives: int
) -> Float[np.ndarray, "objectives n 28 28"]:
    """The starts of every objective, checked."""
    if np.ndim(starts) != 4:
        checked = check_starts(starts)
        return np.broadcast_to(checked, (objectives, *checked.shape))
    if len(starts) != objectives:
        raise ValueError(f"starts: for {len(starts)} objectives, expected {objectives}")
    return check_starts(np.reshape(starts, (-1, *starts.shape[2:]))).reshape(starts.shape)


def _on_devices(spec: PartitionSpec) -> NamedSharding:
    """A sharding over all devices: along the pictures, or replicated."""
    return NamedSharding(Mesh(np.array(jax.devices()), ("pictures",)), spec)


def _at_once() -> int:
    """The pictures that each device computes at once: one size, so that there is one program to compile."""
    return AT_ONCE.get(jax.default_backend(), 64)


def _program(net: TrainedNet, structure: Structure, preset: Preset) -> Callable[..., tuple[Array, ...]]:
    """The compiled ascent of one microbatch, with the network's parameters replicated on all devices."""
    graph, params = nnx.split(net.model, nnx.Param)
    params = jax.device_put(params, _on_devices(PartitionSpec()))
    choices = {"graph": graph, "structure": structure, "preset": preset}
    return partial(_ascend_batch, params, net.scaling.mean, net.scaling.std, **choices)


@partial(jax.jit, static_argnames=("graph", "structure", "preset"))
def _ascend_batch(
    net: nnx.State,
    mean: Float[Array, "28 28"],
    spread: Float[Array, "28 28"],
    starts: Float[Array, "n 28 28"],
    ends: Int[Array, " n"],
    parts: TermArrays,
    keys: Key[Array, " n"],
    *,
    graph: nnx.GraphDef,
    structure: Structure,
    preset: Preset,
) -> tuple[Array, ...]:
    """Pictures, trace, number of steps, and whether an ascent left the finite numbers."""
    model, rule = nnx.merge(graph, net), preset.optimiser()
    parameters, robustness = preset.parameters, preset.robustness

    def objective(pictures: Float[Array, "n 28 28"]) -> Float[Array, " n"]:
        inputs = ((pictures - mean[None]) / spread[None])[..., None]
        return objective_values(model, inputs, parts, structure=structure)

    def gain(params: Any, step_keys: Key[Array, " n"]) -> tuple[Float[Array, ""], Float[Array, " n"]]:
        pictures = jax.vmap(parameters.to_picture)(params)
        reached = objective(jax.vmap(robustness.transform)(step_keys, pictures))
        return (reached - jax.vmap(robustness.penalty)(pictures)).sum(), reached

    def step(state: _State, number: Int[Array, ""]) -> tuple[_State, Float[Array, " n"]]:
        step_keys = jax.vmap(partial(jax.random.fold_in, data=number))(keys)
        (_, reached), slope = jax.value_and_grad(gain, has_aux=True)(state.params, step_keys)
        change, memory = jax.vmap(rule.update)(slope, state.memory, state.params)
        params = jax.vmap(parameters.project)(optax.apply_updates(state.params, change))
        alive = state.alive & jnp.isfinite(reached) & _finite(params)
        going = alive & (number < ends)
        params, memory = jax.tree.map(partial(_where, going), (params, memory), (state.params, state.memory))
        after = _State(params=params, memory=memory, steps=state.steps + going, alive=alive)
        return after, jnp.where(going, reached, jnp.nan)

    params = jax.vmap(parameters.from_picture)(starts)
    memory, count = jax.vmap(rule.init)(params), len(starts)
    begin = _State(params=params, memory=memory, steps=jnp.zeros(count, int), alive=jnp.full(count, True))
    end, trace = lax.scan(step, begin, jnp.arange(preset.steps))
    pictures = jax.vmap(parameters.to_picture)(end.params)
    trace = jnp.concatenate([trace, objective(pictures)[None]]).T
    return pictures, trace, end.steps, ~end.alive


def _finite(params: Any) -> Bool[Array, " n"]:
    """Whether all numbers of each picture are finite."""
    each = [jnp.isfinite(leaf).reshape(len(leaf), -1).all(axis=1) for leaf in jax.tree.leaves(params)]
    return jnp.stack(each).all(axis=0)


def _where(
    is_new: Bool[Array, " n"], new: Shaped[Array, "n *more"], old: Shaped[Array, "n *more"]
) -> Shaped[Array, "n *more"]:
    """The new values of some pictures, the old ones of the others."""
    return jnp.where(is_new.reshape(-1, *[1] * (new.ndim - 1)), new, old)


def objective_values(
    model: CNN, inputs: Images, parts: TermArrays, *, structure: Structure
) -> Float[Array, " n"]:
    """The value of each picture's objective.

    Args:
        model: the network.
        inputs: pictures, scaled for the network.
        parts: of each picture's objective.
        structure: of all of them.
    """
    total = jnp.zeros(len(inputs))
    for (layer, aggregation, before_relu, _), (maps, weights) in zip(structure, parts, strict=True):
        response = preactivations(model, inputs, layer, maps)
        if not before_relu and layer != "logits":
            response = nnx.relu(response)
        if aggregation == "largest":
            response = response.max(axis=(1, 2), keepdims=True)
        if aggregation == "distance":
            distance = ((response - weights) ** 2).sum(axis=(1, 2, 3))
            total = total - distance / (weights**2).sum(axis=(1, 2, 3))
        else:
            total = total + (response * weights).sum(axis=(1, 2, 3))
    return total


def preactivations(
    model: CNN, inputs: Images, layer: str, maps: Int[Array, "n m"]
) -> Float[Array, "n rows columns m"]:
    """Maps of a layer before ReLU, chosen for each picture.

    Args:
        model: the network.
        inputs: pictures, scaled for the network.
        layer: conv_1, conv_2, conv_3 or logits.
        maps: numbers of the maps; if as many as the layer has, all of them in their order.
    """
    if layer == "conv_1":
        return _single_maps(model.conv_1, inputs, maps)
    if layer == "conv_2":
        return _single_maps(model.conv_2, convolve_and_pool(model.conv_1, inputs)[1], maps)
    pool_1 = convolve_and_pool(model.conv_1, inputs[:, :CROP, :CROP])[1]
    pool_2 = convolve_and_pool(model.conv_2, pool_1)[1]
    if layer == "conv_3":
        return _single_maps(model.conv_3, pool_2, maps)
    conv_3 = nnx.relu(model.conv_3(pool_2))
    logits = model.logits(nnx.relu(model.hidden(model.flatten(conv_3))))
    return jnp.take_along_axis(logits, maps, axis=1)[:, None, None, :]


def _single_maps(
    layer: nnx.Conv, below: FeatureMaps, maps: Int[Array, "n m"]
) -> Float[Array, "n rows columns m"]:
    """Maps of a convolution before ReLU, chosen for each picture."""
    kernel = layer.kernel[...]
    if maps.shape[1] == kernel.shape[-1]:
        return layer(below)
    assert layer.bias is not None
    rows, columns = kernel.shape[:2]
    picked = kernel.reshape(-1, kernel.shape[-1]).T[maps]
    response = jnp.einsum("nrcp,nmp->nrcm", windows(below, rows, columns), picked)
    return response + layer.bias[...][maps][:, None, None]
