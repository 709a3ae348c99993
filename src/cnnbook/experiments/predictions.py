"""What networks predict for test images: probabilities, and the counts that follow from them."""

from functools import partial

import jax
import numpy as np
from flax import nnx
from jax import Array
from jaxtyping import Float, Int, UInt8

from cnnbook.arrays import Images, RawImages
from cnnbook.maps import run_in_batches
from cnnbook.nets.geometry import CLASSES
from cnnbook.training.trained import TrainedNet

Probabilities = Float[np.ndarray, "n 10"]
"""The softmax of the logits, for each image."""

Confusion = Int[np.ndarray, "10 10"]
"""Images by true class (rows) and prediction (columns)."""


def probabilities(net: TrainedNet, images: RawImages) -> Probabilities:
    """Class probabilities of every image, in order.

    Args:
        net: a trained network of any kind.
        images: as MNIST stores them.
    """
    return np.concatenate([np.asarray(part)[:count] for part, count in run_in_batches(_softmax, net, images)])


@partial(jax.jit, static_argnames="graph")
def _softmax(graph: nnx.GraphDef, params: nnx.State, inputs: Images) -> Array:
    """Probabilities for one batch; compiled once for all networks of a kind."""
    return jax.nn.softmax(nnx.merge(graph, params)(inputs))


def confusion(predicted: Probabilities, true: UInt8[np.ndarray, " n"]) -> Confusion:
    """Images counted by true class (rows) and by the class of the highest probability (columns).

    Args:
        predicted: probabilities of each image.
        true: its label.
    """
    table = np.zeros((CLASSES, CLASSES), np.int64)
    np.add.at(table, (true, predicted.argmax(axis=1)), 1)
    return table


def is_correct(predicted: Probabilities, true: UInt8[np.ndarray, " n"]) -> np.ndarray:
    """Whether the class of the highest probability is the label.

    Args:
        predicted: probabilities of each image.
        true: its label.
    """
    return predicted.argmax(axis=1) == true
