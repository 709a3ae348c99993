"""How much work is left for the dense layers behind Conv_3, and what do they use?

Heads with and without a hidden layer are trained alike on activations of Conv_3, with trained and with random
convolutions, and on pixels; all are judged on the test images. What a head knows is its log-loss at the
temperature that suits it (`fcp.calibration`), which has no ceiling where accuracy has.

Correlations. One head learns from activations in which every point is exchanged among images of a class: what
points say by themselves stays, what they say together goes. Judged on activations as they are, it shows what
is lost by whoever does not know the correlations: B. Averbeck, P. Latham, A. Pouget, "Neural correlations,
population coding and computation", Nature Reviews Neuroscience 7 (2006) 358, ΔI_diag. Anticorrelations: a
point that is off is switched on, and the answer's margin falls or rises; in a head with random weights too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from cnnbook.arrays import RawLabels
from cnnbook.config.checked import Checked, number
from cnnbook.data.subsets import stratified_order
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, at
from cnnbook.experiments.head_training import train_head, train_linear_head
from cnnbook.fcp.calibration import calibrated_log_losses
from cnnbook.fcp.head import (
    CELLS,
    MAPS,
    Codes,
    Head,
    average_maps,
    head_of,
    quantise,
    shuffle_cells,
    shuffle_within_classes,
    switched_on,
)
from cnnbook.keys import uniform
from cnnbook.maps import flat_maps, flat_pixels
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

HEADS = (
    "own head",
    "hidden layer",
    "linear head",
    "hidden layer, points exchanged",
    "another network's head",
    "hidden layer, random convolutions",
    "linear, random convolutions",
    "hidden layer, pixels",
    "linear, pixels",
)
"""What classifies the digits, from what."""

CHANGES = ("places shuffled", "maps replaced by their means", "4 bits", "3 bits", "2 bits", "1 bit")
"""What is changed in front of a trained head."""

OWN, RANDOM = "own head", "random"
"""The network's own head; and a head trained on random convolutions, or one that is itself random."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How heads on Conv_3 are trained and what is changed in front of them."""

    train: int = number(20_000, "training images that heads are fitted to, at most", least=20)
    epochs: int = number(6, "passes of every head", least=1)
    switched: int = number(200, "test images in which points are switched on", least=10)


class Space(NamedTuple):
    """Activations, or pixels, of training and test images.

    Attributes:
        train: of the training images.
        test: of the test images.
    """

    train: Float[np.ndarray, "n_train d"]
    test: Float[np.ndarray, "n_test d"]


def _accuracy(head: str) -> Selection:
    return at("accuracy", head=head)


def _loss(head: str) -> Selection:
    return at("loss", head=head)


def _excess(head: str, other: str) -> Callable[[Any], Any]:
    """By how much the log-loss of one head exceeds that of another, as a share of the latter."""
    return lambda r: (_loss(head) / _loss(other))(r) - 1


def _dropped(judged: str) -> Selection:
    """What a head loses when places are shuffled."""
    head = OWN if judged == OWN else "hidden layer, random convolutions"
    return _accuracy(head) - at("changed", judged=judged, change="places shuffled")


@experiment(
    config=Config(),
    draft=Config(train=1500, epochs=3, switched=30),
    coords={"head": HEADS, "change": CHANGES, "judged": (OWN, RANDOM), "class": range(10)},
    about=lambda run: {
        "train": len(run.digits.train_labels[: run.config.train]),
        "switched": len(run.test_labels(run.config.switched)),
    },
    variables=[
        variable("accuracy", "head net image", "accuracy of each head"),
        variable("loss", "head net image", "log-loss of each head, calibrated", units="nats"),
        variable("changed", "judged change net image", "accuracy under each change"),
        variable("against", "judged net image", "share of points that speak against the answer"),
        variable("against_of", "judged class net", "share of points that speak against the answer"),
    ],
    statistics=[
        statistic(
            "hidden_gain",
            _excess("linear head", "hidden layer"),
            "log-loss of a linear head above a hidden layer's",
        ),
        statistic(
            "work_left",
            lambda r: (
                (_loss("linear head")(r) - _loss("hidden layer")(r))
                / (_loss("linear, pixels")(r) - _loss("hidden layer, pixels")(r))
            ),
            "what a hidden layer adds on Conv_3 by what it adds on pixels",
        ),
        statistic(
            "correlation_cost",
            _excess("hidden layer, points exchanged", "hidden layer"),
            "log-loss of a head that does not know correlations above one that does",
        ),
        statistic(
            "against_excess",
            at("against", judged=OWN) - at("against", judged=RANDOM),
            "points that speak against the answer, own head less a random one",
        ),
        statistic(
            "over_random",
            _accuracy("hidden layer") - _accuracy("hidden layer, random convolutions"),
            "trained less random convolutions, a head with a hidden layer",
        ),
        statistic(
            "random_accuracy",
            _accuracy("hidden layer, random convolutions"),
            "accuracy of a head on random convolutions",
        ),
        statistic(
            "linear_gain",
            _accuracy("linear head") - _accuracy("linear, pixels"),
            "linear on Conv_3 less on pixels",
        ),
        statistic("position_drop", _dropped(OWN), "lost when places are shuffled"),
        statistic("position_drop_random", _dropped(RANDOM), "the same on random convolutions"),
    ],
    facts=[
        fact("gain", _accuracy("hidden layer") - _accuracy("linear head"), "+.2f", scale=100),
        fact("hidden_gain", form="+.0%"),
        fact("hidden_gain_pixels", _excess("linear, pixels", "hidden layer, pixels"), "+.0%"),
        fact("work_left", form=".0%"),
        fact("correlation_cost", form="+.0%"),
        fact("against_{judged}", "against", ".0%"),
        fact("{head}", "accuracy", ".2%"),
        fact("{judged}_{change}", "changed", ".1%"),
    ],
)
def heads(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """What each head makes of the test images, also under changes and with points switched on."""
    if len(run.reference) < 2:
        raise ValueError(f"nets: {len(run.reference)}, expected at least 2: one takes the head of another")
    own, before = head_of(net.weights), untrained(net)
    other = head_of(run.reference[(run.number + 1) % len(run.reference)].weights)
    codes, random = _activations(net, run), _activations(before, run)
    labels = run.digits.train_labels[: len(codes.train)]
    exchanged = shuffle_within_classes(
        codes.train, labels, uniform(run.key("exchange", net=net.number), codes.train.shape)
    )
    on_random = _hidden(random.train, run, "random convolutions", net.number)
    logits = [
        own.logits(codes.test),
        _hidden(codes.train, run, "new head", net.number).logits(codes.test),
        _linear(codes, run, "linear head", net.number),
        _hidden(exchanged, run, "exchanged", net.number).logits(codes.test),
        other.logits(codes.test),
        on_random.logits(random.test),
        _linear(random, run, "linear on random convolutions", net.number),
        *run.cached("pixels", lambda: _on_pixels(run)),
    ]
    tests, part = run.digits.test_labels, _halves(run)
    against = [_against(head, codes.train, net, run) for head in (own, head_of(before.weights))]
    return {
        "accuracy": np.stack([each.argmax(axis=1) == tests for each in logits]),
        "loss": np.stack([calibrated_log_losses(each, tests, part) for each in logits]),
        "changed": np.stack(
            [_changed(head, space, net, run) for head, space in ((own, codes), (on_random, random))]
        ),
        "against": np.stack(against),
        "against_of": np.stack([_by_class(each, run.test_labels(run.config.switched)) for each in against]),
    }


def _activations(net: TrainedNet, run: Measurement[Config]) -> Space:
    """Of Conv_3, flat."""
    images = run.digits.train_images[: run.config.train], run.digits.test_images
    return Space(*(flat_maps(net, each, "conv_3") for each in images))


def _hidden(train: Float[np.ndarray, "n d"], run: Measurement[Config], purpose: str, net: int) -> Head:
    """A new head with a hidden layer."""
    labels = run.digits.train_labels[: len(train)]
    return train_head(train, labels, epochs=run.config.epochs, key=run.key(purpose, net=net))


def _linear(space: Space, run: Measurement[Config], purpose: str, net: int) -> Float[np.ndarray, "n 10"]:
    """Scores of a new head without hidden layer for the test images."""
    labels, key = run.digits.train_labels[: len(space.train)], run.key(purpose, net=net)
    return train_linear_head(space.train, labels, epochs=run.config.epochs, key=key).scores(space.test)


def _on_pixels(run: Measurement[Config]) -> list[Float[np.ndarray, "n 10"]]:
    """Scores of heads with and without hidden layer on pixels, to which zeros are added.

    So they are as many numbers as points of Conv_3, and what is compiled for these serves. Zeros say nothing.
    """
    images = run.digits.train_images[: run.config.train], run.digits.test_images
    pixels = Space(*(np.pad(flat_pixels(each), ((0, 0), (0, CELLS * MAPS - 28 * 28))) for each in images))
    hidden = _hidden(pixels.train, run, "hidden on pixels", 0)
    return [hidden.logits(pixels.test), _linear(pixels, run, "linear on pixels", 0)]


def _halves(run: Measurement[Config]) -> Int[np.ndarray, " n_test"]:
    """Which half of the test images each is in, by turns in the fixed order."""
    part = np.empty(len(run.digits.test_labels), np.int64)
    part[stratified_order(run.digits)] = np.arange(len(part)) % 2
    return part


def _changed(
    head: Head, space: Space, net: TrainedNet, run: Measurement[Config]
) -> Bool[np.ndarray, "changes n"]:
    """Whether each test image is still classified correctly, under each of `CHANGES`."""
    codes, top = space.test, space.train.max(axis=0)
    cells = uniform(run.key("places", net=net.number), (len(codes), 9)).argsort(axis=1)
    changed = [shuffle_cells(codes, cells), average_maps(codes)]
    changed += [quantise(codes, top, bits) for bits in (4, 3, 2, 1)]
    return np.stack([head.predict(each) == run.digits.test_labels for each in changed])


def _against(
    head: Head, train: Codes, net: TrainedNet, run: Measurement[Config]
) -> Float[np.ndarray, " images"]:
    """Of each image's points that are off, the share that lower the margin when they are switched on.

    A point is switched on at the mean of its activations that are not zero; one that never is does not count.
    """
    live = (train > 0).sum(axis=0)
    levels = np.divide(train.sum(axis=0), live, out=np.zeros(train.shape[1]), where=live > 0)
    codes = flat_maps(net, run.test_images(run.config.switched), "conv_3")
    counted = (codes == 0) & (live > 0)
    lower = np.stack([switched_on(head, code, levels) < 0 for code in codes])
    return (lower & counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)


def _by_class(values: Float[np.ndarray, " n"], labels: RawLabels) -> Float[np.ndarray, " 10"]:
    """Means by class."""
    return np.array([values[labels == digit].mean() for digit in range(10)])
