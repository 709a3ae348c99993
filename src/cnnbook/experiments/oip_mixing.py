"""Does an FCP stand for a combination of OIPs? Those of the maps that answer a digit, laid over each other.

For a test image the `TOP` maps of Conv_3 are taken that answer more than to other digits, by their own spread
over training images. Their best OIPs are added with these answers as weights, and the sum is scaled to the
digit's ink. What the network calls such a mixture decides claim C43. The null mixes as many OIPs of maps
drawn at random, with the same weights; what a mixture is called says nothing if such ones are called the
same.
"""

from collections.abc import Mapping

import jax
import numpy as np
import xarray as xr

from cnnbook.data.digits import Digits
from cnnbook.experiments.experiment import NetsOf
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.oips import Config, as_bytes, best_of, config_of
from cnnbook.experiments.resampling import resample_weights, statistic
from cnnbook.keys import key_for
from cnnbook.maps import map_responses, predictions
from cnnbook.nets.geometry import CLASSES
from cnnbook.training.trained import TrainedNet

TOP = 8
"""Maps whose OIPs are mixed."""

FOUR = 4
RESAMPLES = 200
WAYS = ("its own maps", "maps at random")


def measure(nets: NetsOf, digits: Digits, config: Config, oips: xr.Dataset) -> xr.Dataset:
    """What the network calls mixtures, by class of the digit.

    Returns:
        `called` by way, net, class and answer: shares; `mixture` by way and digit: pictures of the first
        network for the first digit of each class, with `digit` beside them; and the statistic.

    Raises:
        ValueError: a class has no test image.
    """
    own, reference = config.own, nets["reference"]
    called = np.zeros((len(WAYS), len(reference), CLASSES, CLASSES))
    judged, shown = [], None
    places = [np.flatnonzero(digits.test_labels == c)[: own.mixtures] for c in range(CLASSES)]
    empty = [c for c, some in enumerate(places) if not len(some)]
    if empty:
        raise ValueError(f"digits: no test image of class {empty[0]}; mixtures are asked for every class")
    every = np.concatenate(places)
    images, labels = digits.test_images[every], digits.test_labels[every]
    weights = resample_weights(len(places[FOUR]), resamples=RESAMPLES, seed=config.seed)
    for n, net in enumerate(reference):
        best = best_of(oips.picture.values[n], oips.reached.values[n])
        both = _mixtures(
            net,
            best,
            oips.reached.values[n].max(axis=1) > 0,
            digits,
            images,
            key_for(config.seed, "oip_mixing/random maps", net=net.number),
        )
        for way, mixed in enumerate(both):
            answer = predictions(net, mixed)
            np.add.at(called[way, n], (labels, answer), 1)
            if way == 0:
                right = (answer == FOUR)[labels == FOUR]
                judged.append(weights @ right / weights.sum(axis=1))
        shown = both if shown is None else shown
    called /= called.sum(axis=-1, keepdims=True)
    assert shown is not None
    first = np.cumsum([0, *map(len, places)])[:-1]
    return xr.Dataset(
        {
            "called": (("way", "net", "class", "answer"), called, {"units": "1"}),
            "mixture": (("way", "class", "row", "column"), shown[:, first], {"units": "1"}),
            "digit": (("class", "row", "column"), images[first], {"units": "1"}),
            "called_four": statistic(np.stack(judged), "share of mixtures for 4s that are called a 4"),
        },
        coords={"way": list(WAYS), "net": [net.number for net in reference], "class": np.arange(CLASSES),
                "answer": np.arange(CLASSES)},
        attrs={"claims": "C43", "data": digits.name, "top": TOP, "fours": len(places[FOUR])},
    )  # fmt: skip


def _mixtures(
    net: TrainedNet, best: np.ndarray, found: np.ndarray, digits: Digits, images: np.ndarray, key: jax.Array
) -> np.ndarray:
    """Mixtures for each image from its own maps and from as many others: ways, images, rows, columns."""
    train = map_responses(net, digits.train_images, ("conv_3",))["conv_3"].mean
    spread = train.std(axis=0)
    score = map_responses(net, images, ("conv_3",))["conv_3"].mean - train.mean(axis=0)
    score = np.where((spread > 0) & found, score / np.where(spread > 0, spread, 1), -np.inf)
    top = np.argsort(-score, axis=1)[:, :TOP]
    weight = np.maximum(np.take_along_axis(score, top, axis=1), 0)
    able = np.flatnonzero(found) if found.any() else np.arange(len(found))
    drawn = np.asarray(jax.random.randint(key, top.shape, 0, len(able)))
    ink = images.reshape(len(images), -1).mean(axis=1) / 255
    return np.stack([as_bytes(_laid_over(best[which], weight, ink)) for which in (top, able[drawn])])


def _laid_over(pictures: np.ndarray, weight: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Weighted sums of pictures, each scaled to some mean ink as far as full ink allows."""
    total = np.einsum("nkhw,nk->nhw", pictures, weight)
    total = np.maximum(total - np.median(total, axis=(1, 2), keepdims=True), 0)
    for _ in range(20):  # what is cut off at full ink is made up for elsewhere
        mean = np.maximum(total.mean(axis=(1, 2), keepdims=True), 1e-9)
        total = np.minimum(total * ink[:, None, None] / mean, 1)
    return total


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Shares of mixtures that are called by the digit's own class, and chance."""
    called = result.called.mean("net")
    own = [np.diag(called.sel(way=way).transpose("class", "answer").values) for way in WAYS]  # by class
    fours = result.called.sel({"class": FOUR, "answer": FOUR}).mean("net")
    best = int(np.argmax(own[0]))
    return {
        "top": str(result.attrs["top"]),
        "fours": str(result.attrs["fours"]),
        "nets": str(result.sizes["net"]),
        "four": f"{100 * float(fours.sel(way=WAYS[0])):.0f} %",
        "four_random": f"{100 * float(fours.sel(way=WAYS[1])):.0f} %",
        "own": f"{100 * float(own[0].mean()):.0f} %",
        "own_random": f"{100 * float(own[1].mean()):.0f} %",
        "best_class": str(best),
        "best": f"{100 * float(own[0][best]):.0f} %",
    }


EXPERIMENT = LegacyExperiment(
    name="oip_mixing",
    question="Does the network see a 4 where the OIPs of a 4's maps are laid over each other?",
    measure=measure,
    facts=facts,
    config=config_of,
    nets="recipes",
    recipes=("reference",),
    builds_on=("oips",),
)
