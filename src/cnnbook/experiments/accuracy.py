"""How well the networks name digits: test accuracy, errors by class, and the loss while they learned."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.data.digits import Digits
from cnnbook.experiments.experiment import Experiment
from cnnbook.maps import predictions
from cnnbook.nets.geometry import CLASSES
from cnnbook.training.checkpoint import TrainedNet


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Any) -> xr.Dataset:
    """Answers of every network on every test image, counted; weights of the last epoch, no selection."""
    confusion = np.stack(
        [_confusion(predictions(net, digits.test_images), digits.test_labels) for net in nets]
    )
    right = np.trace(confusion, axis1=1, axis2=2) / len(digits.test_labels)
    losses = np.stack([net.train_loss for net in nets])
    return xr.Dataset(
        {
            "test_accuracy": (
                "net",
                right,
                {"units": "1", "long_name": "share of test images named rightly"},
            ),
            "train_loss": (("net", "epoch"), losses, {"units": "nat", "long_name": "mean training loss"}),
            "confusion": (("net", "true", "predicted"), confusion, {"units": "images"}),
        },
        coords={
            "net": [net.number for net in nets],
            "epoch": np.arange(1, losses.shape[1] + 1),
            "true": np.arange(CLASSES),
            "predicted": np.arange(CLASSES),
        },
        attrs={
            "claims": "C35",
            "data": digits.name,
            "train_images": len(digits.train_labels),
            "test_images": len(digits.test_labels),
        },
    )


def _confusion(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Images by true class (rows) and answer (columns)."""
    table = np.zeros((CLASSES, CLASSES), np.int64)
    np.add.at(table, (true, predicted), 1)
    return table


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Mean, spread and number, as every statement about networks needs them."""
    right = result.test_accuracy.values * 100
    spread = f"{np.std(right, ddof=1):.2f}" if len(right) > 1 else "–"
    return {
        "mean": f"{right.mean():.2f} %",
        "sd": spread,
        "worst": f"{right.min():.2f} %",
        "best": f"{right.max():.2f} %",
        "nets": str(len(right)),
        "epochs": str(result.sizes["epoch"]),
        "errors": f"{(100 - right.mean()) / 100 * result.attrs['test_images']:.0f}",
        "test_images": f"{result.attrs['test_images']:,}",
        "train_images": f"{result.attrs['train_images']:,}",
    }


EXPERIMENT = Experiment(
    name="accuracy",
    question="How well do these networks name digits they have not seen?",
    measure=measure,
    facts=facts,
)
