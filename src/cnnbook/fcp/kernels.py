"""Kernels by themselves: contours or means, how many inputs they mix, and how alike two of them are."""

import numpy as np
from jaxtyping import Float

from cnnbook.fcp.concentration import participation_ratio


def contour_share(kernels: Float[np.ndarray, "h w k"]) -> Float[np.ndarray, " k"]:
    """Share of each kernel's squared weights that is not in its mean: what answers to differences of pixels.

    A kernel of zeros has none: 0.
    """
    flat = kernels.reshape(-1, kernels.shape[-1])
    energy = (flat**2).sum(axis=0)
    mean = len(flat) * flat.mean(axis=0) ** 2
    return np.divide(energy - mean, energy, out=np.zeros_like(energy), where=energy > 0)


def inputs_used(kernels: Float[np.ndarray, "h w k_in k"]) -> Float[np.ndarray, " k"]:
    """Participation ratio of the norms of each kernel's slices, as a share of the slices.

    (Σ s²)² / Σ s⁴ with s the norm of the weights on one input map: 1 if all inputs weigh alike, 1/k_in if
    only one does, 0 for a kernel of zeros.
    """
    return participation_ratio((kernels**2).sum(axis=(0, 1))) / kernels.shape[2]


def most_similar_pair(kernels: Float[np.ndarray, "h w k_in k"]) -> float:
    """Largest cosine of two different kernels; those of zeros are left out, and fewer than two give 0."""
    flat = kernels.reshape(-1, kernels.shape[-1])
    norms = np.linalg.norm(flat, axis=0)
    live = flat[:, norms > 0] / norms[norms > 0]
    if live.shape[1] < 2:
        return 0.0
    cosines = live.T @ live
    np.fill_diagonal(cosines, -1)
    return float(cosines.max())
