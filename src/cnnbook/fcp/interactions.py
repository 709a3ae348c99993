"""Two classes told apart by single points, by pairs of them, and by their products."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.optimize import minimize
from scipy.special import expit


class Logistic(NamedTuple):
    """A fitted logistic regression of two classes.

    Attributes:
        weights: of the inputs as they are.
        bias: of the score.
    """

    weights: Float[np.ndarray, " d"]
    bias: float

    def scores(self, inputs: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " n"]:
        """The logarithm of the odds."""
        return inputs @ self.weights + self.bias


def fit_logistic(
    inputs: Float[np.ndarray, "n d"], positive: Bool[np.ndarray, " n"], *, decay: float, steps: int
) -> Logistic:
    """Fit on standardised inputs: mean cross-entropy plus half the decay times the squared weights.

    Args:
        inputs: activations, or what is computed from them.
        positive: which images are of the one class.
        decay: L2 coefficient.
        steps: of L-BFGS, at most.
    """
    mean, spread = inputs.mean(axis=0), inputs.std(axis=0)
    spread[spread < 1e-6] = 1
    scaled = ((inputs - mean) / spread).astype(np.float32)
    target = positive.astype(np.float64)

    def loss(flat: Float[np.ndarray, " k"]) -> tuple[float, Float[np.ndarray, " k"]]:
        weights = flat[:-1].astype(np.float32)
        score = (scaled @ weights).astype(np.float64) + flat[-1]
        error = (expit(score) - target) / len(target)
        value = np.logaddexp(0, score).mean() - (target * score).mean()
        slope = (error.astype(np.float32) @ scaled).astype(np.float64) + decay * flat[:-1]
        return float(value + decay / 2 * (flat[:-1] ** 2).sum()), np.append(slope, error.sum())

    start = np.zeros(inputs.shape[1] + 1)
    fitted = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": steps}).x
    weights = fitted[:-1] / spread
    return Logistic(weights, float(fitted[-1] - mean @ weights))


def best_pair(
    points: Float[np.ndarray, "n d"], positive: Bool[np.ndarray, " n"]
) -> tuple[Int[np.ndarray, " 2"], Float[np.ndarray, " 2"]]:
    """The two points whose best sum tells two classes apart most clearly, and its weights.

    R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7 (1936) 179:
    the squared distance of the two means in units of the spread within classes, for all pairs at once.

    Args:
        points: activations.
        positive: which images are of the one class.
    """
    apart = points[positive].mean(axis=0, dtype=np.float64) - points[~positive].mean(axis=0, dtype=np.float64)
    within = np.zeros((points.shape[1], points.shape[1]))
    for part in (positive, ~positive):
        away = points[part] - points[part].mean(axis=0)
        within += away.T @ away / len(points)
    spread = np.diag(within)
    floor = 1e-6 * max(float(spread.max()), 1e-12)
    determinant = np.outer(spread, spread) - within**2
    squares = np.outer(apart**2, spread)
    distance = squares + squares.T - 2 * np.outer(apart, apart) * within
    is_live = (
        (spread > floor)[:, None]
        & (spread > floor)
        & (determinant > floor * np.sqrt(np.outer(spread, spread)))
    )
    np.fill_diagonal(is_live, False)
    clarity = np.divide(distance, determinant, out=np.full_like(distance, -1.0), where=is_live)
    pair = np.array(np.unravel_index(clarity.argmax(), clarity.shape))
    return pair, np.linalg.pinv(within[np.ix_(pair, pair)]) @ apart[pair]


def products_of_pairs(points: Float[np.ndarray, "n k"]) -> Float[np.ndarray, "n pairs"]:
    """The products of all pairs of different points."""
    first, second = np.triu_indices(points.shape[1], 1)
    return points[:, first] * points[:, second]
