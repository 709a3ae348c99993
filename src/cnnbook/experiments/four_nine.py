"""How many points of Conv_3 decide between 4 and 9?

What a set of points does is asked in two ways, for test 4s and 9s. *Sufficiency*: the points keep their
values, all others take those of another image. *Necessity*: the points take the values of another image, all
others keep theirs. The other image is a 4 or a 9 as well, drawn at random among training images, so that what
is removed says nothing of the class. The head answers by the margin of 4 over 9.

Points are ranked on training images, in two ways: by their contribution to the margin's change from an image
of the other class, which is exact, in the mean over images; and greedily, one after another, by what they
take off the log-loss. Of the two orders that one counts which needs fewer points on training images. The
nulls: points in random order; and pixels, ranked alike for a linear classifier of pixels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import xarray as xr
from jaxtyping import Int

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import at
from cnnbook.fcp.head import CELLS, MAPS, head_of
from cnnbook.fcp.interactions import fit_logistic
from cnnbook.fcp.margins import Margin, linear_margin, margin_of
from cnnbook.fcp.ranking import Pair, Ranking, enough, jaccard, kept_and_left, rank_points
from cnnbook.keys import integers, uniform
from cnnbook.maps import flat_maps, flat_pixels
from cnnbook.training.trained import TrainedNet

PAIR = FOUR, NINE = 4, 9
POINTS, PIXELS = CELLS * MAPS, 784

PIXELS_NET = 1_000
"""Instead of a network's number, what is drawn for pixels."""

ORDERS = ("chosen", "by contribution", "at random", "pixels")
"""Of points of Conv_3; the last of pixels, chosen alike."""

SIZES = (
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23, 25, 26, 28, 29,
    30, 31, 33, 35, 37, 39, 42, 44, 47, 50, 53, 56, 59, 63, 66, 70, 75, 79, 84, 89, 94, 100, 106, 112,
    119, 126, 134, 142, 150, 159, 169, 179, 189, 200, 201, 213, 226, 239, 254, 269, 285, 302, 320, 339,
    360, 381, 404, 428, 454, 481, 510, 541, 573, 608, 644, 683, 724, 767, 813, 862, 914, 968, 1027,
    1088, 1152,
)  # fmt: skip
"""Numbers of points that are tried, each about 6 % above the last, up to all of them."""

SHARE = 0.98
"""Of the accuracy with all points, what is to be kept."""

LISTED = 30
"""Points of each network that are listed: as many as the claim allows."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How points are ranked, and how often others are drawn."""

    ranked: int = number(1_500, "training images by which points are ranked", least=20)
    greedy: int = number(150, "points chosen one after another; the rest follow by contribution", least=1)
    others: int = number(3, "other images drawn for each test image", least=1)
    random: int = number(4, "random orders", least=1)
    bootstraps: int = number(4, "times that the ranking images are drawn anew, first network", least=2)
    decay: float = number(1e-3, "L2 coefficient of the classifier of pixels", least=0)
    steps: int = number(60, "steps of L-BFGS of the classifier of pixels", least=1)


def _enough(order: str) -> Callable[[xr.Dataset], xr.DataArray]:
    """The points that are enough, by network and resample."""

    def points(result: xr.Dataset) -> xr.DataArray:
        kept = result.kept.sel(order=order).transpose("points", ...)
        counts = enough(kept.values, result.points.values.tolist(), share=SHARE)
        most = PIXELS if order == ORDERS[3] else POINTS
        return xr.DataArray(np.minimum(counts, most), dims=kept.dims[1:])

    return points


def _by(order: str) -> Callable[[xr.Dataset], xr.DataArray]:
    """The chosen points that are enough, by those of another order."""
    return lambda result: _enough(ORDERS[0])(result) / _enough(order)(result)


def _needed(result: xr.Dataset) -> xr.DataArray:
    """Accuracy lost without the chosen points that are enough, more than without as many random ones."""
    counts = _enough(ORDERS[0])(result)
    if "resample" in counts.dims:
        counts = counts.isel(resample=0)
    gap = result.left.sel(order=ORDERS[2]) - result.left.sel(order=ORDERS[0])
    return gap.sel(points=counts)


def _left(order: str) -> Callable[[xr.Dataset], xr.DataArray]:
    """Accuracy that is left without the chosen points that are enough, or as many others."""
    return lambda result: result.left.sel(order=order).sel(points=result.points_enough.isel(resample=0))


def _between_networks(result: xr.Dataset) -> float:
    """Mean Jaccard index of the listed points of two networks."""
    listed = result.listed.values
    pairs = [(one, other) for one in range(len(listed)) for other in range(one)]
    return float(np.mean([jaccard(listed[one], listed[other]) for one, other in pairs])) if pairs else np.nan


CHANCE = LISTED / (2 * POINTS - LISTED)
"""The Jaccard index of two sets of listed points of which each is drawn at random: 30²/1152 points shared."""


@experiment(
    config=Config(),
    draft=Config(ranked=200, greedy=60, others=2, random=2, bootstraps=2, steps=30),
    coords={"order": ORDERS, "points": SIZES, "row": range(3), "column": range(3)},
    about=lambda run: {
        "ranked": min(run.config.ranked, int(np.isin(run.digits.train_labels, PAIR).sum())),
        "tests": int(np.isin(run.digits.test_labels, PAIR).sum()),
        "of_points": POINTS,
        "of_pixels": PIXELS,
        "listed_points": LISTED,
    },
    variables=[
        variable("kept", "order points net image", "accuracy on 4s and 9s when so many points stay"),
        variable("left", "order points net image", "accuracy on 4s and 9s when so many points are resampled"),
        variable("listed", "net place", "points chosen first"),
        variable("is_greedy", "net", "whether the chosen order is the greedy one"),
        variable("cells", "net row column", "how many of these lie in each cell", units="points"),
        variable("stability", "bootstrap", "Jaccard index with those of other ranking images"),
    ],
    statistics=[
        statistic("points_enough", _enough(ORDERS[0]), "points that keep 98 %", units="points"),
        statistic("random_points_enough", _enough(ORDERS[2]), "the same at random", units="points"),
        statistic("points_by_random", _by(ORDERS[2]), "chosen points by random ones"),
        statistic("points_by_pixels", _by(ORDERS[3]), "chosen points by chosen pixels"),
        statistic("points_needed", _needed, "accuracy lost without them, more than without random ones"),
    ],
    facts=[
        fact("enough", "points_enough", ".0f"),
        fact("random_enough", "random_points_enough", ".0f"),
        fact("pixels_enough", _enough(ORDERS[3]), ".0f"),
        fact("contribution_enough", _enough(ORDERS[1]), ".0f"),
        fact("by_random", "points_by_random"),
        fact("by_pixels", "points_by_pixels"),
        fact("needed", "points_needed", "+.1f", scale=100),
        fact("whole", lambda r: r.kept.sel(order=ORDERS[0]).isel(points=-1), ".2%"),
        fact("whole_pixels", lambda r: r.kept.sel(order=ORDERS[3]).isel(points=-1), ".2%"),
        fact("kept_30", at("kept", order=ORDERS[0], points=30), ".1%"),
        fact("left_chosen", _left(ORDERS[0]), ".1%"),
        fact("left_random", _left(ORDERS[2]), ".1%"),
        fact("stability"),
        fact("between_networks", _between_networks),
        fact("chance", lambda r: CHANCE),
        fact("greedy_nets", lambda r: r.is_greedy.sum(), ".0f"),
    ],
)
def four_nine(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Accuracy by number of points that are kept or resampled, for each order."""
    margin = margin_of(head_of(net.weights, exact=True), FOUR, NINE)
    pair = _pair(run, partial(flat_maps, net, layer="conv_3"))
    ranking = _ranked(margin, pair, run, net=net.number)
    random = [
        np.argsort(uniform(run.key("random order", net=net.number, order=each), (POINTS,)), kind="stable")
        for each in range(run.config.random)
    ]
    orders = [ranking.chosen, ranking.by_contribution, *random]
    curves = _curves(margin, pair, orders, run, net.number)
    of_pixels = run.cached("pixels", lambda: _of_pixels(run))
    kept, left = (
        np.stack([each[0], each[1], np.mean(each[2:], axis=0), pixels])
        for each, pixels in zip(zip(*curves, strict=True), of_pixels, strict=True)
    )
    listed = ranking.chosen[:LISTED]
    measured = {
        "kept": kept,
        "left": left,
        "listed": listed,
        "is_greedy": float(ranking.is_greedy),
        "cells": np.bincount(listed // MAPS, minlength=CELLS).reshape(3, 3),
    }
    if not run.is_first:
        return measured
    again = [_ranked(margin, pair, run, net=0, bootstrap=each) for each in range(run.config.bootstraps)]
    return measured | {"stability": [jaccard(listed, each.chosen[:LISTED]) for each in again]}


def _pair(run: Measurement[Config], of: Callable[[RawImages], np.ndarray]) -> Pair:
    """4s and 9s by what is given of them.

    Raises:
        ValueError: there are too few among the training images.
    """
    digits = run.digits
    train = np.flatnonzero(np.isin(digits.train_labels, PAIR))[: 3 * run.config.ranked]
    test = np.flatnonzero(np.isin(digits.test_labels, PAIR))
    if len(train) < 3 or len(set(digits.train_labels[train])) < 2 or not len(test):
        raise ValueError(
            f"digits: {len(train)} training images and {len(test)} test images of 4s and 9s, "
            "expected at least 3 and 1, of both classes"
        )
    points = (of(digits.train_images[train]), of(digits.test_images[test]))
    x_train, x_test = (each.astype(np.float64) for each in points)
    return Pair(x_train, digits.train_labels[train] == FOUR, x_test, digits.test_labels[test] == FOUR)


def _ranked(margin: Margin, pair: Pair, run: Measurement[Config], **which: int) -> Ranking:
    """The orders of points, or with `bootstrap` those by ranking images that are drawn anew."""
    count = min(run.config.ranked, len(pair.train) // 2)
    if "bootstrap" in which:
        rows = integers(run.key("ranking images", **which), (count,), count)
        pair = pair._replace(
            train=np.concatenate([pair.train[rows], pair.train[count:]]),
            positive=np.concatenate([pair.positive[rows], pair.positive[count:]]),
        )
    stand_ins = integers(run.key("images that stand in", **which), (2 * count,), len(pair.train))
    shape, sizes = (2, count), _sizes(pair)
    most = run.config.greedy
    return rank_points(margin, pair, stand_ins.reshape(shape), most=most, sizes=sizes, share=SHARE)


def _sizes(pair: Pair) -> list[int]:
    """The numbers of points that are tried; there are fewer pixels than points."""
    return np.minimum(SIZES, pair.train.shape[1]).tolist()


def _curves(
    margin: Margin, pair: Pair, orders: Sequence[Int[np.ndarray, " d"]], run: Measurement[Config], net: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Sufficiency and necessity by number of points, for each order with the same other images."""
    shape = (run.config.others, len(pair.test))
    drawn = integers(run.key("other images", net=net), (shape[0] * shape[1],), len(pair.train))
    others = drawn.reshape(shape)
    return [kept_and_left(margin, pair, others, order, _sizes(pair)) for order in orders]


def _of_pixels(run: Measurement[Config]) -> tuple[np.ndarray, np.ndarray]:
    """The same curves for the pixels of a linear classifier, chosen alike."""
    digits = run.digits
    is_pair = np.isin(digits.train_labels, PAIR)
    images, fours = digits.train_images[is_pair], digits.train_labels[is_pair] == FOUR
    config = run.config
    fitted = fit_logistic(flat_pixels(images), fours, decay=config.decay, steps=config.steps)
    margin, pair = linear_margin(fitted.weights.astype(np.float64), fitted.bias), _pair(run, flat_pixels)
    order = _ranked(margin, pair, run, net=PIXELS_NET).chosen
    return _curves(margin, pair, [order], run, PIXELS_NET)[0]
