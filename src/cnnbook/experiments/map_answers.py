"""What every map answers to digits: its mean and its largest point, streamed over any number of images."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from cnnbook.arrays import RawImages
from cnnbook.maps import stream
from cnnbook.nets.geometry import geometry_of
from cnnbook.training.trained import TrainedNet


class Answers(NamedTuple):
    """One layer's maps on some images.

    Attributes:
        mean: of each map for each image.
        largest: activation of its strongest point.
        place: that point, row by row.
    """

    mean: Float[np.ndarray, "n maps"]
    largest: Float[np.ndarray, "n maps"]
    place: Int[np.ndarray, "n maps"]


def answers(net: TrainedNet, images: RawImages, layers: tuple[str, ...]) -> dict[str, Answers]:
    """The answers of every map of some layers."""
    parts: dict[str, list[tuple[np.ndarray, ...]]] = {layer: [] for layer in layers}
    for batch in stream(net, images, layers):
        for layer in layers:
            maps = batch[layer].reshape(len(batch[layer]), -1, batch[layer].shape[-1])
            place = maps.argmax(axis=1)
            largest = np.take_along_axis(maps, place[:, None], axis=1)[:, 0]
            parts[layer].append((maps.mean(axis=1), largest, place.astype(np.int32)))
    joined = {layer: map(np.concatenate, zip(*parts[layer], strict=True)) for layer in layers}
    return {layer: Answers(*each) for layer, each in joined.items()}


def windows_at(images: RawImages, layer: str, places: Int[np.ndarray, " n"]) -> np.ndarray:
    """Of each image, exactly the pixels that one point of a layer sees, as stored.

    Args:
        images: one a place.
        layer: whose point.
        places: row times the layer's columns plus column.

    Returns:
        Pictures of the layer's receptive field.
    """
    about = geometry_of()[layer]
    side = about.receptive_field
    found = np.empty((len(images), side, side), np.uint8)
    for k, (image, place) in enumerate(zip(images, places, strict=True)):
        row, column = (int(at) * about.jump for at in divmod(int(place), about.size))
        found[k] = image[row : row + side, column : column + side]
    return found
