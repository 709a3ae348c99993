"""What do real digits say of every map?

All of the first network, for the maps of Conv_1, Conv_2 and Conv_3: its strongest patches, its classes, the
cost of its loss and its partners. Patches are cut to exactly what the strongest point sees, one an image, and
come from all deciles of the map's responses and not only from the top. A map is *ablated* by setting it to
zero; the cost is the accuracy that is lost. A selective map need not be an important one (A. Morcos et al.,
"On the importance of single directions for generalization", ICLR 2018), so both numbers are given.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import numpy as np
import xarray as xr
from flax import nnx
from jax import Array
from jaxtyping import Float, Int

from cnnbook.arrays import Images, RawImages, RawLabels
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Fact, Measured, Measurement, Variable, experiment, fact, variable
from cnnbook.fcp.selection import auc
from cnnbook.maps import MapResponses, map_responses, windows_at
from cnnbook.nets.convolution import max_pool
from cnnbook.nets.geometry import CLASSES, layer_named
from cnnbook.oip.quality import match_maps
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_1", "conv_2", "conv_3")
TOP, DECILES = 9, 10
"""Strongest patches of a map, and patches from lower down, one a decile of its responses above zero."""

SELECTIVITY = ("best_class", "selectivity", "auc", "active", "cost")
"""Numbers of each map, apart from its classes and partners."""

_BATCH = 100
"""Images in one forward pass."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """What the atlas looks at."""

    train: int = number(60000, "training images among which patches are looked for", least=20)
    test: int = number(5000, "test images that classes, costs and partners are taken from", least=20)


def _variables(layer: str) -> list[Variable]:
    """What is measured of one layer.

    `patch` holds the strongest first, then those of the deciles from high to low; where a map responds to too
    few images, the rest is blank and has the image −1.
    """
    maps, pixels = f"map_{layer}", f"patch_row_{layer} patch_column_{layer}"
    return [
        variable(f"patch_{layer}", f"{maps} shown {pixels}", "patches of digits, ink 0 to 255"),
        variable(f"patch_value_{layer}", f"{maps} shown", "activation of the point that sees the patch"),
        variable(f"patch_image_{layer}", f"{maps} shown", "index of the training image"),
        variable(f"mean_patch_{layer}", f"{maps} {pixels}", "mean of the strongest patches, weighted"),
        variable(f"tuning_{layer}", f"class {maps}", "mean response to each class"),
        variable(f"number_{layer}", f"number {maps}", "numbers of each map"),
        variable(f"partner_{layer}", f"other {maps}", "the map's partner in another network"),
        variable(f"partner_r_{layer}", f"other {maps}", "correlation with the partner"),
        variable(f"kernel_{layer}", f"kernel_row kernel_column below_{layer} {maps}", "weights"),
    ]


def _of_layer(layer: str, name: str, median: bool = True) -> Callable[[xr.Dataset], float]:
    """The median, or the largest, of one number of a layer's maps."""
    return lambda result: float(
        (np.median if median else np.max)(result[f"number_{layer}"].sel(number=name).values)
    )


def _together(layer: str) -> Callable[[xr.Dataset], float]:
    """The correlation of cost and selectivity over a layer's maps; 0 where one of them does not vary."""

    def correlation(result: xr.Dataset) -> float:
        both = result[f"number_{layer}"].sel(number=["cost", "selectivity"]).values
        return float(np.corrcoef(both)[0, 1]) if both.std(axis=1).min() > 0 else 0.0

    return correlation


def _partner(layer: str) -> Callable[[xr.Dataset], float]:
    """The median over maps of the correlation with partners, mean over the other networks."""
    return lambda result: float(np.median(result[f"partner_r_{layer}"].mean("other").values))


def _facts(layer: str) -> list[Fact]:
    return [
        fact(f"{layer}_selectivity", _of_layer(layer, "selectivity")),
        fact(f"{layer}_cost", _of_layer(layer, "cost"), scale=100),
        fact(f"{layer}_worst", _of_layer(layer, "cost", median=False), scale=100),
        fact(f"{layer}_partner", _partner(layer)),
        fact(f"{layer}_together", _together(layer), "+.2f"),
    ]


@experiment(
    config=Config(),
    draft=Config(train=4000, test=300),
    together=True,
    coords=lambda run: {
        "class": np.arange(CLASSES),
        "number": list(SELECTIVITY),
        "other": [net.number for net in run.reference[1:]],
    },
    about=lambda run: {
        "train": len(run.digits.train_images[: run.config.train]),
        "test": len(run.test_images(run.config.test)),
        "net": run.reference[0].number,
    },
    variables=[each for layer in LAYERS for each in _variables(layer)],
    facts=[
        fact("others", lambda r: r.sizes["other"], ".0f"),
        *(each for layer in LAYERS for each in _facts(layer)),
    ],
)
def units(run: Measurement[Config]) -> Measured:
    """Everything of the first network's maps, for each layer under names that end with it.

    Raises:
        ValueError: there are fewer than two networks.
    """
    net, *others = run.reference
    if not others:
        raise ValueError("nets: 1, expected at least 2: maps have partners in other networks")
    train, test = run.digits.train_images[: run.config.train], run.test_images(run.config.test)
    on_train, on_test = map_responses(net, train, LAYERS), map_responses(net, test, LAYERS)
    of_others = [map_responses(other, test, LAYERS) for other in others]
    labels = run.test_labels(run.config.test)
    measured: dict[str, Any] = {}
    for layer in LAYERS:
        pairs = [match_maps(on_test[layer].mean, other[layer].mean) for other in of_others]
        values = _patches(layer, on_train[layer], train) | {
            "tuning": tuning_of(on_test[layer].mean, labels),
            "number": _numbers(layer, on_test[layer], labels, net, test),
            "partner": [partner for partner, _ in pairs],
            "partner_r": [r for _, r in pairs],
            "kernel": net.weights[f"{layer}.kernel"],
        }
        measured |= {f"{name}_{layer}": value for name, value in values.items()}
    return measured


def _patches(layer: str, responses: MapResponses, images: RawImages) -> dict[str, Any]:
    """Patches of every map, where they come from, and their mean weighted by the responses."""
    which = np.stack([chosen(values) for values in responses.largest.T])
    index = np.maximum(which, 0)
    patches, means = [], []
    for k, (values, points) in enumerate(zip(responses.largest.T, responses.point.T, strict=True)):
        windows = windows_at(images[index[k]], layer, points[index[k]])
        patches.append(np.where(which[k][:, None, None] >= 0, windows, 0).astype(np.uint8))
        means.append(_mean_patch(layer, values, points, images))
    return {
        "patch": np.stack(patches),
        "mean_patch": np.stack(means),
        "patch_value": np.where(which >= 0, np.take_along_axis(responses.largest.T, index, axis=1), 0),
        "patch_image": which,
    }


def chosen(values: Float[np.ndarray, " n"]) -> Int[np.ndarray, " shown"]:
    """Indices of the largest values, then one from the middle of each decile of those above zero.

    Where there are too few above zero, the rest is −1.
    """
    order = np.argsort(-values, kind="stable")
    above = order[: int((values > 0).sum())]
    indices = np.full(TOP + DECILES, -1)
    top = above[:TOP]
    indices[: len(top)] = top
    if len(above) >= DECILES:
        middles = (np.arange(DECILES) + 0.5) / DECILES * len(above)
        indices[TOP:] = above[middles.astype(int)]
    return indices


def _mean_patch(
    layer: str, values: Float[np.ndarray, " n"], points: Int[np.ndarray, " n"], images: RawImages
) -> Float[np.ndarray, "side side"]:
    """Mean ink under the strongest point, weighted by its response; 0 if there is none."""
    strong = np.argsort(-values)[:200]
    weight = values[strong]
    if weight.sum() <= 0:
        return np.zeros_like(windows_at(images[:1], layer, points[:1])[0], np.float64)
    return np.einsum("n,nhw->hw", weight / weight.sum(), windows_at(images[strong], layer, points[strong]))


def tuning_of(mean: Float[np.ndarray, "n maps"], labels: RawLabels) -> Float[np.ndarray, "10 maps"]:
    """The mean response of each map to each class; 0 for a class without images.

    Args:
        mean: of each map for each image.
        labels: of the images.
    """
    member = np.eye(CLASSES)[labels]
    return (member.T @ mean) / np.maximum(member.sum(axis=0), 1)[:, None]


def _numbers(
    layer: str, responses: MapResponses, labels: RawLabels, net: TrainedNet, images: RawImages
) -> Float[np.ndarray, "numbers maps"]:
    """The numbers of `SELECTIVITY`."""
    tuning = tuning_of(responses.mean, labels)
    best, top = tuning.argmax(axis=0), tuning.max(axis=0)
    rest = (tuning.sum(axis=0) - top) / (CLASSES - 1)
    table = {
        "best_class": best,
        "selectivity": np.divide(top - rest, top + rest, out=np.zeros_like(top), where=top + rest > 0),
        "auc": _areas(responses.mean, labels, best),
        "active": (responses.largest > 0).mean(axis=0),
        "cost": _costs(layer, net, images, labels),
    }
    return np.stack([table[name] for name in SELECTIVITY])


def _areas(
    mean: Float[np.ndarray, "n maps"], labels: RawLabels, best: Int[np.ndarray, " maps"]
) -> Float[np.ndarray, " maps"]:
    """Areas under the curves by which each map's mean separates its best class from all others."""
    areas = np.full(len(best), 0.5)
    for digit in np.unique(best):
        is_digit = labels == digit
        if is_digit.any() and not is_digit.all():
            areas[best == digit] = auc(mean[:, best == digit], is_digit)
    return areas


def _costs(layer: str, net: TrainedNet, images: RawImages, labels: RawLabels) -> Float[np.ndarray, " maps"]:
    """Accuracy that is lost when each map is set to zero."""
    graph, params = nnx.split(net.model, nnx.Param)
    maps = layer_named(layer).maps
    keep = np.concatenate([np.ones((1, maps)), 1 - np.eye(maps)]).astype(np.float32)
    correct = np.zeros(len(keep))
    for begin in range(0, len(images), _BATCH):
        inputs = net.inputs(images[begin : begin + _BATCH])
        predicted = np.asarray(_predictions(graph, params, inputs, keep, layer=layer))
        correct += (predicted == labels[begin : begin + _BATCH]).sum(axis=1)
    share = correct / len(images)
    return share[0] - share[1:]


@partial(jax.jit, static_argnames=("graph", "layer"))
def _predictions(graph: nnx.GraphDef, params: nnx.State, inputs: Images, keep: Array, *, layer: str) -> Array:
    """The network's predictions with a layer's maps multiplied by each row of `keep`."""
    model = nnx.merge(graph, params)
    below = model.activations(inputs).activations[layer]

    def predicted(row: Array) -> Array:
        return _above(model, layer, below * row[None, None, None]).argmax(axis=-1)

    return jax.lax.map(predicted, keep)


def _above(model: Any, layer: str, maps: Array) -> Array:
    """Logits from a layer's activations."""
    for name, pool in (("conv_1", "conv_2"), ("conv_2", "conv_3")):
        if layer == name:
            maps, layer = nnx.relu(getattr(model, pool)(max_pool(maps))), pool
    return model.logits(nnx.relu(model.hidden(model.flatten(maps))))
