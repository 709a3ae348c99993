"""The book's own training and maps: a worker of the measurements, all that they know of cnnbook's inside."""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from peers.protocol import Clock, Limits, own_stdout, peak_bytes, serve

ANSWERS, LIMITS = own_stdout(), Limits.from_command_line()

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from flax import nnx  # noqa: E402

from cnnbook.config.checked import to_dict  # noqa: E402
from cnnbook.config.training import TrainConfig  # noqa: E402
from cnnbook.data.scaling import fit_scaling  # noqa: E402
from cnnbook.maps import BATCH, run_in_batches  # noqa: E402
from cnnbook.nets.cnn import CNN  # noqa: E402
from cnnbook.nets.geometry import MAP_LAYERS  # noqa: E402
from cnnbook.oip.ascent import ascend  # noqa: E402
from cnnbook.oip.objective import map_mean  # noqa: E402
from cnnbook.oip.parameters import Pixels  # noqa: E402
from cnnbook.oip.presets import Preset  # noqa: E402
from cnnbook.training.devices import plan_devices, use_every_core  # noqa: E402
from cnnbook.training.program import SEGMENTS_PER_EPOCH, TrainProgram, TrainState, stacked  # noqa: E402
from cnnbook.training.recipe import learning_rates, rule  # noqa: E402
from cnnbook.training.trained import TrainedNet  # noqa: E402

TRAIN = {"one device": 1, "each batch shared by all cores": LIMITS.threads}
"""Devices that share each batch."""


class Worker:
    """Answers about training and inference.

    Args:
        limits: threads, and where the material is.
    """

    def __init__(self, limits: Limits) -> None:
        use_every_core()
        self._material = dict(np.load(limits.material))
        self._programs: dict[Any, Any] = {}
        self._given_net: TrainedNet | None = None
        self._climbed = False

    def recipe(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The book's recipe, as plain values; the rates of all updates and first weights into a file."""
        config = TrainConfig()
        epochs = request["epochs"] or config.epochs
        updates = epochs * (request["images"] // config.batch_size)
        flat = nnx.to_flat_state(nnx.state(CNN(key=jax.random.key(0)), nnx.Param))
        weights: dict[str, Any] = {".".join(map(str, path)): np.asarray(leaf[...]) for path, leaf in flat}
        np.savez(request["path"], **weights, rates=learning_rates(config, updates))
        return to_dict(config)

    def begin(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Tell versions and settings."""
        return {
            "versions": {"JAX": jax.__version__},
            "train": {"cnnbook": list(TRAIN)},
            "infer": {"cnnbook": [f"{BATCH} a batch"]},
        }

    def losses(self, request: Mapping[str, Any]) -> list[float]:
        """The loss of the first batch before each of some updates on it, from the given weights."""
        size, updates = request["batch"], request["updates"]
        config = TrainConfig(
            batch_size=size, epochs=updates, schedule="constant", peak_learning_rate=request["rate"]
        )
        program = self._program(config, images=size)
        state = program.begin(jax.random.split(jax.random.key(1), 1))
        given = self._given(state.params)
        state = self._advanced(program, TrainState(given, state.moments, state.losses), program.segments)
        # Of an epoch of one update, only the last segment has any.
        return np.asarray(state.losses)[0, SEGMENTS_PER_EPOCH - 1 :: SEGMENTS_PER_EPOCH].tolist()

    def train(self, request: Mapping[str, Any]) -> dict[str, float]:
        """Train for an epoch; the first call compiles and warms up.

        A whole one, however many seconds are asked for: an epoch's order of images is found once. Of more
        networks than are trained at once, the first wave is: the others do the same.
        """
        size, nets = request["batch"], request.get("nets", 1)
        name = (size, nets, request["setting"])
        if name not in self._programs:
            config = replace(TrainConfig(), batch_size=size, epochs=1)
            data = 1 if nets > 1 else TRAIN[request["setting"]]
            self._programs[name] = self._program(config, nets=nets, data=data)
            self._timed(self._programs[name], 1)
        begin = time.perf_counter()
        speed = self._timed(self._programs[name], SEGMENTS_PER_EPOCH)
        return {"speed": speed, "seconds": time.perf_counter() - begin}

    def reach(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Train by the whole recipe; accuracy after each epoch, which is found outside the clock."""
        clock = Clock(request["begun"])
        config = replace(TrainConfig(), batch_size=request["batch"], epochs=request["epochs"])
        program = self._program(config, data=TRAIN[request["setting"]])
        keys = jax.random.split(jax.random.fold_in(jax.random.key(2), request["seed"]), 2)
        state, epochs = program.begin(keys[:1]), []
        for epoch in range(request["epochs"]):
            first = epoch * SEGMENTS_PER_EPOCH
            state = self._advanced(program, state, SEGMENTS_PER_EPOCH, first=first, keys=keys[1:])
            seconds, params = clock.seconds(), state.params
            right = clock.without(lambda: self._accuracy(params))  # noqa: B023
            epochs.append({"seconds": seconds, "accuracy": right})
        return {"epochs": epochs, "peak_bytes": peak_bytes()}

    def infer(self, request: Mapping[str, Any]) -> dict[str, float]:
        """All maps and scores of the first images, a batch at a time, as NumPy arrays on the host."""
        images = self._material["train_images"]
        if self._given_net is None:
            self._given_net = self._net()
            self._stream(images[: 2 * BATCH * jax.device_count()])
        begin = time.perf_counter()
        total = self._stream(images[: request["images"]])
        return {"seconds": time.perf_counter() - begin, "total": total}

    def climb(self, request: Mapping[str, Any]) -> dict[str, float]:
        """Pictures that climb the mean of a map of Conv_3 each, by the book's engine."""
        net = self._net()
        preset = Preset(parameters=Pixels(), step_size=request["rate"], steps=request["steps"])
        starts, objectives = self._material["starts"], [map_mean("conv_3", k) for k in range(request["maps"])]
        if not self._climbed:
            ascend(net, objectives[:1], starts, preset, key=jax.random.key(0))
            self._climbed = True
        begin = time.perf_counter()
        found = ascend(net, objectives, starts, preset, key=jax.random.key(0))
        return {"seconds": time.perf_counter() - begin, "total": float(found.reached.sum())}

    def _stream(self, images: np.ndarray) -> float:
        """Every batch's maps, seen once and dropped; the sum of all scores shows that they were computed."""
        assert self._given_net is not None
        total = 0.0
        for found, count in run_in_batches(_maps_and_scores, self._given_net, images):
            maps = [np.asarray(part)[:count] for part in found]
            total += float(maps[-1].sum())
        return total

    def _timed(self, program: TrainProgram, segments: int) -> float:
        """Images a second, of all networks together, over so many segments."""
        state = program.begin(jax.random.split(jax.random.key(1), program.nets))
        jax.block_until_ready(state)
        begin = time.perf_counter()
        self._advanced(program, state, segments)
        seconds = time.perf_counter() - begin
        return program.nets * program.images_in(*range(segments)) / seconds

    def _advanced(
        self, program: TrainProgram, state: TrainState, segments: int, *, first: int = 0, keys: Any = None
    ) -> TrainState:
        """The same networks after some segments, all computed."""
        config = program.config
        rules = stacked([rule(config, config.epochs * program.updates_per_epoch)] * program.nets)
        keys = jax.random.split(jax.random.key(3), program.nets) if keys is None else keys
        for step in program.advance(state, rules, keys, segments=range(first, first + segments)):
            state = jax.block_until_ready(step)
        return state

    def _program(
        self, config: TrainConfig, *, nets: int = 1, data: int = 1, images: int | None = None
    ) -> TrainProgram:
        """The first wave of some networks, which learn from the first images, or from all."""
        pixels, labels = (self._material[name][:images] for name in ("train_images", "train_labels"))
        plan = plan_devices(data=data)
        batch = len(next(iter(plan.batches(nets))))
        return TrainProgram(
            pixels, labels, scaling=fit_scaling("unit", pixels), config=config, nets=plan.padded(batch),
            mesh=plan.mesh(batch),
        )  # fmt: skip

    def _given(self, params: Any, *, first_axis: bool = True) -> Any:
        """The material's weights in the place of others, as those of the only network of a program."""
        found = []
        for path, leaf in nnx.to_flat_state(params):
            value = self._material[".".join(map(str, path))]
            value = jax.device_put(value[None] if first_axis else value, leaf[...].sharding)
            found.append((path, leaf.replace(value)))
        return nnx.from_flat_state(found)

    def _accuracy(self, params: Any) -> float:
        """Share of test images that the first of some networks names rightly."""
        graph = nnx.graphdef(CNN(key=jax.random.key(0)))
        one = jax.tree.map(lambda leaf: jnp.asarray(np.asarray(leaf)[0]), params)
        answer = jax.jit(lambda params, images: nnx.merge(graph, params)(images).argmax(axis=-1))
        images = self._material["test_images"][..., None] / np.float32(255)
        parts = np.split(images, range(BATCH, len(images), BATCH))
        answers = np.concatenate([np.asarray(answer(one, part)) for part in parts])
        return float((answers == self._material["test_labels"]).mean())

    def _net(self) -> TrainedNet:
        """A network with the given weights."""
        model = CNN(key=jax.random.key(0))
        nnx.update(model, self._given(nnx.state(model, nnx.Param), first_axis=False))
        scaling, loss_curve = fit_scaling("unit", self._material["train_images"][:1]), np.zeros(0)
        return TrainedNet(
            number=0, seed=0, model=model, scaling=scaling, config=TrainConfig(), loss_curve=loss_curve
        )


@partial(jax.jit, static_argnames="graph")
def _maps_and_scores(graph: nnx.GraphDef, params: nnx.State, images: jax.Array) -> list[jax.Array]:
    """All maps and the scores of one batch."""
    found = nnx.merge(graph, params).activations(images)
    return [*(found.activations[layer] for layer in MAP_LAYERS), found.logits]


if __name__ == "__main__":
    worker = Worker(LIMITS)
    asked = ("recipe", "begin", "losses", "train", "reach", "infer", "climb")
    serve(ANSWERS, {name: getattr(worker, name) for name in asked})
