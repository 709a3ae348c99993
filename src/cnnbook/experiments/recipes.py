"""What does each part of the recipe contribute to the accuracy?

Networks trained without a part stand beside those trained with it. Networks of one number start alike and see
the images in the same order, whatever the recipe; so each variant is compared with the reference network by
network, and randomness that both share cancels. A claim is about one variant, of which there are more
networks than of the others; ensembles have as many networks of each.

Rule. The difference in test accuracy, variant less reference, has a mean over networks and an interval
(Student's t, 95 %). A variant is *worse* if the whole interval lies below zero, *better* if it lies above,
and otherwise *not told apart*. Each interval is taken by itself: of twenty variants that change nothing, one
would be called better or worse. On the sample the same words are statements about the sample.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float

from cnnbook.experiments.experiment import (
    REFERENCE,
    Measured,
    Measurement,
    experiment,
    fact,
    statistic,
    variable,
)
from cnnbook.experiments.facts import facts_of
from cnnbook.experiments.intervals import BOUNDS, in_percent, mean_interval
from cnnbook.experiments.predictions import is_correct, probabilities
from cnnbook.formatting import listed
from cnnbook.tables import Table

PAIRED = "paired"
"""The recipe of the network with two convolutions before each pooling."""

CALLED = {
    "reference": "the book's recipe",
    "no-momentum": "without momentum",
    "no-decay": "without L2",
    "no-smoothing": "without label smoothing",
    "constant-rate": "constant learning rate",
    "article": "RMSprop alone",
    "standardised": "with input B, standardised",
    "augmented": "with changed images",
    "paired": "two convolutions before pooling",
}
"""The recipes compared, as prose and figures call them, in their order."""

WORDS = {"worse": "worse", "better": "better", "same": "not told apart"}
"""The rule's outcomes, as prose says them."""


def differences(
    accuracy: Float[np.ndarray, "recipes nets"], recipes: Sequence[str]
) -> dict[str, Float[np.ndarray, "recipes ..."]]:
    """How the accuracy of each recipe differs from the reference's, network by network.

    Args:
        accuracy: on the test images; not a number where there is no such network of a recipe.
        recipes: their names.

    Returns:
        `difference` by recipe and network, and `difference_interval` of its mean; the reference's own are
        zero: a network does not differ from itself.
    """
    difference = accuracy - accuracy[recipes.index(REFERENCE)]
    ends = np.array([mean_interval(each[~np.isnan(each)]) for each in difference])
    ends[recipes.index(REFERENCE)] = 0
    return {"difference": difference, "difference_interval": ends}


def outcome(result: xr.Dataset, recipe: str) -> str:
    """The rule of this module, for one recipe: "worse", "better" or "same".

    Args:
        result: of this experiment.
        recipe: its name.
    """
    low, high = result.difference_interval.sel(recipe=recipe).values
    return "worse" if high < 0 else "better" if low > 0 else "same"


def _variants(result: xr.Dataset) -> list[str]:
    return [str(recipe) for recipe in result.recipe.values if recipe != REFERENCE]


def _networks(result: xr.Dataset) -> xr.DataArray:
    """How many networks there are of each recipe."""
    return result.test_accuracy.notnull().sum("net")


def _difference(result: xr.Dataset) -> xr.DataArray:
    return result.difference.sel(recipe=_variants(result))


def _texts(text):
    """A text for each variant."""

    def by_variant(result: xr.Dataset) -> xr.DataArray:
        variants = _variants(result)
        return xr.DataArray([text(result, recipe) for recipe in variants], {"recipe": variants}, "recipe")

    return by_variant


def _interval(result: xr.Dataset, recipe: str) -> str:
    return in_percent(result.difference_interval.sel(recipe=recipe), sign=True)


def _with(word: str):
    """The variants of one outcome as a phrase."""
    return lambda result: listed(
        [CALLED[each] for each in _variants(result) if outcome(result, each) == word]
    )


def table(result: xr.Dataset) -> Table:
    """The recipes as a table for readers."""
    rows = [str(recipe) for recipe in result.recipe.values]
    facts = facts_of(recipes, result)

    def column(suffix: str) -> list[str]:
        return [facts.get(row.replace("-", "_") + suffix, "") for row in rows]

    columns = {
        "networks": column("_networks"),
        "epochs": column("_epochs"),
        "accuracy": column(""),
        "difference, points": column("_difference"),
        "interval": column("_interval"),
        "by the rule": column("_is"),
        f"{facts['together']} networks together": column("_ensemble"),
    }
    return Table(pd.DataFrame(columns, index=[CALLED[row] for row in rows]))


@experiment(
    nets=tuple(CALLED),
    together=True,
    coords=lambda run: {
        "called": ("recipe", [CALLED[recipe] for recipe in run.nets]),
        "bound": BOUNDS,
    },
    about=lambda run: {
        "train_images": len(run.digits.train_labels),
        "test_images": len(run.digits.test_labels),
    },
    variables=[
        variable("test_accuracy", "recipe net", "share of test images classified correctly"),
        variable("ensemble_accuracy", "recipe", "the same by the mean of all networks' probabilities"),
        variable("epochs", "recipe", "passes through the training images"),
        variable(
            "difference", "recipe net", "test accuracy less that of the reference network of the same number"
        ),
        variable("difference_interval", "recipe bound", "95 % interval"),
        variable("gain", "net image", published=False),
    ],
    statistics=[
        statistic(
            "paired_gain",
            "gain",
            "test accuracy with two convolutions before each pooling, less the reference's",
        )
    ],
    facts=[
        fact("variants", lambda r: r.sizes["recipe"] - 1, ".0f"),
        fact("together", lambda r: _networks(r).min(), ".0f"),
        fact("{recipe}_networks", _networks, ".0f"),
        fact("{recipe}", "test_accuracy", ".2%"),
        fact("{recipe}_ensemble", "ensemble_accuracy", ".2%"),
        fact("{recipe}_epochs", "epochs", ".0f"),
        fact("{recipe}_difference", _difference, "+.2f", scale=100),
        fact("{recipe}_interval", _texts(_interval)),
        fact("{recipe}_is", _texts(lambda result, recipe: WORDS[outcome(result, recipe)])),
        *(fact(word, _with(word)) for word in WORDS),
    ],
)
def recipes(run: Measurement[None]) -> Measured:
    """Test accuracy by recipe and network, the paired differences, and each recipe's networks together."""
    names, labels = list(run.nets), run.digits.test_labels
    counts = [len(nets) for nets in run.nets.values()]
    correct, ensembles = np.full((len(names), max(counts), len(labels)), np.nan), []
    for number, nets in enumerate(run.nets.values()):
        predicted = [probabilities(net, run.digits.test_images) for net in nets]
        correct[number, : len(nets)] = [is_correct(each, labels) for each in predicted]
        ensembles.append(is_correct(np.mean(predicted[: min(counts)], axis=0), labels).mean())
    accuracy = correct.mean(axis=-1)
    return {
        "test_accuracy": accuracy,
        "ensemble_accuracy": np.array(ensembles),
        "epochs": np.array([nets[0].config.epochs for nets in run.nets.values()]),
        **differences(accuracy, names),
        "gain": correct[names.index(PAIRED)] - correct[names.index(REFERENCE)],
    }
