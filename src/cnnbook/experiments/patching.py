"""How many points of a 9 must be put into a 4 before the network takes it for a 9?

Activation patching: every test 4 that is asked is matched with the training 9 that is nearest by pixels, and
points of Conv_3 take the values that they have for this 9, one after another, until the head answers 9. Three
orders: greedily, by what each point takes off the margin of 4 over 9; by each point's exact contribution to
the margin's change from the 4 to the 9; and, as the null, at random. With all points the logits are those of
the 9. The greedy number is an upper bound of the smallest set that suffices.

The disputed test images of 4s and 9s are opened one by one in the same way. On the sample nobody was asked:
there the worst written ones stand in (`fcp.writing`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float, Int

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.data.subsets import stratified_order
from cnnbook.experiments.accuracy import undisputed
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, variable
from cnnbook.experiments.facts import at
from cnnbook.experiments.four_nine import FOUR, NINE, POINTS, SIZES
from cnnbook.fcp.head import Head, head_of
from cnnbook.fcp.margins import changed_preactivations, contributions, margin_of
from cnnbook.fcp.ranking import flipping_order, with_remaining
from cnnbook.fcp.writing import badly_written, nearest_of_each_class
from cnnbook.formatting import format_number
from cnnbook.keys import uniform
from cnnbook.maps import flat_maps, flat_pixels
from cnnbook.training.trained import TrainedNet

ORDERS = ("greedy", "by contribution", "at random")
"""In which points are put in."""

OPENED = 3
"""Images that are opened one by one where no label is disputed."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How many 4s are patched."""

    images: int = number(200, "test 4s that are patched", least=1)
    random: int = number(3, "random orders of each", least=1)


class MatchedPairs(NamedTuple):
    """Images with the nearest training image of the other class.

    Attributes:
        images: as stored.
        labels: 4 or 9.
        others: the nearest training images of the other class.
        places: of the images among the test images.
    """

    images: RawImages
    labels: Int[np.ndarray, " n"]
    others: RawImages
    places: Int[np.ndarray, " n"]


def _opened(run: Measurement[Config]) -> MatchedPairs:
    return run.cached("opened", lambda: _matched(run, _opened_places(run)))


def _opened_in_words(result: xr.Dataset) -> str:
    """What the opened images are."""
    if result.attrs["is_sample"]:
        return "the three 4s and 9s of the sample that are written worst, as nobody disputed its labels"
    return "the 4s and 9s of the test set whose label people dispute"


def _each_in_words(result: xr.Dataset) -> str:
    """What the networks answer for each opened image."""
    texts = []
    for place in result.opened.values:
        own = result.sel(opened=place)
        label, nets = int(own.label), own.sizes["net"]
        says = int((own.opened_answer == label).sum())
        flips = format_number(own.opened_flips.where(own.opened_answer == label).mean(), ".0f")
        tail = f" (points to turn it: {flips})" if says else ""
        texts.append(f"image {place}, labelled {label}: {says} of {nets} networks agree{tail}")
    return "; ".join(texts)


@experiment(
    config=Config(),
    draft=Config(images=12, random=2),
    inputs=("disputed",),
    coords=lambda run: {
        "order": ORDERS,
        "step": SIZES,
        "opened": [str(place) for place in _opened(run).places],
        "label": ("opened", _opened(run).labels),
    },
    about=lambda run: {"is_sample": int(run.digits.is_sample), "of_points": POINTS},
    variables=[
        variable("flips", "order net four", "points put in until it is taken for a 9", units="points"),
        variable("along", "order step net", "margin of 4 over 9, mean over 4s", units="logits"),
        variable("end_error", "net", "largest gap between the logits with all points and the 9's"),
        variable("shown_along", "order step", "the same for the shown 4, first network", units="logits"),
        variable("shown", "which row column", "the shown 4 and its 9", units="ink"),
        variable("changed", "map cell_row cell_column", "what was changed until the shown 4 was a 9"),
        variable("opened_image", "opened row column", "an opened image", units="ink"),
        variable("opened_other", "opened row column", "the nearest of the other class", units="ink"),
        variable("opened_margin", "opened net", "margin of 4 over 9", units="logits"),
        variable("opened_answer", "opened net", "class that the network answers"),
        variable("opened_flips", "opened net", "points until the answer is the other class", units="points"),
    ],
    facts=[
        fact("{order}_flips", "flips", ".0f"),
        fact("{order}_median", lambda r: r.flips.median(["net", "four"]), ".0f"),
        fact("fewest", lambda r: r.flips.sel(order=ORDERS[0]).min(), ".0f"),
        fact("most", lambda r: r.flips.sel(order=ORDERS[0]).max(), ".0f"),
        fact("fours", lambda r: r.sizes["four"], ".0f"),
        fact("end_error", lambda r: r.end_error.max(), ".0e"),
        fact("shown_flips", at("flips", order=ORDERS[0], net=0, four=0), ".0f"),
        fact("opened_are", _opened_in_words),
        fact("opened_list", _each_in_words),
    ],
)
def patching(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """How many points turn a 4 into a 9, by order, and the opened images.

    Raises:
        ValueError: there is no 4 among the test images, or no 9 among the training images.
    """
    head = head_of(net.weights, exact=True)
    matched = run.cached("4s", lambda: _matched(run, _four_places(run)))
    start, stop = (_codes(net, images) for images in (matched.images, matched.others))
    orders = _orders(head, start, stop, run, net.number)
    flips, along = zip(*(_patched(head, start, stop, each) for each in orders), strict=True)
    opened, other = _opened(run), _codes(net, _opened(run).others)
    own = _codes(net, opened.images)
    margin = margin_of(head, FOUR, NINE)
    measured = {
        "flips": _first_and_mean(flips),
        "along": _first_and_mean([each.mean(axis=1) for each in along]),
        "end_error": float(np.abs(_ends(head, start, stop, orders[-1]) - head.logits(stop)).max()),
        "opened_margin": margin(own),
        "opened_answer": head.predict(own),
        "opened_flips": _opened_flips(head, own, other, opened.labels),
    }
    if not run.is_first:
        return measured
    count = 0 if np.isnan(flips[0][0]) else int(flips[0][0])
    changed = np.zeros(POINTS)
    points = orders[0][0, :count]
    changed[points] = (stop - start)[0, points]
    return measured | {
        "shown_along": _first_and_mean([each[:, 0] for each in along]),
        "shown": np.stack([matched.images[0], matched.others[0]]) / 255.0,
        "changed": changed.reshape(3, 3, -1).transpose(2, 0, 1),
        "opened_image": opened.images / 255.0,
        "opened_other": opened.others / 255.0,
    }


def _codes(net: TrainedNet, images: RawImages) -> Float[np.ndarray, "n 1152"]:
    return flat_maps(net, images, "conv_3").astype(np.float64)


def _first_and_mean(each: Sequence[np.ndarray]) -> np.ndarray:
    """The first two orders, and the mean of the random ones."""
    return np.stack([each[0], each[1], np.mean(each[2:], axis=0)])


def _four_places(run: Measurement[Config]) -> Int[np.ndarray, " n"]:
    """The first test 4s of the fixed order."""
    order = stratified_order(run.digits)
    fours = order[run.digits.test_labels[order] == FOUR]
    if not len(fours):
        raise ValueError("digits: no 4 among the test images, expected one at least")
    return fours[: run.config.images]


def _opened_places(run: Measurement[Config]) -> Int[np.ndarray, " n"]:
    """Disputed 4s and 9s among the test images; the worst written ones where nobody was asked.

    Raises:
        ValueError: the list of disputed labels is not about this test set.
    """
    digits = run.digits
    undisputed(digits, run.inputs.disputed)  # checks the list
    disputed = [each.index for each in run.inputs.disputed if each.given in (FOUR, NINE)]
    if disputed and not digits.is_sample:
        return np.array(disputed, np.int64)
    places = np.flatnonzero(np.isin(digits.test_labels, (FOUR, NINE)))
    distances, _ = _nearest(run, places)
    return places[badly_written(distances, digits.test_labels[places], (FOUR, NINE))][:OPENED]


def _nearest(
    run: Measurement[Config], places: Int[np.ndarray, " n"]
) -> tuple[Float[np.ndarray, "n 10"], Int[np.ndarray, "n 10"]]:
    """Distances and indices of the nearest training 4s and 9s by pixels."""
    digits = run.digits
    train = np.flatnonzero(np.isin(digits.train_labels, (FOUR, NINE)))
    if len(set(digits.train_labels[train])) < 2:
        raise ValueError("digits: no 4 or no 9 among the training images, expected some of both")
    pixels = (flat_pixels(images) for images in (digits.train_images[train], digits.test_images[places]))
    known, asked = pixels
    distances, found = nearest_of_each_class(known, digits.train_labels[train], asked)
    return distances, train[found]


def _matched(run: Measurement[Config], places: Int[np.ndarray, " n"]) -> MatchedPairs:
    """Test images and the nearest training images of the other class."""
    digits = run.digits
    labels = digits.test_labels[places].astype(np.int64)
    _, found = _nearest(run, places)
    other = found[np.arange(len(places)), FOUR + NINE - labels]
    return MatchedPairs(digits.test_images[places], labels, digits.train_images[other], places)


def _orders(
    head: Head,
    start: Float[np.ndarray, "n d"],
    stop: Float[np.ndarray, "n d"],
    run: Measurement[Config],
    net: int,
) -> list[Int[np.ndarray, "n d"]]:
    """Greedy, by contribution, and at random, for each 4."""
    by = contributions(margin_of(head, NINE, FOUR), start, stop)
    by_contribution = np.argsort(-by, axis=1, kind="stable")
    greedy = np.stack(
        [
            with_remaining(flipping_order(head, own, other, NINE), order)
            for own, other, order in zip(start, stop, by_contribution, strict=True)
        ]
    )
    random = [
        np.argsort(uniform(run.key("random order", net=net, order=each), start.shape), axis=1, kind="stable")
        for each in range(run.config.random)
    ]
    return [greedy, by_contribution, *random]


def _patched(
    head: Head, start: Float[np.ndarray, "n d"], stop: Float[np.ndarray, "n d"], order: Int[np.ndarray, "n d"]
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, "steps n"]]:
    """Points until the answer is 9, and the margin of 4 over 9 along the way.

    The number is not a number for a 4 that is not taken for a 4, or whose 9 is not taken for a 9.
    """
    flips = np.full(len(start), np.nan)
    along, sizes = [], range(start.shape[1] + 1)
    is_asked = (head.predict(start) == FOUR) & (head.predict(stop) == NINE)
    for size, hidden in zip(sizes, changed_preactivations(head, start, stop, order, sizes), strict=True):
        logits = np.maximum(hidden, 0) @ head.scores + head.scores_bias
        flips[is_asked & np.isnan(flips) & (logits.argmax(axis=1) == NINE)] = size
        if size in SIZES:
            along.append(logits[:, FOUR] - logits[:, NINE])
    return flips, np.stack(along)


def _ends(
    head: Head, start: Float[np.ndarray, "n d"], stop: Float[np.ndarray, "n d"], order: Int[np.ndarray, "n d"]
) -> Float[np.ndarray, "n 10"]:
    """The logits when all points were put in."""
    (hidden,) = changed_preactivations(head, start, stop, order, [order.shape[1]])
    return np.maximum(hidden, 0) @ head.scores + head.scores_bias


def _opened_flips(
    head: Head, own: Float[np.ndarray, "n d"], other: Float[np.ndarray, "n d"], labels: Int[np.ndarray, " n"]
) -> Float[np.ndarray, " n"]:
    """Points until the answer is the other class; 0 where it is from the start."""
    wanted = FOUR + NINE - labels
    ends = zip(own, other, wanted, strict=True)
    return np.array([len(flipping_order(head, start, stop, int(to))) for start, stop, to in ends], np.float64)
