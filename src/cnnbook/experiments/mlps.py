"""Networks without convolution, trained the same way: how often, and over which digits, they err more.

Two MLPs stand beside the CNN: that of the article's series, and one with as many parameters as the CNN. A
*pair* of classes is confused when an image of one is named as the other, either way round; there are 45
pairs. Pairs are ranked by such errors, all networks together; a pair's rank is one more than the number of
pairs with more.

Rule. 4 and 9 are *the hardest pair* of a kind of network at rank 1, *among the hardest pairs* at ranks 2 to
5, and otherwise *not among the hardest pairs*. The share of 4–9 among all errors is taken for each network;
the MLP's less the CNN's, by network, has a mean and an interval (Student's t, 95 %). The convolutions help
with 4 and 9 *more than with other pairs* if the interval lies above zero, *less than* if below, else
*neither more nor less*.
"""

from collections.abc import Mapping

import jax
import numpy as np
import pandas as pd
import xarray as xr
from flax import nnx
from jaxtyping import Float, Int

from cnnbook.data.digits import Digits
from cnnbook.experiments.answers import confusion, probabilities
from cnnbook.experiments.experiment import NetsOf
from cnnbook.experiments.intervals import BOUNDS, mean_interval
from cnnbook.experiments.legacy import LegacyExperiment
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


def measure(nets: NetsOf, digits: Digits, config: Mapping[str, object]) -> xr.Dataset:
    """Confusion matrices by kind of network and network, and the errors of every pair of classes."""
    kinds = list(nets)
    tables = np.array(
        [
            [confusion(probabilities(net, digits.test_images), digits.test_labels) for net in nets[kind]]
            for kind in kinds
        ]
    )
    return xr.Dataset(
        {
            "confusion": (("kind", "net", "true", "predicted"), tables, {"units": "images"}),
            "parameters": ("kind", [parameters(nets[kind][0]) for kind in kinds], {"units": "1"}),
        },
        coords={
            "kind": [CALLED[kind] for kind in kinds],
            "net": [net.number for net in nets["reference"]],
            "true": np.arange(CLASSES),
            "predicted": np.arange(CLASSES),
        },
        attrs={"claims": "C36 C37 C38", "data": digits.name, "test_images": len(digits.test_labels)},
    ).pipe(paired)


def parameters(net: TrainedNet) -> int:
    """Weights and biases of a network."""
    return sum(leaf.size for leaf in jax.tree.leaves(nnx.state(net.model, nnx.Param)))


def paired(result: xr.Dataset) -> xr.Dataset:
    """A Dataset with `confusion` by kind and network, and what follows from it.

    Returns:
        It with `test_accuracy`; `pair_errors` of each pair of classes; `share_of_4_9` among all errors;
        `share_interval`, for each kind, of that share less the CNN's.
    """
    tables = result.confusion.transpose("kind", "net", "true", "predicted").values
    right, images = np.trace(tables, axis1=2, axis2=3), tables.sum(axis=(2, 3))
    errors = np.stack([tables[..., a, b] + tables[..., b, a] for a, b in PAIRS], axis=-1)
    share = errors[..., PAIRS.index((4, 9))] / np.maximum(images - right, 1)
    ends = mean_interval(share - share[list(result.kind.values).index(CALLED["reference"])])
    return result.assign(
        test_accuracy=(("kind", "net"), right / images, {"units": "1"}),
        pair_errors=(("kind", "net", "pair"), errors, {"units": "images"}),
        share_of_4_9=(("kind", "net"), share, {"units": "1", "long_name": "share of 4–9 among all errors"}),
        share_interval=(("kind", "bound"), ends, {"units": "1", "long_name": "95 % interval"}),
    ).assign_coords(pair=[f"{a}–{b}" for a, b in PAIRS], bound=list(BOUNDS))


def ranks(errors: Int[np.ndarray, " pairs"] | Float[np.ndarray, " pairs"]) -> Int[np.ndarray, " pairs"]:
    """Each pair's rank: one more than the number of pairs with more errors."""
    return 1 + (errors[None, :] > errors[:, None]).sum(axis=1)


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Accuracy, errors, the hardest pairs and the place of 4–9, for each kind of network."""
    images = result.attrs["test_images"]
    total = result.pair_errors.sum("net")
    found = {"nets": str(result.sizes["net"]), "pairs": str(len(PAIRS))}
    for kind in map(str, result.kind.values):
        here, name = result.sel(kind=kind), kind.lower().replace(" ", "_")
        errors = total.sel(kind=kind)
        rank = int(ranks(errors.values)[list(result.pair.values).index(FOUR_NINE)])
        hardest = errors.pair.values[np.argsort(-errors.values, kind="stable")[:3]]
        found |= {
            name: f"{100 * float(here.test_accuracy.mean()):.2f} %",
            f"{name}_parameters": f"{int(here.parameters):,}",
            f"{name}_errors": f"{(1 - float(here.test_accuracy.mean())) * images:.0f}",
            f"{name}_errors_4_9": f"{float(here.pair_errors.sel(pair=FOUR_NINE).mean()):.1f}",
            f"{name}_share_4_9": f"{100 * float(here.share_of_4_9.mean()):.0f} %",
            f"{name}_rank_4_9": str(rank),
            f"{name}_4_9_is": place(rank),
            f"{name}_hardest": f"{', '.join(hardest[:-1])} and {hardest[-1]}",
            f"{name}_helped": helped(here.share_interval.values),
        }
    return found


def place(rank: int) -> str:
    """The rule's first part."""
    if rank == 1:
        return "the hardest pair"
    return "among the hardest pairs" if rank <= AMONG else "not among the hardest pairs"


def helped(ends: Float[np.ndarray, " 2"]) -> str:
    """The rule's second part."""
    low, high = ends
    return "more than" if low > 0 else "less than" if high < 0 else "neither more nor less than"


def table(result: xr.Dataset) -> Table:
    """The kinds of network as a table for readers."""
    said, kinds = facts(result), [str(kind) for kind in result.kind.values]

    def column(suffix: str) -> list[str]:
        return [said[kind.lower().replace(" ", "_") + suffix] for kind in kinds]

    columns = {
        "parameters": column("_parameters"),
        "accuracy": column(""),
        "errors": column("_errors"),
        "errors 4–9": column("_errors_4_9"),
        "rank of 4–9": column("_rank_4_9"),
        "hardest pairs": column("_hardest"),
    }
    return Table(pd.DataFrame(columns, index=kinds))


EXPERIMENT = LegacyExperiment(
    name="mlps",
    question="What do networks without convolution confuse that the CNN does not?",
    measure=measure,
    facts=facts,
    nets="recipes",
    recipes=tuple(CALLED),
)
