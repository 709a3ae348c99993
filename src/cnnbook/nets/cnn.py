"""The article's network, in Flax NNX: three convolutions, two poolings, one hidden layer.

The convolution stack is the article's. It does not give the size of the hidden layer: 100 is our choice.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from cnnbook.arrays import CroppedImages, FeatureMaps, Images, Logits
from cnnbook.nets.fast import Convolution, default_convolution
from cnnbook.nets.fast.polyphase import convolve_and_pool
from cnnbook.nets.geometry import CLASSES, geometry_of

HIDDEN_UNITS = 100
"""Units of the hidden layer, our choice; see the module's docstring."""

PARAMETERS = 208_982
"""Weights and biases of the whole network; asserted when one is made."""


class Activations(NamedTuple):
    """Everything one forward pass computes, by layer name.

    Attributes:
        logits: scores of the ten classes.
        preactivations: before ReLU, for conv_1, conv_2, conv_3 and hidden.
        activations: after ReLU or pooling, for the five layers with maps and hidden.
    """

    logits: Logits
    preactivations: dict[str, Array]
    activations: dict[str, Array]


class CNN(nnx.Module):
    """28×28×1 → Conv_1 (32) → Pool_1 → Conv_2 (64) → Pool_2 → Conv_3 (128) → 1,152 → 100 → 10.

    Kernels are Glorot-uniform (Glorot and Bengio, AISTATS 2010, eq. 16), biases zero, as in Keras.

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
        geometry = geometry_of()
        maps_1, maps_2, maps_3 = (geometry[name].layer.maps for name in ("conv_1", "conv_2", "conv_3"))
        self.conv_1 = conv(1, maps_1)
        self.conv_2 = conv(maps_1, maps_2)
        self.conv_3 = conv(maps_2, maps_3)
        flat = geometry["conv_3"].size ** 2 * maps_3
        self.hidden = nnx.Linear(flat, HIDDEN_UNITS, kernel_init=glorot, rngs=rngs)
        self.logits = nnx.Linear(HIDDEN_UNITS, CLASSES, kernel_init=glorot, rngs=rngs)
        count = sum(leaf.size for leaf in jax.tree.leaves(nnx.state(self, nnx.Param)))
        if count != PARAMETERS:
            raise AssertionError(f"the network has {count:,} parameters; the article's has {PARAMETERS:,}")

    def activations(self, images: Images | CroppedImages) -> Activations:
        """Logits and every layer's maps, from one forward pass.

        Images without their last two rows and columns give the same logits for four fifths of the work: the
        maps below Conv_3 then lack the rows and columns that nothing above depends on.
        """
        with jax.named_scope("conv_1"):  # profiles tell layers apart by it
            conv_1, pool_1 = convolve_and_pool(self.conv_1, images)
        with jax.named_scope("conv_2"):
            conv_2, pool_2 = convolve_and_pool(self.conv_2, pool_1)
        with jax.named_scope("conv_3"):
            conv_3 = self.conv_3(pool_2)
            maps = nnx.relu(conv_3)
        with jax.named_scope("dense"):
            hidden = self.hidden(self.flatten(maps))
            units = nnx.relu(hidden)
            logits = self.logits(units)
        before = {"conv_1": conv_1, "conv_2": conv_2, "conv_3": conv_3, "hidden": hidden}
        after = {"conv_1": nnx.relu(conv_1), "pool_1": pool_1, "conv_2": nnx.relu(conv_2), "pool_2": pool_2}
        return Activations(logits, before, after | {"conv_3": maps, "hidden": units})

    def __call__(self, images: Images | CroppedImages) -> Logits:
        """Scores of the ten classes; the largest is the network's answer."""
        return self.activations(images).logits

    @staticmethod
    def flatten(maps: FeatureMaps) -> Array:
        """Conv_3's maps as the vector of 1,152 that the hidden layer reads: row, column, map."""
        return jnp.reshape(maps, (maps.shape[0], -1))
