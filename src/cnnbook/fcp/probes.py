"""Linear probes: what a linear model finds in activations is there in a form that the next layer could use.

G. Alain and Y. Bengio, "Understanding intermediate layers using linear classifier probes", 2016. Three fits:
multinomial logistic regression on standardised activations, by L-BFGS; ridge regression of many targets at
once; and plain least squares, for a handful of points. `Components` make wide layers as narrow as others.
NumPy and SciPy only, so that nothing is compiled for each width of input.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Integer
from scipy.optimize import minimize
from scipy.special import log_softmax

from cnnbook.nets.geometry import CLASSES

STRENGTHS = (1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)
"""Ridge strengths tried, in units of the mean squared length of an image."""

_COLUMNS = 500
"""Points whose deviations are computed at once, in float64."""


class LinearProbe(NamedTuple):
    """A fitted classifier: `(inputs - mean) / spread @ weights + bias`.

    Attributes:
        mean: of the inputs it was fitted to.
        spread: their standard deviation; 1 where they do not vary.
        weights: one column a class.
        bias: one a class.
    """

    mean: Float[np.ndarray, " d"]
    spread: Float[np.ndarray, " d"]
    weights: Float[np.ndarray, "d 10"]
    bias: Float[np.ndarray, " 10"]

    def scores(self, inputs: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n 10"]:
        """Scores of the classes."""
        scaled = self.weights / self.spread[:, None]
        return inputs @ scaled + (self.bias - self.mean @ scaled)

    def is_correct(
        self, inputs: Float[np.ndarray, "n d"], labels: Integer[np.ndarray, " n"]
    ) -> Bool[np.ndarray, " n"]:
        """Whether the highest score is that of the label.

        Args:
            inputs: activations or pixels.
            labels: true classes.
        """
        return self.scores(inputs).argmax(axis=1) == labels


def fit_probe(
    inputs: Float[np.ndarray, "n d"], labels: Integer[np.ndarray, " n"], *, decay: float, steps: int
) -> LinearProbe:
    """Fit a probe: mean cross-entropy plus half the decay times the squared weights, by L-BFGS from zero.

    Args:
        inputs: activations or pixels.
        labels: classes, 0 to 9.
        decay: L2 coefficient.
        steps: at most.

    Raises:
        ValueError: there are no inputs, or not as many labels.
    """
    if not len(inputs) or len(inputs) != len(labels):
        raise ValueError(
            f"inputs: {len(inputs)} for {len(labels)} labels, expected as many, and at least one"
        )
    mean = inputs.mean(axis=0, dtype=np.float64).astype(np.float32)
    parts = range(0, inputs.shape[1], _COLUMNS)
    spread = np.concatenate(
        [inputs[:, k : k + _COLUMNS].std(axis=0, dtype=np.float64) for k in parts]
    ).astype(np.float32)
    spread[spread < 1e-6] = 1
    scaled = inputs - mean
    scaled /= spread
    one_hot = np.eye(CLASSES, dtype=np.float32)[labels]

    def loss(flat: Float[np.ndarray, " k"]) -> tuple[float, Float[np.ndarray, " k"]]:
        table = flat.reshape(-1, CLASSES).astype(np.float32)
        log = log_softmax(scaled @ table[:-1] + table[-1], axis=1)
        error = (np.exp(log) - one_hot) / np.float32(len(labels))
        slope = np.vstack([scaled.T @ error + np.float32(decay) * table[:-1], error.sum(axis=0)])
        cross_entropy = -(one_hot * log).sum(dtype=np.float64) / len(labels)
        return float(cross_entropy + decay / 2 * float((table[:-1] ** 2).sum())), slope.ravel().astype(float)

    start = np.zeros((inputs.shape[1] + 1) * CLASSES)
    fitted = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": steps})
    table = fitted.x.reshape(-1, CLASSES).astype(np.float32)
    return LinearProbe(mean=mean, spread=spread, weights=table[:-1], bias=table[-1])


class RidgeProbes(NamedTuple):
    """Ridge regressions of several groups of targets from the same inputs.

    Attributes:
        mean: of the inputs they were fitted to.
        weights: one column a target, by group.
        offsets: means of the targets, by group.
        strengths: what cross-validation chose for each target, by group, in units of `STRENGTHS`.
    """

    mean: Float[np.ndarray, " d"]
    weights: Mapping[str, Float[np.ndarray, "d k"]]
    offsets: Mapping[str, Float[np.ndarray, " k"]]
    strengths: Mapping[str, Float[np.ndarray, " k"]]

    def predict(self, inputs: Float[np.ndarray, "m d"]) -> dict[str, Float[np.ndarray, "m k"]]:
        """The targets of other images, by group."""
        centred = inputs - self.mean
        return {name: centred @ weights + self.offsets[name] for name, weights in self.weights.items()}


def fit_ridge(
    inputs: Float[np.ndarray, "n d"], targets: Mapping[str, Float[np.ndarray, "n k"]]
) -> RidgeProbes:
    """Fit ridge regressions, each single target with the strength that cross-validation prefers for it.

    One eigendecomposition of the d × d products of inputs serves all targets and strengths. Strengths are
    chosen by generalised cross-validation (G. Golub, M. Heath, G. Wahba, Technometrics 21 (1979) 215), from
    training images alone and for one target at a time: units of targets do not matter, and none is fitted
    with the strength that suits another.

    Args:
        inputs: activations, their components, or pixels; not many more than some thousand numbers an image.
        targets: one row an image, by name.
    """
    mean = inputs.mean(axis=0)
    centred = inputs - mean
    gram = (centred.T @ centred).astype(np.float64)
    scale = float(np.trace(gram)) / len(inputs) or 1.0
    values, axes = np.linalg.eigh(gram / scale)
    kept = values > 1e-7 * max(values[-1], 0)
    values, axes = values[kept], axes[:, kept]
    offsets = {name: target.mean(axis=0) for name, target in targets.items()}
    weights, strengths = {}, {}
    for name, target in targets.items():
        away = target - offsets[name]
        along = axes.T @ (centred.T @ away.astype(centred.dtype)) / np.sqrt(scale)
        strengths[name] = _best_strengths(values, along, (away**2).sum(axis=0), len(inputs))
        weights[name] = axes @ (along / (values[:, None] + len(inputs) * strengths[name])) / np.sqrt(scale)
    return RidgeProbes(mean, weights, offsets, strengths)


def _best_strengths(
    values: Float[np.ndarray, " r"],
    along: Float[np.ndarray, "r k"],
    squares: Float[np.ndarray, " k"],
    images: int,
) -> Float[np.ndarray, " k"]:
    """For each target the strength of the lowest score of generalised cross-validation.

    Args:
        values: eigenvalues of the products of inputs, all above 0.
        along: products of the inputs' components with each target.
        squares: summed squares of each target less its mean.
        images: how many were fitted to.
    """
    turned = along**2 / values[:, None]
    outside = np.clip(squares - turned.sum(axis=0), 0, None)
    scores = []
    for strength in STRENGTHS:
        left = images * strength / (values + images * strength)
        free = (left.sum() + images - len(values)) / images
        scores.append(((left[:, None] ** 2 * turned).sum(axis=0) + outside) / free**2)
    return np.array(STRENGTHS)[np.argmin(scores, axis=0)]


def explained(
    error: Float[np.ndarray, "n *more"],
    spread: Float[np.ndarray, "n *more"],
    weights: Float[np.ndarray, "resample n"],
) -> Float[np.ndarray, "resample *more"]:
    """R²: 1 less summed error by summed spread, for every resample; 0 where there is no spread.

    Args:
        error: squared error of each image.
        spread: its squared deviation from what is known without the probe, such as the training mean.
        weights: how often each resample holds each image.
    """
    above, below = weights @ error, weights @ spread
    return np.where(below > 1e-12, 1 - above / np.where(below > 1e-12, below, 1), 0.0)


class Components(NamedTuple):
    """Principal components of activations: as many numbers for each image whatever the layer's size.

    Attributes:
        mean: of the activations.
        axes: unit vectors, in columns, from the largest variance down.
    """

    mean: Float[np.ndarray, " d"]
    axes: Float[np.ndarray, "d k"]

    def __call__(self, inputs: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n k"]:
        """Coordinates of images along the components."""
        return (inputs - self.mean) @ self.axes


def fit_components(inputs: Float[np.ndarray, "n d"], count: int) -> Components:
    """The leading principal components, from products of all pairs of images.

    Args:
        inputs: one row for each of a few thousand images at most.
        count: components, at most; there are no more than images less one, or than variances above 0.
    """
    mean = inputs.mean(axis=0)
    centred = inputs - mean
    values, vectors = np.linalg.eigh((centred @ centred.T).astype(np.float64))
    kept = [k for k in range(len(values))[::-1][:count] if values[k] > 1e-7 * max(values[-1], 0)]
    axes = centred.T @ (vectors[:, kept] / np.sqrt(values[kept])).astype(inputs.dtype)
    return Components(mean, axes)


def least_squares_classes(
    x_train: Float[np.ndarray, "n k"], y_train: Integer[np.ndarray, " n"], x_test: Float[np.ndarray, "m k"]
) -> Integer[np.ndarray, " m"]:
    """The class of each test image by a least-squares fit of the ten classes.

    Args:
        x_train: activations of training images at a handful of points.
        y_train: their classes.
        x_test: the same points of test images.
    """
    mean = x_train.mean(axis=0)
    centred = (x_train - mean).astype(np.float64)
    gram = centred.T @ centred
    gram += 1e-6 * max(np.trace(gram) / len(gram), 1e-12) * np.eye(len(gram))
    one_hot = np.eye(CLASSES)[y_train]
    weights = np.linalg.solve(gram, centred.T @ (one_hot - one_hot.mean(axis=0)))
    return ((x_test - mean) @ weights + one_hot.mean(axis=0)).argmax(axis=1)
