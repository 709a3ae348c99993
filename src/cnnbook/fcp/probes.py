"""Linear probes: what a linear model finds in activations is there in a form that the next layer could use.

G. Alain and Y. Bengio, "Understanding intermediate layers using linear classifier probes", 2016. Three fits:
multinomial logistic regression on standardised activations, by L-BFGS; ridge regression of many targets at
once, in its dual form; and plain least squares, for a handful of points. NumPy and SciPy only, so that
nothing is compiled for each width of input.
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

_BATCH = 1000
"""Images for which ridge probes predict at once."""


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
    """Ridge regressions of several groups of targets from the same activations.

    Attributes:
        inputs: of the training images, less their mean.
        mean: of the inputs.
        scale: mean squared length of the inputs less their mean; 1 if they do not vary.
        duals: weights of the training images for each target, by group.
    """

    inputs: Float[np.ndarray, "n d"]
    mean: Float[np.ndarray, " d"]
    scale: float
    duals: Mapping[str, Float[np.ndarray, "n k"]]

    def predict(self, inputs: Float[np.ndarray, "m d"]) -> dict[str, Float[np.ndarray, "m k"]]:
        """The targets of other images by group, less the means of the training images."""
        products = [
            ((inputs[begin : begin + _BATCH] - self.mean) @ self.inputs.T).astype(np.float64) / self.scale
            for begin in range(0, len(inputs), _BATCH)
        ]
        return {name: np.concatenate([part @ dual for part in products]) for name, dual in self.duals.items()}


def fit_ridge(
    inputs: Float[np.ndarray, "n d"], targets: Mapping[str, Float[np.ndarray, "n k"]]
) -> RidgeProbes:
    """Fit ridge regressions, each group of targets with the strength that cross-validation prefers.

    Products of all pairs of training images are an n × n table however many points a layer has; one
    eigendecomposition of it serves all targets and strengths. Strengths are chosen by generalised
    cross-validation (G. Golub, M. Heath, G. Wahba, Technometrics 21 (1979) 215), from training images alone.

    Args:
        inputs: activations or pixels.
        targets: one row an image, by name; their means are subtracted first.
    """
    mean = inputs.mean(axis=0)
    centred = inputs - mean
    gram = (centred @ centred.T).astype(np.float64)
    scale = float(np.trace(gram)) / len(gram) or 1.0
    values, vectors = np.linalg.eigh(gram / scale)
    values = np.clip(values, 0, None)
    return RidgeProbes(
        centred, mean, scale, {name: _dual(values, vectors, target) for name, target in targets.items()}
    )


def _dual(
    values: Float[np.ndarray, " n"], vectors: Float[np.ndarray, "n n"], target: Float[np.ndarray, "n k"]
) -> Float[np.ndarray, "n k"]:
    """Weights of the training images for one group of targets.

    Args:
        values: eigenvalues of the products of training images.
        vectors: eigenvectors, in columns.
        target: of the training images.
    """
    n = len(values)
    turned = vectors.T @ (target - target.mean(axis=0))
    scores = []
    for strength in STRENGTHS:
        left = n * strength / (values + n * strength)
        scores.append(((left[:, None] * turned) ** 2).mean() / left.mean() ** 2)
    best = n * STRENGTHS[int(np.argmin(scores))]
    return vectors @ (turned / (values + best)[:, None])


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
