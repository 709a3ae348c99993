"""How alike two layers are, whatever the directions of their points: linear CKA."""

import numpy as np
from jaxtyping import Float


def linear_alignment(first: Float[np.ndarray, "n d"], second: Float[np.ndarray, "n e"]) -> float:
    """Linear centred kernel alignment: 1 for layers equal up to a rotation and a factor, 0 if unrelated.

    S. Kornblith et al., "Similarity of neural network representations revisited", ICML 2019, eq. 3 and 4.

    Args:
        first: activations of a layer, one row an image.
        second: of another, for the same images; 0 is returned where either does not vary.
    """
    first, second = (each - each.mean(axis=0) for each in (first, second))
    across = float(np.square(first.T @ second).sum())
    own = float(np.linalg.norm(first.T @ first) * np.linalg.norm(second.T @ second))
    return across / own if own > 0 else 0.0
