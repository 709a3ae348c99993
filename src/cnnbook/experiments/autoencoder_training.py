"""An autoencoder on the book's three convolutions: they learn to give the image back, and no class.

Behind the points of Conv_3 stands a decoder of two dense layers. The error is the mean squared one of all
pixels. An encoder can also stay as it is, so that only the decoder learns what can be made of it.
"""

from dataclasses import replace
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax import Array
from jaxtyping import Float, Key, UInt8

from cnnbook.arrays import RawImages
from cnnbook.keys import shape_key
from cnnbook.maps import flat_maps
from cnnbook.nets.cnn import CNN
from cnnbook.nets.fast import default_convolution
from cnnbook.nets.geometry import CROP, INPUT_SIZE
from cnnbook.training.trained import TrainedNet

BATCH, PEAK = 32, 2e-3
"""Images in an update, and the highest learning rate of Adam."""

HIDDEN = 512
"""Units of the decoder's hidden layer."""

Params = dict[str, Array]


class Autoencoder(NamedTuple):
    """An encoder and a decoder that learned together, or a decoder that learned alone.

    Attributes:
        encoder: a network whose convolutions are the encoder; its dense layers never learned.
        decoder: weights and biases of both layers.
    """

    encoder: TrainedNet
    decoder: dict[str, np.ndarray]

    def rebuilt(self, images: RawImages) -> Float[np.ndarray, "n 28 28"]:
        """What the decoder makes of images, as ink."""
        codes, decoder = flat_maps(self.encoder, images, "conv_3"), self.decoder
        hidden = np.maximum(codes @ decoder["hidden"] + decoder["hidden_bias"], 0)
        return (hidden @ decoder["pixels"] + decoder["pixels_bias"]).reshape(-1, INPUT_SIZE, INPUT_SIZE)


def train_autoencoder(
    start: TrainedNet, images: RawImages, *, epochs: int, key: Key[Array, ""], only_decoder: bool = False
) -> Autoencoder:
    """Train an autoencoder by Adam and a one-cycle rate.

    Args:
        start: whose convolutions the encoder starts from.
        images: as MNIST stores them; those left over of the last batch are not seen in a pass.
        epochs: passes.
        key: decides the decoder's first weights and the order of the images.
        only_decoder: whether the convolutions stay as they are.

    Raises:
        ValueError: the network is none of the book's, or there are fewer images than a batch holds.
    """
    if not isinstance(start.model, CNN):
        raise ValueError(f"start: a {type(start.model).__name__}, expected the book's CNN")
    if len(images) < BATCH:
        raise ValueError(f"images: {len(images)}, expected at least {BATCH}, which are one batch")
    decoder_key, *keys = jax.random.split(key, epochs + 1)
    orders = np.stack([np.asarray(jax.random.permutation(each, len(images))) for each in keys])
    batches = orders[:, : len(images) // BATCH * BATCH].reshape(-1, BATCH)
    quick = nnx.eval_shape(lambda: CNN(key=shape_key(), convolution=default_convolution(training=True)))
    graph, params = nnx.split(start.model, nnx.Param)
    encoder, decoder = _trained(
        params,
        decoder_key,
        jnp.asarray(images[batches]),
        jnp.asarray(start.scaling.mean),
        jnp.asarray(start.scaling.std),
        jnp.float32(not only_decoder),
        graph=nnx.graphdef(quick),
    )
    return Autoencoder(replace(start, model=nnx.merge(graph, encoder)), jax.tree.map(np.asarray, decoder))


@partial(jax.jit, static_argnames="graph")
def _trained(
    encoder: nnx.State,
    key: Array,
    batches: UInt8[Array, "updates batch 28 28"],
    mean: Float[Array, "28 28"],
    std: Float[Array, "28 28"],
    learns: Float[Array, ""],
    *,
    graph: nnx.GraphDef,
) -> tuple[nnx.State, Params]:
    """The encoder's and the decoder's parameters after one update for each batch.

    The encoder's slopes are multiplied by `learns`, 1 or 0: one program serves both.
    """
    rule = optax.adam(optax.cosine_onecycle_schedule(len(batches), PEAK))

    def loss(params: tuple[nnx.State, Params], ink: Array) -> Array:
        inputs = ((ink - mean[None]) / std[None])[:, :CROP, :CROP, None]
        maps = nnx.merge(graph, params[0]).activations(inputs).activations["conv_3"]
        decoder = params[1]
        hidden = nnx.relu(CNN.flatten(maps) @ decoder["hidden"] + decoder["hidden_bias"][None])
        pixels = hidden @ decoder["pixels"] + decoder["pixels_bias"][None]
        return ((pixels - ink.reshape(len(ink), -1)) ** 2).mean()

    def update(state: tuple, batch: Array) -> tuple[tuple, None]:
        params, memory = state
        encoder_slopes, decoder_slopes = jax.grad(loss)(params, batch.astype(jnp.float32) / 255)
        slopes = jax.tree.map(lambda slope: slope * learns, encoder_slopes), decoder_slopes
        changes, memory = rule.update(slopes, memory, params)
        return (optax.apply_updates(params, changes), memory), None

    start = (encoder, _decoder(key))
    (params, _), _ = jax.lax.scan(update, (start, rule.init(start)), batches)
    return params


def _decoder(key: Array) -> Params:
    """First weights of the decoder, Glorot-uniform, and biases of zero."""
    glorot, keys, pixels = jax.nn.initializers.glorot_uniform(), jax.random.split(key), INPUT_SIZE**2
    return {
        "hidden": glorot(keys[0], (3 * 3 * 128, HIDDEN)),
        "hidden_bias": jnp.zeros(HIDDEN),
        "pixels": glorot(keys[1], (HIDDEN, pixels)),
        "pixels_bias": jnp.zeros(pixels),
    }
