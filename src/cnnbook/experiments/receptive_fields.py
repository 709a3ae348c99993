"""What a point of Conv_3 sees, and what of it matters: receptive fields in theory, by gradient, by occlusion.

The effective receptive field of a point is the mean over images of the squared derivative of its activation
by each pixel (W. Luo, Y. Li, R. Urtasun, R. Zemel, "Understanding the effective receptive field in deep
convolutional neural networks", NeurIPS 2016, section 2). Only active points have a derivative. The point
looked at is the one in the middle of each map. Occlusion is a second opinion that needs no derivative:
patches of the image are blanked, and the squared change of the point's activation is noted.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from flax import nnx
from jax import Array
from jaxtyping import Float, UInt8
from scipy import stats

from cnnbook.arrays import Images, RawImages
from cnnbook.config.questions import FieldsConfig
from cnnbook.data.digits import Digits
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.resampling import Resampled, resample_weights, resampled, statistic
from cnnbook.fcp.fields import area_holding, patch_means
from cnnbook.nets.geometry import INPUT_SIZE, geometry_of
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_2", "conv_3")
"""Layers whose fields are measured; Conv_1's is its kernel."""

STATES = ("trained", "untrained")

STEP = 2
"""Pixels from one blanked patch to the next."""

_PART = 20
"""Images whose derivatives are held at once."""


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Resampled) -> xr.Dataset:
    """Effective fields of the middle point of every map, and how occlusion agrees.

    Returns:
        `field` by state, layer and pixel: mean over networks and maps, each map's sum set to 1;
        `field_of_map`: of Conv_3's maps of the first network; `occlusion`: the same on Conv_3,
        by state and patch; `area` by state, layer and net: share of the image that holds 95 % of a map's
        squared gradient, mean over live maps; `agreement` by state and net: rank correlation of gradient and
        occlusion over patches.
    """
    own: FieldsConfig = config.own
    size = INPUT_SIZE
    fields = np.zeros((len(STATES), len(LAYERS), len(nets), size, size))
    areas, agreement = np.zeros(fields.shape[:3]), np.zeros((len(STATES), len(nets)))
    blanked = _blanked(digits.test_images[: own.occluded], own.patch)
    occlusion, first = ([], []), np.zeros((0, size, size))
    for n, net in enumerate(nets):
        for s, looked_at in enumerate((net, untrained(net))):
            for m, layer in enumerate(LAYERS):
                each = _fields(looked_at, digits.test_images[: own.images], layer)
                live = each[each.sum(axis=(1, 2)) > 0]
                areas[s, m, n] = area_holding(live).mean() if len(live) else 0.0
                fields[s, m, n] = _normalised(live).mean(axis=0) if len(live) else 0.0
                if n == s == 0 and layer == "conv_3":
                    first = each
            changes = _occluded(looked_at, digits.test_images[: own.occluded], blanked)
            occlusion[s].append(changes)
            gradient = patch_means(fields[s, 1, n], own.patch, STEP)
            agreement[s, n] = _rank_correlation(gradient, changes)
    weights = resample_weights(len(digits.test_images), resamples=config.resamples, seed=config.seed)
    places = ("row", "column")
    return xr.Dataset(
        {
            "field": (("state", "layer", *places), fields.mean(axis=2), {"units": "1"}),
            "field_of_map": (("map", *places), first, {"units": "1"}),
            "occlusion": (("state", "patch_row", "patch_column"), np.mean(occlusion, axis=1), {"units": "1"}),
            "area": (("state", "layer", "net"), areas, {"units": "1"}),
            "agreement": (("state", "net"), agreement, {"units": "1"}),
            "effective_share": statistic(areas[0, 1], "share of the image with 95 % of the squared gradient"),
            "ink_share": statistic(
                ink_share(digits.test_images, weights), "share of the ink that a Conv_3 point can see",
                dims=("resample",),
            ),
        },
        coords={"state": list(STATES), "layer": list(LAYERS), "net": [net.number for net in nets]},
        attrs={"claims": "C04 C05", "data": digits.name, "images": own.images, "occluded": own.occluded,
               "patch": own.patch, "step": STEP},
    )  # fmt: skip


def ink_share(images: RawImages, weights: Float[np.ndarray, "resample n"]) -> Float[np.ndarray, " resample"]:
    """Ink inside a Conv_3 point's window by all ink of the digit, mean over the nine points and the images.

    A blank image has no ink to see, and counts as wholly seen.
    """
    conv_3 = geometry_of()["conv_3"]
    ink = images.astype(np.float64)
    total = ink.sum(axis=(1, 2))
    windows = [conv_3.window(place) for place in range(conv_3.size)]
    seen = np.mean(
        [ink[:, a : b + 1, c : d + 1].sum(axis=(1, 2)) for a, b in windows for c, d in windows], axis=0
    )
    share = np.divide(seen, total, out=np.ones(len(images)), where=total > 0)
    return weights @ share / weights.sum(axis=1)


def _normalised(fields: Float[np.ndarray, "maps h w"]) -> Float[np.ndarray, "maps h w"]:
    return fields / fields.sum(axis=(1, 2), keepdims=True)


def _fields(net: TrainedNet, images: RawImages, layer: str) -> Float[np.ndarray, "maps h w"]:
    """Mean squared derivative of the middle point of each map of a layer."""
    graph, params = nnx.split(net.model, nnx.Param)
    size = min(_PART, len(images))
    parts = [images[start : start + size] for start in range(0, len(images) - size + 1, size)]
    sums = [np.asarray(_squared(graph, params, net.inputs(part), layer=layer)) for part in parts]
    return np.mean(sums, axis=0).astype(np.float64)


@partial(jax.jit, static_argnames=("graph", "layer"))
def _squared(graph: nnx.GraphDef, params: nnx.State, inputs: Images, *, layer: str) -> Array:
    """Squared derivatives of one batch, mean over its images; compiled once for all networks."""

    def point(image: Array) -> Array:
        maps = nnx.merge(graph, params).activations(image[None]).activations[layer][0]
        return maps[maps.shape[0] // 2, maps.shape[1] // 2]

    return (jax.vmap(jax.jacrev(point))(inputs) ** 2).mean(axis=0)[..., 0]


def _blanked(images: RawImages, side: int) -> UInt8[np.ndarray, "copies 28 28"]:
    """Every image with every patch blanked: images, then patches by row and column."""
    starts = range(0, INPUT_SIZE - side + 1, STEP)
    copies = np.repeat(images[:, None], len(starts) ** 2, axis=1)
    for place, (row, column) in enumerate((row, column) for row in starts for column in starts):
        copies[:, place, row : row + side, column : column + side] = 0
    return copies.reshape(-1, INPUT_SIZE, INPUT_SIZE)


def _occluded(net: TrainedNet, images: RawImages, blanked: np.ndarray) -> Float[np.ndarray, "rows columns"]:
    """Squared change of Conv_3's middle points by patch, each map's sum set to 1, mean over live maps."""
    before, after = _middle(net, images), _middle(net, blanked)
    patches = len(blanked) // len(images)
    changes = ((after.reshape(len(images), patches, -1) - before[:, None]) ** 2).mean(axis=0)
    live = changes[:, changes.sum(axis=0) > 0]
    side = round(patches**0.5)
    shares = live / live.sum(axis=0) if live.size else np.zeros((patches, 1))
    return shares.mean(axis=1).reshape(side, side)


def _middle(net: TrainedNet, images: RawImages) -> Float[np.ndarray, "n maps"]:
    """The middle point of each Conv_3 map."""
    graph, params = nnx.split(net.model, nnx.Param)
    size = min(64, len(images))
    found = []
    for start in range(0, len(images), size):
        part = images[start : start + size]
        filled = np.concatenate([part, np.zeros((size - len(part), INPUT_SIZE, INPUT_SIZE), np.uint8)])
        found.append(np.asarray(_middle_of(graph, params, net.inputs(filled)))[: len(part)])
    return np.concatenate(found).astype(np.float64)


@partial(jax.jit, static_argnames="graph")
def _middle_of(graph: nnx.GraphDef, params: nnx.State, inputs: Images) -> Array:
    return jnp.asarray(nnx.merge(graph, params).activations(inputs).activations["conv_3"])[:, 1, 1]


def _rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's; 0 where one of them does not vary."""
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(stats.spearmanr(first.ravel(), second.ravel()).statistic)  # pyright: ignore


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Areas in percent of the image, the ink seen, and how gradient and occlusion agree."""
    area = result.area.mean("net") * 100
    found = {
        f"{layer}_{state}": f"{float(area.sel(layer=layer, state=state)):.0f} %"
        for layer in LAYERS
        for state in STATES
    }
    window = {layer: geometry_of()[layer].receptive_field ** 2 / INPUT_SIZE**2 * 100 for layer in LAYERS}
    return found | {
        "conv_2_window": f"{window['conv_2']:.0f} %",
        "conv_3_window": f"{window['conv_3']:.0f} %",
        "ink": f"{float(result.ink_share[0]):.0%}".replace("%", " %"),
        "agreement": f"{float(result.agreement.sel(state='trained').mean()):.2f}",
        "agreement_untrained": f"{float(result.agreement.sel(state='untrained').mean()):.2f}",
        "images": str(result.attrs["images"]),
        "occluded": str(result.attrs["occluded"]),
        "nets": str(result.sizes["net"]),
        "patch": f"{result.attrs['patch']} × {result.attrs['patch']}",
    }


EXPERIMENT = LegacyExperiment(
    name="receptive_fields",
    question="Which part of the image does a point of Conv_3 see, and which part of that matters to it?",
    measure=measure,
    facts=facts,
    config=resampled(lambda profile: profile.fields),
)
