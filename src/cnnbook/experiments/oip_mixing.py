"""Does the network see a 4 where the OIPs of a 4's maps are laid over each other?

If an FCP stands for a combination of OIPs, it should. For a test image the `TOP` maps of Conv_3 are taken
that respond more than to other digits, by their own spread over training images. Their best OIPs are added
with these responses as weights, and the sum is scaled to the digit's ink. The baseline mixes as many OIPs of
maps drawn at random, with the same weights and ink. How much more often the network predicts a 4 for the one
than for the other decides claim C43: a network may see a 4 in whatever is no digit.
"""

from collections.abc import Callable

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int, UInt8

from cnnbook.arrays import RawImages
from cnnbook.data.subsets import stratified_order
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.oips import Config, oips_of
from cnnbook.keys import integers
from cnnbook.maps import map_responses, predictions
from cnnbook.nets.geometry import CLASSES
from cnnbook.oip.start import as_bytes
from cnnbook.training.trained import TrainedNet

TOP = 8
"""Maps whose OIPs are mixed."""

FOUR = 4
WAYS = ("its own maps", "maps at random")


def _own_class(result: xr.Dataset) -> xr.DataArray:
    """The share of mixtures that get the class of their digit, by way and class; mean over networks."""
    same = result["class"] == result["answer"]
    return result.called.mean("net").where(same).sum("answer")


def _of_way(way: str, values: Callable[[xr.Dataset], xr.DataArray]) -> Callable[[xr.Dataset], xr.DataArray]:
    return lambda result: values(result).sel(way=way)


def _fours(result: xr.Dataset) -> xr.DataArray:
    return _own_class(result).sel({"class": FOUR})


def _four_gain(result: xr.Dataset) -> xr.DataArray:
    own, random = (result.is_four.sel(way=way, drop=True) for way in WAYS)
    return own - random


@experiment(
    config_of="oips",
    nets=("reference",),
    builds_on=("oips", "oip_quality"),
    coords={"way": WAYS, "class": tuple(range(CLASSES)), "answer": tuple(range(CLASSES))},
    about=lambda run: {"top": TOP, "fours": len(_images_of_classes(run)[FOUR])},
    variables=[
        variable("called", "way net class answer", "share of mixtures by the class that is predicted"),
        variable("is_four", "way net image", "whether a mixture for a 4 is seen as one", published=False),
        variable("mixture", "way class row column", "of the first digit of each class, first network"),
        variable("digit", "class row column", "the first digit of each class"),
    ],
    statistics=[
        statistic("four_gain", _four_gain, "mixtures for 4s predicted as a 4, less random ones"),
    ],
    facts=[
        fact("four", _of_way(WAYS[0], _fours), ".0%"),
        fact("four_random", _of_way(WAYS[1], _fours), ".0%"),
        fact("four_more", "four_gain", ".0%"),
        fact("own", _of_way(WAYS[0], _own_class), ".0%"),
        fact("own_random", _of_way(WAYS[1], _own_class), ".0%"),
        fact("best_class", lambda r: int(_own_class(r).sel(way=WAYS[0]).values.argmax()), ".0f"),
        fact("best", lambda r: _own_class(r).sel(way=WAYS[0]).max(), ".0%"),
    ],
)
def oip_mixing(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """What the network predicts for mixtures, by class of the digit.

    Raises:
        ValueError: a class has no test image.
    """
    indices = _images_of_classes(run)
    all_indices = np.concatenate(indices)
    images, labels = run.digits.test_images[all_indices], run.digits.test_labels[all_indices]
    mixtures = _mixtures(net, images, run)
    predicted = [predictions(net, each) for each in mixtures]
    measured = {
        "called": [prediction_shares(labels, each) for each in predicted],
        "is_four": np.stack([each[labels == FOUR] == FOUR for each in predicted]),
    }
    if not run.is_first:
        return measured
    first = np.cumsum([0, *map(len, indices)])[:-1]
    return measured | {"mixture": mixtures[:, first], "digit": images[first]}


def _images_of_classes(run: Measurement[Config]) -> list[Int[np.ndarray, " n"]]:
    """Indices of the first test images of each class, in the fixed random order."""
    order = stratified_order(run.digits)
    labels = run.digits.test_labels[order]
    indices = [order[labels == label][: run.config.mixtures] for label in range(CLASSES)]
    empty = [label for label, each in enumerate(indices) if not len(each)]
    if empty:
        raise ValueError(f"digits: no test image of class {empty[0]}; mixtures are asked for every class")
    return indices


def prediction_shares(
    labels: UInt8[np.ndarray, " n"], predicted: Int[np.ndarray, " n"]
) -> Float[np.ndarray, "classes answers"]:
    """For each class the share of its images that get each prediction.

    Args:
        labels: of the images, some of each class.
        predicted: classes, 0 to 9.
    """
    counts = np.zeros((CLASSES, CLASSES))
    np.add.at(counts, (labels, predicted), 1)
    return counts / counts.sum(axis=-1, keepdims=True)


def _mixtures(
    net: TrainedNet, images: RawImages, run: Measurement[Config]
) -> UInt8[np.ndarray, "ways n 28 28"]:
    """Mixtures for each image from its own maps and from as many others."""
    oips = oips_of(run)
    has_oip = oips.has_oip
    top, weight = _strongest(net, images, has_oip, run)
    able = np.flatnonzero(has_oip) if has_oip.any() else np.arange(len(has_oip))
    drawn = integers(run.key("random maps", net=net.number), top.shape, len(able))
    best, ink = oips.best, images.reshape(len(images), -1).mean(axis=1) / 255
    return np.stack([as_bytes(_laid_over(best[which], weight, ink)) for which in (top, able[drawn])])


def _strongest(
    net: TrainedNet, images: RawImages, has_oip: Bool[np.ndarray, " maps"], run: Measurement[Config]
) -> tuple[Int[np.ndarray, "n top"], Float[np.ndarray, "n top"]]:
    """The maps that respond most to each image, by their spread over training images; and how much."""
    quality = run.results["oip_quality"]
    mean, spread = (quality[name].values[run.number] for name in ("response_mean", "response_spread"))
    score = map_responses(net, images, ("conv_3",))["conv_3"].mean - mean
    score = np.where((spread > 0) & has_oip, score / np.where(spread > 0, spread, 1), -np.inf)
    top = np.argsort(-score, axis=1)[:, :TOP]
    return top, np.maximum(np.take_along_axis(score, top, axis=1), 0)


def _laid_over(
    pictures: Float[np.ndarray, "n top h w"], weight: Float[np.ndarray, "n top"], ink: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "n h w"]:
    """Weighted sums of pictures, each scaled to some mean ink as far as full ink allows."""
    total = np.einsum("nkhw,nk->nhw", pictures, weight)
    total = np.maximum(total - np.median(total, axis=(1, 2), keepdims=True), 0)
    for _ in range(20):  # what is cut off at full ink is made up for elsewhere
        mean = np.maximum(total.mean(axis=(1, 2), keepdims=True), 1e-9)
        total = np.minimum(total * ink[:, None, None] / mean, 1)
    return total
