"""How much work is left for the dense layers behind Conv_3?

Heads of several kinds are fitted to the activations of Conv_3, with trained and with random convolutions, on
training images, and judged on the test images; nothing is selected on these. Beside them stands the network's
own head, not trained again, with changed activations in front of it.
"""

from dataclasses import dataclass
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Bool, Float
from sklearn.neighbors import KNeighborsClassifier

from cnnbook.arrays import RawLabels
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, at
from cnnbook.experiments.head_training import train_head
from cnnbook.fcp.head import Head, average_maps, head_of, quantise, shuffle_cells, shuffle_within_classes
from cnnbook.fcp.probes import LinearProbe, fit_probe
from cnnbook.fcp.selection import accuracy_by_points, best_point_auc, select_points
from cnnbook.keys import uniform
from cnnbook.maps import flat_maps, flat_pixels
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

HEADS = (
    "own head",
    "new head, one hidden layer",
    "linear head",
    "nearest neighbours",
    "another network's head",
    "hidden layer, random convolutions",
    "linear, random convolutions",
    "linear, pixels",
    "neighbours, pixels",
)
"""What classifies the digits, from what."""

CHANGES = (
    "places shuffled",
    "maps replaced by their means",
    "4 bits",
    "3 bits",
    "2 bits",
    "1 bit",
    "exchanged within classes",
    "exchanged within classes, linear",
    "no negative weights, linear",
)
"""What is changed in front of the own head, or of the linear head where it says so."""

NEIGHBOURS, FOUR = 4, 4
SHARE_OF_LINEAR = 0.95
"""Of a linear head's accuracy, the share that a number of points is to reach."""

SIZES = (1, 2, 3, 5, 8, 12, 18, 25, 35, 45, 60)
"""Numbers of points looked at."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How heads on Conv_3 are trained and what is changed in front of them."""

    train: int = number(20000, "training images that heads are fitted to, at most", least=20)
    neighbours: int = number(5000, "of these, how many the nearest neighbours are looked for in", least=10)
    decay: float = number(1e-3, "L2 coefficient of linear heads, on standardised inputs", least=0)
    steps: int = number(80, "steps of L-BFGS", least=1)
    epochs: int = number(8, "passes of a head with a hidden layer", least=1)
    untrained: int = number(3, "networks with random convolutions", least=1)
    greedy: int = number(5000, "training images among which points are chosen", least=20)
    points: int = number(60, "points chosen one after another, at most", least=1)


class Fitted(NamedTuple):
    """Activations, or pixels, of training and test images, with the labels.

    Attributes:
        x_train: of the training images.
        y_train: their classes.
        x_test: of the test images.
        y_test: their classes.
    """

    x_train: Float[np.ndarray, "n_train d"]
    y_train: RawLabels
    x_test: Float[np.ndarray, "n_test d"]
    y_test: RawLabels


Correct = Bool[np.ndarray, " n_test"]
"""Whether each test image is classified correctly."""


def _accuracy(place: int) -> Selection:
    """The accuracy of one head, by its place in `HEADS`."""
    return at("accuracy", head=HEADS[place])


@experiment(
    config=Config(),
    draft=Config(train=1500, neighbours=1000, steps=25, epochs=3, untrained=1, greedy=600, points=20),
    coords=lambda run: {
        "head": HEADS,
        "change": CHANGES,
        "picked": ("one after another", "at random"),
        "points": _sizes(run),
    },
    about=lambda run: {
        "train": len(run.digits.train_labels[: run.config.train]),
        "neighbours": len(run.digits.train_labels[: min(run.config.neighbours, run.config.train)]),
        "most": run.config.points,
    },
    variables=[
        variable("accuracy", "head net image", "accuracy of each head"),
        variable("changed", "change net image", "accuracy under each change"),
        variable("by_points", "picked points net", "accuracy from a number of points"),
        variable("auc", "net", published=False),
        variable("needed", "net", units="points", published=False),
    ],
    statistics=[
        statistic("linear_accuracy", _accuracy(2), "accuracy of a linear head on Conv_3"),
        statistic("mlp_over_linear", _accuracy(1) - _accuracy(2), "a hidden layer's gain over a linear head"),
        statistic(
            "over_random",
            _accuracy(1) - _accuracy(5),
            "trained less random convolutions, a head with a hidden layer",
        ),
        statistic("linear_gain", _accuracy(2) - _accuracy(7), "linear on Conv_3 less on pixels"),
        statistic(
            "neighbour_gain", _accuracy(3) - _accuracy(8), "nearest neighbours on Conv_3 less on pixels"
        ),
        statistic(
            "position_drop",
            _accuracy(0) - at("changed", change="places shuffled"),
            "lost when places are shuffled",
        ),
        statistic(
            "negative_drop",
            _accuracy(2) - at("changed", change="no negative weights, linear"),
            "lost without negative weights",
        ),
        statistic(
            "correlation_drop",
            _accuracy(0) - at("changed", change="exchanged within classes"),
            "lost when points are exchanged",
        ),
        statistic("best_point_auc", "auc", "area under the curve of the best point for 4s"),
        statistic(
            "points_needed",
            "needed",
            "points for 95 % of a linear head's accuracy",
            units="points",
        ),
    ],
    facts=[
        fact("auc", "best_point_auc", ".3f"),
        fact("needed", "points_needed", ".0f"),
        fact("gain", "mlp_over_linear", "+.2f", scale=100),
        fact("{head}", "accuracy", ".2%"),
        fact("{change}", "changed", ".1%"),
    ],
)
def heads(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Which test images each head classifies correctly, also under every change, and by number of points.

    Random convolutions are those of the first networks before training; for others they are not a number.
    """
    if len(run.reference) < 2:
        raise ValueError(f"nets: {len(run.reference)}, expected at least 2: one takes the head of another")
    data, own = _activations(net, run), head_of(net.weights)
    linear = _linear(data, run)
    other = head_of(run.reference[(run.number + 1) % len(run.reference)].weights)
    new = train_head(
        data.x_train,
        data.y_train,
        epochs=run.config.epochs,
        key=run.key("new head", net=net.number),
    )
    is_correct = [
        own.predict(data.x_test) == data.y_test,
        new.predict(data.x_test) == data.y_test,
        linear.is_correct(data.x_test, data.y_test),
        _neighbours(data, run),
        other.predict(data.x_test) == data.y_test,
        *_on_random(net, run),
        *run.cached("pixels", lambda: _on_pixels(run)),
    ]
    auc, needed, by_points = _by_points(data, float(is_correct[2].mean()), net, run)
    return {
        "accuracy": np.stack(is_correct),
        "changed": np.stack(_changed(own, linear, data, net, run)),
        "by_points": by_points,
        "auc": auc,
        "needed": needed,
    }


def _sizes(run: Measurement[Config]) -> list[int]:
    return sorted({min(size, run.config.points) for size in SIZES})


def _activations(net: TrainedNet, run: Measurement[Config]) -> Fitted:
    """Of Conv_3, flat."""
    digits, count = run.digits, run.config.train
    return Fitted(
        flat_maps(net, digits.train_images[:count], "conv_3"),
        digits.train_labels[:count],
        flat_maps(net, digits.test_images, "conv_3"),
        digits.test_labels,
    )


def _linear(data: Fitted, run: Measurement[Config]) -> LinearProbe:
    return fit_probe(data.x_train, data.y_train, decay=run.config.decay, steps=run.config.steps)


def _neighbours(data: Fitted, run: Measurement[Config]) -> Correct:
    """By the class that most of the nearest training images have; of equals the smallest."""
    count = run.config.neighbours
    nearest = KNeighborsClassifier(NEIGHBOURS, algorithm="brute")
    nearest.fit(data.x_train[:count], data.y_train[:count])
    return nearest.predict(data.x_test) == data.y_test


def _on_pixels(run: Measurement[Config]) -> list[Correct]:
    """A linear head and nearest neighbours on pixels."""
    digits, count = run.digits, run.config.train
    x_train, x_test = flat_pixels(digits.train_images[:count]), flat_pixels(digits.test_images)
    data = Fitted(x_train, digits.train_labels[:count], x_test, digits.test_labels)
    return [_linear(data, run).is_correct(data.x_test, data.y_test), _neighbours(data, run)]


def _on_random(net: TrainedNet, run: Measurement[Config]) -> list[np.ndarray]:
    """Both new heads on the network's convolutions before training; NaN where these are not asked."""
    if run.number >= run.config.untrained:
        return [np.full(len(run.digits.test_labels), np.nan)] * 2
    data = _activations(untrained(net), run)
    new = train_head(
        data.x_train,
        data.y_train,
        epochs=run.config.epochs,
        key=run.key("head on random convolutions", net=net.number),
    )
    linear = _linear(data, run)
    return [new.predict(data.x_test) == data.y_test, linear.is_correct(data.x_test, data.y_test)]


def _changed(
    own: Head, linear: LinearProbe, data: Fitted, net: TrainedNet, run: Measurement[Config]
) -> list[Correct]:
    """Whether each test image is still classified correctly, under each of `CHANGES`."""
    codes, labels = data.x_test, data.y_test
    cells = uniform(run.key("places", net=net.number), (len(codes), 9))
    draws = uniform(run.key("exchange", net=net.number), codes.shape)
    top, mixed = data.x_train.max(axis=0), shuffle_within_classes(codes, labels, draws)
    changed = [
        shuffle_cells(codes, cells.argsort(axis=1)),
        average_maps(codes),
        *(quantise(codes, top, bits) for bits in (4, 3, 2, 1)),
        mixed,
    ]
    positive = linear._replace(weights=np.maximum(linear.weights, 0))
    return [
        *(own.predict(each) == labels for each in changed),
        linear.is_correct(mixed, labels),
        positive.is_correct(codes, labels),
    ]


def _by_points(
    data: Fitted, linear: float, net: TrainedNet, run: Measurement[Config]
) -> tuple[float, int, Float[np.ndarray, "picked sizes"]]:
    """The best point's area for 4s, the points needed, and accuracy by number of points.

    Args:
        data: of one network.
        linear: accuracy of a linear head on all points.
        net: the network, whose number decides the random points.
        run: of the experiment.
    """
    x_train, y_train = data.x_train[: run.config.greedy], data.y_train[: run.config.greedy]
    data, sizes = Fitted(x_train, y_train, data.x_test, data.y_test), _sizes(run)
    picked = select_points(x_train, y_train, most=sizes[-1])
    curve = accuracy_by_points(*data, picked, range(1, len(picked) + 1))
    reached = np.flatnonzero(curve >= SHARE_OF_LINEAR * linear)
    needed = int(reached[0]) + 1 if len(reached) else len(curve) + 1
    keys = jax.random.split(run.key("random points", net=net.number), 3)
    orders = [np.asarray(jax.random.permutation(key, x_train.shape[1])) for key in keys]
    random = np.mean([accuracy_by_points(*data, order, sizes) for order in orders], axis=0)
    area = best_point_auc(x_train, y_train == FOUR, data.x_test, data.y_test == FOUR)
    return area, needed, np.stack([curve[np.array(sizes) - 1], random])
