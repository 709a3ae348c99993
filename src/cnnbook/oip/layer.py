"""The OIPs of all maps of a layer, each from the same starts."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

MIXED = "mixed"
"""What starts of all length scales at once are called; others by their cells a side."""


class LayerOIPs(NamedTuple):
    """Where the ascents of all maps of a layer ended, from the same starts.

    Attributes:
        pictures: ink, 0 to 255.
        reached: mean of the map for the picture.
        kinds: of the starts: `MIXED` or cells a side.
    """

    pictures: Shaped[np.ndarray, "maps starts 28 28"]
    reached: Float[np.ndarray, "maps starts"]
    kinds: Shaped[np.ndarray, " starts"]

    def from_starts(self, kind: str) -> "LayerOIPs":
        """Those from one kind of start."""
        chosen = self.kinds == kind
        return LayerOIPs(self.pictures[:, chosen], self.reached[:, chosen], self.kinds[chosen])

    @property
    def has_oip(self) -> Bool[np.ndarray, " maps"]:
        """Which maps some start wakes."""
        return self.reached.max(axis=1) > 0

    @property
    def best(self) -> Float[np.ndarray, "maps 28 28"]:
        """For each map the picture that reaches most, as ink from 0 to 1."""
        return self.pictures[np.arange(len(self.pictures)), self.best_start].astype(np.float32) / 255

    @property
    def best_start(self) -> Int[np.ndarray, " maps"]:
        """The number of the start whose picture reaches most."""
        return self.reached.argmax(axis=1)
