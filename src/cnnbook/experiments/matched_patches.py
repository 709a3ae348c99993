"""Patches of digits under Conv_3: the strongest of each map, others that match them, and how to tell them."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, Real

from cnnbook.arrays import RawImages, RawLabels
from cnnbook.maps import stream
from cnnbook.nets.geometry import CROP
from cnnbook.oip.objective import SHAPES
from cnnbook.oip.quality import correlations
from cnnbook.training.trained import TrainedNet

LAYER = "conv_3"
MAPS = SHAPES[LAYER][2]

SIDE = 18
"""Pixels that a point sees in each direction."""

NEAREST = 10
"""Of so many images with the nearest total activation a match is drawn."""


class Conv3Responses(NamedTuple):
    """What Conv_3 does with some images.

    Attributes:
        images: as MNIST stores them.
        labels: of the images.
        responses: of each map at each point.
    """

    images: RawImages
    labels: RawLabels
    responses: Float[np.ndarray, "n points maps"]

    @classmethod
    def of(cls, net: TrainedNet, images: RawImages, labels: RawLabels) -> "Conv3Responses":
        """What a network does with some images.

        Args:
            net: a network.
            images: as MNIST stores them.
            labels: of the images.
        """
        batches = [
            batch[LAYER].reshape(len(batch[LAYER]), -1, MAPS) for batch in stream(net, images, (LAYER,))
        ]
        return cls(images, labels, np.concatenate(batches))

    def strongest(self, count: int) -> tuple[Int[np.ndarray, "maps count"], Int[np.ndarray, "maps count"]]:
        """For each map the images with the strongest points, strongest first, and these points.

        Args:
            count: of the images.
        """
        largest, point = self.responses.max(axis=1), self.responses.argmax(axis=1)
        index = np.argsort(-largest, axis=0, kind="stable")[:count]
        return index.T, np.take_along_axis(point, index, axis=0).T

    def matches(
        self,
        index: Int[np.ndarray, "maps count"],
        point: Int[np.ndarray, "maps count"],
        draws: Float[np.ndarray, "maps count"],
        *,
        same_class: bool = True,
    ) -> Int[np.ndarray, "maps count"]:
        """For each image another one, of nearly the same total activation at a point.

        Args:
            index: of the images.
            point: of each.
            draws: numbers from 0 to 1, which choose among the `NEAREST`.
            same_class: whether it has the same class.
        """
        found, total = np.zeros_like(index), self.responses.sum(axis=2)
        group = self.labels if same_class else np.zeros_like(self.labels)
        for label in np.unique(group):
            members = np.flatnonzero(group == label)
            for place in np.unique(point):
                mine = (group[index] == label) & (point == place)
                order = members[np.argsort(total[members, place], kind="stable")]
                rank = np.zeros(len(group), int)
                rank[order] = np.arange(len(order))
                own, choice = rank[index[mine]], min(NEAREST, max(len(order) - 1, 1))
                low = np.clip(own - NEAREST // 2, 0, max(len(order) - 1 - choice, 0))
                drawn = low + (draws[mine] * choice).astype(int)
                found[mine] = order[np.minimum(drawn + (drawn >= own), len(order) - 1)]
        return found


def best_placement(
    patches: Real[np.ndarray, "n pixels"], picture: Real[np.ndarray, "28 28"]
) -> Float[np.ndarray, " n"]:
    """The largest correlation of each patch with a part of a picture, wherever it lies in it.

    Args:
        patches: as large as what a point of Conv_3 sees, one a row.
        picture: of which Conv_3 sees all but the last rows and columns.
    """
    parts = np.lib.stride_tricks.sliding_window_view(picture[:CROP, :CROP], (SIDE, SIDE))
    return correlations(patches, parts.reshape(-1, SIDE * SIDE)).max(axis=1)


def share_predicted(likeness: Float[np.ndarray, " two_n"], responses: Float[np.ndarray, " two_n"]) -> float:
    """The share of pairs in which the patch that is more like a reference drives the map more.

    Args:
        likeness: of the n strong patches, then of their matches.
        responses: of the map to these.

    Returns:
        Ties of likeness count by half; pairs with one response do not count. A half where none does.
    """
    more, stronger = (np.subtract(*np.split(values, 2)) for values in (likeness, responses))
    counts = stronger != 0
    right = np.where(more == 0, 0.5, np.sign(more) == np.sign(stronger))[counts]
    return float(right.mean()) if counts.any() else 0.5
