"""Are 4 and 9 a hard pair, above all where they are badly written, and do convolutions help with it?

A *confusion* of a pair of classes is an image of one that is taken for the other, either way round. There are
45 pairs. The two MLPs are those of the article's series and one with as many parameters as the CNN.

Of a pair, the *badly written* tenth are the test images whose nearest training image of the other class is
nearest by pixels, as compared with the nearest one of their own (`fcp.writing`). No network takes part in it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float, Int

from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, at, ratio_by_network
from cnnbook.experiments.intervals import weighted_mean
from cnnbook.experiments.mlps import CALLED, FOUR_NINE, PAIRS, ranks
from cnnbook.fcp.writing import badly_written, nearest_of_each_class
from cnnbook.formatting import listed
from cnnbook.maps import flat_pixels, predictions
from cnnbook.nets.geometry import CLASSES

CNN, MLP, WIDE = CALLED.values()

NAMES = [f"{first}–{second}" for first, second in PAIRS]
"""Of the pairs, as figures write them."""

OTHERS = [name for name in NAMES if name != FOUR_NINE]


class ImagesOfPairs(NamedTuple):
    """The test images, and which of each pair are badly written.

    Attributes:
        labels: of all test images.
        badly: indices of the badly written ones, by pair.
        weights: how often each resample holds each image.
    """

    labels: Int[np.ndarray, " n"]
    badly: Sequence[Int[np.ndarray, " _k"]]
    weights: Float[np.ndarray, "resample n"]


def confused_pairs(labels: Int[np.ndarray, " n"], predicted: Int[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    """The number of the pair that is confused in each image, or −1 where the image is classified correctly.

    Args:
        labels: true classes.
        predicted: what a network takes them for.
    """
    number = np.full((CLASSES, CLASSES), -1)
    for place, (first, second) in enumerate(PAIRS):
        number[first, second] = number[second, first] = place
    return number[labels, predicted]


def ratio_of_ratios(
    pair: tuple[xr.DataArray, xr.DataArray], others: tuple[xr.DataArray, xr.DataArray]
) -> xr.DataArray:
    """Numbers of networks whose mean is the ratio of a pair by the ratio of the others, by the delta method.

    Each ratio is of means over networks. Where one of the three counts to be divided by is 0 nothing is
    compared: the number is 1, which speaks neither for nor against a difference.

    Args:
        pair: what is above and below the fraction bar of the first ratio, by network.
        others: the same of the second.
    """
    above, below, other_above, other_below = (each.mean("net") for each in (*pair, *others))
    is_known = (below > 0) & (other_above > 0) & (other_below > 0)
    b, c, d = (each.where(is_known, 1.0) for each in (below, other_above, other_below))
    factor = d / (b * c)
    whole = above * factor
    shares = pair[0] * factor - whole * (pair[1] / b + others[0] / c - others[1] / d - 1)
    return shares.where(is_known, 1.0)


def _confused(kind: str, pair: str = FOUR_NINE) -> Selection:
    """Confusions of a pair by network and resample."""
    return at("confused", kind=kind, pair=pair)


def _others(kind: str) -> Selection:
    """Confusions of the other 44 pairs together."""
    return Selection(lambda r: r.confused.sel(kind=kind, pair=OTHERS).sum("pair"))


def _ratio(result: xr.Dataset) -> xr.DataArray:
    """Confusions of 4 and 9 by the CNN, by those of the wide MLP; 1 where that has none."""
    above, below = _confused(CNN)(result), _confused(WIDE)(result)
    return ratio_by_network(above, below).where(below.mean("net") > 0, 1.0)


def _ratio_by_others(result: xr.Dataset) -> xr.DataArray:
    pair = _confused(CNN)(result), _confused(WIDE)(result)
    return ratio_of_ratios(pair, (_others(CNN)(result), _others(WIDE)(result)))


def _rank(result: xr.Dataset, kind: str = MLP) -> xr.DataArray:
    """The rank of 4 and 9 among the pairs, by network and resample."""
    confused = result.confused.sel(kind=kind)
    return 1 + (confused.sel(pair=OTHERS) > confused.sel(pair=FOUR_NINE)).sum("pair")


def _excess(result: xr.Dataset, kind: str = MLP) -> xr.DataArray:
    """Errors on the badly written tenth of 4 and 9, less the mean of the other pairs."""
    badly = result.badly.sel(kind=kind)
    return badly.sel(pair=FOUR_NINE) - badly.sel(pair=OTHERS).mean("pair")


def _hardest(result: xr.Dataset) -> xr.DataArray:
    """The three pairs with most confusions, by kind."""
    texts = []
    for kind in result.kind.values:
        errors = result.pair_errors.sel(kind=kind).mean("net")
        first = np.argsort(-errors.values, kind="stable")[:3]
        texts.append(listed([str(name) for name in errors.pair.values[first]]))
    return xr.DataArray(texts, {"kind": result.kind}, "kind")


def _rank_of_means(result: xr.Dataset) -> xr.DataArray:
    """The rank of 4 and 9 by all networks of a kind together."""
    errors = result.pair_errors.sum("net")
    found = [ranks(each.values)[NAMES.index(FOUR_NINE)] for each in errors.transpose("kind", "pair")]
    return xr.DataArray(found, {"kind": result.kind}, "kind")


def _other_mean(name: str) -> Selection:
    """The mean over the other 44 pairs."""
    return Selection(lambda r: r[name].sel(pair=OTHERS).mean("pair"))


def _of_all(result: xr.Dataset) -> xr.DataArray:
    """The share of 4 and 9 among all confusions, by kind."""
    errors = result.pair_errors.mean("net")
    return errors.sel(pair=FOUR_NINE) / errors.sum("pair").clip(1e-9)


@experiment(
    nets=tuple(CALLED),
    together=True,
    coords=lambda run: {"kind": [CALLED[recipe] for recipe in run.nets], "pair": NAMES},
    about=lambda run: {
        "pairs": len(PAIRS),
        "others": len(OTHERS),
        "middle": (len(PAIRS) + 1) // 2,
    },
    variables=[
        variable("pair_errors", "kind net pair", "confusions of a pair of classes", units="images"),
        variable("badly_errors", "kind net pair", "badly written images of a pair misclassified, share"),
        variable("badly_confused", "kind net pair", "those of them taken for the other of the pair, share"),
        variable("badly_images", "pair", "badly written images of a pair", units="images"),
        variable("confused", "kind net pair resample", published=False),
        variable("badly", "kind net pair resample", published=False),
    ],
    statistics=[
        statistic("mlp_rank_of_4_9", _rank, "rank of 4 and 9 among the 45 pairs, by the MLP's confusions"),
        statistic(
            "badly_written_excess",
            _excess,
            "errors of the MLP on the badly written tenth of 4s and 9s, as a share, less the other pairs'",
        ),
        statistic("errors_ratio", _ratio, "confusions of 4 and 9 by the CNN, by the wide MLP's"),
        statistic("ratio_by_other_pairs", _ratio_by_others, "that ratio by the same of the other 44 pairs"),
    ],
    facts=[
        fact("{kind}_errors", at("pair_errors", pair=FOUR_NINE), ".1f"),
        fact("{kind}_mean_of_pairs", lambda r: r.pair_errors.mean("pair"), ".1f"),
        fact("{kind}_rank", _rank_of_means, ".0f"),
        fact("{kind}_hardest", _hardest),
        fact("{kind}_badly", at("badly_errors", pair=FOUR_NINE), ".1%"),
        fact("{kind}_badly_others", _other_mean("badly_errors"), ".1%"),
        fact("{kind}_badly_confused", at("badly_confused", pair=FOUR_NINE), ".1%"),
        fact("{kind}_badly_confused_others", _other_mean("badly_confused"), ".1%"),
        fact("{kind}_share", _of_all, ".0%"),
        fact("badly_images", at("badly_images", pair=FOUR_NINE), ".0f"),
        fact("rank", "mlp_rank_of_4_9", ".1f"),
        fact("excess", "badly_written_excess", "+.1f", scale=100),
        fact("ratio", "errors_ratio"),
        fact("others_ratio", lambda r: float(r.errors_ratio.mean() / r.ratio_by_other_pairs.mean())),
        fact("by_others", "ratio_by_other_pairs"),
    ],
)
def pairs(run: Measurement[None]) -> Measured:
    """Confusions of every pair by kind of network, and of its badly written images."""
    asked = _asked(run)
    counted = [
        [_counted(predictions(net, run.digits.test_images), asked) for net in nets]
        for nets in run.nets.values()
    ]
    confused, badly, badly_confused = (
        np.array([[each[part] for each in nets] for nets in counted]) for part in range(3)
    )
    return {
        "pair_errors": confused[..., 0],
        "badly_errors": badly[..., 0],
        "badly_confused": badly_confused,
        "badly_images": np.array([len(each) for each in asked.badly]),
        "confused": confused,
        "badly": badly,
    }


def _asked(run: Measurement[None]) -> ImagesOfPairs:
    """The test images, and which of each pair are badly written."""
    digits = run.digits
    train, tests = flat_pixels(digits.train_images), flat_pixels(digits.test_images)
    distances, _ = nearest_of_each_class(train, digits.train_labels, tests)
    labels = digits.test_labels.astype(np.int64)
    return ImagesOfPairs(
        labels, [badly_written(distances, labels, pair) for pair in PAIRS], run.weights(len(labels))
    )


def _counted(
    predicted: Int[np.ndarray, " n"], asked: ImagesOfPairs
) -> tuple[
    Float[np.ndarray, "pairs resample"], Float[np.ndarray, "pairs resample"], Float[np.ndarray, " pairs"]
]:
    """Confusions of each pair; of its badly written images the errors, as a share, and the confusions."""
    number, is_wrong = confused_pairs(asked.labels, predicted), predicted != asked.labels
    confused = [asked.weights[:, number == pair].sum(axis=1) for pair in range(len(PAIRS))]
    badly = [weighted_mean(is_wrong[images], asked.weights[:, images]) for images in asked.badly]
    taken = [(number[images] == pair).mean() for pair, images in enumerate(asked.badly)]
    return np.stack(confused), np.stack(badly), np.array(taken)
