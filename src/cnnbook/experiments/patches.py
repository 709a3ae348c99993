"""Do the maps tell what they respond to, and does a linear model of pixels tell how they respond?

*Told* (claim C41): from the nine displayed points of one Conv_3 map alone, and the class, a linear model
rebuilds the pixels that the map's middle point sees. The share of the squared error left by the class that
it takes away, on test images, is a partial R²: 0 for maps in which nothing is to be seen beyond the class.

The other way round, a ridge regression on the 324 pixels of a window is fitted to the middle point of every
Conv_3 map and judged on test images. Its weights, turned into a picture, are what neuroscience calls a
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
from cnnbook.fcp.probes import explained
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
    """All points of every map.

    Attributes:
        train_maps: for each training image.
        test_maps: for each test image.
    """

    train_maps: Float[np.ndarray, "n_train cells maps"]
    test_maps: Float[np.ndarray, "n_test cells maps"]

    @property
    def train(self) -> Float[np.ndarray, "n_train maps"]:
        """The middle point of each map for each training image."""
        return self.train_maps[:, self.train_maps.shape[1] // 2].astype(np.float64)

    @property
    def test(self) -> Float[np.ndarray, "n_test maps"]:
        """The same for each test image."""
        return self.test_maps[:, self.test_maps.shape[1] // 2].astype(np.float64)

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
        variable("told", "net map_conv_3", "partial R² of the window from the map, beyond the class"),
        variable("told_untrained", "net map_conv_3", "the same before training"),
        variable("told_of_images", "net resample map_conv_3", published=False),
    ],
    statistics=[
        statistic(
            "told_by_a_map",
            lambda r: r.told_of_images.mean("map_conv_3").fillna(0),
            "partial R² of the pixels of a window from one map, beyond the class",
        ),
    ],
    facts=[
        fact("r2"),
        fact("told", "told_by_a_map"),
        fact("told_untrained"),
        fact("told_best", lambda r: r.told.isel(net=0).max()),
        fact("untrained", "r2_untrained"),
        fact("by_class", "r2_class"),
        fact("best", lambda r: r.r2.isel(net=0).max()),
    ],
)
def patches(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Both kinds of R² by map, on test images; not a number for a map that responds rarely."""
    weights = run.weights(len(_test(run)))
    trained, before = _responses(net, run), _responses(untrained(net), run)
    coefficients, predicted = _linear(trained, run)
    told, told_before = (_told(of, run, rows) for of, rows in ((trained, weights), (before, weights[:1])))
    side = geometry_of()[LAYER].receptive_field
    by_map = {
        "r2": (trained, r2(trained, predicted, weights[:1])),
        "r2_untrained": (before, r2(before, _linear(before, run)[1], weights[:1])),
        "r2_class": (trained, r2(trained, _class_means(trained, run), weights[:1])),
        "told": (trained, told[:1]),
        "told_untrained": (before, told_before),
        "told_of_images": (trained, told),
    }
    judged = {name: np.where(of.is_active, values, np.nan) for name, (of, values) in by_map.items()}
    return {
        **{name: values if name == "told_of_images" else values[0] for name, values in judged.items()},
        "weights": coefficients.T.reshape(-1, side, side),
    }


def _train(run: Measurement[Config]) -> RawImages:
    return run.digits.train_images[: run.config.train]


def _test(run: Measurement[Config]) -> RawImages:
    return run.test_images(run.config.test)


def _responses(net: TrainedNet, run: Measurement[Config]) -> Responses:
    """All points of every map."""
    maps = (feature_maps(net, images, (LAYER,))[LAYER] for images in (_train(run), _test(run)))
    return Responses(*(each.reshape(len(each), -1, each.shape[-1]) for each in maps))


def _told(responses: Responses, run: Measurement[Config], weights: Weights) -> Float[np.ndarray, "rows maps"]:
    """Partial R² of the windows from each map."""
    pixels = _train_windows(run), _test_windows(run)
    windows = run.cached("windows beyond the class", lambda: _beyond_class(run, *pixels))
    maps = _beyond_class(run, responses.train_maps, responses.test_maps)
    return partial_r2(*maps, *windows, weights)


def _beyond_class(
    run: Measurement[Config],
    train: Float[np.ndarray, "n_train *more"],
    test: Float[np.ndarray, "n_test *more"],
) -> tuple[Float[np.ndarray, "n_train *more"], Float[np.ndarray, "n_test *more"]]:
    """Values less their means over training images of the same class."""
    labels, test_labels = run.digits.train_labels[: len(train)], run.test_labels(len(test))
    member = np.eye(CLASSES, dtype=train.dtype)[labels]
    sums = (member.T @ train.reshape(len(train), -1)).reshape(CLASSES, *train.shape[1:])
    means = sums / np.maximum(member.sum(axis=0), 1).reshape(-1, *[1] * (train.ndim - 1))
    return train - means[labels], test - means[test_labels]


def partial_r2(
    x_train: Float[np.ndarray, "n_train cells maps"],
    x_test: Float[np.ndarray, "n_test cells maps"],
    y_train: Float[np.ndarray, "n_train pixels"],
    y_test: Float[np.ndarray, "n_test pixels"],
    weights: Weights,
) -> Float[np.ndarray, "resample maps"]:
    """Share of the squared error that a ridge regression from each map alone takes away, by resample.

    Args:
        x_train: points of each map, less their class means.
        x_test: the same for test images.
        y_train: pixels, less their class means: what is to be told.
        y_test: likewise.
        weights: of the test images in each resample.
    """
    by_map, tested = x_train.transpose(2, 1, 0), x_test.transpose(2, 0, 1)
    cells, pixels = x_train.shape[1], y_train.shape[1]
    gram = (by_map @ by_map.transpose(0, 2, 1)).astype(np.float64)
    ridge = STRENGTH * np.maximum(np.trace(gram, axis1=1, axis2=2) / cells, 1e-12)
    gram += ridge[:, None, None] * np.eye(cells)
    table = np.linalg.solve(gram, (by_map.reshape(-1, len(y_train)) @ y_train).reshape(-1, cells, pixels))
    along = (y_test @ table.reshape(-1, pixels).T).reshape(len(y_test), -1, cells).transpose(1, 0, 2)
    quadratic = tested @ (table @ table.transpose(0, 2, 1))
    spread = (y_test**2).sum(axis=1, dtype=np.float64)[:, None]
    gain = (tested * (2 * along - quadratic)).sum(axis=2).T
    return explained(spread - gain, np.broadcast_to(spread, gain.shape), weights)


def _linear(
    responses: Responses, run: Measurement[Config]
) -> tuple[Float[np.ndarray, "d maps"], Float[np.ndarray, "n maps"]]:
    """Coefficients of a linear model of each map's point, and what it predicts for test images."""
    regression = run.cached("regression", lambda: Regression(_train_windows(run)))
    coefficients, intercepts = regression.fit(responses.train)
    return coefficients, _test_windows(run) @ coefficients + intercepts


def _class_means(responses: Responses, run: Measurement[Config]) -> Float[np.ndarray, "n maps"]:
    """For each test image the mean response to training images of its class."""
    member = np.eye(CLASSES)[run.digits.train_labels[: run.config.train]]
    means = (member.T @ responses.train) / np.maximum(member.sum(axis=0), 1)[:, None]
    return means[run.test_labels(run.config.test)]


def _train_windows(run: Measurement[Config]) -> Float[np.ndarray, "n pixels"]:
    return run.cached("windows", lambda: _windows(_train(run)))


def _test_windows(run: Measurement[Config]) -> Float[np.ndarray, "n pixels"]:
    return run.cached("test windows", lambda: _windows(_test(run)))


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
    error = (responses.test - predicted) ** 2
    return explained(error, (responses.test - responses.train.mean(axis=0)) ** 2, weights)
