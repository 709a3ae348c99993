"""How networks learn: every number of a recipe, and the recipes that have a name."""

from dataclasses import dataclass, field
from typing import Any, Literal

from cnnbook.config.checked import Checked, number

ScalingName = Literal["unit", "standardised"]
"""Input A is "unit" (pixel/255); input B is "standardised" (per pixel, by training statistics)."""

NetworkName = Literal["cnn", "paired-cnn", "mlp", "wide-mlp", "pooled-cnn", "bilinear-cnn", "narrow-cnn"]
"""The article's CNN; one with two convolutions before each pooling; the series' 784-70-30-10; and 784-263-10;
the CNN with a head that reads the mean of each map; with a bilinear head; and with half as many maps.
The second and the fourth have as many parameters as the CNN."""


def _choice(default: str, what: str) -> Any:
    """A field whose values its type names."""
    return field(default=default, metadata={"help": what})


@dataclass(frozen=True, kw_only=True)
class TrainConfig(Checked):
    """How one network is trained: by default, SGD with Nesterov momentum and a one-cycle learning rate.

    The article does not give its constants; these are our choice, made on training images that took no part
    in learning (`bench/choose_recipe.py`, `bench/results/recipe-choice.json`).
    """

    network: NetworkName = _choice(
        "cnn", "what is trained: the book's CNN, or another network to compare it with"
    )
    epochs: int = number(6, "passes over the training images", least=1)
    batch_size: int = number(64, "images per update", least=1)
    optimiser: Literal["sgd", "rmsprop"] = _choice("sgd", "the rule of the updates")
    schedule: Literal["one-cycle", "constant"] = _choice("one-cycle", "how the learning rate moves")
    peak_learning_rate: float = number(0.1, "highest learning rate of the schedule", least=0)
    warmup: float = number(0.3, "share of all updates until the learning rate peaks", least=0, most=0.99)
    momentum: float = number(0.9, "share of the last update that is kept", least=0, most=1)
    weight_decay: float = number(5e-4, "L2 coefficient: added gradient per unit of weight", least=0)
    label_smoothing: float = number(0.1, "probability spread over all classes", least=0, most=1)
    augmentation: Literal["none", "warps", "shifts", "adversarial"] = _choice(
        "none",
        "changes of the training images: none; small shifts, rotations, scalings and elastic warps; "
        "shifts by whole pixels; or steps that raise the loss",
    )
    labels: Literal["true", "shuffled"] = _choice(
        "true", "what is learned: each image's own label, or that of another image, drawn once at random"
    )
    scaling: ScalingName = _choice("unit", "of the input: unit is pixel/255, standardised is per pixel")
