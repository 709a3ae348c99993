"""What is lost where: what a linear reader finds of class, pixels and strokes in each layer's activations.

For the image and each layer the same ridge regression (see `fcp.ridge`) reads four things: the class; the
pixels (a *decoder*); slant and stroke width of every digit; bar and top of the 4s. The nulls: networks
before training, the pixels themselves, and a control task (J. Hewitt and P. Liang, "Designing and
interpreting probes with control tasks", EMNLP 2019): labels drawn at random, which a reader can only learn
by heart, so that on test images it is right once in ten times. A ridge probe is weaker than a logistic one:
its accuracies are to be compared with each other alone.

R² of pixels is 1 less the squared error by the squared deviation from the training images' mean, summed
over pixels and images.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np
import xarray as xr

from cnnbook.config.questions import LostConfig
from cnnbook.data.digits import Digits, chosen_images
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.resampling import (
    Resampled,
    Statistic,
    Weights,
    resample_weights,
    resampled,
    statistic,
)
from cnnbook.fcp.ridge import fit_targets, products_with, take_apart
from cnnbook.fcp.ssim import ssim
from cnnbook.fcp.strokes import MEASURES, strokes
from cnnbook.formatting import format_number
from cnnbook.keys import key_for
from cnnbook.maps import flat_maps
from cnnbook.nets.geometry import CLASSES, INPUT_SIZE, MAP_LAYERS
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

SPACES = ("image", *MAP_LAYERS)
STATES = ("trained", "untrained")
READ = ("class", "control", "r2", "ssim", *MEASURES)
FOUR = 4
_BATCH = 1000
_OF_FOURS = 2
"""The last measures are those of 4s alone."""


class _Task:
    """What is read, by whom, and how it is judged: the same for every layer and network."""

    def __init__(self, digits: Digits, config: Resampled) -> None:
        own: LostConfig = config.own
        self.train, self.labels = digits.train_images[: own.train], digits.train_labels[: own.train]
        self.test, self.asked = digits.test_images[: own.test], digits.test_labels[: own.test]
        self.weights: Weights = resample_weights(len(self.test), resamples=config.resamples, seed=config.seed)
        self.shown = chosen_images(digits, config.more)
        pixels = self.train.reshape(len(self.train), -1) / 255.0
        drawn = jax.random.randint(
            key_for(config.seed, "linear_decodability/random labels"),
            (len(self.train) + len(self.test),),
            0,
            CLASSES,
        )
        control = np.asarray(drawn)
        self.control = control[len(self.train) :]
        measured = strokes(self.train / 255.0)
        self.measured = strokes(self.test / 255.0)
        self.fours, self.is_four = self.labels == FOUR, self.asked == FOUR
        if self.fours.sum() < _OF_FOURS or not self.is_four.any():
            raise ValueError(
                f"digits: {self.fours.sum()} 4s to learn from, {self.is_four.sum()} to ask; too few"
            )
        # Bars and tops of other digits than 4s are not asked for: their mean stands there.
        measured[~self.fours, _OF_FOURS:] = measured[self.fours, _OF_FOURS:].mean(axis=0)
        self.means = {"pixels": pixels.mean(axis=0), "strokes": measured.mean(axis=0)}
        self.targets = {
            "class": np.eye(CLASSES)[self.labels], "control": np.eye(CLASSES)[control[: len(self.train)]],
            "pixels": pixels, "strokes": measured,
        }  # fmt: skip

    def read(self, train: np.ndarray, test: np.ndarray, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What a reader of some activations finds: `READ` by resample, and the shown digits reconstructed."""
        products = take_apart(train)
        duals = fit_targets(products, self.targets)
        parts = []
        for begin in range(0, len(test), _BATCH):
            shared = products_with(products, train, test[begin : begin + _BATCH])
            parts.append({name: shared @ dual for name, dual in duals.items()})
        found = {name: np.concatenate([part[name] for part in parts]) for name in duals}
        again = products_with(products, train, shown) @ duals["pixels"] + self.means["pixels"]
        return self._judge(found), np.clip(again, 0, 1).reshape(-1, INPUT_SIZE, INPUT_SIZE)

    def _judge(self, found: Mapping[str, np.ndarray]) -> np.ndarray:
        """The numbers of `READ`, for every resample."""
        right = [
            self.weights @ (found[name].argmax(axis=1) == labels) / self.weights.sum(axis=1)
            for name, labels in (("class", self.asked), ("control", self.control))
        ]
        pixels = self.test.reshape(len(self.test), -1) / 255.0
        rebuilt = found["pixels"] + self.means["pixels"]
        error, spread = ((pixels - other) ** 2 for other in (rebuilt, self.means["pixels"]))
        r2 = _r2(error.sum(axis=1), spread.sum(axis=1), self.weights)
        shape = (-1, INPUT_SIZE, INPUT_SIZE)
        alike = ssim(np.clip(rebuilt, 0, 1).reshape(shape), pixels.reshape(shape))
        alike = self.weights @ alike / self.weights.sum(axis=1)
        fours = self.weights * self.is_four
        rows = [*right, r2, alike]
        for k in range(len(MEASURES)):
            truth, mean = self.measured[:, k], self.targets["strokes"][self.fours, k].mean()
            missed = (truth - found["strokes"][:, k] - self.means["strokes"][k]) ** 2
            rows.append(_r2(missed, (truth - mean) ** 2, fours))
        return np.array(rows)


def _r2(error: np.ndarray, spread: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """1 less error by spread, for every resample; 0 where there is no spread."""
    below = weights @ spread
    return np.where(below > 0, 1 - (weights @ error) / np.where(below > 0, below, 1), 0.0)


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Resampled) -> xr.Dataset:
    """Everything in `READ` by state, space and network, and what a decoder makes of the shown digits.

    Stroke measures are judged on the test 4s. Of untrained networks fewer may be looked at; what was not is
    not a number.
    """
    own: LostConfig = config.own
    task = _Task(digits, config)
    found = np.full((len(STATES), len(SPACES), len(nets), len(READ), len(task.weights)), np.nan)
    rebuilt = np.zeros((len(STATES), len(SPACES), len(task.shown), INPUT_SIZE, INPUT_SIZE))
    flat = [
        images.reshape(len(images), -1).astype(np.float32) / 255
        for images in (task.train, task.test, task.shown)
    ]
    found[:, 0], rebuilt[:, 0] = (part[None] for part in task.read(*flat))
    for n, net in enumerate(nets):
        for s, looked_at in enumerate((net, untrained(net)) if n < own.untrained else (net,)):
            for m, layer in enumerate(MAP_LAYERS, 1):
                seen = [flat_maps(looked_at, images, layer) for images in (task.train, task.test, task.shown)]
                found[s, m, n], again = task.read(*seen)
                if n == 0:
                    rebuilt[s, m] = again
    shown = [digit.name for digit in config.more]
    return xr.Dataset(
        {
            "read": (("state", "space", "net", "what"), found[..., 0], {"units": "1"}),
            "rebuilt": (("state", "space", "digit", "row", "column"), rebuilt, {"units": "1"}),
            "shown": (("digit", "row", "column"), task.shown / 255.0, {"units": "1"}),
            "mean_image": (("row", "column"), task.means["pixels"].reshape(INPUT_SIZE, -1), {"units": "1"}),
        } | _statistics(found, own.untrained),
        coords={"state": list(STATES), "space": list(SPACES), "net": [net.number for net in nets],
                "what": list(READ), "digit": shown},
        attrs={"claims": "C05 C13 C15 C24 C49", "data": digits.name, "train": len(task.train),
               "test": len(task.test), "fours": int(task.is_four.sum()),
               "untrained": min(own.untrained, len(nets))},
    )  # fmt: skip


def _statistics(found: np.ndarray, untrained: int) -> dict[str, Statistic]:
    """What claims are judged by, from what was read by state, space, net, thing and resample."""

    def of(space: str, what: str, state: str = "trained") -> Any:
        return found[STATES.index(state), SPACES.index(space), :, READ.index(what)]

    falls = [
        of(before, "r2") - of(after, "r2") for before, after in (("conv_1", "pool_1"), ("conv_2", "pool_2"))
    ]
    shapes = np.mean([of("conv_3", measure) for measure in MEASURES], axis=0)
    learned = of("conv_2", "class") - of("conv_2", "class", "untrained")
    return {
        "conv_2_over_pool_1": statistic(
            of("conv_2", "class") - of("pool_1", "class"), "probe, Conv_2 less Pool_1"
        ),
        "conv_2_over_untrained": statistic(
            learned, "probe on Conv_2, trained less untrained", looked_at=untrained
        ),
        "pooling_loss": statistic(np.mean(falls, axis=0), "fall of the decoder's R² at a pooling"),
        "conv_2_r2": statistic(of("conv_2", "r2"), "R² of the decoder from Conv_2"),
        "conv_3_r2": statistic(of("conv_3", "r2"), "R² of the decoder from Conv_3"),
        "conv_3_shape_r2": statistic(shapes, "R² of stroke measures of 4s from Conv_3"),
        "conv_3_ssim": statistic(of("conv_3", "ssim"), "SSIM of image and reconstruction from Conv_3"),
    }


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Means over networks by space: accuracy in percent, and R² and SSIM."""
    mean = result["read"].mean("net")
    found = {
        "train": f"{result.attrs['train']:,}",
        "test": f"{result.attrs['test']:,}",
        "fours": str(result.attrs["fours"]),
        "nets": str(result.sizes["net"]),
        "untrained_nets": str(result.attrs["untrained"]),
    }
    for state, end in zip(STATES, ("", "_untrained"), strict=True):
        for space in SPACES:
            here = mean.sel(state=state, space=space)
            for what in READ:
                value = float(here.sel(what=what))
                text = f"{100 * value:.1f} %" if what in ("class", "control") else format_number(value)
                found[f"{space}_{what.replace(' ', '_')}{end}"] = text
    return found


EXPERIMENT = LegacyExperiment(
    name="lost_where",
    question="What of a digit can a linear reader still find in each layer?",
    measure=measure,
    facts=facts,
    config=resampled(lambda profile: profile.lost, lambda seeds: seeds.shown),
)
