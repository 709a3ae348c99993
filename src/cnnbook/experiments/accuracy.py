"""How well do these networks name digits they have not seen?

All test images count, with the weights after the last update. Three intervals answer three questions. Over
networks (Student's t): where does the mean of further networks lie, on these images? Over images (exact
binomial): where does this one network's accuracy lie, on further images? Pooled (exact binomial): the same
from all predictions of all networks, as if each were a trial of its own; the images are the same, so it is
too narrow.

Rule. The article's series reports about 99.35 % for this kind of network on MNIST. That mark is *reached* if
no part of the interval over networks lies below it, *missed* if all of it does, and *open* otherwise. On the
sample there is no verdict, for these are not the digits that the mark is about.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool, Float, Int

from cnnbook.data.digits import Digits
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.intervals import BOUNDS, LEVEL, in_percent, mean_interval, share_interval
from cnnbook.experiments.predictions import confusion, is_correct, probabilities
from cnnbook.inputs import DisputedLabel
from cnnbook.nets.geometry import CLASSES
from cnnbook.tables import Table
from cnnbook.training.recipe import learning_rates
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


def undisputed(digits: Digits, disputed: Sequence[DisputedLabel]) -> Bool[np.ndarray, " n"]:
    """Which test images have a label that nobody disputes: on the sample all, as nobody was asked.

    Args:
        digits: with the test images.
        disputed: labels of MNIST's test set that people dispute.

    Raises:
        ValueError: the list of disputed labels is not about this test set.
    """
    remain = np.ones(len(digits.test_labels), bool)
    for label in () if digits.is_sample else disputed:
        if label.index >= len(remain) or digits.test_labels[label.index] != label.given:
            raise ValueError(
                f"disputed label {label.given} of test image {label.index}: the test set says otherwise; "
                "seeds/disputed-labels.yaml is about MNIST's own test set"
            )
        remain[label.index] = False
    return remain


def counted(tables: Int[np.ndarray, "nets 10 10"]) -> dict[str, np.ndarray]:
    """What follows from the predictions of several networks for the same images.

    Args:
        tables: images by network, true class and prediction.

    Returns:
        `confusion`; `image_interval` of each network's accuracy; `pooled_interval` and `net_interval` of the
        mean; `recall` and `precision` of each class (of its images, the share classified correctly; of the
        predictions of it, the share that is correct), not a number where there is none.
    """
    nets, images = len(tables), int(tables[0].sum())
    correct = np.trace(tables, axis1=1, axis2=2)
    diagonal = np.diagonal(tables, axis1=1, axis2=2).astype(float)
    with np.errstate(invalid="ignore"):
        recall, precision = diagonal / tables.sum(axis=2), diagonal / tables.sum(axis=1)
    return {
        "confusion": tables,
        "image_interval": share_interval(correct, images),
        "pooled_interval": share_interval(int(correct.sum()), nets * images),
        "net_interval": mean_interval(correct / images),
        "recall": recall,
        "precision": precision,
    }


def learning_curves(nets: Sequence[TrainedNet], train_images: int) -> xr.Dataset:
    """Training loss of every network and the learning rate, along the training.

    Args:
        nets: by one recipe.
        train_images: that they were trained on.

    Returns:
        `loss_curve` by net and segment of updates, each the mean over its segment, label smoothing included;
        `segment` is where the segment ends, in epochs. `learning_rate` by update; `update` is where it
        stands, in epochs.
    """
    config = nets[0].config
    losses = np.stack([net.loss_curve for net in nets])
    updates = config.epochs * (train_images // config.batch_size)
    ends = config.epochs * np.arange(1, losses.shape[1] + 1) / losses.shape[1]
    along = config.epochs * np.arange(updates) / updates
    return xr.Dataset(
        {
            "loss_curve": (("net", "segment"), losses),
            "learning_rate": ("update", learning_rates(config, updates)),
        },
        coords={
            "segment": ("segment", ends, {"units": "epochs", "long_name": "end of a segment of updates"}),
            "update": ("update", along, {"units": "epochs", "long_name": "where the update stands"}),
        },
    )


def verdict(result: xr.Dataset) -> Literal["reached", "missed", "open", "none"]:
    """The rule of this module."""
    low, high = result.net_interval.values
    if result.attrs["data"] == "sample":
        return "none"
    return "reached" if low >= MARK else "missed" if high < MARK else "open"


def undisputed_in_words(result: xr.Dataset) -> str:
    """The mean accuracy without the disputed labels as a sentence."""
    mean = float(result.undisputed_accuracy.mean()) * 100
    if np.isnan(mean):
        return "This copy is built from the sample, whose labels were not checked in this way."
    return f"Without these the mean is {mean:.2f} %."


def table(result: xr.Dataset) -> Table:
    """Errors by class as a table for readers: means over the networks, and their range."""

    def column(shares: Float[np.ndarray, "nets 10"]) -> list[str]:
        return [f"{each.mean():.2f} ({each.min():.2f}–{each.max():.2f})" for each in 100 * shares.T]

    images = result.confusion.isel(net=0).sum("predicted").values
    columns = {
        "test images": [f"{count:,}" for count in images],
        "classified correctly, % (range)": column(result.recall.values),
        "predictions that are correct, % (range)": column(result.precision.values),
    }
    return Table(pd.DataFrame(columns, index=[str(digit) for digit in result.true.values]))


def _share_correct(result: xr.Dataset) -> xr.DataArray:
    """The diagonal of each confusion matrix by its sum."""
    correct = result.confusion.where(result.true == result.predicted, 0).sum(["true", "predicted"])
    return correct / result.confusion.sum(["true", "predicted"])


def _spread(result: xr.Dataset) -> float:
    """Standard deviation over networks; not a number for a single one."""
    accuracy = result.test_accuracy.values
    return float(np.std(accuracy, ddof=1)) if len(accuracy) > 1 else np.nan


def _coords(run: Measurement[None]) -> dict[str, Any]:
    curves = _curves(run)
    return {
        "bound": BOUNDS,
        "true": range(CLASSES),
        "predicted": range(CLASSES),
        "epoch": range(1, run.reference[0].config.epochs + 1),
        "segment": curves["segment"],
        "update": curves["update"],
    }


def _curves(run: Measurement[None]) -> xr.Dataset:
    return run.cached("curves", lambda: learning_curves(run.reference, len(run.digits.train_labels)))


def _mean_recall(result: xr.Dataset) -> xr.DataArray:
    return result.recall.mean("net")


_SHARE, _ENDS = "share of test images classified correctly", "ends of a 95 % interval"


@experiment(
    together=True,
    every_net=True,
    inputs=("disputed",),
    coords=_coords,
    about=lambda run: {
        "train_images": len(run.digits.train_labels),
        "test_images": len(run.digits.test_labels),
        "disputed": int((~undisputed(run.digits, run.inputs.disputed)).sum()),
    },
    variables=[
        variable("undisputed_accuracy", "net", _SHARE, comment="without MNIST's disputed labels"),
        variable("ensemble_accuracy", "", _SHARE, comment="by the mean of all networks' probabilities"),
        variable("train_loss", "net epoch", "mean training loss", units="nat"),
        variable("loss_curve", "net segment", "mean training loss", units="nat"),
        variable("learning_rate", "update", "learning rate of each update"),
        variable("image_interval", "net bound", _ENDS),
        variable("pooled_interval", "bound", _ENDS),
        variable("net_interval", "bound", _ENDS),
        variable("recall", "net true", "share of a class classified correctly"),
        variable("precision", "net predicted", "share of the predictions of a class that are correct"),
        variable("confusion", "net true predicted", "images by class and prediction", units="images"),
    ],
    statistics=[statistic("test_accuracy", _share_correct, _SHARE)],
    facts=[
        fact("mean", "test_accuracy", ".2%"),
        fact("sd", _spread, scale=100),
        fact("worst", lambda r: r.test_accuracy.min(), ".2%"),
        fact("best", lambda r: r.test_accuracy.max(), ".2%"),
        fact("epochs", lambda r: r.sizes["epoch"], ".0f"),
        fact("loss_first", lambda r: r.train_loss.isel(epoch=0)),
        fact("loss_last", lambda r: r.train_loss.isel(epoch=-1)),
        fact("errors", lambda r: (1 - r.test_accuracy.mean()) * r.attrs["test_images"], ".0f"),
        fact("net_interval", lambda r: in_percent(r.net_interval)),
        fact("image_interval", lambda r: in_percent(r.image_interval[0])),
        fact("pooled_interval", lambda r: in_percent(r.pooled_interval)),
        fact("first", lambda r: r.test_accuracy[0], ".2%"),
        fact("ensemble", "ensemble_accuracy", ".2%"),
        fact("ensemble_errors", lambda r: (1 - r.ensemble_accuracy) * r.attrs["test_images"], ".0f"),
        fact("disputed", lambda r: str(r.attrs["disputed"] or "–")),
        fact("undisputed", "undisputed_accuracy", ".2%"),
        fact("undisputed_says", undisputed_in_words),
        fact("hardest", lambda r: _mean_recall(r).idxmin("true"), ".0f"),
        fact("hardest_recall", lambda r: _mean_recall(r).min(), ".1%"),
        fact("easiest", lambda r: _mean_recall(r).idxmax("true"), ".0f"),
        fact("easiest_recall", lambda r: _mean_recall(r).max(), ".1%"),
        fact("level", lambda r: LEVEL, ".0%"),
        fact("mark", lambda r: MARK, ".2%"),
        fact("verdict", lambda r: VERDICTS[verdict(r)]),
    ],
)
def accuracy(run: Measurement[None]) -> Measured:
    """Predictions of every network for every test image, counted; no network is selected.

    Raises:
        ValueError: a disputed label is not what the test set says.
    """
    labels, agreed = run.digits.test_labels, undisputed(run.digits, run.inputs.disputed)
    predicted = [probabilities(net, run.digits.test_images) for net in run.reference]
    without = [is_correct(each, labels)[agreed].mean() for each in predicted]
    curves = _curves(run)
    return {
        "undisputed_accuracy": np.full(len(predicted), np.nan) if agreed.all() else np.array(without),
        "ensemble_accuracy": is_correct(np.mean(predicted, axis=0), labels).mean(),
        "train_loss": np.stack([net.train_loss for net in run.reference]),
        **{str(name): curves[name].values for name in curves.data_vars},
        **counted(np.stack([confusion(each, labels) for each in predicted])),
    }
