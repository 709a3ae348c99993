"""What a recipe computes: learning rates, the optimiser, the loss, labels, augmentation.

Augmentation is a small random change of a digit that leaves it the same digit: shift, rotation, scale, and an
elastic warp after Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural Networks", ICDAR
2003: a smooth random field of displacements. There a Gaussian smooths it; here random values on a coarse grid
are interpolated by cubics, which costs less.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from jax.scipy.ndimage import map_coordinates
from jaxtyping import Float, Float32, Int, Key

from cnnbook.arrays import Labels, Logits, RawLabels
from cnnbook.config.training import TrainConfig
from cnnbook.keys import key_for
from cnnbook.nets.geometry import CLASSES

WHOLE_SHIFT = 4
"""Largest shift by whole pixels along each axis, where a recipe has no other change."""

ATTACK = 0.2
"""Largest change of a pixel, in units of full ink, where a recipe trains on images that raise the loss."""

RMS_DECAY, RMS_EPSILON = 0.9, 1e-7
"""RMSprop's memory of squared gradients and the term beside them: Keras' defaults."""

SHIFT = 2.0
"""Largest shift along each axis, in pixels."""

ROTATION = 0.2
"""Largest rotation, in radians (11 degrees)."""

SCALE = 0.12
"""Largest change of size, as a share."""

WARP, SMOOTHNESS = 1.2, 4
"""Standard deviation of the elastic displacement on its coarse grid, and that grid's step; both in pixels."""


def shuffled_labels(labels: RawLabels, *, seed: int) -> RawLabels:
    """The same labels on other images, drawn once: a network can memorise them, and learns nothing of digits.

    Args:
        labels: of the training images.
        seed: of the run; all networks of one seed learn the same labels.
    """
    key = key_for(seed, "training/shuffled labels")
    return labels[np.asarray(jax.random.permutation(key, len(labels)))]


class Rule(NamedTuple):
    """The numbers of a recipe that may differ among networks that are trained together.

    Attributes:
        rates: the learning rate of each update.
        momentum: share of the last update that is kept.
        weight_decay: L2 coefficient.
        label_smoothing: probability spread over all classes.
    """

    rates: Float[Array, "*nets updates"] | Float32[np.ndarray, "*nets updates"]
    momentum: Float[Array, "*nets"] | Float32[np.ndarray, "*nets"]
    weight_decay: Float[Array, "*nets"] | Float32[np.ndarray, "*nets"]
    label_smoothing: Float[Array, "*nets"] | Float32[np.ndarray, "*nets"]


def rule(config: TrainConfig, updates: int) -> Rule:
    """A recipe's numbers for a training of so many updates."""
    return Rule(
        learning_rates(config, updates),
        np.asarray(config.momentum, np.float32),
        np.asarray(config.weight_decay, np.float32),
        np.asarray(config.label_smoothing, np.float32),
    )


def learning_rates(config: TrainConfig, updates: int) -> Float32[np.ndarray, " updates"]:
    """The learning rate of every update.

    "one-cycle" goes up by a cosine to the peak and down by a cosine to almost nothing, after Smith and Topin,
    "Super-Convergence", 2017 (arXiv 1708.07120), with Optax's own constants for the first rate (peak/25) and
    the last. "constant" stays at the peak.

    Args:
        config: schedule, peak and warm-up.
        updates: length of the whole training.
    """
    if config.schedule == "constant":
        return np.full(updates, config.peak_learning_rate, np.float32)
    schedule = optax.cosine_onecycle_schedule(updates, config.peak_learning_rate, pct_start=config.warmup)
    return np.asarray(jax.vmap(schedule)(jnp.arange(updates)), np.float32)


def optimiser(
    name: str, *, momentum: float | Float[Array, ""], weight_decay: float | Float[Array, ""]
) -> optax.GradientTransformation:
    """What turns gradients into a direction; times the learning rate, it is subtracted from the weights.

    The gradient, plus an L2 term on the kernels (biases are not decayed), for "rmsprop" divided by its
    running root mean square, smoothed by Nesterov momentum.

    Args:
        name: "sgd" or "rmsprop".
        momentum: share of the last update that is kept.
        weight_decay: L2 coefficient.
    """
    parts = [optax.add_decayed_weights(weight_decay, mask=_is_kernel)]
    if name == "rmsprop":
        parts.append(optax.scale_by_rms(decay=RMS_DECAY, eps=RMS_EPSILON))
    return optax.chain(*parts, optax.trace(decay=momentum, nesterov=True))  # pyright: ignore[reportArgumentType]


def _is_kernel(params: optax.Params) -> optax.Params:
    """True for kernels, which have two axes or more, and False for biases."""
    return jax.tree.map(lambda leaf: leaf.ndim > 1, params)


def cross_entropy(
    logits: Logits, labels: Labels, *, label_smoothing: float | Float[Array, ""] | Float32[np.ndarray, ""]
) -> Float[Array, ""]:
    """Mean cross-entropy in nats, against labels of which a share is spread over all classes."""
    targets = optax.smooth_labels(jax.nn.one_hot(labels, CLASSES), label_smoothing)  # pyright: ignore
    return optax.softmax_cross_entropy(logits, targets).mean()


def shift(image: Float[Array, "side side 1"], key: Key[Array, ""]) -> Float[Array, "side side 1"]:
    """One image, shifted by whole pixels; outside it, the paper is blank. The key is consumed."""
    offset = jax.random.randint(key, (2,), 0, 2 * WHOLE_SHIFT + 1)
    padded = jnp.pad(image, ((WHOLE_SHIFT, WHOLE_SHIFT), (WHOLE_SHIFT, WHOLE_SHIFT), (0, 0)))
    return jax.lax.dynamic_slice(padded, (offset[0], offset[1], 0), image.shape)


def augment(image: Float[Array, "side side 1"], key: Key[Array, ""]) -> Float[Array, "side side 1"]:
    """One image, changed at random; outside it, the paper is blank. The key is consumed."""
    affine_key, elastic_key = jax.random.split(key)
    side = image.shape[0]
    shift_y, shift_x, turn, zoom = jax.random.uniform(affine_key, (4,), minval=-1, maxval=1)
    centre = (side - 1) / 2
    rows, columns = jnp.meshgrid(jnp.arange(side) - centre, jnp.arange(side) - centre, indexing="ij")
    angle, size = ROTATION * turn, 1 + SCALE * zoom
    moved_rows = size * (jnp.cos(angle) * rows - jnp.sin(angle) * columns) + SHIFT * shift_y
    moved_columns = size * (jnp.sin(angle) * rows + jnp.cos(angle) * columns) + SHIFT * shift_x
    coarse = side // SMOOTHNESS
    field = WARP * jax.random.normal(elastic_key, (2, coarse, coarse))
    field = jax.image.resize(field, (2, side, side), method="cubic")
    positions = jnp.stack([moved_rows, moved_columns]) + centre + field
    return map_coordinates(image[..., 0], list(positions), order=1, mode="constant")[..., None]


MOVING = {"warps": augment, "shifts": shift}
"""What a recipe does to each image by itself, by the name of its augmentation."""


def keys_of_images(epoch_key: Key[Array, ""], first: Int[Array, ""], count: int) -> Key[Array, " count"]:
    """A key for each of some images, by their place in the epoch's order, wherever the batch is split.

    Args:
        epoch_key: of the epoch.
        first: place of the first of them.
        count: of images.
    """
    return jax.vmap(partial(jax.random.fold_in, epoch_key))(first + jnp.arange(count))


def attacked(
    inputs: Float[Array, "n h w 1"], keys: Key[Array, " n"], loss: Callable[[Array], Array]
) -> Float[Array, "n h w 1"]:
    """Inputs one step uphill in the loss from a random start, no pixel changed by more than `ATTACK`.

    Fast adversarial training: Wong, Rice and Kolter, ICLR 2020, algorithm 3, with its step of 1.25.

    Args:
        inputs: under input A, from 0 to 1.
        keys: one for each image; consumed.
        loss: of such inputs.
    """
    one = partial(jax.random.uniform, shape=inputs.shape[1:], minval=-ATTACK, maxval=ATTACK)
    start = jax.vmap(one)(keys)
    change = start + 1.25 * ATTACK * jnp.sign(jax.grad(loss)(inputs + start))
    return jnp.clip(inputs + jnp.clip(change, -ATTACK, ATTACK), 0, 1)
