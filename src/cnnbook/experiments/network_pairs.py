"""Two networks side by side: the activations of their layers, and three measures of how alike these are.

The networks of a recipe are taken in a ring, each with the next one, so that every network counts once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from jaxtyping import Float, Int

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.fcp.matching import map_correlations, match_one_to_one
from cnnbook.fcp.network_similarity import cka, gram, procrustes_similarity
from cnnbook.maps import feature_maps
from cnnbook.training.trained import TrainedNet

CONVOLUTIONS = ("conv_1", "conv_2", "conv_3")
LAYERS = (*CONVOLUTIONS, "hidden")

MEASURES = ("CKA", "Procrustes", "permutation")
"""How alike two layers are: up to a rotation of all points, up to one of the maps, and map by map."""

MOST_ROWS = 30_000
"""Cells of all images that are compared map by map, at most: those of the first images."""

_Net = TypeVar("_Net")


@dataclass(frozen=True, kw_only=True)
class PairsConfig(Checked):
    """What networks are compared by."""

    images: int = number(500, "test images, at most", least=40)
    least_nets: int = number(2, "networks of each recipe, at least: they are compared", least=2)


class LayerView(NamedTuple):
    """One layer of one network, for some images.

    Attributes:
        gram: inner products of the images, over all points of the layer.
        rows: activations by image and cell, and map.
    """

    gram: Float[np.ndarray, "n n"]
    rows: Float[np.ndarray, "rows maps"]


def layer_maps(net: TrainedNet, images: RawImages) -> dict[str, Float[np.ndarray, "n _h _w _c"]]:
    """The activations of each of `LAYERS`; the hidden layer as maps of one cell.

    Args:
        net: a CNN.
        images: as MNIST stores them.
    """
    maps = feature_maps(net, images, CONVOLUTIONS)
    codes, weights = maps["conv_3"].reshape(len(images), -1), net.weights
    hidden = np.maximum(codes @ weights["hidden.kernel"] + weights["hidden.bias"], 0)
    return maps | {"hidden": hidden[:, None, None, :]}


def rows_of(maps: Float[np.ndarray, "n h w c"]) -> Float[np.ndarray, "rows c"]:
    """Activations of a layer by cell and map, of the first images if all have more than `MOST_ROWS` cells."""
    few = maps[: max(1, MOST_ROWS // (maps.shape[1] * maps.shape[2]))]
    return few.reshape(-1, maps.shape[-1]).copy()


def view_layers(net: TrainedNet, images: RawImages) -> dict[str, LayerView]:
    """Each of `LAYERS`.

    Args:
        net: a CNN.
        images: as MNIST stores them.
    """
    maps = layer_maps(net, images)
    return {
        layer: LayerView(gram(each.reshape(len(each), -1)), rows_of(each)) for layer, each in maps.items()
    }


def likeness(
    first: dict[str, LayerView],
    second: dict[str, LayerView],
    *,
    partners: Callable[[Float[np.ndarray, "maps others"]], Int[np.ndarray, " maps"]] = match_one_to_one,
) -> Float[np.ndarray, "measures layers"]:
    """Each of `MEASURES` for each of `LAYERS`.

    Args:
        first: of one network.
        second: of another one, for the same images.
        partners: finds the partner of each map from correlations.
    """

    def measured(one: LayerView, other: LayerView) -> tuple[float, float, float]:
        r = map_correlations(one.rows[:, None], other.rows[:, None])
        matched = float(r[np.arange(len(r)), partners(r)].mean())
        return cka(one.gram, other.gram), procrustes_similarity(one.rows, other.rows), matched

    return np.array([measured(first[layer], second[layer]) for layer in LAYERS]).T


def in_a_ring(first: Sequence[_Net], second: Sequence[_Net]) -> Iterator[tuple[_Net, _Net]]:
    """Each network with the next one of another recipe, or of the same one; the last with the first.

    Networks of one number start alike whatever their recipe, and are never paired.

    Args:
        first: networks of one recipe.
        second: of the same or another recipe, as many.
    """
    return zip(first, [*second[1:], second[0]], strict=True)


def check_enough(nets: Sequence[TrainedNet], recipe: str, *, least: int = 2) -> None:
    """Raise unless there are enough networks to be compared with one another.

    Args:
        nets: of one recipe.
        recipe: its name.
        least: how many.

    Raises:
        ValueError: there are fewer.
    """
    if len(nets) < least:
        raise ValueError(
            f"nets: {len(nets)} by the recipe {recipe!r}, expected at least {least}, which are compared "
            "with one another; ask for more networks"
        )
