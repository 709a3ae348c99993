"""Does training end in one minimum of the loss, or in many?

On the straight path between the weights of two networks the loss rises if they lie in different minima; its
*barrier* is the highest loss on the path less the mean of its ends. Maps and hidden nodes have no order of
their own, so the second network is also put in the order of the first (`fcp.rebasin`). Null: two networks
that start alike and see the same images in their first epoch, and in other orders from then on (J. Frankle
and others, "Linear Mode Connectivity and the Lottery Ticket Hypothesis", ICML 2020).

The loss is what training minimised but for L2: the cross-entropy with smoothed labels, on training images.
"""

from dataclasses import dataclass, replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array
from jaxtyping import Float, Int
from scipy import special

from cnnbook.arrays import Images, RawImages, RawLabels
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection
from cnnbook.experiments.network_pairs import check_enough, in_a_ring, layer_maps, rows_of
from cnnbook.fcp.rebasin import (
    ORDERED,
    Weights,
    barrier,
    match_activations,
    match_weights,
    on_the_path,
    permute,
)
from cnnbook.maps import run_in_batches
from cnnbook.nets.geometry import CLASSES
from cnnbook.training.trained import TrainedNet

RAW, BY_ACTIVATIONS, BY_WEIGHTS, ONE_START = (
    "as they are",
    "matched by activations",
    "matched by weights",
    "one start",
)
PATHS = (RAW, BY_ACTIVATIONS, BY_WEIGHTS, ONE_START)
"""Two networks; the same, the second one's maps in the order of the first's; and the null.

The claim looks at the order by activations: on the sample it leaves the lower barrier.
"""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """Where the loss is measured."""

    images: int = number(
        1000, "training images on which the loss is measured, as many of each class", least=10
    )
    matched: int = number(500, "of these, the images whose activations are matched, at most", least=10)
    points: int = number(11, "places on a path, both ends included", least=3)
    least_nets: int = number(2, "networks of each recipe, at least: they are compared", least=2)


def _barrier(path: str) -> Selection:
    """The barrier on a path, by network and resample."""
    return Selection(lambda result: result.loss.sel(path=path, drop=True).reduce(barrier, "point"))


def _middle(name: str) -> Selection:
    """A variable half the way, by path and network."""
    return Selection(lambda result: result[name].isel(point=result.sizes["point"] // 2))


@experiment(
    config=Config(),
    draft=Config(images=300, matched=100, points=5),
    nets=("reference", "parted"),
    together=True,
    coords=lambda run: {"path": PATHS, "point": _shares(run), "layer": ORDERED},
    about=lambda run: {
        "images": len(_training_images(run)[0]),
        "points": run.config.points,
        "smoothing": run.reference[0].config.label_smoothing,
    },
    variables=[
        variable("loss", "path point net image", "training loss on the path, labels smoothed", units="nats"),
        variable("accuracy", "path point net image", "share of these images classified correctly"),
        variable("moved", "layer net", "share of maps or nodes that change places"),
    ],
    statistics=[
        statistic("barrier", _barrier(RAW), "barrier between two networks", units="nats"),
        statistic(
            "barrier_aligned", _barrier(BY_ACTIVATIONS), "the same, matched by activations", units="nats"
        ),
        statistic("barrier_by_weights", _barrier(BY_WEIGHTS), "the same, matched by weights", units="nats"),
        statistic(
            "barrier_of_one_start", _barrier(ONE_START), "between networks that parted late", units="nats"
        ),
    ],
    facts=[
        fact("barrier"),
        fact("barrier_aligned"),
        fact("barrier_by_weights"),
        fact("barrier_of_one_start", form=".3f"),
        fact("left", lambda r: r.barrier_aligned.mean("net") / r.barrier.mean("net"), ".0%"),
        fact("loss", lambda r: r.loss.sel(path=RAW).isel(point=0)),
        fact("smoothing", form="g"),
        fact("middle_{path}", _middle("accuracy"), ".1%"),
        fact("moved_{layer}", "moved", ".0%"),
    ],
)
def minima(run: Measurement[Config]) -> Measured:
    """Loss and accuracy of each image along the paths from every network to the next one, and to its null."""
    for recipe, nets in run.nets.items():
        check_enough(nets, recipe)
    images, labels = _training_images(run)
    few = _of_every_class(labels, run.config.matched)
    layers = [
        {layer: rows_of(maps) for layer, maps in layer_maps(net, images[few]).items()}
        for net in run.reference
    ]
    found, moved = [], []
    nets = list(zip(run.reference, layers, strict=True))
    for ((net, own), (following, theirs)), parted in zip(
        in_a_ring(nets, nets), run.nets["parted"], strict=True
    ):
        by_activations = match_activations(own, theirs)
        by_weights = match_weights(net.weights, following.weights, by_activations)
        ends = [
            following.weights,
            permute(following.weights, by_activations),
            permute(following.weights, by_weights),
            parted.weights,
        ]
        found.append([_along(net, end, images, labels, run) for end in ends])
        moved.append([(order != np.arange(len(order))).mean() for order in by_activations.values()])
    whole = np.array(found)  # net, path, what, point, image
    loss, correct = np.moveaxis(whole, (2, 1, 3, 0), (0, 1, 2, 3))
    return {"loss": loss, "accuracy": correct, "moved": np.array(moved).T}


def _shares(run: Measurement[Config]) -> list[float]:
    """The places on a path, as shares of its end."""
    return np.linspace(0, 1, run.config.points).tolist()


def _training_images(run: Measurement[Config]) -> tuple[RawImages, RawLabels]:
    """The training images on which the loss is measured, with their labels."""
    few = _of_every_class(run.digits.train_labels, run.config.images)
    return run.digits.train_images[few], run.digits.train_labels[few]


def _of_every_class(labels: RawLabels, count: int) -> Int[np.ndarray, " few"]:
    """The first images of each class, a tenth of the count, in their order."""
    return np.sort(np.concatenate([np.flatnonzero(labels == k)[: count // CLASSES] for k in range(CLASSES)]))


def _along(
    net: TrainedNet, end: Weights, images: RawImages, labels: RawLabels, run: Measurement[Config]
) -> Float[np.ndarray, "2 points n"]:
    """Loss, and whether the class is correct, along the path from a network to other weights."""
    smoothing = net.config.label_smoothing
    targets = (1 - smoothing) * np.eye(CLASSES)[labels] + smoothing / CLASSES
    measured = []
    for share in _shares(run):
        scores = _scores(with_weights(net, on_the_path(net.weights, end, share)), images)
        losses = special.logsumexp(scores, axis=1) - (targets * scores).sum(axis=1)
        measured.append([losses, scores.argmax(axis=1) == labels])
    return np.moveaxis(np.array(measured), 1, 0)


def with_weights(net: TrainedNet, weights: Weights) -> TrainedNet:
    """The same network with other weights.

    Args:
        net: whose layers and scaling.
        weights: by name, as in `TrainedNet.weights`.
    """
    graph, params = nnx.split(net.model, nnx.Param)
    flat = nnx.to_flat_state(params)
    values = [(path, leaf.replace(jnp.asarray(weights[".".join(map(str, path))]))) for path, leaf in flat]
    return replace(net, model=nnx.merge(graph, nnx.from_flat_state(values)))


def _scores(net: TrainedNet, images: RawImages) -> Float[np.ndarray, "n 10"]:
    """Logits of every image."""
    parts = [np.asarray(scores)[:count] for scores, count in run_in_batches(_logits, net, images)]
    return np.concatenate(parts).astype(np.float64)


@partial(jax.jit, static_argnames="graph")
def _logits(graph: nnx.GraphDef, params: nnx.State, inputs: Images) -> Array:
    """Logits of one batch; compiled once for all networks."""
    return nnx.merge(graph, params)(inputs)
