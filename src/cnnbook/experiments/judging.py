"""Right answers as accuracies, for every resample of the test images."""

import numpy as np
from jaxtyping import Bool, Float

from cnnbook.experiments.resampling import Weights


class Judge:
    """Turns right answers into accuracies.

    Args:
        labels: of the test images.
        weights: how often each resample holds each of them.
    """

    def __init__(self, labels: np.ndarray, weights: Weights) -> None:
        self.labels, self._weights, self._total = labels, weights, weights.sum(axis=1)

    def __call__(self, right: Bool[np.ndarray, " n"]) -> Float[np.ndarray, " resample"]:
        """The share of right answers among the images of each resample."""
        return self._weights @ right / self._total
