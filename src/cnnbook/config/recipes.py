"""The recipes that have a name."""

from collections.abc import Mapping
from dataclasses import replace

from cnnbook.config.training import TrainConfig

_REFERENCE = TrainConfig()

RECIPES: Mapping[str, TrainConfig] = {
    "reference": _REFERENCE,
    "article": TrainConfig(
        optimiser="rmsprop",
        schedule="constant",
        peak_learning_rate=1e-3,
        momentum=0,
        weight_decay=0,
        label_smoothing=0,
    ),
    "no-momentum": replace(_REFERENCE, momentum=0),
    "no-decay": replace(_REFERENCE, weight_decay=0),
    "no-smoothing": replace(_REFERENCE, label_smoothing=0),
    "constant-rate": replace(_REFERENCE, schedule="constant", peak_learning_rate=0.02),
    "standardised": replace(_REFERENCE, scaling="standardised"),
    "augmented": replace(_REFERENCE, augmentation="warps", epochs=12),
    "paired": replace(_REFERENCE, network="paired-cnn"),
    "shuffled": replace(_REFERENCE, labels="shuffled"),
    "mlp": replace(_REFERENCE, network="mlp"),
    "wide-mlp": replace(_REFERENCE, network="wide-mlp"),
}
"""The book's own recipe; the article's kind of training, with Keras' defaults for what it does not say; the
book's recipe less one part; with input B; with changed images; with the labels of other images; and for
the other networks compared."""


def recipe_named(name: str) -> TrainConfig:
    """The recipe of that name.

    Raises:
        ValueError: there is no such recipe.
    """
    if name not in RECIPES:
        raise ValueError(f"recipe={name!r}: expected one of {', '.join(RECIPES)}")
    return RECIPES[name]
