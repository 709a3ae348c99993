"""What of a digit can a linear probe still find in each layer?

For the image and each layer the same ridge regression (`fcp.probes.fit_ridge`) finds four things: the class;
the pixels (a *decoder*); slant and stroke width of every digit; bar and top of the 4s. The nulls: networks
before training, the pixels themselves, and a control task (J. Hewitt and P. Liang, "Designing and
interpreting probes with control tasks", EMNLP 2019): labels drawn at random, which a probe can only learn by
heart, so that it classifies one test image in ten correctly. A ridge probe is weaker than a logistic one: its
accuracies are to be compared with each other alone.

R² of pixels is 1 less the squared error by the squared deviation from the training images' mean, summed over
pixels and images.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float, Integer, UInt8

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, at
from cnnbook.fcp.pictures import MEASURES, ssim, stroke_measures
from cnnbook.fcp.probes import fit_ridge
from cnnbook.keys import integers
from cnnbook.maps import flat_maps, flat_pixels
from cnnbook.nets.geometry import CLASSES, INPUT_SIZE, MAP_LAYERS
from cnnbook.training.trained import TrainedNet

SPACES = ("image", *MAP_LAYERS)
STATES = ("trained", "untrained")
READ = ("class", "control", "r2", "ssim", *MEASURES)
FOUR = 4

_OF_FOURS = 2
"""The last measures of strokes are those of 4s alone."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """What linear probes are fitted to, and what they are judged on."""

    train: int = number(1500, "training images that a probe is fitted to", least=20)
    test: int = number(2000, "test images that it is judged on", least=10)
    untrained: int = number(3, "networks looked at before training", least=1)


class Truth(NamedTuple):
    """What probes are to find of some images.

    Attributes:
        label: the class.
        control: a class drawn at random.
        pixels: the image itself, in [0, 1].
        strokes: the measures of `fcp.pictures.strokes`.
    """

    label: UInt8[np.ndarray, " n"]
    control: Integer[np.ndarray, " n"]
    pixels: Float[np.ndarray, "n pixels"]
    strokes: Float[np.ndarray, "n 4"]


def _found(space: str, what: str | list[str], state: str = "trained") -> Selection:
    """What was found, by network and resample."""
    return at("read_resampled", space=space, what=what, state=state)


def _pooling_loss(result: xr.Dataset) -> xr.DataArray:
    first = _found("conv_1", "r2") - _found("pool_1", "r2")
    second = _found("conv_2", "r2") - _found("pool_2", "r2")
    return (first(result) + second(result)) / 2


def _scores(result: xr.Dataset, state: str) -> xr.DataArray:
    """All but accuracies."""
    return at("read", what=list(READ[2:]), state=state)(result).rename(what="score")


@experiment(
    config=Config(),
    draft=Config(train=400, test=300, untrained=1),
    states=STATES,
    inputs=("shown",),
    coords=lambda run: {
        "space": SPACES,
        "what": READ,
        "digit": [digit.name for digit in run.inputs.shown],
    },
    about=lambda run: {
        "train": len(_train_images(run)),
        "test": len(_test_images(run)),
        "fours": int((run.digits.test_labels[: run.config.test] == FOUR).sum()),
    },
    variables=[
        variable("read", "state space net what", "accuracy, R² or SSIM of what a probe finds"),
        variable("read_resampled", "state space net what resample", published=False),
        variable("rebuilt", "state space digit row column", "the shown digits as a decoder rebuilds them"),
        variable("shown", "digit row column", "the shown digits"),
        variable("mean_image", "row column", "mean of the training images"),
    ],
    statistics=[
        statistic(
            "conv_2_over_pool_1",
            _found("conv_2", "class") - _found("pool_1", "class"),
            "probe, Conv_2 less Pool_1",
        ),
        statistic(
            "conv_2_over_untrained",
            _found("conv_2", "class") - _found("conv_2", "class", "untrained"),
            "probe on Conv_2, trained less untrained",
        ),
        statistic("pooling_loss", _pooling_loss, "fall of the decoder's R² at a pooling"),
        statistic("conv_2_r2", _found("conv_2", "r2"), "R² of the decoder from Conv_2"),
        statistic("conv_3_r2", _found("conv_3", "r2"), "R² of the decoder from Conv_3"),
        statistic(
            "conv_3_shape_r2",
            _found("conv_3", list(MEASURES)).mean("what"),
            "R² of stroke measures of 4s from Conv_3",
        ),
        statistic(
            "conv_3_ssim",
            _found("conv_3", "ssim"),
            "SSIM of image and reconstruction from Conv_3",
        ),
    ],
    facts=[
        fact("{space}_{what}", at("read", what=list(READ[:2])), ".1%"),
        fact("{space}_{what}_untrained", at("read", what=list(READ[:2]), state="untrained"), ".1%"),
        fact("{space}_{score}", lambda r: _scores(r, "trained")),
        fact("{space}_{score}_untrained", lambda r: _scores(r, "untrained")),
    ],
)
def linear_decodability(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """What probes of the image and of each layer find, and the shown digits that a decoder rebuilds.

    Measures of strokes are judged on the test 4s.
    """
    images = [_train_images(run), _test_images(run), run.shown_images]
    read = [run.cached("from the image", lambda: _probed(run, *map(flat_pixels, images)))]
    read += [_probed(run, *(flat_maps(net, each, layer) for each in images)) for layer in MAP_LAYERS]
    found, rebuilt = (np.array(part) for part in zip(*read, strict=True))
    train, _ = run.cached("truth", lambda: _truth(run))
    return {
        "read": found[..., 0],
        "read_resampled": found,
        "rebuilt": rebuilt,
        "shown": run.shown_images / 255.0,
        "mean_image": train.pixels.mean(axis=0).reshape(INPUT_SIZE, INPUT_SIZE),
    }


def _train_images(run: Measurement[Config]) -> RawImages:
    return run.digits.train_images[: run.config.train]


def _test_images(run: Measurement[Config]) -> RawImages:
    return run.digits.test_images[: run.config.test]


def _truth(run: Measurement[Config]) -> tuple[Truth, Truth]:
    """What is to be found of the training images and of the test images.

    Raises:
        ValueError: there are not enough 4s.
    """
    train, test = _train_images(run), _test_images(run)
    labels = run.digits.train_labels[: len(train)], run.digits.test_labels[: len(test)]
    fours = [int((each == FOUR).sum()) for each in labels]
    if fours[0] < 2 or fours[1] < 1:
        raise ValueError(
            f"digits: {fours[0]} 4s among the training images and {fours[1]} among the test images, "
            "expected at least 2 and 1"
        )
    control = integers(run.key("random labels"), (len(train) + len(test),), CLASSES)
    parts = zip((train, test), labels, np.split(control, [len(train)]), strict=True)
    first, second = (
        Truth(label, drawn, images.reshape(len(images), -1) / 255.0, stroke_measures(images / 255.0))
        for images, label, drawn in parts
    )
    return first, second


def _targets(train: Truth) -> dict[str, Float[np.ndarray, "n k"]]:
    """What probes are fitted to; bars and tops of other digits than 4s are replaced by the mean of 4s."""
    measured, is_four = train.strokes.copy(), train.label == FOUR
    measured[~is_four, _OF_FOURS:] = measured[is_four, _OF_FOURS:].mean(axis=0)
    return {
        "class": np.eye(CLASSES)[train.label],
        "control": np.eye(CLASSES)[train.control],
        "pixels": train.pixels,
        "strokes": measured,
    }


def _probed(
    run: Measurement[Config],
    x_train: Float[np.ndarray, "n_train d"],
    x_test: Float[np.ndarray, "n_test d"],
    x_shown: Float[np.ndarray, "n_shown d"],
) -> tuple[Float[np.ndarray, "what resample"], Float[np.ndarray, "n_shown 28 28"]]:
    """What probes of some activations find, in the order of `READ`, and the shown digits rebuilt."""
    train, test = run.cached("truth", lambda: _truth(run))
    targets = run.cached("targets", lambda: _targets(train))
    probes = fit_ridge(x_train, targets)
    predicted = probes.predict(x_test)
    predicted["pixels"] += train.pixels.mean(axis=0)
    predicted["strokes"] += targets["strokes"].mean(axis=0)
    weights = run.weights(len(x_test))
    rebuilt = probes.predict(x_shown)["pixels"] + train.pixels.mean(axis=0)
    accuracy, control, similarity = _mean_scores(predicted, test, weights)
    pixels, *measures = _r2_scores(predicted, train, test, weights)
    found = np.array([accuracy, control, pixels, similarity, *measures])
    return found, np.clip(rebuilt, 0, 1).reshape(-1, INPUT_SIZE, INPUT_SIZE)


def _mean_scores(
    predicted: dict[str, np.ndarray], test: Truth, weights: Float[np.ndarray, "resample n"]
) -> list[Float[np.ndarray, " resample"]]:
    """Accuracy of classes and of the control task, and SSIM."""
    shape = (-1, INPUT_SIZE, INPUT_SIZE)
    by_image = (
        predicted["class"].argmax(axis=1) == test.label,
        predicted["control"].argmax(axis=1) == test.control,
        ssim(np.clip(predicted["pixels"], 0, 1).reshape(shape), test.pixels.reshape(shape)),
    )
    return [weights @ values / weights.sum(axis=1) for values in by_image]


def _r2_scores(
    predicted: dict[str, np.ndarray], train: Truth, test: Truth, weights: Float[np.ndarray, "resample n"]
) -> list[Float[np.ndarray, " resample"]]:
    """R² of the pixels, and of each measure of the test 4s."""
    error, spread = (
        ((test.pixels - other) ** 2).sum(axis=1) for other in (predicted["pixels"], train.pixels.mean(axis=0))
    )
    mean = train.strokes[train.label == FOUR].mean(axis=0)
    missed, varied = (test.strokes - predicted["strokes"]) ** 2, (test.strokes - mean) ** 2
    fours = weights * (test.label == FOUR)
    return [
        r2(error, spread, weights),
        *(r2(missed[:, k], varied[:, k], fours) for k in range(len(MEASURES))),
    ]


def r2(
    error: Float[np.ndarray, " n"], spread: Float[np.ndarray, " n"], weights: Float[np.ndarray, "resample n"]
) -> Float[np.ndarray, " resample"]:
    """1 less error by spread, for every resample; 0 where there is no spread.

    Args:
        error: squared error of each image.
        spread: its squared deviation from the mean.
        weights: how often each resample holds each image.
    """
    below = weights @ spread
    return np.where(below > 0, 1 - (weights @ error) / np.where(below > 0, below, 1), 0.0)
