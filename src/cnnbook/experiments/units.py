"""What real digits say of every map: strongest patches, classes, cost of its loss, and partners.

All of the first network, for the maps of Conv_1, Conv_2 and Conv_3. Patches are cut to exactly what the
strongest point sees, one an image, and come from all deciles of the map's answers and not only from the top.
A map is *ablated* by setting it to zero; the cost is the accuracy that is lost. A selective map need not be
an important one (A. Morcos et al., "On the importance of single directions for generalization", ICLR 2018),
so both numbers are given.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import jax
import numpy as np
import xarray as xr
from flax import nnx
from jax import Array

from cnnbook.arrays import Images
from cnnbook.config.questions import UnitsConfig
from cnnbook.data.digits import Digits
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.fcp.selection import auc
from cnnbook.formatting import format_number
from cnnbook.maps import MapResponses, map_responses, windows_at
from cnnbook.nets.convolution import max_pool
from cnnbook.nets.geometry import CLASSES, layer_named
from cnnbook.oip.quality import partners
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_1", "conv_2", "conv_3")
TOP, DECILES = 9, 10
"""Strongest patches of a map, and patches from lower down, one a decile of its answers above zero."""

SELECTIVITY = ("best_class", "selectivity", "auc", "active", "cost")
"""Numbers of each map, apart from its classes and partners."""


def measure(nets: Sequence[TrainedNet], digits: Digits, config: UnitsConfig) -> xr.Dataset:
    """Everything of the first network's maps, for each layer under names that end with it.

    `patch` with `patch_value` and `patch_image`, `mean_patch`, `tuning` by class, `number` by name, `kernel`,
    and `partner` with `partner_r` by other network.

    `patch` holds the strongest first, then those of the deciles from high to low; where a map answers to too
    few images, the rest is blank and has the image −1.

    Raises:
        ValueError: there are fewer than two networks.
    """
    if len(nets) < 2:
        raise ValueError(f"nets: {len(nets)}, expected at least 2: maps have partners in other networks")
    train, test = digits.train_images[: config.train], digits.test_images[: config.test]
    asked = digits.test_labels[: config.test]
    seen = map_responses(nets[0], train, LAYERS)
    own = map_responses(nets[0], test, LAYERS)
    others = [map_responses(net, test, LAYERS) for net in nets[1:]]
    found: dict[str, Any] = {}
    for layer in LAYERS:
        found |= _patches(layer, seen[layer], train)
        found |= _numbers(layer, own[layer], asked, nets[0], test)
        pairs = [partners(own[layer].mean, other[layer].mean) for other in others]
        dims = ("other", f"map_{layer}")
        found[f"partner_{layer}"] = (dims, np.stack([which for which, _ in pairs]), {"units": "1"})
        found[f"partner_r_{layer}"] = (dims, np.stack([r for _, r in pairs]), {"units": "1"})
        kernel = np.asarray(nets[0].weights[f"{layer}.kernel"])
        found[f"kernel_{layer}"] = (("kernel_row", "kernel_column", f"below_{layer}", f"map_{layer}"), kernel,
                                    {"units": "1"})  # fmt: skip
    return xr.Dataset(
        found,
        coords={"class": np.arange(CLASSES), "number": list(SELECTIVITY),
                "other": [net.number for net in nets[1:]]},
        attrs={"data": digits.name, "train": len(train), "test": len(test), "net": nets[0].number},
    )  # fmt: skip


def _patches(layer: str, seen: MapResponses, images: np.ndarray) -> dict[str, Any]:
    """Patches of every map, where they come from, and their mean weighted by the answers."""
    maps = layer_named(layer).maps
    which = np.stack([_chosen(seen.largest[:, k]) for k in range(maps)])
    patches, means = [], []
    for k in range(maps):
        shown = windows_at(images[np.maximum(which[k], 0)], layer, seen.point[np.maximum(which[k], 0), k])
        patches.append(np.where(which[k][:, None, None] >= 0, shown, 0))
        means.append(_mean_patch(layer, seen.largest[:, k], seen.point[:, k], images))
    values = np.where(which >= 0, np.take_along_axis(seen.largest.T, np.maximum(which, 0), axis=1), 0)
    dims, pixels = (f"map_{layer}", "shown"), (f"patch_row_{layer}", f"patch_column_{layer}")
    return {
        f"patch_{layer}": ((*dims, *pixels), np.stack(patches).astype(np.uint8), {"units": "1"}),
        f"mean_patch_{layer}": ((f"map_{layer}", *pixels), np.stack(means), {"units": "1"}),
        f"patch_value_{layer}": (dims, values, {"units": "1"}),
        f"patch_image_{layer}": (dims, which, {"units": "1"}),
    }


def _chosen(values: np.ndarray) -> np.ndarray:
    """Images of the strongest answers, then one from the middle of each decile of those above zero."""
    order = np.argsort(-values, kind="stable")
    above = order[: int((values > 0).sum())]
    found = np.full(TOP + DECILES, -1)
    top = above[:TOP]
    found[: len(top)] = top
    if len(above) >= DECILES:
        middles = (np.arange(DECILES) + 0.5) / DECILES * len(above)
        found[TOP:] = above[middles.astype(int)]
    return found


def _mean_patch(layer: str, values: np.ndarray, places: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Mean ink under the strongest point, weighted by its answer; 0 if there is none."""
    strong = np.argsort(-values)[:200]
    weight = values[strong]
    if weight.sum() <= 0:
        return np.zeros_like(windows_at(images[:1], layer, places[:1])[0], np.float64)
    return np.einsum("n,nhw->hw", weight / weight.sum(), windows_at(images[strong], layer, places[strong]))


def _numbers(
    layer: str, own: MapResponses, labels: np.ndarray, net: TrainedNet, images: np.ndarray
) -> dict[str, Any]:
    """Mean answers by class, and the numbers of `SELECTIVITY`."""
    member = np.eye(CLASSES)[labels]
    counts = np.maximum(member.sum(axis=0), 1)
    tuning = (member.T @ own.mean) / counts[:, None]
    best = tuning.argmax(axis=0)
    top = tuning.max(axis=0)
    rest = (tuning.sum(axis=0) - top) / (CLASSES - 1)
    table = {
        "best_class": best,
        "selectivity": np.divide(top - rest, top + rest, out=np.zeros_like(top), where=top + rest > 0),
        "auc": _areas(own.mean, labels, best),
        "active": (own.largest > 0).mean(axis=0),
        "cost": _costs(layer, net, images, labels),
    }
    return {
        f"tuning_{layer}": (("class", f"map_{layer}"), tuning, {"units": "1"}),
        f"number_{layer}": (("number", f"map_{layer}"), np.stack([table[name] for name in SELECTIVITY]),
                            {"units": "1"}),
    }  # fmt: skip


def _areas(answers: np.ndarray, labels: np.ndarray, best: np.ndarray) -> np.ndarray:
    """How well each map's mean tells the class it answers to most from all others."""
    areas = np.full(len(best), 0.5)
    for digit in np.unique(best):
        mine = labels == digit
        if mine.any() and not mine.all():
            areas[best == digit] = auc(answers[:, best == digit], mine)
    return areas


def _costs(layer: str, net: TrainedNet, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Accuracy that is lost when each map is set to zero."""
    graph, params = nnx.split(net.model, nnx.Param)
    maps = layer_named(layer).maps
    keep = np.concatenate([np.ones((1, maps)), 1 - np.eye(maps)]).astype(np.float32)
    right = np.zeros(len(keep))
    for begin in range(0, len(images), _PART):
        inputs = net.inputs(images[begin : begin + _PART])
        said = np.asarray(_answers(graph, params, inputs, keep, layer=layer))
        right += (said == labels[begin : begin + _PART]).sum(axis=1)
    share = right / len(images)
    return share[0] - share[1:]


_PART = 100
"""Images asked at once."""


@partial(jax.jit, static_argnames=("graph", "layer"))
def _answers(graph: nnx.GraphDef, params: nnx.State, inputs: Images, keep: Array, *, layer: str) -> Array:
    """The network's answers with a layer's maps multiplied by each row of `keep`."""
    model = nnx.merge(graph, params)
    below = model.activations(inputs).activations[layer]

    def said(row: Array) -> Array:
        return _above(model, layer, below * row[None, None, None]).argmax(axis=-1)

    return jax.lax.map(said, keep)


def _above(model: Any, layer: str, maps: Array) -> Array:
    """Logits from a layer's activations."""
    for name, pool in (("conv_1", "conv_2"), ("conv_2", "conv_3")):
        if layer == name:
            maps, layer = nnx.relu(getattr(model, pool)(max_pool(maps))), pool
    return model.logits(nnx.relu(model.hidden(model.flatten(maps))))


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Counts and medians by layer."""
    found = {"train": f"{result.attrs['train']:,}", "test": f"{result.attrs['test']:,}",
             "others": str(result.sizes["other"])}  # fmt: skip
    for layer in LAYERS:
        number = result[f"number_{layer}"]
        cost, selectivity = (number.sel(number=name).values for name in ("cost", "selectivity"))
        r = result[f"partner_r_{layer}"].mean("other").values
        together = np.corrcoef(cost, selectivity)[0, 1] if cost.std() > 0 and selectivity.std() > 0 else 0.0
        found |= {
            f"{layer}_selectivity": f"{float(np.median(selectivity)):.2f}",
            f"{layer}_cost": format_number(100 * float(np.median(cost))),
            f"{layer}_worst": f"{100 * float(cost.max()):.2f}",
            f"{layer}_partner": f"{float(np.median(r)):.2f}",
            f"{layer}_together": format_number(together, "+.2f"),
        }
    return found


EXPERIMENT = LegacyExperiment(
    name="units",
    question="What do real digits say of every map?",
    measure=measure,
    facts=facts,
    config=lambda profile, seeds: profile.units,
)
