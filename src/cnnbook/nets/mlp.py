"""Networks without convolution, to compare the CNN with: pixels, hidden layers, ten scores."""

from collections.abc import Sequence
from itertools import pairwise

import jax.numpy as jnp
from flax import nnx
from jax import Array

from cnnbook.arrays import Images, Logits
from cnnbook.nets.geometry import CLASSES, INPUT_SIZE


class MLP(nnx.Module):
    """784 pixels → hidden layers with ReLU → 10 scores.

    Kernels are Glorot-uniform (Glorot and Bengio, AISTATS 2010, eq. 16), biases zero, as in `CNN`.

    Args:
        hidden: units of each hidden layer, bottom first.
        key: consumed to draw the initial weights.
    """

    def __init__(self, hidden: Sequence[int], *, key: Array) -> None:
        rngs = nnx.Rngs(params=key)
        glorot = nnx.initializers.glorot_uniform()
        sizes = (INPUT_SIZE**2, *hidden, CLASSES)
        self.layers = nnx.List(
            nnx.Linear(below, above, kernel_init=glorot, rngs=rngs) for below, above in pairwise(sizes)
        )

    def __call__(self, images: Images) -> Logits:
        """Scores of the ten classes."""
        values = jnp.reshape(images, (images.shape[0], -1))
        for layer in self.layers[:-1]:
            values = nnx.relu(layer(values))
        return self.layers[-1](values)
