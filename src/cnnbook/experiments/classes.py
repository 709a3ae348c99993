"""How alike are digits of one class, and how different are classes? All pairs of test images, not three.

Activations are compared by cosine, on the pixels, on Conv_2 and on Conv_3, trained and before training. A
*strong* point is one of the largest tenth of an image, as in "common points". Class means come from
training images.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from cnnbook.config.questions import ClassesConfig
from cnnbook.data.digits import Digits
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.resampling import Resampled, Weights, resample_weights, resampled, statistic
from cnnbook.fcp.common_points import strong_points
from cnnbook.fcp.pattern import FCP, best_match
from cnnbook.fcp.similarity import CLASSES, all_pairs, class_share, nearest, unit_rows
from cnnbook.maps import flat_maps
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

SPACES = ("pixels", "Conv_3 untrained", "Conv_2", "Conv_3")
FOUR, THREE = 4, (1, 2, 4)
STRONG = 0.1
SAYS = {
    "spots_kept": "share of a 4's strong points that are strong in another 4",
    "fours_cosine": "mean cosine of two 4s",
    "told_apart": "1s, 2s and 4s nearest to the mean of their class",
    "nearest_mean_accuracy": "digits nearest to the mean of their class",
}
"""What its statistics are."""

NUMBERS = ("within", "between", "d_prime")
"""What is told of all pairs: mean cosine within and between classes, and how far these lie apart."""

PAIRED = 2000
"""Test images of which all pairs are taken."""


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Resampled) -> xr.Dataset:
    """Similarities by space and network, prototypes of the first network, and the statistics."""
    own: ClassesConfig = config.own
    images, labels = digits.test_images[:PAIRED], digits.test_labels[:PAIRED]
    weights = resample_weights(len(digits.test_labels), resamples=config.resamples, seed=config.seed)
    fours = resample_weights(
        int((digits.test_labels == FOUR).sum()), resamples=config.resamples, seed=config.seed
    )
    shape = (len(SPACES), len(nets))
    cosine, numbers = np.full((*shape, CLASSES, CLASSES), np.nan), np.full((3, *shape), np.nan)
    found: dict[str, list[np.ndarray]] = {}
    explained, matched, prototypes = (
        np.zeros((len(nets), 1152)),
        np.zeros(len(nets)),
        np.zeros((10, 3, 3, 128)),
    )
    pixels = all_pairs(images.reshape(len(images), -1).astype(np.float32), labels)
    for n, net in enumerate(nets):
        before = all_pairs(flat_maps(untrained(net), images, "conv_3"), labels) if n < own.untrained else None
        tests = flat_maps(net, digits.test_images, "conv_3")
        each = (pixels, before, all_pairs(flat_maps(net, images, "conv_2"), labels),
                all_pairs(tests[:PAIRED], labels))  # fmt: skip
        for s, one in ((s, one) for s, one in enumerate(each) if one):
            cosine[s, n], numbers[:, s, n] = one.mean, (one.within, one.between, one.d_prime)
        means = _means(
            flat_maps(net, digits.train_images[: own.images], "conv_3"), digits.train_labels[: own.images]
        )
        explained[n] = class_share(tests, digits.test_labels)
        matched[n] = _matched(tests, digits.test_labels, means)
        prototypes = means.reshape(prototypes.shape) if n == 0 else prototypes
        for name, values in _judged(tests, digits.test_labels, means, weights, fours).items():
            found.setdefault(name, []).append(values)
    result = _dataset(cosine, numbers, found, prototypes)
    result["explained"] = (("net", "point"), explained, {"units": "1"})
    result["matched"] = ("net", matched, {"units": "1"})
    said = {"claims": "C25 C30 C31", "data": digits.name, "pairs_of": len(images)}
    means_of = min(own.images, len(digits.train_labels))
    result = result.assign_coords(net=[net.number for net in nets])
    return result.assign_attrs(said, means_of=means_of, untrained=min(own.untrained, len(nets)))


def _dataset(
    cosine: np.ndarray, numbers: np.ndarray, found: Mapping[str, list[np.ndarray]], prototypes: np.ndarray
) -> xr.Dataset:
    """What was measured, with names and units."""
    return xr.Dataset(
        {
            "cosine": (("space", "net", "class", "other"), cosine, {"units": "1"}),
            "prototype": (("class", "row", "column", "map"), prototypes, {"units": "1"}),
        }
        | {name: (("space", "net"), numbers[k], {"units": "1"}) for k, name in enumerate(NUMBERS)}
        | {name: statistic(np.stack(values), SAYS[name]) for name, values in found.items()},
        coords={"space": list(SPACES), "class": np.arange(CLASSES), "other": np.arange(CLASSES)},
    )


def _means(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The mean activation of each class.

    Raises:
        ValueError: a class has no image.
    """
    counts = np.bincount(labels, minlength=CLASSES)
    if not counts.all():
        raise ValueError(f"labels: no image of class {int(counts.argmin())}, expected some of every class")
    return (np.eye(CLASSES)[labels].T @ points) / counts[:, None]


def _matched(points: np.ndarray, labels: np.ndarray, means: np.ndarray) -> float:
    """Share of images whose best match among the ten prototypes is their own class."""
    fcps = [FCP(name=str(k), layer="conv_3", weights=mean.reshape(3, 3, 128)) for k, mean in enumerate(means)]
    return float((best_match(points.reshape(-1, 3, 3, 128), fcps) == labels).mean())


def _judged(
    points: np.ndarray, labels: np.ndarray, means: np.ndarray, weights: Weights, fours: np.ndarray
) -> dict[str, np.ndarray]:
    """One network's statistics for every resample."""
    right = nearest(points, means) == labels
    some = np.isin(labels, THREE)
    among = np.array(THREE)[nearest(points[some], means[list(THREE)])] == labels[some]
    own = points[labels == FOUR]
    strong = strong_points(own, share=STRONG).astype(np.float64)
    shares = (fours @ strong) / fours.sum(axis=1, keepdims=True)
    directions = (fours @ unit_rows(own).astype(np.float64)) / fours.sum(axis=1, keepdims=True)
    doubles = (fours**2).sum(axis=1) / fours.sum(axis=1) ** 2  # pairs of an image with itself
    kept = (shares**2).sum(axis=1) / np.maximum(shares.sum(axis=1), 1e-12)
    part = weights[:, some]
    return {
        "spots_kept": (kept - doubles) / (1 - doubles),
        "fours_cosine": ((directions**2).sum(axis=1) - doubles) / (1 - doubles),
        "told_apart": part @ among / part.sum(axis=1),
        "nearest_mean_accuracy": weights @ right / weights.sum(axis=1),
    }


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Similarities and accuracies, mean over networks."""
    mean = result[["within", "between", "d_prime"]].mean("net")
    found = {
        "pairs_of": f"{result.attrs['pairs_of']:,}",
        "means_of": f"{result.attrs['means_of']:,}",
        "nets": str(result.sizes["net"]),
        "untrained_nets": str(result.attrs["untrained"]),
        "matched": f"{float(result.matched.mean()):.1%}".replace("%", " %"),
        "explained": f"{float(result.explained.mean()):.0%}".replace("%", " %"),
        "kept": f"{float(result.spots_kept.isel(resample=0).mean()):.0%}".replace("%", " %"),
        "cosine": f"{float(result.fours_cosine.isel(resample=0).mean()):.2f}",
        "told_apart": f"{float(result.told_apart.isel(resample=0).mean()):.1%}".replace("%", " %"),
        "nearest": f"{float(result.nearest_mean_accuracy.isel(resample=0).mean()):.1%}".replace("%", " %"),
    }
    for space in SPACES:
        name = space.lower().replace(" ", "_")
        here = mean.sel(space=space)
        found |= {f"{name}_{what}": f"{float(here[what]):.2f}" for what in ("within", "between", "d_prime")}
    alike = result.cosine.sel(space="Conv_3").mean("net").values.copy()
    np.fill_diagonal(alike, -1)
    first, second = np.unravel_index(alike.argmax(), alike.shape)
    return found | {"likest": f"{min(first, second)} and {max(first, second)}"}


EXPERIMENT = LegacyExperiment(
    name="classes",
    question="How alike are digits of one class on Conv_3, and how different are the classes?",
    measure=measure,
    facts=facts,
    config=resampled(lambda profile: profile.classes),
)
