"""A linear reader: multinomial logistic regression on standardised activations, by L-BFGS.

NumPy and SciPy only, so that nothing is compiled for each width of input. The method is G. Alain and Y.
Bengio's ("Understanding intermediate layers using linear classifier probes", 2016): what a linear reader
finds is there in a form that the next layer could use.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Integer
from scipy.optimize import minimize

CLASSES = 10


class Reader(NamedTuple):
    """A fitted linear reader: `(inputs - mean) / spread @ weights + bias`.

    Attributes:
        mean: of the inputs it learned from.
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

    def right(
        self, inputs: Float[np.ndarray, "n d"], labels: Integer[np.ndarray, " n"]
    ) -> Bool[np.ndarray, " n"]:
        """Whether the highest score is that of the label."""
        return self.scores(inputs).argmax(axis=1) == labels


def fit_reader(
    inputs: Float[np.ndarray, "n d"], labels: Integer[np.ndarray, " n"], *, decay: float, steps: int
) -> Reader:
    """Fit a reader: mean cross-entropy plus half the decay times the squared weights, by L-BFGS from zero.

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
    spread = inputs.std(axis=0, dtype=np.float64).astype(np.float32)
    spread[spread < 1e-6] = 1
    scaled = (inputs - mean) / spread
    wanted = np.eye(CLASSES, dtype=np.float32)[labels]
    start = np.zeros((inputs.shape[1] + 1) * CLASSES)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        table = flat.reshape(-1, CLASSES).astype(np.float32)
        log = _log_softmax(scaled @ table[:-1] + table[-1])
        away = (np.exp(log) - wanted) / np.float32(len(labels))
        slope = np.vstack([scaled.T @ away + np.float32(decay) * table[:-1], away.sum(axis=0)])
        value = -(wanted * log).sum(dtype=np.float64) / len(labels) + decay / 2 * float(
            (table[:-1] ** 2).sum()
        )
        return float(value), slope.ravel().astype(np.float64)

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": steps})
    table = found.x.reshape(-1, CLASSES).astype(np.float32)
    return Reader(mean=mean, spread=spread, weights=table[:-1], bias=table[-1])


def _log_softmax(scores: Float[np.ndarray, "n 10"]) -> Float[np.ndarray, "n 10"]:
    away = scores - scores.max(axis=1, keepdims=True)
    return away - np.log(np.exp(away).sum(axis=1, keepdims=True))
