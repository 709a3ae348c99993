"""Which maps and points are dead, silent for a class, or always on; and what silence says about the class.

All images are looked at, training and test. The poolings have no census of their own: a pooled point is
active if one of its four is. "Silent" means that a map is zero everywhere for an image, "dead" that it is
so for all of them.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from flax import nnx
from jax import Array

from cnnbook.arrays import Images, RawImages
from cnnbook.config.questions import CensusConfig
from cnnbook.data.digits import Digits, chosen_images
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.resampling import Resampled, Weights, resample_weights, resampled, statistic
from cnnbook.fcp.census import KINDS, also_silent, information, kinds, lifetime_sparseness
from cnnbook.keys import key_for
from cnnbook.nets.geometry import CLASSES, INPUT_SIZE
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_1", "conv_2", "conv_3")
STATES = ("trained", "untrained")
WHAT = ("maps", "points")

_BATCH = 64


class Activity(NamedTuple):
    """What one layer of one network does over some images.

    Attributes:
        top: largest activation of each map for each image.
        points: images of each class in which each point is active, flat.
    """

    top: np.ndarray
    points: np.ndarray


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Resampled) -> xr.Dataset:
    """The census of every network, and of the same network before training on the test images alone.

    Returns:
        `share` by state, layer, what, kind and net; `active_LAYER` (first network): share of images of each
        class for which each map is active; `sparseness` by layer and net; `bits` and `bits_shuffled` on
        Conv_2 and Conv_3 (first network, test images); and the statistics.

    Raises:
        ValueError: there is no test image of a 1, a 2 or a 4, or no 4 among the digits shown.
    """
    own: CensusConfig = config.own
    _check(digits.test_labels, [digit.label for digit in config.more])
    images = np.concatenate([digits.train_images, digits.test_images])
    labels = np.concatenate([digits.train_labels, digits.test_labels])
    tests = len(digits.test_labels)
    share = np.zeros((len(STATES), len(LAYERS), len(WHAT), len(KINDS), len(nets)))
    sparse = np.zeros((len(LAYERS), len(nets)))
    first: dict[str, Any] = {}
    weights = resample_weights(tests, resamples=config.resamples, seed=config.seed)
    found: dict[str, list[Any]] = {"empty": [], "also": [], "bits": []}
    shown = chosen_images(digits, [digit for digit in config.more if digit.label == 4])
    for n, net in enumerate(nets):
        active = _activity(net, images, labels)
        before = _activity(untrained(net), digits.test_images, digits.test_labels)
        share[..., n] = _by_kind(active, before, labels, digits.test_labels, own.rare)
        sparse[:, n] = [_sparseness(active[layer].top) for layer in LAYERS]
        also, bits = _of_conv_2(active["conv_2"].top, digits.test_labels, weights)
        found["also"].append(also)
        found["bits"].append(bits)
        at_once = _activity(net, shown, np.zeros(len(shown), np.uint8))["conv_2"].top
        found["empty"].append(float((at_once.max(axis=0) == 0).sum()))
        first = first or _first_network(
            active, labels, digits.test_labels, key_for(config.seed, "census/shuffled labels")
        )
    dims = ("state", "layer", "what", "kind", "net")
    return xr.Dataset(
        {
            "share": (dims, share, {"units": "1"}),
            "sparseness": (("layer", "net"), sparse, {"units": "1"}),
            "empty_for_shown_fours": statistic(found["empty"], "Conv_2 maps empty for the 4s", units="maps"),
            "also_empty": statistic(np.stack(found["also"]), "share of these empty for a 1 and a 2 as well"),
            "conv_2_silence_information": statistic(
                np.stack(found["bits"]), "what the most telling silence says", units="bits"
            ),
        }
        | first,
        coords={"state": list(STATES), "layer": list(LAYERS), "what": list(WHAT), "kind": list(KINDS),
                "net": [net.number for net in nets], "class": np.arange(CLASSES)},
        attrs={"claims": "C21 C22", "data": digits.name, "images": len(images), "test_images": tests,
               "rare": own.rare},
    )  # fmt: skip


def _check(labels: np.ndarray, shown: Sequence[int]) -> None:
    """Raise unless the images are there that claims are about."""
    missing = [digit for digit in (1, 2, 4) if not (labels == digit).any()]
    if missing:
        raise ValueError(f"digits: no test image of a {missing[0]}; the census needs some 1s, 2s and 4s")
    if 4 not in shown:
        raise ValueError(f"shown: classes {list(shown)}, expected at least one 4 (see seeds/digits.yaml)")


def _by_kind(
    active: Mapping[str, Activity], before: Mapping[str, Activity], labels: np.ndarray,
    test_labels: np.ndarray, rare: float,
) -> np.ndarray:  # fmt: skip
    """Shares of maps and points of each kind, trained and untrained: state, layer, what, kind."""
    of_state = ((active, labels), (before, test_labels))
    return np.array(
        [
            [
                [_shares(_maps_by_class(one[layer].top, of), of, rare), _shares(one[layer].points, of, rare)]
                for layer in LAYERS
            ]
            for one, of in of_state
        ]
    )


def _sparseness(top: np.ndarray) -> float:
    """Mean lifetime sparseness of the maps of a layer."""
    return float(lifetime_sparseness(top.mean(axis=0), (top**2).mean(axis=0), len(top)).mean())


def _of_conv_2(top: np.ndarray, labels: np.ndarray, weights: Weights) -> tuple[np.ndarray, np.ndarray]:
    """For every resample: empty maps that stay empty for a 1 and a 2, and bits of the most telling silence.

    Args:
        top: largest activation of each map, of all images; the test images come last.
        labels: of the test images.
        weights: likewise.
    """
    live = top.max(axis=0) > 0
    silent = (top[-len(labels) :] == 0).astype(np.float64)
    member = [labels == k for k in range(CLASSES)]
    totals = np.stack([weights @ one for one in member], axis=-1)
    by_class = np.stack([weights @ (silent * one[:, None]) for one in member], axis=1)
    rates = by_class / np.maximum(totals, 1)[..., None]
    bits = information(by_class, totals)[:, live]
    most = bits.max(axis=1) if live.any() else np.zeros(len(weights))
    return also_silent(rates[:, 4], rates[:, 1], rates[:, 2]), most


def _first_network(
    active: Mapping[str, Activity], labels: np.ndarray, test_labels: np.ndarray, key: jax.Array
) -> dict[str, Any]:
    """What figures show of the first network: activity by class, and bits beside those of shuffled labels."""
    found: dict[str, Any] = {}
    order = np.asarray(jax.random.permutation(key, len(test_labels)))
    for layer in LAYERS[1:]:
        top = active[layer].top
        share = _maps_by_class(top, labels) / np.maximum(np.bincount(labels, minlength=CLASSES), 1)[:, None]
        found[f"active_{layer}"] = (("class", f"map_{layer}"), share, {"units": "1"})
        silent = (top[-len(test_labels) :] == 0).astype(np.float64)
        for name, of in (("bits", test_labels), ("bits_shuffled", test_labels[order])):
            counts = np.stack([silent[of == k].sum(axis=0) for k in range(CLASSES)])
            bits = information(counts, np.bincount(of, minlength=CLASSES).astype(np.float64))
            found[f"{name}_{layer}"] = (f"map_{layer}", bits, {"units": "bits"})
    return found


def _maps_by_class(top: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Images of each class in which each map is active."""
    return np.stack([(top[labels == k] > 0).sum(axis=0) for k in range(CLASSES)]).astype(np.float64)


def _shares(active: np.ndarray, labels: np.ndarray, rare: float) -> np.ndarray:
    """Share of maps or points of each kind; classes without images are left out."""
    images = np.bincount(labels, minlength=CLASSES)
    present = images > 0
    rates = active[present] / images[present, None]
    found = kinds(rates, active.sum(axis=0) == 0, rare=rare)
    return np.bincount(found, minlength=len(KINDS)) / len(found)


def _activity(net: TrainedNet, images: RawImages, labels: np.ndarray) -> dict[str, Activity]:
    """Every map's largest activation for each image, and counts by point, streamed."""
    graph, params = nnx.split(net.model, nnx.Param)
    tops: dict[str, list[np.ndarray]] = {layer: [] for layer in LAYERS}
    points: dict[str, np.ndarray] = {}
    for begin in range(0, len(images), _BATCH):
        part = images[begin : begin + _BATCH]
        gap = _BATCH - len(part)
        filled = np.concatenate([part, np.zeros((gap, INPUT_SIZE, INPUT_SIZE), np.uint8)])
        classes = np.zeros((_BATCH, CLASSES), np.float32)
        classes[np.arange(len(part)), labels[begin : begin + _BATCH]] = 1
        for layer, (top, counted) in _active(graph, params, net.inputs(filled), jnp.asarray(classes)).items():
            tops[layer].append(np.asarray(top)[: len(part)])
            points[layer] = points.get(layer, 0) + np.asarray(counted, np.float64)
    return {layer: Activity(np.concatenate(tops[layer]), points[layer]) for layer in LAYERS}


@partial(jax.jit, static_argnames="graph")
def _active(
    graph: nnx.GraphDef, params: nnx.State, inputs: Images, classes: Array
) -> dict[str, tuple[Array, Array]]:
    """Largest activation by image and map, and active images by class and point; compiled once."""
    found = nnx.merge(graph, params).activations(inputs).activations
    return {
        layer: (
            found[layer].max(axis=(1, 2)),
            classes.T @ jnp.reshape(found[layer] > 0, (len(inputs), -1)).astype(jnp.float32),
        )
        for layer in LAYERS
    }


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Counts of maps by kind and layer, mean over networks, and what silence says."""
    found = {
        "images": f"{result.attrs['images']:,}",
        "test_images": f"{result.attrs['test_images']:,}",
        "rare": f"{result.attrs['rare']:.0%}".replace("%", " %"),
        "nets": str(result.sizes["net"]),
        "empty": f"{float(result.empty_for_shown_fours.mean()):.1f}",
        "bits": f"{float(result.conv_2_silence_information.isel(resample=0).mean()):.2f}",
    }
    for layer in LAYERS[1:]:
        by_class = 100 * result[f"active_{layer}"]
        shuffled = max(0.0, float(result[f"bits_shuffled_{layer}"].max()))
        found |= {
            f"bits_{layer}": f"{float(result[f'bits_{layer}'].max()):.2f}",
            f"bits_shuffled_{layer}": f"{shuffled:.3f}",
            f"range_{layer}": f"{float((by_class.max('class') - by_class.min('class')).median()):.0f}",
        }
    maps = result["share"].sel(what="maps").mean("net") * 100
    for layer in LAYERS:
        for kind in KINDS:
            for state in STATES:
                share = float(maps.sel(layer=layer, kind=kind, state=state))
                found[f"{layer}_{kind.replace(' ', '_')}_{state}"] = f"{share:.0f} %"
    return found


EXPERIMENT = LegacyExperiment(
    name="census",
    question="Which maps are dead, silent for a class or always on, and what does their silence say?",
    measure=measure,
    facts=facts,
    config=resampled(lambda profile: profile.census, lambda seeds: seeds.shown),
)
