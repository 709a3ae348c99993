"""Linear readers of many targets at once: ridge regression in its dual form, with the strength chosen by GCV.

The products of all pairs of training images are an n × n table however many points a layer has; one
eigendecomposition of it serves all targets and all strengths. The strength is chosen for each group of
targets by generalised cross-validation (G. Golub, M. Heath, G. Wahba, Technometrics 21 (1979) 215), which
needs training images alone.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

STRENGTHS = (1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)
"""Ridge strengths tried, in units of the mean squared length of an image."""


class Products(NamedTuple):
    """Training images of one layer, taken apart.

    Attributes:
        mean: of the images, subtracted from every image.
        scale: mean squared length of what remains; 1 if nothing does.
        values: eigenvalues of their products, by `scale`.
        vectors: eigenvectors, in columns.
    """

    mean: Float[np.ndarray, " d"]
    scale: float
    values: Float[np.ndarray, " n"]
    vectors: Float[np.ndarray, "n n"]


def take_apart(inputs: Float[np.ndarray, "n d"]) -> Products:
    """Products of all pairs of training images, and their eigendecomposition."""
    mean = inputs.mean(axis=0)
    away = inputs - mean
    gram = (away @ away.T).astype(np.float64)
    scale = float(np.trace(gram)) / len(gram) or 1.0
    values, vectors = np.linalg.eigh(gram / scale)
    return Products(mean, scale, np.clip(values, 0, None), vectors)


def fit_targets(
    products: Products, targets: Mapping[str, Float[np.ndarray, "n k"]]
) -> dict[str, Float[np.ndarray, "n k"]]:
    """Dual weights for each group of targets, which are taken from their mean first.

    Args:
        products: of the training images.
        targets: one row a training image, by name.
    """
    n, found = len(products.values), {}
    for name, target in targets.items():
        turned = products.vectors.T @ (target - target.mean(axis=0))
        scores = []
        for strength in STRENGTHS:
            left = n * strength / (products.values + n * strength)
            scores.append(((left[:, None] * turned) ** 2).mean() / left.mean() ** 2)
        best = n * STRENGTHS[int(np.argmin(scores))]
        found[name] = products.vectors @ (turned / (products.values + best)[:, None])
    return found


def products_with(
    products: Products, inputs: Float[np.ndarray, "n d"], others: Float[np.ndarray, "m d"]
) -> Float[np.ndarray, "m n"]:
    """Products of other images with the training images, as the dual weights want them."""
    return ((others - products.mean) @ (inputs - products.mean).T).astype(np.float64) / products.scale
