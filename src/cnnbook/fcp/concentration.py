"""How many numbers count: those that hold a share of a sum, and the dimensions that points use."""

import numpy as np
from jaxtyping import Float


def count_holding(values: Float[np.ndarray, "*more n"], share: float) -> Float[np.ndarray, "*more"]:
    """How many of the largest values together hold a share of the sum; 0 where the sum is 0.

    Args:
        values: none of them negative.
        share: 0 to 1.
    """
    sizes = -np.sort(-values.astype(np.float64), axis=-1)
    total = sizes.sum(axis=-1)
    below = np.cumsum(sizes, axis=-1) < share * total[..., None] * (1 - 1e-12)
    return np.where(total > 0, np.minimum(below.sum(axis=-1) + 1.0, sizes.shape[-1]), 0.0)


def area_holding(weights: Float[np.ndarray, "*maps h w"], share: float = 0.95) -> Float[np.ndarray, "*maps"]:
    """The smallest share of pixels that together hold a share of the weight; 0 where nothing has any weight.

    Args:
        weights: of the pixels, not negative.
        share: of their sum, 0 to 1.
    """
    flat = weights.reshape(*weights.shape[:-2], -1)
    return np.asarray(count_holding(flat, share) / flat.shape[-1])


def participation_ratio(values: Float[np.ndarray, "k *more"]) -> Float[np.ndarray, "*more"]:
    """(Σ v)² / Σ v² along the first axis: the number of values if all were equal; 0 if all are 0."""
    squares = np.asarray((values**2).sum(axis=0))
    return np.divide(values.sum(axis=0) ** 2, squares, out=np.zeros_like(squares), where=squares > 0)


def gini(values: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " n"]:
    """The Gini coefficient of sizes: 0 if all are equal or there is none, near 1 if one has all.

    Raises:
        ValueError: there are no points.
    """
    if not values.shape[1]:
        raise ValueError(f"values: shape {values.shape}, expected at least one point")
    sizes = np.sort(np.abs(values), axis=1)
    count, total = sizes.shape[1], sizes.sum(axis=1)
    ranked = (np.arange(1, count + 1) * sizes).sum(axis=1)
    return np.divide(2 * ranked, count * total, out=np.ones(len(sizes)), where=total > 0) - np.where(
        total > 0, (count + 1) / count, 1.0
    )


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
