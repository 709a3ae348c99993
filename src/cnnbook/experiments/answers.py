"""What networks answer to the test images: probabilities, and the counts that follow from them."""

from collections.abc import Sequence
from functools import partial

import jax
import numpy as np
from flax import nnx
from jax import Array
from jaxtyping import Float, Int, UInt8

from cnnbook.arrays import Images, RawImages
from cnnbook.nets.geometry import CLASSES
from cnnbook.training.trained import TrainedNet

BATCH = 64
"""Images in one forward pass: as many as a CPU's cache holds."""

Probabilities = Float[np.ndarray, "n 10"]
"""The softmax of the scores, for each image."""

Confusion = Int[np.ndarray, "10 10"]
"""Images by true class (rows) and answer (columns)."""


def probabilities(net: TrainedNet, images: RawImages) -> Probabilities:
    """What a network thinks of every image, in order."""
    graph, params = nnx.split(net.model, nnx.Param)
    size, found = min(BATCH, len(images)), []
    for begin in range(0, len(images), size):
        part = images[begin : begin + size]
        filled = np.concatenate([part, np.zeros((size - len(part), *part.shape[1:]), part.dtype)])
        found.append(np.asarray(_softmax(graph, params, net.inputs(filled)))[: len(part)])
    return np.concatenate(found)


@partial(jax.jit, static_argnames="graph")
def _softmax(graph: nnx.GraphDef, params: nnx.State, inputs: Images) -> Array:
    """Probabilities for one batch; compiled once for all networks of a kind."""
    return jax.nn.softmax(nnx.merge(graph, params)(inputs))


def together(each: Sequence[Probabilities]) -> Probabilities:
    """What several networks think together: the mean of their probabilities."""
    return np.mean(each, axis=0)


def confusion(found: Probabilities, true: UInt8[np.ndarray, " n"]) -> Confusion:
    """Images counted by true class (rows) and answer, the class of the highest probability (columns)."""
    table = np.zeros((CLASSES, CLASSES), np.int64)
    np.add.at(table, (true, found.argmax(axis=1)), 1)
    return table


def share_right(found: Probabilities, true: UInt8[np.ndarray, " n"]) -> float:
    """Share of images whose answer is their label."""
    return float(np.mean(found.argmax(axis=1) == true))
