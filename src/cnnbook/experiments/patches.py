"""How much of a point's response does a linear model of its window predict?

For the middle point of every Conv_3 map a ridge regression on the 324 pixels of its window is fitted to
training images and judged on test images. Its weights, turned into a picture, are what neuroscience calls a
spike-triggered average, corrected for the correlations of pixels (E. Chichilnisky, "A simple white noise
analysis of neuronal light responses", Network 12 (2001) 199; F. Theunissen et al. 2001). The baselines: the
same point before training, and the class of the image: how much of the response ten numbers, one a class,
explain.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.intervals import Weights
from cnnbook.maps import feature_maps
from cnnbook.nets.geometry import CLASSES, geometry_of
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

LAYER = "conv_3"
STRENGTH = 1e-2
"""Ridge strength, in units of the mean variance of a pixel."""

RARE = 0.01
"""Share of training images from which a point counts as active; rarer ones respond too seldom to judge."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """On how many images points are predicted from their windows."""

    train: int = number(20000, "training images that the linear model is fitted to", least=20)
    test: int = number(10000, "test images that it is judged on", least=10)


class Responses(NamedTuple):
    """The middle point of every map.

    Attributes:
        train: of each map for each training image.
        test: the same for each test image.
    """

    train: Float[np.ndarray, "n_train maps"]
    test: Float[np.ndarray, "n_test maps"]

    @property
    def is_active(self) -> Bool[np.ndarray, " maps"]:
        """Which maps respond often enough to be judged."""
        return (self.train > 0).mean(axis=0) >= RARE


class Regression:
    """A ridge regression of many targets at once on the same inputs.

    Args:
        inputs: one row for each image.
    """

    def __init__(self, inputs: Float[np.ndarray, "n d"]) -> None:
        self._mean = inputs.mean(axis=0)
        self._centred = inputs - self._mean
        gram = self._centred.T @ self._centred
        gram += STRENGTH * max(np.trace(gram) / len(gram), 1e-12) * np.eye(len(gram))
        self._inverse = np.linalg.inv(gram)

    def fit(
        self, targets: Float[np.ndarray, "n k"]
    ) -> tuple[Float[np.ndarray, "d k"], Float[np.ndarray, " k"]]:
        """Coefficients and intercepts of each target."""
        coefficients = self._inverse @ (self._centred.T @ (targets - targets.mean(axis=0)))
        return coefficients, targets.mean(axis=0) - self._mean @ coefficients


@experiment(
    config=Config(),
    draft=Config(train=2000, test=1000),
    about=lambda run: {"train": len(_train(run)), "test": len(_test(run))},
    variables=[
        variable("r2", "net map_conv_3", "R² of the linear model on test images"),
        variable("r2_untrained", "net map_conv_3", "the same before training"),
        variable("r2_class", "net map_conv_3", "R² of the mean response to the image's class"),
        variable("weights", "map_conv_3 row column", "weights of the linear model, first network"),
        variable("r2_of_images", "net resample map_conv_3", published=False),
    ],
    statistics=[
        statistic(
            "linear_r2",
            lambda r: r.r2_of_images.mean("map_conv_3").fillna(0),
            "R² of a linear model of a point's answer",
        ),
    ],
    facts=[
        fact("r2", "linear_r2"),
        fact("untrained", "r2_untrained"),
        fact("by_class", "r2_class"),
        fact("best", lambda r: r.r2.isel(net=0).max()),
    ],
)
def patches(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """R² of the linear model by map, on test images, with its baselines; not a number for a rare response."""
    weights = run.weights(len(_test(run)))
    trained, before = _responses(net, run), _responses(untrained(net), run)
    coefficients, predicted = _linear(trained, run)
    of_images = np.where(trained.is_active, r2(trained, predicted, weights), np.nan)
    of_class = r2(trained, _class_means(trained, run), weights[:1])[0]
    of_untrained = r2(before, _linear(before, run)[1], weights[:1])[0]
    side = geometry_of()[LAYER].receptive_field
    return {
        "r2": of_images[0],
        "r2_untrained": np.where(before.is_active, of_untrained, np.nan),
        "r2_class": np.where(trained.is_active, of_class, np.nan),
        "weights": coefficients.T.reshape(-1, side, side),
        "r2_of_images": of_images,
    }


def _train(run: Measurement[Config]) -> RawImages:
    return run.digits.train_images[: run.config.train]


def _test(run: Measurement[Config]) -> RawImages:
    return run.digits.test_images[: run.config.test]


def _responses(net: TrainedNet, run: Measurement[Config]) -> Responses:
    """The middle point of every map."""
    maps = (feature_maps(net, images, (LAYER,))[LAYER] for images in (_train(run), _test(run)))
    return Responses(*(each[:, 1, 1].astype(np.float64) for each in maps))


def _linear(
    responses: Responses, run: Measurement[Config]
) -> tuple[Float[np.ndarray, "d maps"], Float[np.ndarray, "n maps"]]:
    """Coefficients of a linear model of each map's point, and what it predicts for test images."""
    regression = run.cached("regression", lambda: Regression(_windows(_train(run))))
    coefficients, intercepts = regression.fit(responses.train)
    windows = run.cached("test windows", lambda: _windows(_test(run)))
    return coefficients, windows @ coefficients + intercepts


def _class_means(responses: Responses, run: Measurement[Config]) -> Float[np.ndarray, "n maps"]:
    """For each test image the mean response to training images of its class."""
    member = np.eye(CLASSES)[run.digits.train_labels[: run.config.train]]
    means = (member.T @ responses.train) / np.maximum(member.sum(axis=0), 1)[:, None]
    return means[run.digits.test_labels[: run.config.test]]


def _windows(images: RawImages) -> Float[np.ndarray, "n pixels"]:
    """What the middle point sees, as ink, one row for each image."""
    start, stop = geometry_of()[LAYER].window(1)
    inside = images[:, start : stop + 1, start : stop + 1]
    return inside.reshape(len(images), -1).astype(np.float64) / 255


def r2(
    responses: Responses, predicted: Float[np.ndarray, "n maps"], weights: Weights
) -> Float[np.ndarray, "resample maps"]:
    """1 less squared error by squared deviation from the training mean; 0 for a map that does not vary.

    Args:
        responses: the truth.
        predicted: for each test image.
        weights: of the test images in each resample.
    """
    error = weights @ (responses.test - predicted) ** 2
    spread = weights @ (responses.test - responses.train.mean(axis=0)) ** 2
    return np.where(spread > 1e-12, 1 - error / np.where(spread > 1e-12, spread, 1), 0.0)
