"""Activations of every layer, by name, streamed over any number of images."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import zip_longest
from typing import Any, NamedTuple

import jax
import numpy as np
from flax import nnx
from jax import Array
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Float, Int, Integer, UInt8

from cnnbook.arrays import FeatureMaps, Images, Labels, RawImages
from cnnbook.nets.geometry import MAP_LAYERS, geometry_of
from cnnbook.training.trained import TrainedNet

BATCH = 32
"""Images in one forward pass. On a CPU more of them leave its cache: 500 take three times as long each."""

FEW = 5000
"""Images up to which all layers are computed whichever are asked for: to compile a program takes longer."""

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
    whole: FeatureMapsOf = {}
    done = 0
    for part in stream(net, images, layers, preactivations=preactivations):
        for layer, maps in part.items():
            if layer not in whole:  # filled as they come: to join them in the end takes twice the memory
                whole[layer] = np.empty((len(images), *maps.shape[1:]), maps.dtype)
            whole[layer][done : done + len(maps)] = maps
        done += max(map(len, part.values()), default=0)
    return whole


def flat_maps(net: TrainedNet, images: RawImages, layer: str) -> Float[np.ndarray, "n points"]:
    """The maps of one layer, one row an image: row, column, map.

    Args:
        net: a trained network.
        images: as MNIST stores them.
        layer: any with maps.

    Raises:
        ValueError: see `feature_maps`.
    """
    return feature_maps(net, images, (layer,))[layer].reshape(len(images), -1)


def flat_pixels(images: RawImages) -> Float[np.ndarray, "n pixels"]:
    """Pixels as ink from 0 to 1, one row an image: what activations are compared with."""
    return images.reshape(len(images), -1).astype(np.float32) / 255


def stream(
    net: TrainedNet, images: RawImages, layers: Sequence[str] = MAP_LAYERS, *, preactivations: bool = False
) -> Iterator[FeatureMapsOf]:
    """Maps of some layers for some images, a batch at a time, in constant memory.

    Args:
        net: a trained network.
        images: as MNIST stores them.
        layers: any of conv_1, pool_1, conv_2, pool_2, conv_3.
        preactivations: take the value before ReLU; a pooling layer has none.

    Raises:
        ValueError: see `feature_maps`.
    """
    check_layers(layers)
    without = [layer for layer in layers if preactivations and layer.startswith("pool")]
    if without:
        raise ValueError(f"layer={without[0]!r}: a pooling layer has no preactivations; ask for a conv layer")
    if len(images) > FEW:
        computed = tuple(layers)
    else:
        computed = tuple(layer for layer in MAP_LAYERS if not (preactivations and layer.startswith("pool")))
    program = partial(_maps, layers=computed, preactivations=preactivations)
    for maps, count in run_in_batches(program, net, images):
        yield {layer: np.asarray(maps[layer])[:count] for layer in layers}


class MapResponses(NamedTuple):
    """How strongly the maps of one layer respond to some images.

    Attributes:
        mean: of each map for each image.
        largest: activation of its strongest point.
        point: the index of that point, row by row.
    """

    mean: Float[np.ndarray, "n maps"]
    largest: Float[np.ndarray, "n maps"]
    point: Int[np.ndarray, "n maps"]


def map_responses(net: TrainedNet, images: RawImages, layers: Sequence[str]) -> dict[str, MapResponses]:
    """The mean and the strongest point of every map of some layers, streamed over any number of images.

    Args:
        net: whose maps.
        images: as MNIST stores them.
        layers: any of `MAP_LAYERS`.

    Raises:
        ValueError: see `feature_maps`.
    """
    parts: dict[str, list[tuple[np.ndarray, ...]]] = {layer: [] for layer in layers}
    for batch in stream(net, images, layers):
        for layer in layers:
            maps = batch[layer].reshape(len(batch[layer]), -1, batch[layer].shape[-1])
            point = maps.argmax(axis=1)
            largest = np.take_along_axis(maps, point[:, None], axis=1)[:, 0]
            parts[layer].append((maps.mean(axis=1), largest, point.astype(np.int32)))
    joined = {layer: map(np.concatenate, zip(*parts[layer], strict=True)) for layer in layers}
    return {layer: MapResponses(*each) for layer, each in joined.items()}


def windows_at(
    images: RawImages, layer: str, points: Int[np.ndarray, " n"]
) -> UInt8[np.ndarray, "n side side"]:
    """Of each image, exactly the pixels that one point of a layer sees.

    Args:
        images: as MNIST stores them.
        layer: whose point.
        points: one for each image: row times the layer's columns, plus column.

    Returns:
        Pixels of the layer's receptive field, as stored.
    """
    geometry = geometry_of()[layer]
    side = geometry.receptive_field
    corners = [[geometry.jump * index for index in divmod(int(point), geometry.size)] for point in points]
    windows = [
        image[row : row + side, column : column + side]
        for image, (row, column) in zip(images, corners, strict=True)
    ]
    return np.array(windows, np.uint8).reshape(-1, side, side)


def predictions(net: TrainedNet, images: RawImages) -> Int[np.ndarray, " n"]:
    """The class, 0 to 9, that the network predicts for every image.

    Args:
        net: a trained network.
        images: as MNIST stores them.
    """
    predicted = [np.asarray(answers)[:count] for answers, count in run_in_batches(_answers, net, images)]
    return np.concatenate(predicted).astype(np.int64)


def accuracy(net: TrainedNet, images: RawImages, labels: Integer[np.ndarray, " n"]) -> float:
    """Share of images that the network classifies correctly.

    Args:
        net: a trained network.
        images: as MNIST stores them.
        labels: their classes.
    """
    return float(np.mean(predictions(net, images) == labels))


@partial(jax.jit, static_argnames=("graph", "layers", "preactivations"))
def _maps(
    graph: nnx.GraphDef, params: nnx.State, inputs: Images, *, layers: tuple[str, ...], preactivations: bool
) -> dict[str, FeatureMaps]:
    """Maps of some layers for one batch; compiled once for all networks."""
    found = nnx.merge(graph, params).activations(inputs)
    source = found.preactivations if preactivations else found.activations
    return {layer: source[layer] for layer in layers}


@partial(jax.jit, static_argnames="graph")
def _answers(graph: nnx.GraphDef, params: nnx.State, inputs: Images) -> Labels:
    """The class of the highest score for one batch; compiled once for all networks."""
    return nnx.merge(graph, params)(inputs).argmax(axis=-1)


def run_in_batches(
    program: Callable[[nnx.GraphDef, nnx.State, Images], Any], net: TrainedNet, images: RawImages
) -> Iterator[tuple[Any, int]]:
    """What a program computes of the network for each batch, and how many of the batch's rows are real.

    Each device, on a CPU a core, has a batch of its own: cores that share one wait for each other after every
    operation. While results are looked at, the next ones are being computed. The last batches are filled up
    with blank images: there is one shape to compile, however few they are.

    Args:
        program: compiled; takes the network's graph, its parameters and inputs, and gives arrays with a first
            axis for the inputs.
        net: whose parameters and inputs.
        images: as MNIST stores them.

    Raises:
        ValueError: there are no images.
    """
    if not len(images):
        raise ValueError("images: none, expected at least one")
    mesh = Mesh(np.array(jax.local_devices()), ("images",))
    size = BATCH * mesh.size
    graph, params = nnx.split(net.model, nnx.Param)
    params = jax.device_put(params, NamedSharding(mesh, PartitionSpec()))
    by_image = NamedSharding(mesh, PartitionSpec("images"))

    def compute_batch(begin: int) -> Any:
        part = images[begin : begin + size]
        filled = np.concatenate([part, np.zeros((size - len(part), 28, 28), np.uint8)])
        found = program(graph, params, jax.device_put(net.scaling(filled), by_image))
        return jax.device_put(found, by_image)  # where it is already, unless XLA chose otherwise

    places, ahead = list(range(0, len(images), size)), compute_batch(0)
    for begin, following in zip_longest(places, places[1:]):
        now, ahead = ahead, None if following is None else compute_batch(following)
        for number in range(mesh.size):
            count = min(BATCH, len(images) - begin - number * BATCH)
            if count > 0:
                yield jax.tree.map(partial(_shard, number=number), now), count


def _shard(array: Array, *, number: int) -> Array:
    """What one of the devices has of an array, without a copy."""
    return array.addressable_shards[number].data
