"""A network that convolves twice before each pooling, to compare the CNN with.

28×28×1 → 3×3×16 → 3×3×16 → 2×2 → 3×3×48 → 3×3×64 → 2×2 → 1,024 → 166 → 10, ReLU after each convolution.
It has 208,972 parameters (the CNN 208,982) and 1.3 times the CNN's multiplications, so that neither network
is simply the larger one. The price is a wider hidden layer: fewer of its parameters lie in convolutions.
"""

from functools import partial
from itertools import pairwise

import jax.numpy as jnp
from flax import nnx
from jax import Array

from cnnbook.arrays import Images, Logits
from cnnbook.nets.fast import Convolution, default_convolution
from cnnbook.nets.fast.polyphase import convolve_and_pool
from cnnbook.nets.geometry import CLASSES

MAPS = (16, 16, 48, 64)
"""Maps of the four convolutions."""

FLAT, HIDDEN = 4 * 4 * 64, 166
"""Numbers that reach the dense layers, and units of the hidden layer."""


class PairedCNN(nnx.Module):
    """Two convolutions, pooling, two convolutions, pooling, two dense layers.

    Kernels are Glorot-uniform (Glorot and Bengio, AISTATS 2010, eq. 16), biases zero, as in `CNN`.

    Args:
        key: consumed to draw the initial weights.
        convolution: None chooses the one that is fast on the platform JAX runs on.
    """

    def __init__(self, *, key: Array, convolution: Convolution | None = None) -> None:
        rngs = nnx.Rngs(params=key)
        glorot = nnx.initializers.glorot_uniform()
        conv = partial(
            nnx.Conv,
            kernel_size=(3, 3),
            padding="VALID",
            kernel_init=glorot,
            conv_general_dilated=convolution or default_convolution(),
            rngs=rngs,
        )
        self.convolutions = nnx.List(conv(below, maps) for below, maps in pairwise((1, *MAPS)))
        self.hidden = nnx.Linear(FLAT, HIDDEN, kernel_init=glorot, rngs=rngs)
        self.logits = nnx.Linear(HIDDEN, CLASSES, kernel_init=glorot, rngs=rngs)

    def __call__(self, images: Images) -> Logits:
        """Scores of the ten classes."""
        maps = images
        for first, second in ((0, 1), (2, 3)):
            maps = nnx.relu(self.convolutions[first](maps))
            maps = convolve_and_pool(self.convolutions[second], maps)[1]
        return self.logits(nnx.relu(self.hidden(jnp.reshape(maps, (maps.shape[0], -1)))))
