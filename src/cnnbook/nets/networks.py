"""The networks that a recipe can train, by name."""

from jax import Array

from cnnbook.config.training import NetworkName
from cnnbook.nets.cnn import CNN
from cnnbook.nets.convolution import default_convolution
from cnnbook.nets.geometry import INPUT_SIZE, SEEN
from cnnbook.nets.mlp import MLP
from cnnbook.nets.paired import PairedCNN

HIDDEN_OF_MLP = (70, 30)
"""The MLP of the article's series (its part II)."""

HIDDEN_OF_WIDE_MLP = (263,)
"""One hidden layer, so wide that the parameters (209,095) are as many as the CNN's (208,982)."""


Network = CNN | PairedCNN | MLP
"""What `network` makes."""


def network(name: NetworkName, *, key: Array, training: bool = False) -> Network:
    """A network with initial weights.

    Args:
        name: of one that a recipe can train.
        key: consumed to draw the weights.
        training: convolve in the way that is fastest to train with, see `convolution_for`.
    """
    convolution = default_convolution(training=training)
    if name == "cnn":
        return CNN(key=key, convolution=convolution)
    if name == "paired-cnn":
        return PairedCNN(key=key, convolution=convolution)
    return MLP(HIDDEN_OF_MLP if name == "mlp" else HIDDEN_OF_WIDE_MLP, key=key)


def side_seen(name: NetworkName) -> int:
    """Rows and columns of the image that can change the network's answer, from the top left."""
    return SEEN if name == "cnn" else INPUT_SIZE
