"""The article's network, in Flax NNX: three convolutions, two poolings, one hidden layer.

The convolution stack is the article's. It does not give the size of the hidden layer: 100 is our choice.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from cnnbook.arrays import FeatureMaps, Images, Logits, SeenImages
from cnnbook.nets.convolution import Convolution, default_convolution
from cnnbook.nets.geometry import CLASSES, LAYERS, geometry_of
from cnnbook.nets.phases import convolve_and_pool

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
        convolve = convolution or default_convolution()
        below, stack = 1, {}
        for layer in LAYERS:
            if layer.kind == "convolution":
                window = (layer.kernel, layer.kernel)
                stack[layer.name] = nnx.Conv(
                    below,
                    layer.maps,
                    window,
                    padding="VALID",
                    kernel_init=glorot,
                    conv_general_dilated=convolve,
                    rngs=rngs,
                )
                below = layer.maps
        self.conv_1, self.conv_2, self.conv_3 = stack["conv_1"], stack["conv_2"], stack["conv_3"]
        flat = geometry_of()["conv_3"].size ** 2 * below
        self.hidden = nnx.Linear(flat, HIDDEN_UNITS, kernel_init=glorot, rngs=rngs)
        self.logits = nnx.Linear(HIDDEN_UNITS, CLASSES, kernel_init=glorot, rngs=rngs)
        count = sum(leaf.size for leaf in jax.tree.leaves(nnx.state(self, nnx.Param)))
        if count != PARAMETERS:
            raise AssertionError(f"the network has {count:,} parameters; the article's has {PARAMETERS:,}")

    def activations(self, images: Images | SeenImages) -> Activations:
        """Logits and every layer's maps, from one forward pass.

        Images without their last two rows and columns give the same logits for four fifths of the work: the
        maps below Conv_3 then lack the rows and columns that go nowhere.
        """
        before: dict[str, Array] = {}
        after: dict[str, Array] = {}
        maps = images
        for name, pool in (("conv_1", "pool_1"), ("conv_2", "pool_2")):
            with jax.named_scope(name):  # profiles tell layers apart by it
                before[name], after[pool] = convolve_and_pool(getattr(self, name), maps)
                after[name] = nnx.relu(before[name])
            maps = after[pool]
        with jax.named_scope("conv_3"):
            before["conv_3"] = self.conv_3(maps)
            after["conv_3"] = maps = nnx.relu(before["conv_3"])
        with jax.named_scope("dense"):
            before["hidden"] = self.hidden(self.flatten(maps))
            after["hidden"] = nnx.relu(before["hidden"])
            logits = self.logits(after["hidden"])
        return Activations(logits, before, after)

    def __call__(self, images: Images | SeenImages) -> Logits:
        """Scores of the ten classes; the largest is the network's answer."""
        return self.activations(images).logits

    @staticmethod
    def flatten(maps: FeatureMaps) -> Array:
        """Conv_3's maps as the vector of 1,152 that the hidden layer reads: row, column, map."""
        return jnp.reshape(maps, (maps.shape[0], -1))
