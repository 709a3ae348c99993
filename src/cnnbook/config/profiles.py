"""The recipes and the book's editions that have a name; `CNNBOOK_PROFILE` says which edition to use."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from cnnbook.config.checked import Checked, number
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
    "shifted": replace(_REFERENCE, augmentation="shifts"),
    "adversarial": replace(_REFERENCE, augmentation="adversarial"),
    "pooled": replace(_REFERENCE, network="pooled-cnn"),
    "bilinear": replace(
        _REFERENCE, network="bilinear-cnn", optimiser="rmsprop", peak_learning_rate=2e-3, momentum=0
    ),
    "narrow": replace(_REFERENCE, network="narrow-cnn"),
    "mlp": replace(_REFERENCE, network="mlp"),
    "wide-mlp": replace(_REFERENCE, network="wide-mlp"),
}
"""The book's own recipe; the article's kind of training, with Keras' defaults for what it does not say; the
book's recipe less one part; with input B; with changed images; with the labels of other images; and for
the other networks compared. With products in its head, training by SGD failed on the sample, or ended at
90 % of it.
"""


@dataclass(frozen=True, kw_only=True)
class Variant(Checked):
    """A training by a recipe that is stopped early, or that goes another way.

    Attributes:
        recipe: which.
        stopped: epochs after which the network is taken; 0 for the whole training.
        parted: epochs after which the images come in other orders; 0 for never.
    """

    recipe: str = "reference"
    stopped: float = number(0.0, "epochs after which the network is taken; 0 for all", least=0)
    parted: int = number(0, "epochs after which images come in other orders; 0 for never", least=0)


VARIANTS: Mapping[str, Variant] = {
    "quarter-epoch": Variant(stopped=0.25),
    "half-epoch": Variant(stopped=0.5),
    "one-epoch": Variant(stopped=1.0),
    "three-epochs": Variant(stopped=3.0),
    "parted": Variant(parted=1),
    "shuffled-labels": Variant(recipe="shuffled"),
}
"""Networks on the way of the reference network of the same number, or parted from it.

Of the last there are as many as of the reference, where `recipe_nets` are enough of its recipe elsewhere.
"""


JUDGED = (
    "reference",
    "standardised",
    "paired",
    "mlp",
    "wide-mlp",
    "shuffled-labels",
    "quarter-epoch",
    "half-epoch",
    "one-epoch",
    "parted",
)
"""Recipes by whose networks claims are judged, or seen beside them: as many of each as of the book's own."""


@dataclass(frozen=True, kw_only=True)
class Profile(Checked):
    """All numbers of one edition of the book."""

    name: str
    nets: int = number(10, "networks, which differ by their number alone", least=1)
    seed: int = number(2020, "where all randomness starts", least=0, most=2**31 - 1)
    resamples: int = number(200, "times that the test images are resampled for an interval", least=20)
    recipe_nets: int = number(3, "networks of each recipe that decides no claim", least=1)
    sample_recipe_nets: int = number(2, "the same on the sample, at most: it judges nothing", least=1)
    sample_asked: int = number(
        3, "networks that are measured on the sample, at most; for accuracy, all", least=2
    )
    training: TrainConfig = TrainConfig()
    sample_training: TrainConfig = TrainConfig(epochs=7, batch_size=64)
    configs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_draft(self) -> bool:
        """Whether experiments use the few images and steps of the draft."""
        return self.name == "draft"

    def for_data(self, data: str) -> "Profile":
        """This edition for "mnist", or for the "sample", which judges nothing, with the draft's resamples."""
        return replace(self, resamples=PROFILES["draft"].resamples) if data == "sample" else self

    def training_for(self, data: str) -> TrainConfig:
        """The recipe for "mnist" or, with more passes because it is 15 times smaller, for "sample"."""
        return self.sample_training if data == "sample" else self.training

    def measured_nets(self, data: str) -> int:
        """How many of the networks experiments measure, for "mnist" or "sample"."""
        return min(self.nets, self.sample_asked) if data == "sample" else self.nets

    def recipe_nets_for(self, data: str, recipe: str) -> int:
        """How many networks of a recipe are compared with others, for "mnist" or "sample"."""
        if data == "sample":
            return min(self.recipe_nets, self.sample_recipe_nets)
        return self.nets if recipe in JUDGED else self.recipe_nets

    def recipes_for(self, data: str) -> Mapping[str, TrainConfig]:
        """Every named recipe as this edition trains it: `training_for` with what the recipe changes.

        A recipe keeps the ratio of its epochs to the reference's. On the sample all have the same batch size.
        A variant has that of its recipe.
        """
        base = self.training_for(data)
        recipes = {name: _adapted(recipe, base, batch=data != "sample") for name, recipe in RECIPES.items()}
        return recipes | {name: recipes[variant.recipe] for name, variant in VARIANTS.items()}


def _adapted(recipe: TrainConfig, base: TrainConfig, *, batch: bool) -> TrainConfig:
    """A base with all that a named recipe changes in the reference; its batch size only if asked for."""
    reference = RECIPES["reference"]
    changes: dict[str, Any] = {
        field.name: getattr(recipe, field.name)
        for field in fields(TrainConfig)
        if getattr(recipe, field.name) != getattr(reference, field.name)
    }
    changes["epochs"] = max(1, round(base.epochs * recipe.epochs / reference.epochs))
    if not batch:
        changes["batch_size"] = base.batch_size
    return replace(base, **changes)


PROFILES: Mapping[str, Profile] = {
    "draft": Profile(
        name="draft",
        nets=2,
        recipe_nets=1,
        resamples=50,
        training=TrainConfig(epochs=2),
        sample_training=TrainConfig(epochs=2, batch_size=64),
    ),
    "book": Profile(name="book"),
    "paper": Profile(name="paper", nets=20, recipe_nets=10, sample_recipe_nets=10),
}
"""draft for writing and tests, book by default, paper for the full edition."""


def profile_named(name: str | None = None) -> Profile:
    """The profile of that name; None asks `CNNBOOK_PROFILE`, and then takes "book".

    Raises:
        ValueError: there is no such profile.
    """
    wanted = name or os.environ.get("CNNBOOK_PROFILE") or "book"
    if wanted not in PROFILES:
        raise ValueError(f"profile={wanted!r}: expected one of {', '.join(PROFILES)} (see CNNBOOK_PROFILE)")
    return PROFILES[wanted]
