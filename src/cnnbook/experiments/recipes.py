"""What each part of the recipe contributes: networks trained without it, beside those trained with it.

Networks of one number start alike and see the images in the same order, whatever the recipe; so each variant
is compared with the reference network by network, and chance that both share drops out.

Rule. The difference in test accuracy, variant less reference, has a mean over networks and an interval
(Student's t, 95 %). A variant is *worse* if the whole interval lies below zero, *better* if it lies above,
and otherwise *not told apart*. Each interval is taken by itself: of twenty variants that change nothing, one
would be called better or worse. On the sample the same words are statements about the sample.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from cnnbook.data.digits import Digits
from cnnbook.experiments.answers import probabilities, share_right, together
from cnnbook.experiments.experiment import NetsOf
from cnnbook.experiments.intervals import BOUNDS, in_percent, mean_interval
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.resampling import Resampled, resample_weights, resampled, statistic, weighted_mean
from cnnbook.formatting import format_number
from cnnbook.tables import Table

REFERENCE = "reference"
"""The recipe that the others are compared with."""

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


def measure(nets: NetsOf, digits: Digits, config: Resampled) -> xr.Dataset:
    """Test accuracy by recipe and network, the paired differences, and each recipe's networks together.

    With `paired_gain`, for claim C06: the accuracy with two convolutions before each pooling, less the
    reference's, by network and resample of the test images.
    """
    recipes = list(nets)
    right, ensembles = [], []
    for recipe in recipes:
        each = [probabilities(net, digits.test_images) for net in nets[recipe]]
        right.append([found.argmax(axis=1) == digits.test_labels for found in each])
        ensembles.append(share_right(together(each), digits.test_labels))
    accuracy = np.mean(right, axis=-1)
    share = {"units": "1", "long_name": "share of test images named rightly"}
    result = xr.Dataset(
        {
            "test_accuracy": (("recipe", "net"), accuracy, share),
            "ensemble_accuracy": ("recipe", ensembles, share | {"comment": "by the mean of probabilities"}),
            "epochs": ("recipe", [nets[recipe][0].config.epochs for recipe in recipes], {"units": "1"}),
        },
        coords={
            "recipe": recipes,
            "called": ("recipe", [CALLED[recipe] for recipe in recipes]),
            "net": [net.number for net in nets[REFERENCE]],
        },
        attrs={
            "claims": "C06 C35",
            "data": digits.name,
            "train_images": len(digits.train_labels),
            "test_images": len(digits.test_labels),
        },
    )
    if PAIRED in recipes:
        weights = resample_weights(len(digits.test_labels), resamples=config.resamples, seed=config.seed)
        gain = np.subtract(*(np.array(right[recipes.index(name)], float) for name in (PAIRED, REFERENCE)))
        result["paired_gain"] = statistic(
            weighted_mean(gain.T, weights).T,
            "test accuracy with two convolutions before each pooling, less the reference's",
        )
    return compared(result)


def compared(result: xr.Dataset) -> xr.Dataset:
    """A Dataset with `test_accuracy` by recipe and network, and how each recipe differs from the reference.

    Returns:
        It with `difference` by recipe and network, and `difference_interval` of its mean; the reference's own
        are zero: a network does not differ from itself.
    """
    difference = (result.test_accuracy - result.test_accuracy.sel(recipe=REFERENCE, drop=True)).transpose(
        "recipe", "net"
    )
    ends = mean_interval(difference.values)
    ends[[str(recipe) == REFERENCE for recipe in result.recipe.values]] = 0
    about = {"units": "1", "long_name": "test accuracy less that of the reference network of the same number"}
    return result.assign(
        difference=difference.assign_attrs(about),
        difference_interval=(("recipe", "bound"), ends, {"units": "1", "long_name": "95 % interval"}),
    ).assign_coords(bound=list(BOUNDS))


def outcome(result: xr.Dataset, recipe: str) -> str:
    """The rule of this module, for one recipe: "worse", "better" or "same"."""
    low, high = result.difference_interval.sel(recipe=recipe).values
    return "worse" if high < 0 else "better" if low > 0 else "same"


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Accuracy, difference with its interval, and the rule's word, for each recipe."""
    found = {"nets": str(result.sizes["net"]), "variants": str(result.sizes["recipe"] - 1)}
    for recipe in map(str, result.recipe.values):
        here, name = result.sel(recipe=recipe), recipe.replace("-", "_")
        found |= {
            name: f"{100 * float(here.test_accuracy.mean()):.2f} %",
            f"{name}_ensemble": f"{100 * float(here.ensemble_accuracy):.2f} %",
            f"{name}_epochs": str(int(here.epochs)),
        }
        if recipe != REFERENCE:
            found |= {
                f"{name}_difference": format_number(100 * float(here.difference.mean()), "+.2f"),
                f"{name}_interval": in_percent(here.difference_interval, sign=True),
                f"{name}_is": WORDS[outcome(result, recipe)],
            }
    variants = [str(recipe) for recipe in result.recipe.values if recipe != REFERENCE]
    for word in WORDS:
        found[word] = _listed([CALLED[one] for one in variants if outcome(result, one) == word])
    return found


def _listed(names: list[str]) -> str:
    """Names as a phrase: "without L2 and RMSprop alone"; "none" for no name."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "none"


def table(result: xr.Dataset) -> Table:
    """The recipes as a table for readers."""
    rows = [str(recipe) for recipe in result.recipe.values]
    said = facts(result)

    def column(suffix: str) -> list[str]:
        return [said.get(row.replace("-", "_") + suffix, "") for row in rows]

    columns = {
        "epochs": column("_epochs"),
        "accuracy": column(""),
        "difference, points": column("_difference"),
        "interval": column("_interval"),
        "by the rule": column("_is"),
        "networks together": column("_ensemble"),
    }
    return Table(pd.DataFrame(columns, index=[CALLED[row] for row in rows]))


EXPERIMENT = LegacyExperiment(
    name="recipes",
    question="What does each part of the recipe contribute to the accuracy?",
    measure=measure,
    facts=facts,
    config=resampled(lambda profile: ()),
    nets="recipes",
    recipes=tuple(CALLED),
)
