"""A head of products, read exactly: each difference of two logits is a quadratic form in pairs of points.

With the factors W and V, logits are U((W a) * (V a)) + b, so that for a direction d of the classes the form
is B = Σ_h (d · U_h) ½ (w_h v_hᵀ + v_h w_hᵀ). Its eigenvectors are directions of Conv_3 whose squared
projections add up to the logits, and nothing is left over: Pearce and others, "Bilinear MLPs Enable
Weight-based Mechanistic Interpretability", ICLR 2025, section 3.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

Points = Float[np.ndarray, "n d"]
"""Activations of Conv_3, flat, one row an image."""


class BilinearHead(NamedTuple):
    """Products of two linear readings, then ten scores.

    Attributes:
        left: weights of one factor of each product.
        right: of the other.
        scores: from products to classes.
        bias: of the classes.
    """

    left: Float[np.ndarray, "d h"]
    right: Float[np.ndarray, "d h"]
    scores: Float[np.ndarray, "h 10"]
    bias: Float[np.ndarray, " 10"]

    def logits(self, codes: Points) -> Float[np.ndarray, "n 10"]:
        """Scores of the classes."""
        return ((codes @ self.left) * (codes @ self.right)) @ self.scores + self.bias


class EigenForm(NamedTuple):
    """A quadratic form by its eigenvectors, those of the largest eigenvalues by size first.

    Attributes:
        values: eigenvalues.
        vectors: orthonormal, one a column.
        bias: what is added to the form.
    """

    values: Float[np.ndarray, " k"]
    vectors: Float[np.ndarray, "d k"]
    bias: float

    def terms(self, codes: Points) -> Float[np.ndarray, "n k"]:
        """What each eigenvector adds: its eigenvalue times the squared projection."""
        return self.values * (codes @ self.vectors) ** 2

    def __call__(self, codes: Points) -> Float[np.ndarray, " n"]:
        """The form's value."""
        return self.terms(codes).sum(axis=1) + self.bias


def bilinear_head_of(weights: Mapping[str, np.ndarray]) -> BilinearHead:
    """The head of a network with a bilinear head, in float64.

    Args:
        weights: of the network, by name.

    Raises:
        ValueError: the network has another head.
    """
    names = ("left.kernel", "right.kernel", "logits.kernel", "logits.bias")
    if missing := [name for name in names if name not in weights]:
        raise ValueError(f"weights: no {', '.join(missing)}; expected a network of the recipe 'bilinear'")
    return BilinearHead(*(np.asarray(weights[name], np.float64) for name in names))


def margin_direction(one: int, other: int) -> Float[np.ndarray, " 10"]:
    """The direction of the classes along which a logit is compared with another.

    Args:
        one: a class, 0 to 9.
        other: another.

    Raises:
        ValueError: one of them is no class, or they are the same.
    """
    for name, value in (("one", one), ("other", other)):
        if not 0 <= value <= 9:
            raise ValueError(f"{name}={value}: expected a class, 0 to 9")
    if one == other:
        raise ValueError(f"one={one}, other={other}: expected two different classes")
    return np.eye(10)[one] - np.eye(10)[other]


def matrix_of(head: BilinearHead, direction: Float[np.ndarray, " 10"]) -> Float[np.ndarray, "d d"]:
    """The symmetric matrix B of the form, so that the logits along a direction are aᵀ B a and a bias."""
    product = (head.left * (head.scores @ direction)) @ head.right.T
    return (product + product.T) / 2


def eigen_form(head: BilinearHead, direction: Float[np.ndarray, " 10"]) -> EigenForm:
    """The eigenvectors of the form along a direction of the classes.

    B has at most twice as many eigenvalues that are not 0 as there are products: they are found in the span
    of both factors' weights.

    Args:
        head: whose logits.
        direction: weights of the logits, such as `margin_direction(4, 9)`.
    """
    basis, _ = np.linalg.qr(np.concatenate([head.left, head.right], axis=1))
    small = ((basis.T @ head.left) * (head.scores @ direction)) @ (head.right.T @ basis)
    values, vectors = np.linalg.eigh((small + small.T) / 2)
    order = np.argsort(-np.abs(values), kind="stable")
    return EigenForm(values[order], (basis @ vectors)[:, order], float(head.bias @ direction))


def effective_rank(values: Float[np.ndarray, " k"]) -> float:
    """How many eigenvalues of equal size would be as many as these: (Σ|λ|)² / Σλ²; 0 where all are 0."""
    sizes = np.abs(values)
    return float(sizes.sum() ** 2 / (sizes**2).sum()) if sizes.any() else 0.0
