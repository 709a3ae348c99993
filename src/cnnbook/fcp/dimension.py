"""How many dimensions a cloud of points uses: three estimates from products of its points."""

import numpy as np
from jaxtyping import Float


def centred_gram(points: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n n"]:
    """Products of all pairs of points, taken from their mean."""
    away = points.astype(np.float64) - points.mean(axis=0, dtype=np.float64)
    away[:, np.ptp(points, axis=0) == 0] = 0  # rounding of the mean is no variance
    return away @ away.T


def principal_variances(gram: Float[np.ndarray, "n n"]) -> Float[np.ndarray, " n"]:
    """Variances along the principal components, largest first, from products of centred points."""
    return np.clip(np.linalg.eigvalsh(gram)[::-1], 0, None) / max(len(gram) - 1, 1)


def two_nn_dimension(gram: Float[np.ndarray, "n n"]) -> float:
    """The intrinsic dimension from each point's two nearest neighbours.

    The estimate of E. Facco, M. d'Errico, A. Rodriguez, A. Laio, "Estimating the intrinsic dimension of
    datasets by a minimal neighborhood information", Scientific Reports 7 (2017) 12140, eq. 5, by maximum
    likelihood: (n − 1) / Σ ln(r₂ / r₁). A point that has a double has no such ratio and is left out, and so
    is one whose two neighbours are equally far, as doubles are and as points of zeros and ones often are.

    Returns:
        The dimension; 0 if fewer than three points have neighbours at two distances.
    """
    squares = np.diag(gram)
    distances = np.clip(squares[:, None] + squares[None, :] - 2 * gram, 0, None)
    np.fill_diagonal(distances, np.inf)
    nearest = np.sqrt(np.partition(distances, 1, axis=1)[:, :2])
    near, next_one = nearest.min(axis=1), nearest.max(axis=1)
    kept = (near > 1e-6 * np.sqrt(squares.max(initial=0))) & (next_one > near)
    logs = np.log(next_one[kept] / near[kept])
    return float((len(logs) - 1) / logs.sum()) if len(logs) > 2 else 0.0
