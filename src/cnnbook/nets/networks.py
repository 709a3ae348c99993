"""The networks that a recipe can train, by name."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import jax.numpy as jnp
from flax import nnx
from jax import Array

from cnnbook.arrays import Images, Logits
from cnnbook.config.training import NetworkName
from cnnbook.nets.cnn import CNN
from cnnbook.nets.fast import default_convolution
from cnnbook.nets.geometry import CLASSES, CROP, INPUT_SIZE
from cnnbook.nets.heads import BilinearCNN, ConvolutionsWithHead, NarrowCNN, PooledCNN
from cnnbook.nets.paired import PairedCNN

HIDDEN_OF_MLP = (70, 30)
"""The MLP of the article's series (its part II)."""

HIDDEN_OF_WIDE_MLP = (263,)
"""One hidden layer, so wide that the parameters (209,095) are as many as the CNN's (208,982)."""


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


Network = CNN | PairedCNN | MLP | PooledCNN | BilinearCNN | NarrowCNN
"""What `network` makes."""

HIDDEN: Mapping[NetworkName, Sequence[int]] = {"mlp": HIDDEN_OF_MLP, "wide-mlp": HIDDEN_OF_WIDE_MLP}
"""Hidden layers of the networks that are all dense."""

CONVOLUTIONAL: Mapping[NetworkName, type[CNN | PairedCNN | PooledCNN | BilinearCNN | NarrowCNN]] = {
    "cnn": CNN,
    "paired-cnn": PairedCNN,
    "pooled-cnn": PooledCNN,
    "bilinear-cnn": BilinearCNN,
    "narrow-cnn": NarrowCNN,
}
"""Classes of the others."""


def network(name: NetworkName, *, key: Array, training: bool = False) -> Network:
    """A network with initial weights.

    Args:
        name: of one that a recipe can train.
        key: consumed to draw the weights.
        training: convolve in the way that is fastest to train with, see `convolution_for`.
    """
    if name in HIDDEN:
        return MLP(HIDDEN[name], key=key)
    return CONVOLUTIONAL[name](key=key, convolution=default_convolution(training=training))


def network_class(name: NetworkName) -> type[Network]:
    """The class of a network that a recipe can train."""
    return CONVOLUTIONAL.get(name, MLP)


def side_used(name: NetworkName) -> int:
    """Rows and columns of the image that can change the network's answer, from the top left."""
    return CROP if issubclass(network_class(name), CNN | ConvolutionsWithHead) else INPUT_SIZE
