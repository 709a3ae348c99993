"""Do the maps of Conv_3 show which images on the border are 4s, and what does the hidden layer add?

The border is the badly written tenth of the test 4s and 9s: those whose nearest training image of the other
class is nearest by pixels, as compared with the nearest of their own (`fcp.writing`). No network chose it.

*The overlap rule* does what an eye does: an image's strongest points, a tenth of the layer, are laid over the
points that are strongest most often in training 4s, and over those of training 9s; the larger overlap names
the class, and where both are as large it is one or the other at random. It is compared with a linear probe on
all points.

*Separation* is d′: the distance of the means of 4s and 9s on one axis, by the root of their mean variance
(W. Tanner, J. Swets, Psychological Review 61 (1954) 401). The axis joins the means of both classes of
training images, d′ is that of test images. Fisher's axis, which knows how points vary together, is shown
beside it. The null is a hidden layer before training, behind the trained convolutions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, at
from cnnbook.fcp.head import Head, head_of
from cnnbook.fcp.interactions import fit_logistic
from cnnbook.fcp.separation import common_to, d_prime, fisher_axis, overlap_scores
from cnnbook.fcp.writing import badly_written, nearest_of_each_class
from cnnbook.maps import flat_maps, flat_pixels
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

FOUR, NINE = PAIR = 4, 9
SPACES = ("pixels", "Conv_3", "hidden layer", "untrained hidden layer")
AXES = ("difference of means", "Fisher")
READERS = ("overlap rule", "linear probe", "the network")
WHERE = ("on the border", "all 4s and 9s")

STRONG = 0.1
"""Share of the points of an image that are strong, as in the chapter on common points."""

SHOWN = 20
"""Images of each class whose hidden layer is shown."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How the linear probe is fitted."""

    decay: float = number(1e-3, "L2 coefficient, on standardised inputs", least=0)
    steps: int = number(60, "steps of L-BFGS", least=1)


class BorderImages(NamedTuple):
    """All 4s and 9s.

    Attributes:
        train: training images.
        train_fours: which of them are 4s.
        test: test images.
        test_fours: which of them are 4s.
        border: indices of the test images on the border, from the worst written on.
        places: of the test images in the file.
    """

    train: RawImages
    train_fours: Bool[np.ndarray, " n"]
    test: RawImages
    test_fours: Bool[np.ndarray, " m"]
    border: Int[np.ndarray, " k"]
    places: Int[np.ndarray, " m"]


def _gain(space: str) -> Callable[[xr.Dataset], xr.DataArray]:
    """Separation on a space by that on Conv_3, along the difference of means."""

    def by_conv_3(result: xr.Dataset) -> xr.DataArray:
        along = result.separated.sel(axis=AXES[0])
        return along.sel(space=space) / along.sel(space=SPACES[1])

    return by_conv_3


def _fisher(space: str) -> Selection:
    """Separation along Fisher's axis."""
    return at("separation", axis=AXES[1], space=space)


def _over_untrained(result: xr.Dataset) -> xr.DataArray:
    return _gain(SPACES[2])(result) - _gain(SPACES[3])(result)


@experiment(
    config=Config(),
    draft=Config(steps=30),
    coords=lambda run: {
        "space": SPACES,
        "axis": AXES,
        "reader": READERS,
        "where": WHERE,
        "class": PAIR,
        "layer": SPACES[2:],
    },
    about=lambda run: {
        "border": len(_images(run).border),
        "tests": len(_images(run).test),
        "train": len(_images(run).train),
        "strong": round(STRONG * 1152),
    },
    variables=[
        variable("accuracy", "reader where net", "share of test images that are called what they are"),
        variable("border_image", "written row column", "the worst written 4s and 9s", units="ink"),
        variable("border_label", "written", "their label"),
        variable("border_right", "written reader net", "whether a reader calls one what it is"),
        variable("separation", "space axis net", "d′ of 4s and 9s, test images"),
        variable("nodes", "layer class example node", "activation of the hidden layer, first network"),
        variable("node_order", "layer node", "the nodes, from those of 9s to those of 4s"),
        variable("node_means", "layer class node", "mean activation of a node over test images"),
        variable("overlap_right", "net image", published=False),
        variable("probe_right", "net image", published=False),
        variable("separated", "space axis net resample", published=False),
    ],
    statistics=[
        statistic("overlap_accuracy", "overlap_right", "accuracy of the overlap rule on the border"),
        statistic("probe_accuracy", "probe_right", "accuracy of a linear probe on the border"),
        statistic(
            "overlap_below_probe",
            lambda r: r.probe_right - r.overlap_right,
            "accuracy of the probe less that of the overlap rule, on the border",
        ),
        statistic("hidden_gain", _gain(SPACES[2]), "d′ on the hidden layer by that on Conv_3"),
        statistic("hidden_gain_untrained", _gain(SPACES[3]), "the same of an untrained hidden layer"),
        statistic("hidden_over_untrained", _over_untrained, "that gain, trained less untrained"),
    ],
    facts=[
        fact("{reader}", at("accuracy", where=WHERE[0]), ".1%"),
        fact("{reader}_all", at("accuracy", where=WHERE[1]), ".1%"),
        fact("gap", "overlap_below_probe", "+.1f", scale=100),
        fact("d_{space}", at("separation", axis=AXES[0])),
        fact("fisher_{space}", at("separation", axis=AXES[1])),
        fact("gain", "hidden_gain"),
        fact("gain_untrained", "hidden_gain_untrained"),
        fact("over_untrained", "hidden_over_untrained", "+.2f"),
        fact("fisher_gain", _fisher(SPACES[2]) / _fisher(SPACES[1])),
    ],
)
def border(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Accuracy on the border by reader, and the separation of 4s and 9s by space."""
    images = _images(run)
    train, test = (flat_maps(net, each, "conv_3") for each in (images.train, images.test))
    head, new_head = head_of(net.weights), head_of(untrained(net).weights)
    right = np.stack(_readers(head, train, test, images, run.config))
    weights = run.weights(len(test))
    pixels = run.cached("pixels", lambda: _separations(*_pixels(images), images, weights))
    hidden = [(_hidden(each, train), _hidden(each, test)) for each in (head, new_head)]
    spaces = [_separations(*each, images, weights) for each in ((train, test), *hidden)]
    separated = np.stack([pixels, *spaces])
    on_border = right[:, images.border]
    measured = {
        "accuracy": np.stack([on_border.mean(axis=1), right.mean(axis=1)], axis=1),
        "border_right": on_border[:, : 2 * SHOWN].T,
        "separation": separated[..., 0],
        "overlap_right": on_border[0],
        "probe_right": on_border[1],
        "separated": separated,
    }
    if not run.is_first:
        return measured
    shown = images.border[: 2 * SHOWN]
    return measured | {
        "border_image": images.test[shown] / 255.0,
        "border_label": np.where(images.test_fours[shown], FOUR, NINE),
        **_nodes([each for _, each in hidden], images.test_fours),
    }


def _images(run: Measurement[Config]) -> BorderImages:
    """All 4s and 9s, and which of the test images lie on the border."""
    return run.cached("4s and 9s", lambda: _found(run))


def _found(run: Measurement[Config]) -> BorderImages:
    """Computes `_images`.

    Raises:
        ValueError: there are not two 4s and two 9s among the training images and among the test images.
    """
    digits = run.digits
    for part in ("train", "test"):
        labels = getattr(digits, f"{part}_labels")
        for digit in PAIR:
            if (labels == digit).sum() < 2:
                raise ValueError(
                    f"digits: {(labels == digit).sum()} images of class {digit} in {part}_labels, "
                    "expected at least 2: 4s and 9s are compared"
                )
    rows = np.flatnonzero(np.isin(digits.train_labels, PAIR))
    places = np.flatnonzero(np.isin(digits.test_labels, PAIR))
    train, test, labels = digits.train_images[rows], digits.test_images[places], digits.test_labels[places]
    distances, _ = nearest_of_each_class(flat_pixels(train), digits.train_labels[rows], flat_pixels(test))
    on_border = badly_written(distances, labels, PAIR)
    return BorderImages(train, digits.train_labels[rows] == FOUR, test, labels == FOUR, on_border, places)


def _readers(
    head: Head,
    train: Float[np.ndarray, "n d"],
    test: Float[np.ndarray, "m d"],
    images: BorderImages,
    config: Config,
) -> list[Float[np.ndarray, " m"]]:
    """Whether each test image is called what it is, by reader: 1, 0, or a half where a reader cannot say."""
    commons = [common_to(train[kind], share=STRONG) for kind in (images.train_fours, ~images.train_fours)]
    overlaps = overlap_scores(test, np.stack(commons), share=STRONG)
    fitted = fit_logistic(train, images.train_fours, decay=config.decay, steps=config.steps)
    logits = head.logits(test)
    scores = [overlaps[:, 0] - overlaps[:, 1], fitted.scores(test), logits[:, FOUR] - logits[:, NINE]]
    sign = np.where(images.test_fours, 1, -1)
    return [(np.sign(score) * sign + 1) / 2 for score in scores]


def _pixels(images: BorderImages) -> tuple[np.ndarray, np.ndarray]:
    return flat_pixels(images.train), flat_pixels(images.test)


def _hidden(head: Head, points: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n h"]:
    """The hidden layer after ReLU."""
    return np.maximum(head.preactivations(points), 0)


def _separations(
    train: Float[np.ndarray, "n d"],
    test: Float[np.ndarray, "m d"],
    images: BorderImages,
    weights: Float[np.ndarray, "resample m"],
) -> Float[np.ndarray, "axes resample"]:
    """d′ of test images along both axes of training images, by resample."""
    fours = images.train_fours
    apart = train[fours].mean(axis=0, dtype=np.float64) - train[~fours].mean(axis=0, dtype=np.float64)
    axes = np.stack([apart, fisher_axis(train, fours)], axis=1)
    along = test @ axes
    return np.stack([d_prime(along[:, k], images.test_fours, weights) for k in range(axes.shape[1])])


def _nodes(hidden: list[Float[np.ndarray, "m h"]], fours: Bool[np.ndarray, " m"]) -> dict[str, np.ndarray]:
    """The hidden layer, trained and untrained: of some images, and its means; nodes in order of the means."""
    means = np.stack([[each[fours].mean(axis=0), each[~fours].mean(axis=0)] for each in hidden])
    order = np.argsort(means[:, 0] - means[:, 1], axis=1, kind="stable")
    some = np.stack([[each[kind][:SHOWN] for kind in (fours, ~fours)] for each in hidden])
    return {
        "nodes": np.stack([part[..., places] for part, places in zip(some, order, strict=True)]),
        "node_order": order,
        "node_means": np.stack([part[:, places] for part, places in zip(means, order, strict=True)]),
    }
