"""How alike are digits of one class on Conv_3, and how different are the classes?

All pairs of test images are compared, not three: by the cosine of their activations, on the pixels, on Conv_2
and on Conv_3, trained and before training. A *strong* point is one of the largest tenth of an image, as in
"common points". Class means come from training images.

How alike two 4s are is put on a scale from 0, where they are as a 4 and another digit, to 1, where they are
equal; for activations are not negative, so any two digits have points in common and a cosine above 0.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, UInt8

from cnnbook.arrays import RawImages, RawLabels
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import at
from cnnbook.experiments.intervals import weighted_mean
from cnnbook.fcp.common_points import strong_points
from cnnbook.fcp.pattern import FCP, best_match
from cnnbook.fcp.similarity import CLASSES, class_variance_share, cosines_by_class, nearest_mean, unit_rows
from cnnbook.maps import flat_maps, flat_pixels
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

SPACES = ("pixels", "Conv_3 untrained", "Conv_2", "Conv_3")
FOUR, THREE = 4, (1, 2, 4)
STRONG = 0.1

NUMBERS = ("within", "between", "d_prime")
"""Of all pairs: mean cosine within and between classes, and how far these lie apart."""

PAIR_OF = ("two 4s", "a 4 and another digit")

PAIRED = 2000
"""Test images of which all pairs are taken."""


_Pairs = tuple[Float[np.ndarray, "10 10"], tuple[float, float, float]]


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How classes are compared."""

    images: int = number(10000, "training images whose mean activation stands for their class", least=20)


def _above_others(name: str):
    """How alike two 4s are, from 0 where they are as a 4 and another digit to 1 where they are equal."""

    def above(result: xr.Dataset) -> xr.DataArray:
        fours, others = (result[name].sel(pair_of=pair, drop=True) for pair in PAIR_OF)
        return (fours - others) / (1 - others)

    return above


def _most_similar(result: xr.Dataset) -> str:
    """The two classes whose images are most alike on Conv_3, mean over networks."""
    alike = result.cosine.sel(space="Conv_3").mean("net").values.copy()
    np.fill_diagonal(alike, -1)
    first, second = np.unravel_index(alike.argmax(), alike.shape)
    return f"{min(first, second)} and {max(first, second)}"


@experiment(
    config=Config(),
    draft=Config(images=500),
    coords={"space": SPACES, "pair_of": PAIR_OF, "class": range(CLASSES), "other": range(CLASSES)},
    about=lambda run: {
        "pairs_of": len(run.test_labels(PAIRED)),
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
        variable("strong_shared", "pair_of net resample", published=False),
        variable("cosine_of_fours", "pair_of net resample", published=False),
        *(
            variable(name, "pair_of net", of=lambda r, of=of: r[of].isel(resample=0, drop=True))
            for name, of in (("strong", "strong_shared"), ("cosine_of_4s", "cosine_of_fours"))
        ),
        variable("separated", "net resample", published=False),
        variable("separated_untrained", "net resample", published=False),
        variable("separated_pixels", "resample", published=False),
        variable("nearest_mean", "net image", published=False),
    ],
    statistics=[
        statistic(
            "spots_kept",
            _above_others("strong_shared"),
            "share of a 4's strong points that are strong in another 4, from 0 as in another digit to 1",
        ),
        statistic(
            "fours_cosine",
            _above_others("cosine_of_fours"),
            "mean cosine of two 4s, from 0 as of a 4 and another digit to 1",
        ),
        statistic("told_apart", "separated", "1s, 2s and 4s nearest to the mean of their class"),
        statistic("told_apart_pixels", "separated_pixels", "the same on pixels"),
        statistic("told_apart_over_pixels", lambda r: r.separated - r.separated_pixels, "Conv_3 less pixels"),
        statistic(
            "told_apart_over_untrained",
            lambda r: r.separated - r.separated_untrained,
            "Conv_3, trained less untrained",
        ),
        statistic("nearest_mean_accuracy", "nearest_mean", "digits nearest to the mean of their class"),
    ],
    facts=[
        fact("matched", form=".1%"),
        fact("explained", form=".0%"),
        fact("kept", at("strong", pair_of="two 4s"), ".0%"),
        fact("kept_by_others", at("strong", pair_of="a 4 and another digit"), ".0%"),
        fact("cosine", at("cosine_of_4s", pair_of="two 4s")),
        fact("cosine_with_others", at("cosine_of_4s", pair_of="a 4 and another digit")),
        fact("spots_kept"),
        fact("fours_cosine"),
        fact("told_apart", form=".1%"),
        fact("told_apart_pixels", form=".1%"),
        fact("told_apart_untrained", lambda r: r.told_apart - r.told_apart_over_untrained, ".1%"),
        fact("nearest", "nearest_mean_accuracy", ".1%"),
        *(fact("{space}_" + name, name) for name in NUMBERS),
        fact("most_similar", _most_similar),
    ],
)
def classes(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Similarities of one network by space, its prototypes, and how well these separate the test images."""
    images, labels = (part(len(run.digits.test_labels)) for part in (run.test_images, run.test_labels))
    old, old_means = _points_and_means(untrained(net), images, run)
    points, means = _points_and_means(net, images, run)
    weights, some = run.weights(len(labels)), slice(PAIRED)
    pixels = run.cached("pixels", lambda: _of_pixels(images, labels, run))
    spaces = (old[some], flat_maps(net, images[some], "conv_2"), points[some])
    pairs = [pixels[0], *(_pairs(each, labels[some]) for each in spaces)]
    strong, cosine = pairs_of_fours(points, labels == FOUR, weights)
    return {
        "cosine": np.stack([mean for mean, _ in pairs]),
        **dict(zip(NUMBERS, np.array([numbers for _, numbers in pairs]).T, strict=True)),
        "prototype": means.reshape(CLASSES, 3, 3, 128),
        "explained": class_variance_share(points, labels),
        "matched": _matched(points, labels, means),
        "strong_shared": strong,
        "cosine_of_fours": cosine,
        "separated": _separated(points, labels, means, weights),
        "separated_untrained": _separated(old, labels, old_means, weights),
        "separated_pixels": pixels[1],
        "nearest_mean": nearest_mean(points, means) == labels,
    }


def _points_and_means(
    net: TrainedNet, images: RawImages, run: Measurement[Config]
) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, "10 d"]]:
    """Activations of Conv_3 for some images, and the mean activation of each class of training images."""
    digits, count = run.digits, run.config.images
    learned = flat_maps(net, digits.train_images[:count], "conv_3")
    return flat_maps(net, images, "conv_3"), class_means(learned, digits.train_labels[:count])


def _of_pixels(
    images: RawImages, labels: RawLabels, run: Measurement[Config]
) -> tuple[_Pairs, Float[np.ndarray, " resample"]]:
    """Pairs of images by their pixels, and how well the mean images separate 1s, 2s and 4s."""
    digits, count = run.digits, run.config.images
    means = class_means(flat_pixels(digits.train_images[:count]), digits.train_labels[:count])
    pixels, weights = flat_pixels(images), run.weights(len(labels))
    return _pairs(pixels[:PAIRED], labels[:PAIRED]), _separated(pixels, labels, means, weights)


def _pairs(points: Float[np.ndarray, "n d"], labels: UInt8[np.ndarray, " n"]) -> _Pairs:
    """Mean cosines by class and class, and the three numbers."""
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
    points: Float[np.ndarray, "n d"],
    is_four: Bool[np.ndarray, " n"],
    weights: Float[np.ndarray, "resample n"],
) -> tuple[Float[np.ndarray, "2 resample"], Float[np.ndarray, "2 resample"]]:
    """Of a 4's strong points the share that another image shares, and the mean cosine of the two images.

    Each for all pairs of two different 4s, and for all pairs of a 4 and another digit. A sum over pairs is a
    product of sums over images; pairs of an image with itself are taken away.

    Args:
        points: activations of all images.
        is_four: which of them show a 4.
        weights: how often each resample holds each of them.
    """
    strong = strong_points(points, share=STRONG)
    of_fours, others = weights[:, is_four], weights[:, ~is_four]
    doubles = (of_fours**2).sum(axis=1) / of_fours.sum(axis=1) ** 2

    def two(marks: Bool[np.ndarray, "n d"] | Float[np.ndarray, "n d"]) -> Float[np.ndarray, "3 resample"]:
        fours, rest = weighted_mean(marks[is_four], of_fours), weighted_mean(marks[~is_four], others)
        return np.stack([(fours**2).sum(axis=1), (fours * rest).sum(axis=1), fours.sum(axis=1)])

    kept, kept_by_others, count = two(strong)
    cosine, cosine_with_others, _ = two(unit_rows(points))
    kept, kept_by_others = (each / np.maximum(count, 1e-12) for each in (kept, kept_by_others))
    within = [(each - doubles) / (1 - doubles) for each in (kept, cosine)]
    return np.stack([within[0], kept_by_others]), np.stack([within[1], cosine_with_others])
