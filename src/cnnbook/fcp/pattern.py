"""An FCP as a thing: a named direction over all points of a layer, which images match more or less.

The article calls a pattern of activations across the maps of a layer a *filter correlation pattern* (FCP).
Here it is weights on the layer's points: the mean activation of a class, the difference of two such means,
or some points picked by hand. An image matches it by the cosine of its activations and the weights.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from jaxtyping import Float, Int

SHAPES: Mapping[str, tuple[int, int, int]] = {
    "conv_1": (26, 26, 32),
    "pool_1": (13, 13, 32),
    "conv_2": (11, 11, 64),
    "pool_2": (5, 5, 64),
    "conv_3": (3, 3, 128),
}
"""Rows, columns and maps of every layer that can have an FCP."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FCP:
    """A direction over the points of one layer.

    Attributes:
        name: such as "4" or "4 less 9".
        layer: whose points they are.
        weights: one for each point.

    Raises:
        ValueError: there is no such layer, or the weights do not have its shape.
    """

    name: str
    layer: str
    weights: Float[np.ndarray, "rows columns maps"]

    def __post_init__(self) -> None:
        if self.layer not in SHAPES:
            raise ValueError(f"layer={self.layer!r}: expected one of {', '.join(SHAPES)}")
        if self.weights.shape != SHAPES[self.layer]:
            raise ValueError(
                f"weights have shape {self.weights.shape}; {self.layer} has {SHAPES[self.layer]}: "
                "rows, columns, maps"
            )

    @classmethod
    def from_points(
        cls, layer: str, points: Iterable[tuple[int, int, int]], name: str = "some points"
    ) -> "FCP":
        """An FCP of points picked by hand, all of weight 1.

        Args:
            layer: whose points.
            points: map, row and column of each.
            name: of the FCP.

        Raises:
            ValueError: there is no such layer or point, or none is given.
        """
        if layer not in SHAPES:
            raise ValueError(f"layer={layer!r}: expected one of {', '.join(SHAPES)}")
        rows, columns, maps = SHAPES[layer]
        weights = np.zeros(SHAPES[layer])
        for number, row, column in points:
            if not (0 <= number < maps and 0 <= row < rows and 0 <= column < columns):
                raise ValueError(
                    f"point ({number}, {row}, {column}): {layer} has maps 0 to {maps - 1}, rows 0 to "
                    f"{rows - 1}, columns 0 to {columns - 1}"
                )
            weights[row, column, number] = 1
        if not weights.any():
            raise ValueError("points: none, expected at least one (map, row, column)")
        return cls(name=name, layer=layer, weights=weights)

    def __sub__(self, other: "FCP") -> "FCP":
        """The difference of two FCPs of one layer: evidence for this one rather than the other."""
        if other.layer != self.layer:
            raise ValueError(
                f"{self.name} is on {self.layer} and {other.name} on {other.layer}: no difference"
            )
        return replace(self, name=f"{self.name} less {other.name}", weights=self.weights - other.weights)

    def score(self, maps: Float[np.ndarray, "n rows columns maps"]) -> Float[np.ndarray, " n"]:
        """How well each image matches: the cosine of its activations and the weights, −1 to 1.

        An image without activation, or an FCP of zeros, matches nothing: 0.

        Raises:
            ValueError: the maps are another layer's, or not all finite.
        """
        if maps.shape[1:] != self.weights.shape:
            raise ValueError(f"maps have shape {maps.shape[1:]}; {self.layer} has {self.weights.shape}")
        if not np.isfinite(maps).all():
            raise ValueError("maps: some values are not finite; expected activations")
        flat = maps.reshape(len(maps), self.weights.size).astype(np.float64)
        direction = self.weights.ravel()
        lengths = np.linalg.norm(flat, axis=1) * np.linalg.norm(direction)
        return np.divide(flat @ direction, lengths, out=np.zeros(len(flat)), where=lengths > 0)


def best_match(maps: Float[np.ndarray, "n rows columns maps"], fcps: Sequence[FCP]) -> Int[np.ndarray, " n"]:
    """Which of several FCPs each image matches best, as its index among them; of equals the first.

    Args:
        maps: of the images.
        fcps: of one layer.

    Raises:
        ValueError: there are none, or the maps are another layer's.
    """
    if not fcps:
        raise ValueError("fcps: none, expected at least one to match")
    return np.stack([fcp.score(maps) for fcp in fcps], axis=1).argmax(axis=1)


def prototype(classes: xr.Dataset, digit: str) -> FCP:
    """The mean activation of a class on Conv_3, as the experiment "classes" found it in the first network.

    Args:
        classes: its result.
        digit: "0" to "9".

    Raises:
        ValueError: there is no such class in the result.
    """
    known = [str(label) for label in classes["class"].values]
    if digit not in known:
        raise ValueError(f"digit={digit!r}: expected one of {', '.join(known)}")
    mean = classes["prototype"].isel({"class": known.index(digit)})
    return FCP(name=digit, layer="conv_3", weights=mean.transpose("row", "column", "map").values)
