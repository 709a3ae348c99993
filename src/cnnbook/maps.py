"""Activations of every layer, by name, streamed over any number of images."""

from collections.abc import Iterator, Sequence
from functools import partial

import jax
import numpy as np
from flax import nnx
from jax import Array
from jaxtyping import Float, Int

from cnnbook.arrays import Images, RawImages
from cnnbook.nets.geometry import MAP_LAYERS
from cnnbook.training.trained import TrainedNet

BATCH = 64
"""Images in one forward pass: on a CPU more of them leave its cache, and each takes three times as long."""

FeatureMapsOf = dict[str, Float[np.ndarray, "n h w c"]]
"""Maps of several layers by name."""


def check_layers(layers: Sequence[str]) -> None:
    """Raise unless every name is a layer with maps.

    Raises:
        ValueError: one is not.
    """
    for layer in layers:
        if layer not in MAP_LAYERS:
            raise ValueError(f"layer={layer!r}: expected one of {', '.join(MAP_LAYERS)}")


def feature_maps(
    net: TrainedNet, images: RawImages, layers: Sequence[str] = MAP_LAYERS, *, preactivations: bool = False
) -> FeatureMapsOf:
    """Maps of some layers for some images, all in memory.

    Args:
        net: a trained network.
        images: as MNIST stores them.
        layers: any of conv_1, pool_1, conv_2, pool_2, conv_3.
        preactivations: take the value before ReLU; a pooling layer has none.

    Returns:
        Float32 maps by layer name.

    Raises:
        ValueError: no such layer, one without preactivations, or no images.
    """
    batches = list(stream(net, images, layers, preactivations=preactivations))
    return {layer: np.concatenate([batch[layer] for batch in batches]) for layer in layers}


def flat_maps(net: TrainedNet, images: RawImages, layer: str) -> Float[np.ndarray, "n points"]:
    """The maps of one layer, one row an image: row, column, map.

    Raises:
        ValueError: see `feature_maps`.
    """
    return feature_maps(net, images, (layer,))[layer].reshape(len(images), -1)


def stream(
    net: TrainedNet, images: RawImages, layers: Sequence[str] = MAP_LAYERS, *, preactivations: bool = False
) -> Iterator[FeatureMapsOf]:
    """The same, a batch at a time, in constant memory."""
    check_layers(layers)
    without = [layer for layer in layers if preactivations and layer.startswith("pool")]
    if without:
        raise ValueError(f"layer={without[0]!r}: a pooling layer has no preactivations; ask for a conv layer")
    graph, params = nnx.split(net.model, nnx.Param)
    for inputs, count in _batches(net, images):
        maps = _maps(graph, params, inputs, layers=tuple(layers), before=preactivations)
        yield {layer: np.asarray(maps[layer])[:count] for layer in layers}


def predictions(net: TrainedNet, images: RawImages) -> Int[np.ndarray, " n"]:
    """The network's answer, 0 to 9, for every image."""
    graph, params = nnx.split(net.model, nnx.Param)
    batches = [np.asarray(_answers(graph, params, inputs))[:n] for inputs, n in _batches(net, images)]
    return np.concatenate(batches).astype(np.int64)


def accuracy(net: TrainedNet, images: RawImages, labels: np.ndarray) -> float:
    """Share of images that the network names rightly, over all of them."""
    return float(np.mean(predictions(net, images) == labels))


@partial(jax.jit, static_argnames=("graph", "layers", "before"))
def _maps(
    graph: nnx.GraphDef, params: nnx.State, inputs: Images, *, layers: tuple[str, ...], before: bool
) -> dict[str, Array]:
    """Maps of some layers for one batch; compiled once for all networks."""
    found = nnx.merge(graph, params).activations(inputs)
    source = found.preactivations if before else found.activations
    return {layer: source[layer] for layer in layers}


@partial(jax.jit, static_argnames="graph")
def _answers(graph: nnx.GraphDef, params: nnx.State, inputs: Images) -> Array:
    """The class of the highest score for one batch; compiled once for all networks."""
    return nnx.merge(graph, params)(inputs).argmax(axis=-1)


def _batches(net: TrainedNet, images: RawImages) -> Iterator[tuple[Images, int]]:
    """The network's inputs, a batch at a time, and how many of its rows are real.

    The last batch is filled up with blank images, so that there is one shape to compile.
    """
    if not len(images):
        raise ValueError("images: none, expected at least one")
    size = min(BATCH, len(images))
    for begin in range(0, len(images), size):
        part = images[begin : begin + size]
        filled = np.concatenate([part, np.zeros((size - len(part), 28, 28), np.uint8)])
        yield net.inputs(filled), len(part)
