"""Which maps are dead, silent for a class or always on, and what does their silence say?

All images are looked at, training and test. The poolings have no census of their own: a pooled point is
active if one of its four is. "Silent" means that a map is zero everywhere for an image, "dead" that it is so
for all of them.

If the silence of maps for three 4s says nothing about 4s, such maps are as often silent for a 1 and a 2 as
for two further 4s. A network that has no such map cannot say. So the shares are taken of the maps of all
networks together, and each network stands for what it adds to them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from flax import nnx
from jax import Array
from jaxtyping import Float, Integer

from cnnbook.arrays import Images, RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.data.digits import shown_images
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import ratio_by_network
from cnnbook.fcp.census import (
    KINDS,
    activity_kinds,
    lifetime_sparseness,
    silence_information,
    silent_by_resample,
)
from cnnbook.nets.geometry import CLASSES, INPUT_SIZE
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_1", "conv_2", "conv_3")
WHAT = ("maps", "points")
EVENTS = ("three 4s", "and two further 4s", "and a 1 and a 2")
"""Images for which maps are silent together."""

_BATCH = 64

Labels = Integer[np.ndarray, " n"]


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """When a map counts as silent or as always on."""

    rare: float = number(
        0.01, "share of images below which a map is silent, and above whose rest always on", least=0, most=0.5
    )


class Activity(NamedTuple):
    """What one layer of one network does over some images.

    Attributes:
        top: largest activation of each map for each image.
        points: images of each class in which each point is active, flat.
    """

    top: Float[np.ndarray, "n maps"]
    points: Float[np.ndarray, "10 points"]


def _range(layer: str):
    """Median over maps of the range over classes of how often a map is active, in percent."""

    def median(result: xr.Dataset) -> xr.DataArray:
        share = 100 * result[f"active_{layer}"]
        return (share.max("class") - share.min("class")).median()

    return median


def _most(name: str):
    """The largest value of a variable, at least 0."""
    return lambda result: max(0.0, float(result[name].max()))


def _four_only(result: xr.Dataset) -> xr.DataArray:
    """Of maps silent for three 4s, the share silent for two further 4s less that silent for a 1 and a 2.

    The mean over networks is the share of all their maps together; 0 where no network has such a map.
    """
    three, fours, others = (result.together.sel(event=event, drop=True) for event in EVENTS)
    return ratio_by_network(fours - others, three)


@experiment(
    config=Config(),
    states=("trained", "untrained"),
    inputs=("shown",),
    coords={"layer": LAYERS, "what": WHAT, "kind": KINDS, "class": range(CLASSES), "event": EVENTS},
    about=lambda run: {
        "images": len(run.digits.train_labels) + len(run.digits.test_labels),
        "test_images": len(run.digits.test_labels),
        "rare": run.config.rare,
    },
    variables=[
        variable("share", "state layer what kind net", "share of maps and of points of each kind"),
        variable("sparseness", "layer net", "mean lifetime sparseness of the maps"),
        *(
            variable(f"active_{layer}", f"class map_{layer}", "share of images for which a map is active")
            for layer in LAYERS[1:]
        ),
        *(
            variable(f"{name}_{layer}", f"map_{layer}", "what silence says about the class", units="bits")
            for layer in LAYERS[1:]
            for name in ("bits", "bits_shuffled")
        ),
        variable("empty", "net", published=False),
        variable("together", "event net resample", published=False),
        variable("any_three", "net resample", published=False),
        variable("most_bits", "net resample", published=False),
        variable("most_bits_shuffled", "net resample", published=False),
    ],
    statistics=[
        statistic("empty_for_shown_fours", "empty", "Conv_2 maps empty for the 4s", units="maps"),
        statistic("empty_for_any_three", "any_three", "the same of three random images", units="maps"),
        statistic(
            "empty_for_fours_excess",
            lambda r: r.together.sel(event=EVENTS[0], drop=True) - r.any_three,
            "Conv_2 maps empty for three random 4s, less those for three random images",
            units="maps",
        ),
        statistic(
            "four_only",
            _four_only,
            "of these, the share empty for two further 4s less that empty for a 1 and a 2",
        ),
        statistic("conv_2_silence_information", "most_bits", "the most informative silence", units="bits"),
        statistic(
            "conv_2_silence_shuffled", "most_bits_shuffled", "the same of shuffled labels", units="bits"
        ),
    ],
    facts=[
        fact("rare", form=".0%"),
        fact("empty", "empty_for_shown_fours", ".1f"),
        fact("empty_any", "empty_for_any_three", ".1f"),
        fact("nets_with_empty", lambda r: (r.empty_for_shown_fours > 0).sum().item(), ".0f"),
        fact("four_only", form="+.0f", scale=100),
        fact("bits", "conv_2_silence_information"),
        *(fact(f"bits_{layer}", lambda r, layer=layer: r[f"bits_{layer}"].max()) for layer in LAYERS[1:]),
        *(fact(f"bits_shuffled_{layer}", _most(f"bits_shuffled_{layer}"), ".3f") for layer in LAYERS[1:]),
        *(fact(f"range_{layer}", _range(layer), ".0f") for layer in LAYERS[1:]),
        fact("{layer}_{kind}_{state}", lambda r: r["share"].sel(what="maps"), ".0%"),
    ],
)
def census(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """The census of one network: on all images if it is trained, otherwise on the test images alone.

    Raises:
        ValueError: there is no test image of a 1, a 2 or a 4, or no 4 among the digits shown.
    """
    digits = run.digits
    if not run.is_trained:
        before = _activity(net, digits.test_images, digits.test_labels)
        return {"share": _by_kind(before, digits.test_labels, run.config.rare)}
    check_digits(digits.test_labels, [digit.label for digit in run.inputs.shown])
    labels = np.concatenate([digits.train_labels, digits.test_labels])
    active = _activity(net, np.concatenate([digits.train_images, digits.test_images]), labels)
    shown = shown_images(digits, [digit for digit in run.inputs.shown if digit.label == 4])
    for_shown = _activity(net, shown, np.zeros(len(shown), np.uint8))["conv_2"].top
    tests = active["conv_2"].top[-len(digits.test_labels) :]
    return {
        "share": _by_kind(active, labels, run.config.rare),
        "sparseness": np.array([_sparseness(active[layer].top) for layer in LAYERS]),
        "empty": (for_shown.max(axis=0) == 0).sum(),
        **silent_by_resample(tests == 0, digits.test_labels, _shuffled(run), run.weights(len(tests))),
        **(_first_network(active, labels, run) if run.is_first else {}),
    }


def check_digits(labels: Labels, shown: Sequence[int]) -> None:
    """Raise unless the images are there that claims are about.

    Args:
        labels: of the test images.
        shown: classes of the digits shown.

    Raises:
        ValueError: there is no test image of a 1, a 2 or a 4, or no 4 among the digits shown.
    """
    missing = [digit for digit in (1, 2, 4) if not (labels == digit).any()]
    if missing:
        raise ValueError(f"digits: no test image of a {missing[0]}; the census needs some 1s, 2s and 4s")
    if 4 not in shown:
        raise ValueError(f"shown: classes {list(shown)}, expected at least one 4 (see seeds/digits.yaml)")


def _by_kind(
    active: Mapping[str, Activity], labels: Labels, rare: float
) -> Float[np.ndarray, "layers what kinds"]:
    """Shares of maps and points of each kind."""
    return np.array(
        [
            [_shares(each, labels, rare) for each in (_maps_by_class(of.top, labels), of.points)]
            for of in (active[layer] for layer in LAYERS)
        ]
    )


def _sparseness(top: Float[np.ndarray, "n maps"]) -> float:
    """Mean lifetime sparseness of the maps of a layer."""
    return float(lifetime_sparseness(top.mean(axis=0), (top**2).mean(axis=0), len(top)).mean())


def _shuffled(run: Measurement[Config]) -> Labels:
    """The labels of the test images in another order, the same for all networks."""
    labels = run.digits.test_labels
    key = run.key("shuffled labels")
    return run.cached("shuffled", lambda: labels[np.asarray(jax.random.permutation(key, len(labels)))])


def _first_network(
    active: Mapping[str, Activity], labels: Labels, run: Measurement[Config]
) -> dict[str, Any]:
    """What figures show of the first network: activity by class, and bits beside those of shuffled labels."""
    true = run.digits.test_labels
    found: dict[str, Any] = {}
    for layer in LAYERS[1:]:
        top = active[layer].top
        images = np.maximum(np.bincount(labels, minlength=CLASSES), 1)
        found[f"active_{layer}"] = _maps_by_class(top, labels) / images[:, None]
        silent = (top[-len(true) :] == 0).astype(np.float64)
        for name, of in (("bits", true), ("bits_shuffled", _shuffled(run))):
            counts = np.stack([silent[of == k].sum(axis=0) for k in range(CLASSES)])
            found[f"{name}_{layer}"] = silence_information(
                counts, np.bincount(of, minlength=CLASSES).astype(float)
            )
    return found


def _maps_by_class(top: Float[np.ndarray, "n maps"], labels: Labels) -> Float[np.ndarray, "10 maps"]:
    """Images of each class in which each map is active."""
    return np.stack([(top[labels == k] > 0).sum(axis=0) for k in range(CLASSES)]).astype(np.float64)


def _shares(active: Float[np.ndarray, "10 k"], labels: Labels, rare: float) -> Float[np.ndarray, " kinds"]:
    """Share of maps or points of each kind; classes without images are left out."""
    images = np.bincount(labels, minlength=CLASSES)
    present = images > 0
    rates = active[present] / images[present, None]
    counted = activity_kinds(rates, active.sum(axis=0) == 0, rare=rare)
    return np.bincount(counted, minlength=len(KINDS)) / len(counted)


def _activity(net: TrainedNet, images: RawImages, labels: Labels) -> dict[str, Activity]:
    """Every map's largest activation for each image, and counts by point, streamed."""
    graph, params = nnx.split(net.model, nnx.Param)
    tops: dict[str, list[np.ndarray]] = {layer: [] for layer in LAYERS}
    points: dict[str, np.ndarray] = {}
    for begin in range(0, len(images), _BATCH):
        part = images[begin : begin + _BATCH]
        blank = np.zeros((_BATCH - len(part), INPUT_SIZE, INPUT_SIZE), np.uint8)
        classes = np.zeros((_BATCH, CLASSES), np.float32)
        classes[np.arange(len(part)), labels[begin : begin + _BATCH]] = 1
        inputs = net.inputs(np.concatenate([part, blank]))
        for layer, (top, counted) in _active(graph, params, inputs, jnp.asarray(classes)).items():
            tops[layer].append(np.asarray(top)[: len(part)])
            points[layer] = points.get(layer, 0) + np.asarray(counted, np.float64)
    return {layer: Activity(np.concatenate(tops[layer]), points[layer]) for layer in LAYERS}


@partial(jax.jit, static_argnames="graph")
def _active(
    graph: nnx.GraphDef, params: nnx.State, inputs: Images, classes: Float[Array, "n 10"]
) -> dict[str, tuple[Array, Array]]:
    """Largest activation by image and map, and active images by class and point; compiled once."""
    maps = nnx.merge(graph, params).activations(inputs).activations
    return {
        layer: (
            maps[layer].max(axis=(1, 2)),
            classes.T @ jnp.reshape(maps[layer] > 0, (len(inputs), -1)).astype(jnp.float32),
        )
        for layer in LAYERS
    }
