"""The article's three convolutions with another head, or with half as many maps, to compare the CNN with."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import jax.numpy as jnp
from flax import nnx
from jax import Array

from cnnbook.arrays import CroppedImages, FeatureMaps, Images, Logits
from cnnbook.nets.cnn import CNN, HIDDEN_UNITS, Activations
from cnnbook.nets.fast import Convolution, default_convolution
from cnnbook.nets.fast.polyphase import convolve_and_pool
from cnnbook.nets.geometry import CLASSES

CELLS, MAPS = 9, (32, 64, 128)
"""Cells of a map of Conv_3, and maps of the three convolutions of the CNN."""


class ConvolutionsWithHead(nnx.Module):
    """The CNN's chain of convolutions and poolings; what reads Conv_3 is the subclass's.

    Kernels are drawn as in `CNN`, biases are zero. With the CNN's numbers of maps and the same key, the
    initial kernels are the CNN's.

    Args:
        maps: of the three convolutions.
        rngs: draws the initial weights.
        convolution: None chooses the one that is fast on the platform JAX runs on.
    """

    def __init__(self, maps: Sequence[int], *, rngs: nnx.Rngs, convolution: Convolution | None) -> None:
        conv = partial(
            nnx.Conv,
            kernel_size=(3, 3),
            padding="VALID",
            kernel_init=nnx.initializers.glorot_uniform(),
            conv_general_dilated=convolution or default_convolution(),
            rngs=rngs,
        )
        self.conv_1, self.conv_2, self.conv_3 = (conv(below, above) for below, above in pairwise((1, *maps)))

    def activations(self, images: Images | CroppedImages) -> Activations:
        """Logits and every layer's maps, from one forward pass: see `CNN.activations`."""
        conv_1, pool_1 = convolve_and_pool(self.conv_1, images)
        conv_2, pool_2 = convolve_and_pool(self.conv_2, pool_1)
        conv_3 = self.conv_3(pool_2)
        maps = nnx.relu(conv_3)
        hidden, units, logits = self.head(maps)
        before = {"conv_1": conv_1, "conv_2": conv_2, "conv_3": conv_3, "hidden": hidden}
        after = {"conv_1": nnx.relu(conv_1), "pool_1": pool_1, "conv_2": nnx.relu(conv_2), "pool_2": pool_2}
        return Activations(logits, before, after | {"conv_3": maps, "hidden": units})

    def head(self, maps: FeatureMaps) -> tuple[Array, Array, Logits]:
        """What the head computes from Conv_3: hidden values, what it makes of them, and logits."""
        raise NotImplementedError(f"{type(self).__name__}.head: a subclass reads Conv_3")

    def __call__(self, images: Images | CroppedImages) -> Logits:
        """Scores of the ten classes."""
        return self.activations(images).logits


class PooledCNN(ConvolutionsWithHead):
    """The CNN whose head reads the mean of each Conv_3 map, wherever in the map it is active: 128 → 10.

    Global average pooling is of Lin, Chen and Yan, "Network in Network", ICLR 2014, section 3.2.

    Args:
        key: consumed to draw the initial weights.
        convolution: None chooses the one that is fast on the platform JAX runs on.
    """

    def __init__(self, *, key: Array, convolution: Convolution | None = None) -> None:
        rngs = nnx.Rngs(params=key)
        super().__init__(MAPS, rngs=rngs, convolution=convolution)
        self.logits = nnx.Linear(MAPS[-1], CLASSES, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)

    def head(self, maps: FeatureMaps) -> tuple[Array, Array, Logits]:
        """The mean of each map twice, and logits."""
        means = jnp.mean(maps, axis=(1, 2))
        return means, means, self.logits(means)


class BilinearCNN(ConvolutionsWithHead):
    """The CNN with a head of products: logits = U((W a) * (V a)) + b for the 1,152 points a of Conv_3.

    Each class's logit is a quadratic form in pairs of points, which its eigenvectors tell exactly: Pearce and
    others, "Bilinear MLPs Enable Weight-based Mechanistic Interpretability", ICLR 2025, section 3.

    Args:
        key: consumed to draw the initial weights.
        convolution: None chooses the one that is fast on the platform JAX runs on.
    """

    def __init__(self, *, key: Array, convolution: Convolution | None = None) -> None:
        rngs = nnx.Rngs(params=key)
        super().__init__(MAPS, rngs=rngs, convolution=convolution)
        linear = partial(nnx.Linear, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)
        self.left = linear(CELLS * MAPS[-1], HIDDEN_UNITS, use_bias=False)
        self.right = linear(CELLS * MAPS[-1], HIDDEN_UNITS, use_bias=False)
        self.logits = linear(HIDDEN_UNITS, CLASSES)

    def head(self, maps: FeatureMaps) -> tuple[Array, Array, Logits]:
        """One factor of each product, the products, and logits."""
        points = CNN.flatten(maps)
        left = self.left(points)
        products = left * self.right(points)
        return left, products, self.logits(products)


class NarrowCNN(ConvolutionsWithHead):
    """The CNN with half as many maps on each convolution, and the same hidden layer.

    Args:
        key: consumed to draw the initial weights.
        convolution: None chooses the one that is fast on the platform JAX runs on.
    """

    def __init__(self, *, key: Array, convolution: Convolution | None = None) -> None:
        rngs = nnx.Rngs(params=key)
        maps = [each // 2 for each in MAPS]
        super().__init__(maps, rngs=rngs, convolution=convolution)
        linear = partial(nnx.Linear, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)
        self.hidden = linear(CELLS * maps[-1], HIDDEN_UNITS)
        self.logits = linear(HIDDEN_UNITS, CLASSES)

    def head(self, maps: FeatureMaps) -> tuple[Array, Array, Logits]:
        """The hidden layer before and after ReLU, and logits."""
        hidden = self.hidden(CNN.flatten(maps))
        units = nnx.relu(hidden)
        return hidden, units, self.logits(units)
