"""How alike the activations of two networks are, whatever rotates them: linear CKA and Procrustes.

CKA: S. Kornblith, M. Norouzi, H. Lee, G. Hinton, "Similarity of Neural Network Representations Revisited",
ICML 2019, eq. 5, with the unbiased HSIC of L. Song, A. Smola, A. Gretton, J. Bedo, K. Borgwardt, "Feature
Selection via Dependence Maximization", JMLR 13 (2012) 1393, eq. 5: few images do not raise it. Procrustes:
F. Ding, J.-S. Denain, J. Steinhardt, "Grounding Representation Similarity with Statistical Testing", 2021.
"""

import numpy as np
from jaxtyping import Float, Real

LEAST_IMAGES = 4
"""Images below which the unbiased HSIC is not defined."""


def gram(points: Real[np.ndarray, "n d"]) -> Float[np.ndarray, "n n"]:
    """The inner products of all pairs of images.

    Args:
        points: activations, one row an image.
    """
    rows = np.asarray(points, np.float32)
    return (rows @ rows.T).astype(np.float64)


def hsic(first: Float[np.ndarray, "n n"], second: Float[np.ndarray, "m m"]) -> float:
    """The unbiased estimate of the Hilbert-Schmidt independence criterion (Song and others, eq. 5).

    Args:
        first: inner products of the images in one network.
        second: of the same images in another one.

    Raises:
        ValueError: they are of different numbers of images, or of fewer than four.
    """
    count = len(first)
    if len(second) != count or count < LEAST_IMAGES:
        raise ValueError(
            f"first and second: inner products of {count} and {len(second)} images, expected as many in "
            f"both, and at least {LEAST_IMAGES}; pass the activations of the same images"
        )
    one, two = (each - np.diag(np.diag(each)) for each in (first, second))
    sums = one.sum(axis=0), two.sum(axis=0)
    whole = np.vdot(one, two) + sums[0].sum() * sums[1].sum() / ((count - 1) * (count - 2))
    return float(whole - 2 * (sums[0] @ sums[1]) / (count - 2)) / (count * (count - 3))


def cka(first: Float[np.ndarray, "n n"], second: Float[np.ndarray, "m m"]) -> float:
    """Linear CKA: 1 for activations that differ by a rotation and a factor, about 0 for unrelated ones.

    Args:
        first: inner products of the images in one network: see `gram`.
        second: of the same images in another one.

    Returns:
        0 where the images do not differ in a network.

    Raises:
        ValueError: see `hsic`.
    """
    together, own = hsic(first, second), hsic(first, first) * hsic(second, second)
    return together / own**0.5 if own > 0 else 0.0


def procrustes_similarity(first: Real[np.ndarray, "n d"], second: Real[np.ndarray, "m d_2"]) -> float:
    """What is shared after the best rotation: 1 less half the squared Procrustes distance.

    Both are centred and brought to length 1 first, so that the distance is 2 − 2‖XᵀY‖, with the nuclear norm.

    Args:
        first: activations of one network, one row an image or a cell of one.
        second: of another one, in the same rows.

    Returns:
        1 for activations that differ by a rotation, a shift and a factor; 0 where one does not vary.

    Raises:
        ValueError: they have different numbers of rows.
    """
    if len(first) != len(second):
        raise ValueError(
            f"first and second: {len(first)} and {len(second)} rows, expected as many in both; "
            "pass the activations of the same images"
        )
    one, two = (
        np.asarray(each, np.float32) - each.mean(axis=0, dtype=np.float64) for each in (first, second)
    )
    lengths = np.linalg.norm(one) * np.linalg.norm(two)
    shared = np.linalg.norm(one.T @ two, "nuc")
    return float(shared / lengths) if lengths > 0 else 0.0
