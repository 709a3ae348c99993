"""Do single points of Conv_3 tell digits apart, or what several say together?

Two tasks: 4s against all others, and 4s against 9s. The best point and the best pair of points are chosen on
training images and judged on test images. Then all points together are read additively, each by itself; and
with the products of all pairs of some chosen points, beside the squares of these points, which the additive
reading has as well. Were the points independent within each class, the logarithm of the odds would be a sum
over points, and products would add little to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import jax
import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int, Key

from cnnbook.arrays import RawLabels
from cnnbook.config.checked import Checked, number
from cnnbook.data.subsets import stratified_order
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, at
from cnnbook.fcp.calibration import calibrated_log_losses
from cnnbook.fcp.interactions import best_pair, fit_logistic, products_of_pairs
from cnnbook.fcp.selection import accuracy_by_points, auc, select_points
from cnnbook.maps import flat_maps
from cnnbook.training.trained import TrainedNet

REST, NINE = "4 against the rest", "4 against 9"
TASKS = (REST, NINE)

READINGS = ("best point", "best pair", "all points", "with products")

SIZES = (1, 2, 3, 5, 8, 12, 18, 25, 35, 45, 60)
"""Numbers of points from which the ten classes are read."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How points and their products are read."""

    train: int = number(10_000, "training images of each task, at most", least=20)
    multiplied: int = number(30, "points that are squared and multiplied", least=2)
    decay: float = number(1e-3, "L2 coefficient, on standardised inputs", least=0)
    steps: int = number(60, "steps of L-BFGS", least=1)
    greedy: int = number(5_000, "training images among which points are chosen for ten classes", least=20)
    points: int = number(60, "points chosen one after another, at most", least=1)


class Classes(NamedTuple):
    """All ten classes.

    Attributes:
        train: activations of training images.
        train_labels: their classes.
        test: activations of the test images.
        test_labels: their classes.
    """

    train: Float[np.ndarray, "n d"]
    train_labels: RawLabels
    test: Float[np.ndarray, "m d"]
    test_labels: RawLabels


class Task(NamedTuple):
    """Two classes to be told apart.

    Attributes:
        train: activations of training images.
        train_fours: which of them are 4s.
        test: activations of the test images that are asked.
        test_fours: which of them are 4s.
        part: 0 or 1 for each test image: halves, each calibrated on the other.
    """

    train: Float[np.ndarray, "n d"]
    train_fours: Bool[np.ndarray, " n"]
    test: Float[np.ndarray, "m d"]
    test_fours: Bool[np.ndarray, " m"]
    part: Int[np.ndarray, " m"]


def _product_gain(task: str) -> Callable[[xr.Dataset], xr.DataArray]:
    """The share of the additive reading's log-loss that products take away."""
    return lambda r: 1 - (_loss(task, "with products") / _loss(task, "all points"))(r)


def _loss(task: str, reading: str) -> Selection:
    return at("loss", task=task, fitted=reading)


@experiment(
    config=Config(),
    draft=Config(train=1000, multiplied=6, steps=25, greedy=600, points=20),
    coords=lambda run: {
        "task": TASKS,
        "reading": READINGS,
        "fitted": READINGS[2:],
        "picked": ("one after another", "at random"),
        "points": _sizes(run),
    },
    about=lambda run: {
        "train": min(run.config.train, len(run.digits.train_labels)),
        "multiplied": run.config.multiplied,
        "products": run.config.multiplied * (run.config.multiplied - 1) // 2,
    },
    variables=[
        variable("auc", "task reading net", "area under the ROC curve, on test images"),
        variable("loss", "task fitted net image", "log-loss, calibrated; 0 for other images", units="nats"),
        variable("by_points", "picked points net", "accuracy on ten classes from a number of points"),
        variable("all_points", "net", "the same from all points"),
    ],
    statistics=[
        statistic(
            "best_point",
            at("auc", task=REST, reading=READINGS[0]),
            "area of the best point, 4 against the rest",
        ),
        statistic(
            "best_pair_4_9", at("auc", task=NINE, reading=READINGS[1]), "area of the best pair, 4 against 9"
        ),
        statistic(
            "product_gain", _product_gain(REST), "log-loss that products take away, 4 against the rest"
        ),
        statistic("product_gain_4_9", _product_gain(NINE), "log-loss that products take away, 4 against 9"),
    ],
    facts=[
        fact("{task}_{reading}", "auc", ".3f"),
        fact("gain", "product_gain", ".0%"),
        fact("gain_4_9", "product_gain_4_9", ".0%"),
        fact("of_five", at("by_points", picked="one after another", points=5), ".0%"),
        fact("of_five_random", at("by_points", picked="at random", points=5), ".0%"),
        fact("of_all", "all_points", ".1%"),
    ],
)
def combinations(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Areas and log-losses of each reading of both tasks, and accuracy by number of points."""
    tests = flat_maps(net, run.digits.test_images, "conv_3")
    images, labels = run.digits.train_images[: run.config.train], run.digits.train_labels[: run.config.train]
    train = flat_maps(net, images, "conv_3")
    areas, losses = zip(*(_read(task, run) for task in _tasks(net, run, train, tests)), strict=True)
    is_nine = np.isin(run.digits.test_labels, (4, 9))
    whole = np.zeros((len(TASKS), 2, len(tests)))
    whole[0], whole[1][:, is_nine] = losses
    most, points = run.config.greedy, tests.shape[1]
    classes = Classes(train[:most], labels[:most], tests, run.digits.test_labels)
    return {
        "auc": np.array(areas),
        "loss": whole,
        "by_points": _by_points(classes, run.key("random points", net=net.number), _sizes(run)),
        "all_points": float(_accuracies(classes, np.arange(points), [points])[0]),
    }


def _sizes(run: Measurement[Config]) -> list[int]:
    return sorted({min(size, run.config.points) for size in SIZES})


def _tasks(
    net: TrainedNet,
    run: Measurement[Config],
    train: Float[np.ndarray, "n d"],
    tests: Float[np.ndarray, "m d"],
) -> list[Task]:
    """Both tasks. Of 4s and 9s the first among all training images."""
    digits = run.digits
    halves = np.empty(len(tests), np.int64)
    halves[stratified_order(digits)] = np.arange(len(tests)) % 2
    rest = Task(train, digits.train_labels[: len(train)] == 4, tests, digits.test_labels == 4, halves)
    pair = np.flatnonzero(np.isin(digits.train_labels, (4, 9)))[: run.config.train]
    asked = np.isin(digits.test_labels, (4, 9))
    points, fours = flat_maps(net, digits.train_images[pair], "conv_3"), digits.train_labels[pair] == 4
    return [rest, Task(points, fours, tests[asked], digits.test_labels[asked] == 4, halves[asked])]


def _read(task: Task, run: Measurement[Config]) -> tuple[list[float], Float[np.ndarray, "2 m"]]:
    """Areas on test images and log-losses of each test image, by fitted reading."""
    areas = auc(task.train, task.train_fours) - 0.5
    best = int(np.abs(areas).argmax())
    pair, weights = best_pair(task.train, task.train_fours)
    fours = task.train_fours.astype(np.uint8)
    chosen = select_points(task.train, fours, most=run.config.multiplied)
    scores = [np.sign(areas[best]) * task.test[:, best], task.test[:, pair] @ weights]
    train, test = (
        [points, points[:, chosen] ** 2, products_of_pairs(points[:, chosen])]
        for points in (task.train, task.test)
    )
    losses = []
    for parts in (2, 3):
        inputs = np.concatenate(train[:parts], axis=1)
        fitted = fit_logistic(inputs, task.train_fours, decay=run.config.decay, steps=run.config.steps)
        scores.append(fitted.scores(np.concatenate(test[:parts], axis=1)))
        logits = np.stack([np.zeros(len(scores[-1])), scores[-1]], axis=1)
        losses.append(calibrated_log_losses(logits, task.test_fours.astype(int), task.part))
    return [float(auc(score[:, None], task.test_fours)[0]) for score in scores], np.stack(losses)


def _by_points(
    data: Classes, key: Key[jax.Array, ""], sizes: Sequence[int]
) -> Float[np.ndarray, "picked sizes"]:
    """Accuracy of a least-squares fit, by number of points chosen one after another or at random."""
    orders = [select_points(data.train, data.train_labels, most=sizes[-1])]
    orders += [
        np.asarray(jax.random.permutation(each, data.train.shape[1])) for each in jax.random.split(key, 3)
    ]
    chosen, *random = (_accuracies(data, order, sizes) for order in orders)
    return np.stack([chosen, np.mean(random, axis=0)])


def _accuracies(
    data: Classes, order: Int[np.ndarray, " k"], sizes: Sequence[int]
) -> Float[np.ndarray, " sizes"]:
    return accuracy_by_points(data.train, data.train_labels, data.test, data.test_labels, order, sizes)
