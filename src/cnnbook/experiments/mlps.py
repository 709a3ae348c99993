"""What do networks without convolution confuse that the CNN does not?

Two MLPs stand beside the CNN, trained the same way: that of the article's series, and one with as many
parameters as the CNN. A *pair* of classes is confused when an image of one is classified as the other, either
way round; there are 45 pairs. Pairs are ranked by such errors, all networks together; a pair's rank is one
more than the number of pairs with more.

Rule. 4 and 9 are *the hardest pair* of a kind of network at rank 1, *among the hardest pairs* at ranks 2 to
5, and otherwise *not among the hardest pairs*. The share of 4–9 among all errors is taken for each network;
the MLP's less the CNN's, by network, has a mean and an interval (Student's t, 95 %). The convolutions help
with 4 and 9 *more than with other pairs* if the interval lies above zero, *less than* if below, else
*neither more nor less*.
"""

from collections.abc import Callable

import jax
import numpy as np
import pandas as pd
import xarray as xr
from flax import nnx
from jaxtyping import Float, Int

from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, variable
from cnnbook.experiments.facts import at, facts_of
from cnnbook.experiments.intervals import BOUNDS, mean_interval
from cnnbook.experiments.predictions import confusion, probabilities
from cnnbook.nets.geometry import CLASSES
from cnnbook.tables import Table
from cnnbook.training.trained import TrainedNet

CALLED = {"reference": "CNN", "mlp": "small MLP", "wide-mlp": "wide MLP"}
"""The networks compared, by recipe, as prose and figures call them."""

_DIGITS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)

PAIRS = tuple((a, b) for a in _DIGITS for b in _DIGITS if a < b)
"""All pairs of classes."""

FOUR_NINE = "4–9"
"""The pair that the article speaks of."""

AMONG = 5
"""Ranks up to here are among the hardest."""


def parameters(net: TrainedNet) -> int:
    """Weights and biases of a network."""
    return sum(leaf.size for leaf in jax.tree.leaves(nnx.state(net.model, nnx.Param)))


def paired(tables: Int[np.ndarray, "kinds nets 10 10"]) -> dict[str, np.ndarray]:
    """What follows from confusion matrices by kind of network, the CNN first, and network.

    Args:
        tables: images by true class and prediction.

    Returns:
        `test_accuracy`; `pair_errors` of each pair of classes; `share_of_4_9` among all errors;
        `share_interval`, for each kind, of that share less the CNN's.
    """
    correct, images = np.trace(tables, axis1=2, axis2=3), tables.sum(axis=(2, 3))
    errors = np.stack([tables[..., a, b] + tables[..., b, a] for a, b in PAIRS], axis=-1)
    share = errors[..., PAIRS.index((4, 9))] / np.maximum(images - correct, 1)
    return {
        "test_accuracy": correct / images,
        "pair_errors": errors,
        "share_of_4_9": share,
        "share_interval": mean_interval(share - share[0]),
    }


def ranks(errors: Int[np.ndarray, " pairs"] | Float[np.ndarray, " pairs"]) -> Int[np.ndarray, " pairs"]:
    """Each pair's rank: one more than the number of pairs with more errors."""
    return 1 + (errors[None, :] > errors[:, None]).sum(axis=1)


def rank_in_words(rank: int) -> str:
    """What the rule says of a rank: its first part."""
    if rank == 1:
        return "the hardest pair"
    return "among the hardest pairs" if rank <= AMONG else "not among the hardest pairs"


def gain_in_words(ends: Float[np.ndarray, " 2"]) -> str:
    """What the rule says of an interval of a gain: its second part."""
    low, high = ends
    return "more than" if low > 0 else "less than" if high < 0 else "neither more nor less than"


def _rank(result: xr.Dataset, kind: str) -> int:
    """The rank of 4–9."""
    errors = result.pair_errors.sum("net").sel(kind=kind)
    return int(ranks(errors.values)[list(result.pair.values).index(FOUR_NINE)])


def _hardest(result: xr.Dataset, kind: str) -> str:
    """The three pairs with most errors."""
    errors = result.pair_errors.sum("net").sel(kind=kind)
    first, second, third = errors.pair.values[np.argsort(-errors.values, kind="stable")[:3]]
    return f"{first}, {second} and {third}"


def _each(of: Callable[[xr.Dataset, str], str | int]) -> Callable[[xr.Dataset], xr.DataArray]:
    """A text or number for each kind."""
    return lambda result: xr.DataArray(
        [of(result, str(kind)) for kind in result.kind.values], {"kind": result.kind}, "kind"
    )


def table(result: xr.Dataset) -> Table:
    """The kinds of network as a table for readers."""
    facts, kinds = facts_of(mlps, result), [str(kind) for kind in result.kind.values]

    def column(suffix: str) -> list[str]:
        return [facts[kind.lower().replace(" ", "_") + suffix] for kind in kinds]

    columns = {
        "parameters": column("_parameters"),
        "accuracy": column(""),
        "errors": column("_errors"),
        "errors 4–9": column("_errors_4_9"),
        "rank of 4–9": column("_rank_4_9"),
        "hardest pairs": column("_hardest"),
    }
    return Table(pd.DataFrame(columns, index=kinds))


@experiment(
    nets=tuple(CALLED),
    together=True,
    coords=lambda run: {
        "kind": [CALLED[recipe] for recipe in run.nets],
        "true": range(CLASSES),
        "predicted": range(CLASSES),
        "pair": [f"{a}–{b}" for a, b in PAIRS],
        "bound": BOUNDS,
    },
    about=lambda run: {"test_images": len(run.digits.test_labels)},
    variables=[
        variable("confusion", "kind net true predicted", "images by class and prediction", units="images"),
        variable("parameters", "kind", "weights and biases"),
        variable("test_accuracy", "kind net", "share of test images classified correctly"),
        variable("pair_errors", "kind net pair", "errors of a pair of classes", units="images"),
        variable("share_of_4_9", "kind net", "share of 4–9 among all errors"),
        variable("share_interval", "kind bound", "95 % interval"),
    ],
    facts=[
        fact("pairs", lambda r: len(PAIRS), ".0f"),
        fact("{kind}", "test_accuracy", ".2%"),
        fact("{kind}_parameters", "parameters", ",.0f"),
        fact("{kind}_errors", lambda r: (1 - r.test_accuracy) * r.attrs["test_images"], ".0f"),
        fact("{kind}_errors_4_9", at("pair_errors", pair=FOUR_NINE), ".1f"),
        fact("{kind}_share_4_9", "share_of_4_9", ".0%"),
        fact("{kind}_rank_4_9", _each(_rank), ".0f"),
        fact("{kind}_4_9_is", _each(lambda result, kind: rank_in_words(_rank(result, kind)))),
        fact("{kind}_hardest", _each(_hardest)),
        fact("{kind}_helped", _each(lambda r, kind: gain_in_words(r.share_interval.sel(kind=kind).values))),
    ],
)
def mlps(run: Measurement[None]) -> Measured:
    """Confusion matrices by kind of network and network, and the errors of every pair of classes."""
    images, labels = run.digits.test_images, run.digits.test_labels
    tables = np.array(
        [[confusion(probabilities(net, images), labels) for net in nets] for nets in run.nets.values()]
    )
    return {
        "confusion": tables,
        "parameters": np.array([parameters(nets[0]) for nets in run.nets.values()]),
        **paired(tables),
    }
