"""How well the networks name digits: accuracy with its uncertainty, errors by class, and how they learned.

All test images count, with the weights after the last update. Three intervals answer three questions. Over
networks (Student's t): where does the mean of further networks lie, on these images? Over images (exact
binomial): where does this one network's accuracy lie, on further images? Pooled (exact binomial): the same
from all answers of all networks, as if each were a trial of its own; the images are the same, so it is too
narrow.

Rule. The article's series reports about 99.35 % for this kind of network on MNIST. That mark is *reached* if
no part of the interval over networks lies below it, *missed* if all of it does, and *open* otherwise. On the
sample there is no verdict, for these are not the digits that the mark is about.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool, Float, Int

from cnnbook.config.profiles import Profile
from cnnbook.data.digits import Digits
from cnnbook.experiments.answers import confusion, probabilities, share_right, together
from cnnbook.experiments.curves import learning_curves
from cnnbook.experiments.intervals import BOUNDS, LEVEL, in_percent, mean_interval, share_interval
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.inputs import BookInputs, DisputedLabel
from cnnbook.nets.geometry import CLASSES
from cnnbook.tables import Table
from cnnbook.training.trained import TrainedNet

MARK = 0.9935
"""Accuracy that part IV of the article's series names as the result of its part III."""

VERDICTS = {
    "reached": "is reached",
    "missed": "is missed",
    "open": "is neither clearly reached nor clearly missed",
    "none": "is not judged, because this copy is built from the sample",
}
"""The rule's outcomes, as prose says them."""


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Sequence[DisputedLabel]) -> xr.Dataset:
    """Answers of every network to every test image, counted; no network is selected.

    Args:
        nets: trained by one recipe.
        digits: what they learned from, and what they are asked.
        config: labels of MNIST's test set that people dispute; on the sample they are of no use.

    Raises:
        ValueError: a disputed label is not what the test set says.
    """
    each = [probabilities(net, digits.test_images) for net in nets]
    kept = undisputed(digits, config)
    without = [np.nan if kept.all() else share_right(found[kept], digits.test_labels[kept]) for found in each]
    share = {"units": "1", "long_name": "share of test images named rightly"}
    learned = xr.Dataset(
        {
            "undisputed_accuracy": ("net", without, share | {"comment": "without MNIST's disputed labels"}),
            "ensemble_accuracy": ((), share_right(together(each), digits.test_labels),
                                  share | {"comment": "by the mean of all networks' probabilities"}),
            "train_loss": (("net", "epoch"), np.stack([net.train_loss for net in nets]),
                           {"units": "nat", "long_name": "mean training loss"}),
        },
        coords={"net": [net.number for net in nets], "epoch": np.arange(1, nets[0].config.epochs + 1)},
    )  # fmt: skip
    tables = np.stack([confusion(found, digits.test_labels) for found in each])
    parts = [learned, counted(tables), learning_curves(nets, len(digits.train_labels))]
    return xr.merge(parts, combine_attrs="override").assign_attrs(
        {
            "claims": "C35",
            "data": digits.name,
            "train_images": len(digits.train_labels),
            "test_images": len(digits.test_labels),
            "disputed": int((~kept).sum()),
        }
    )


def undisputed(digits: Digits, disputed: Sequence[DisputedLabel]) -> Bool[np.ndarray, " n"]:
    """Which test images have a label that nobody disputes: on the sample all, as nobody was asked.

    Raises:
        ValueError: the list of disputed labels is not about this test set.
    """
    kept = np.ones(len(digits.test_labels), bool)
    for label in () if digits.is_sample else disputed:
        if label.index >= len(kept) or digits.test_labels[label.index] != label.given:
            raise ValueError(
                f"disputed label {label.given} of test image {label.index}: the test set says otherwise; "
                "seeds/disputed-labels.yaml is about MNIST's own test set"
            )
        kept[label.index] = False
    return kept


def counted(tables: Int[np.ndarray, "nets 10 10"]) -> xr.Dataset:
    """What follows from the answers of several networks to the same images.

    Args:
        tables: images by network, true class and answer.

    Returns:
        `confusion`; `test_accuracy` with `image_interval` of each network; `pooled_interval` and
        `net_interval` of the mean; `recall` and `precision` of each class (of its images, the share named
        rightly; of the answers that name it, the share that is right), not a number where there is none.
    """
    nets, images = len(tables), int(tables[0].sum())
    right = np.trace(tables, axis1=1, axis2=2)
    diagonal = np.diagonal(tables, axis1=1, axis2=2).astype(float)
    accuracy, bound = right / images, {"units": "1", "long_name": "ends of a 95 % interval"}
    with np.errstate(invalid="ignore"):
        recall, precision = diagonal / tables.sum(axis=2), diagonal / tables.sum(axis=1)
    return xr.Dataset(
        {
            "test_accuracy": (
                "net",
                accuracy,
                {"units": "1", "long_name": "share of test images named rightly"},
            ),
            "image_interval": (("net", "bound"), share_interval(right, images), bound),
            "pooled_interval": ("bound", share_interval(int(right.sum()), nets * images), bound),
            "net_interval": ("bound", mean_interval(accuracy), bound),
            "recall": (("net", "true"), recall, {"units": "1"}),
            "precision": (("net", "predicted"), precision, {"units": "1"}),
            "confusion": (("net", "true", "predicted"), tables, {"units": "images"}),
        },
        coords={"bound": list(BOUNDS), "true": np.arange(CLASSES), "predicted": np.arange(CLASSES)},
    )


def verdict(result: xr.Dataset) -> Literal["reached", "missed", "open", "none"]:
    """The rule of this module."""
    low, high = result.net_interval.values
    if result.attrs["data"] == "sample":
        return "none"
    return "reached" if low >= MARK else "missed" if high < MARK else "open"


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Mean, spread and number, as every statement about networks needs them; intervals, classes, verdict."""
    right, together_right = result.test_accuracy.values * 100, float(result.ensemble_accuracy)
    images = result.attrs["test_images"]
    recall = result.recall.mean("net")
    without = float(result.undisputed_accuracy.mean()) * 100
    return {
        "mean": f"{right.mean():.2f} %",
        "sd": f"{np.std(right, ddof=1):.2f}" if len(right) > 1 else "–",
        "worst": f"{right.min():.2f} %",
        "best": f"{right.max():.2f} %",
        "nets": str(len(right)),
        "epochs": str(result.sizes["epoch"]),
        "errors": f"{(100 - right.mean()) / 100 * images:.0f}",
        "test_images": f"{images:,}",
        "train_images": f"{result.attrs['train_images']:,}",
        "net_interval": in_percent(result.net_interval),
        "image_interval": in_percent(result.image_interval[0]),
        "pooled_interval": in_percent(result.pooled_interval),
        "first": f"{right[0]:.2f} %",
        "ensemble": f"{100 * together_right:.2f} %",
        "ensemble_errors": f"{(1 - together_right) * images:.0f}",
        "disputed": str(result.attrs["disputed"] or "–"),
        "undisputed": "–" if np.isnan(without) else f"{without:.2f} %",
        "undisputed_says": undisputed_in_words(without),
        "hardest": str(int(recall.idxmin("true"))),
        "hardest_recall": f"{100 * float(recall.min()):.1f} %",
        "easiest": str(int(recall.idxmax("true"))),
        "easiest_recall": f"{100 * float(recall.max()):.1f} %",
        "level": f"{100 * LEVEL:.0f} %",
        "mark": f"{100 * MARK:.2f} %",
        "verdict": VERDICTS[verdict(result)],
    }


def undisputed_in_words(percent: float) -> str:
    """The mean accuracy without the disputed labels as a sentence; NaN where no label was checked."""
    if np.isnan(percent):
        return "This copy is built from the sample, whose labels were not checked in this way."
    return f"Without these the mean is {percent:.2f} %."


def table(result: xr.Dataset) -> Table:
    """Errors by class as a table for readers: means over the networks, and their range."""

    def column(shares: Float[np.ndarray, "nets 10"]) -> list[str]:
        return [f"{one.mean():.2f} ({one.min():.2f}–{one.max():.2f})" for one in 100 * shares.T]

    images = result.confusion.isel(net=0).sum("predicted").values
    columns = {
        "test images": [f"{count:,}" for count in images],
        "named rightly, % (range)": column(result.recall.values),
        "answers that are right, % (range)": column(result.precision.values),
    }
    return Table(pd.DataFrame(columns, index=[str(digit) for digit in result.true.values]))


def _config(profile: Profile, seeds: BookInputs) -> Sequence[DisputedLabel]:
    return seeds.disputed


EXPERIMENT = LegacyExperiment(
    name="accuracy",
    question="How well do these networks name digits they have not seen?",
    measure=measure,
    facts=facts,
    config=_config,
    asks_every=True,
)
