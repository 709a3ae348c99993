"""How alike are digits of one class on Conv_3, and how different are the classes?

All pairs of test images are compared, not three: by the cosine of their activations, on the pixels, on Conv_2
and on Conv_3, trained and before training. A *strong* point is one of the largest tenth of an image, as in
"common points". Class means come from training images.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Float, UInt8

from cnnbook.arrays import RawLabels
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.intervals import weighted_mean
from cnnbook.fcp.common_points import strong_points
from cnnbook.fcp.pattern import FCP, best_match
from cnnbook.fcp.similarity import CLASSES, class_variance_share, cosines_by_class, nearest_mean, unit_rows
from cnnbook.maps import flat_maps
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

SPACES = ("pixels", "Conv_3 untrained", "Conv_2", "Conv_3")
FOUR, THREE = 4, (1, 2, 4)
STRONG = 0.1

NUMBERS = ("within", "between", "d_prime")
"""Of all pairs: mean cosine within and between classes, and how far these lie apart."""

PAIRED = 2000
"""Test images of which all pairs are taken."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How classes are compared."""

    images: int = number(10000, "training images whose mean activation stands for their class", least=20)
    untrained: int = number(3, "networks looked at before training", least=1)


def _most_similar(result: xr.Dataset) -> str:
    """The two classes whose images are most alike on Conv_3, mean over networks."""
    alike = result.cosine.sel(space="Conv_3").mean("net").values.copy()
    np.fill_diagonal(alike, -1)
    first, second = np.unravel_index(alike.argmax(), alike.shape)
    return f"{min(first, second)} and {max(first, second)}"


@experiment(
    config=Config(),
    draft=Config(images=500, untrained=1),
    coords={"space": SPACES, "class": range(CLASSES), "other": range(CLASSES)},
    about=lambda run: {
        "pairs_of": len(run.digits.test_labels[:PAIRED]),
        "means_of": len(run.digits.train_labels[: run.config.images]),
    },
    variables=[
        variable("cosine", "space net class other", "mean cosine of two images"),
        variable("prototype", "class row column map", "mean activation of a class, first network"),
        variable("within", "space net", "mean cosine within a class"),
        variable("between", "space net", "mean cosine of two classes"),
        variable("d_prime", "space net", "within less between, by their spread"),
        variable("explained", "net point", "share of a point's variance between classes"),
        variable("matched", "net", "share of images that match the prototype of their class best"),
        variable("strong_shared", "net resample", published=False),
        variable("cosine_of_fours", "net resample", published=False),
        variable("separated", "net resample", published=False),
        variable("nearest_mean", "net image", published=False),
    ],
    statistics=[
        statistic(
            "spots_kept",
            "strong_shared",
            "share of a 4's strong points that are strong in another 4",
        ),
        statistic("fours_cosine", "cosine_of_fours", "mean cosine of two 4s"),
        statistic("told_apart", "separated", "1s, 2s and 4s nearest to the mean of their class"),
        statistic("nearest_mean_accuracy", "nearest_mean", "digits nearest to the mean of their class"),
    ],
    facts=[
        fact("matched", form=".1%"),
        fact("explained", form=".0%"),
        fact("kept", "spots_kept", ".0%"),
        fact("cosine", "fours_cosine"),
        fact("told_apart", form=".1%"),
        fact("nearest", "nearest_mean_accuracy", ".1%"),
        *(fact("{space}_" + name, name) for name in NUMBERS),
        fact("most_similar", _most_similar),
    ],
)
def classes(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Similarities of one network by space, its prototypes, and how well these separate the test images."""
    digits, count = run.digits, run.config.images
    images, labels = digits.test_images[:PAIRED], digits.test_labels
    points = flat_maps(net, digits.test_images, "conv_3")
    means = class_means(flat_maps(net, digits.train_images[:count], "conv_3"), digits.train_labels[:count])
    is_asked = run.number < run.config.untrained
    before = flat_maps(untrained(net), images, "conv_3") if is_asked else None
    pixels = run.cached(
        "pixels", lambda: _pairs(images.reshape(len(images), -1).astype(np.float32), labels[:PAIRED])
    )
    pairs = [pixels] + [
        _pairs(each, labels[:PAIRED]) for each in (before, flat_maps(net, images, "conv_2"), points[:PAIRED])
    ]
    is_nearest = nearest_mean(points, means) == labels
    strong, cosine = pairs_of_fours(points[labels == FOUR], run.weights(int((labels == FOUR).sum())))
    return {
        "cosine": np.stack([mean for mean, _ in pairs]),
        **dict(zip(NUMBERS, np.array([numbers for _, numbers in pairs]).T, strict=True)),
        "prototype": means.reshape(CLASSES, 3, 3, 128),
        "explained": class_variance_share(points, labels),
        "matched": _matched(points, labels, means),
        "strong_shared": strong,
        "cosine_of_fours": cosine,
        "separated": _separated(points, labels, means, run.weights(len(labels))),
        "nearest_mean": is_nearest,
    }


def _pairs(
    points: Float[np.ndarray, "n d"] | None, labels: UInt8[np.ndarray, " n"]
) -> tuple[Float[np.ndarray, "10 10"], tuple[float, float, float]]:
    """Mean cosines by class and class, and the three numbers; not a number without points."""
    if points is None:
        return np.full((CLASSES, CLASSES), np.nan), (np.nan, np.nan, np.nan)
    pairs = cosines_by_class(points, labels)
    return pairs.mean, (pairs.within, pairs.between, pairs.d_prime)


def class_means(points: Float[np.ndarray, "n d"], labels: RawLabels) -> Float[np.ndarray, "10 d"]:
    """The mean activation of each class.

    Args:
        points: activations.
        labels: classes of the images.

    Raises:
        ValueError: a class has no image.
    """
    counts = np.bincount(labels, minlength=CLASSES)
    if not counts.all():
        raise ValueError(f"labels: no image of class {int(counts.argmin())}, expected some of every class")
    return (np.eye(CLASSES)[labels].T @ points) / counts[:, None]


def _matched(points: np.ndarray, labels: np.ndarray, means: Float[np.ndarray, "10 d"]) -> float:
    """Share of images whose best match among the ten prototypes is their own class."""
    fcps = [FCP(name=str(k), layer="conv_3", weights=mean.reshape(3, 3, 128)) for k, mean in enumerate(means)]
    return float((best_match(points.reshape(-1, 3, 3, 128), fcps) == labels).mean())


def _separated(
    points: Float[np.ndarray, "n d"],
    labels: UInt8[np.ndarray, " n"],
    means: Float[np.ndarray, "10 d"],
    weights: Float[np.ndarray, "resample n"],
) -> Float[np.ndarray, " resample"]:
    """Share of 1s, 2s and 4s that lie nearest to the mean of their class, among these three."""
    is_one = np.isin(labels, THREE)
    among = np.array(THREE)[nearest_mean(points[is_one], means[list(THREE)])] == labels[is_one]
    return weighted_mean(among, weights[:, is_one])


def pairs_of_fours(
    points: Float[np.ndarray, "n d"], weights: Float[np.ndarray, "resample n"]
) -> tuple[Float[np.ndarray, " resample"], Float[np.ndarray, " resample"]]:
    """Of all pairs of two different 4s: the share of strong points that both share, and the mean cosine.

    A sum over pairs is the square of a sum over images; pairs of an image with itself are taken away.

    Args:
        points: activations of the 4s.
        weights: how often each resample holds each of them.
    """
    strong = weighted_mean(strong_points(points, share=STRONG), weights)
    directions = weighted_mean(unit_rows(points), weights)
    doubles = (weights**2).sum(axis=1) / weights.sum(axis=1) ** 2
    shared = (strong**2).sum(axis=1) / np.maximum(strong.sum(axis=1), 1e-12)
    cosine = (directions**2).sum(axis=1)
    return (shared - doubles) / (1 - doubles), (cosine - doubles) / (1 - doubles)
