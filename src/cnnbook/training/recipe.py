"""How a network learns: the loss, the learning rate over time, and the optimiser."""

import jax
import optax
from jax import Array
from jaxtyping import Float

from cnnbook.arrays import Labels, Logits
from cnnbook.config import TrainConfig
from cnnbook.nets.geometry import CLASSES


def learning_rate(config: TrainConfig, updates: int) -> optax.Schedule:
    """One cycle: up by a cosine to the peak, down by a cosine to almost nothing.

    After Smith and Topin, "Super-Convergence", 2017 (arXiv 1708.07120), with Optax's own constants for
    the first (peak/25) and the last rate.

    Args:
        config: peak and warm-up.
        updates: length of the whole cycle.
    """
    return optax.cosine_onecycle_schedule(updates, config.peak_learning_rate, pct_start=config.warmup)


def optimiser(config: TrainConfig, updates: int) -> optax.GradientTransformation:
    """Nesterov momentum on the gradient plus an L2 term on the kernels; biases are not decayed."""
    return optax.chain(
        optax.add_decayed_weights(config.weight_decay, mask=_is_kernel),
        optax.sgd(learning_rate(config, updates), momentum=config.momentum, nesterov=True),
    )


def _is_kernel(params: optax.Params) -> optax.Params:
    """True for kernels, which have two axes or more, and False for biases."""
    return jax.tree.map(lambda leaf: leaf.ndim > 1, params)


def cross_entropy(logits: Logits, labels: Labels, *, label_smoothing: float) -> Float[Array, ""]:
    """Mean cross-entropy in nats, against labels of which a share is spread over all classes."""
    targets = optax.smooth_labels(jax.nn.one_hot(labels, CLASSES), label_smoothing)
    return optax.softmax_cross_entropy(logits, targets).mean()
