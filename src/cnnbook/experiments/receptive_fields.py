"""Which part of the image does a point of Conv_3 see, and which part of that matters to it?

The effective receptive field of a point is the mean over images of the squared derivative of its activation
by each pixel (W. Luo, Y. Li, R. Urtasun, R. Zemel, "Understanding the effective receptive field in deep
convolutional neural networks", NeurIPS 2016, section 2). Only active points have a derivative. The point
looked at is the one in the middle of each map. Occlusion is a second opinion that needs no derivative:
patches of the image are blanked, and the squared change of the point's activation is noted.
"""

from dataclasses import dataclass
from functools import partial

import jax
import numpy as np
from flax import nnx
from jax import Array
from jaxtyping import Float, UInt8
from scipy import stats

from cnnbook.arrays import Images, RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import at
from cnnbook.fcp.concentration import area_holding
from cnnbook.fcp.pictures import patch_means
from cnnbook.maps import stream
from cnnbook.nets.geometry import INPUT_SIZE, geometry_of
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_2", "conv_3")
"""Layers whose fields are measured; Conv_1's is its kernel."""

STEP = 2
"""Pixels from one blanked patch to the next."""

_BATCH = 20
"""Images whose derivatives are held at once."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How the effective receptive field of a point is measured."""

    images: int = number(40, "test images over which squared gradients are averaged", least=2)
    occluded: int = number(40, "test images of which patches are blanked", least=2)
    patch: int = number(4, "side of a blanked patch, pixels", least=1, most=18)


def _window_share(layer: str) -> float:
    """The share of the image that a point of a layer can see."""
    return geometry_of()[layer].receptive_field ** 2 / INPUT_SIZE**2


@experiment(
    config=Config(),
    draft=Config(images=12, occluded=8),
    states=("trained", "untrained"),
    coords={"layer": LAYERS},
    about=lambda run: {
        "images": len(run.test_images(run.config.images)),
        "occluded": len(run.test_images(run.config.occluded)),
        "patch": run.config.patch,
        "step": STEP,
    },
    variables=[
        variable("field_of_net", "state layer net row column", published=False),
        variable("occlusion_of_net", "state net patch_row patch_column", published=False),
        variable(
            "field",
            "state layer row column",
            "squared derivative of the middle point, each map's sum set to 1; mean over maps and networks",
            of=lambda r: r.field_of_net.mean("net"),
        ),
        variable("field_of_map", "map row column", "squared derivative, maps of Conv_3 of the first network"),
        variable(
            "occlusion",
            "state patch_row patch_column",
            "squared change of Conv_3's middle point where a patch is blanked, each map's sum set to 1",
            of=lambda r: r.occlusion_of_net.mean("net"),
        ),
        variable("area", "state layer net", "share of the image with 95 % of the squared derivative"),
        variable("agreement", "state net", "rank correlation of gradient and occlusion over patches"),
        variable("ink_seen", "image", "share of the ink that a Conv_3 point sees", published=False),
    ],
    statistics=[
        statistic(
            "effective_share",
            at("area", layer="conv_3"),
            "share of the image with 95 % of the squared gradient",
        ),
        statistic(
            "effective_share_untrained",
            at("area", layer="conv_3", state="untrained"),
            "the same before training",
        ),
        statistic("ink_share", "ink_seen", "share of the ink that a Conv_3 point can see"),
    ],
    facts=[
        fact("{layer}_{state}", "area", ".0%"),
        fact("conv_2_window", lambda r: _window_share("conv_2"), ".0%"),
        fact("conv_3_window", lambda r: _window_share("conv_3"), ".0%"),
        fact("ink", lambda r: r.ink_share[0], ".0%"),
        fact("agreement", at("agreement")),
        fact("agreement_untrained", at("agreement", state="untrained")),
        fact("patch", lambda r: "{0} × {0}".format(r.attrs["patch"])),
    ],
)
def receptive_fields(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Effective fields of the middle point of every map, and how occlusion agrees."""
    squared = {layer: fields_of(net, run.test_images(run.config.images), layer) for layer in LAYERS}
    live = [each[each.sum(axis=(1, 2)) > 0] for each in squared.values()]
    fields = [_normalised(each).mean(axis=0) if len(each) else np.zeros(each.shape[1:]) for each in live]
    occluded = run.test_images(run.config.occluded)
    changes = _occluded(net, occluded, run.cached("blanked", lambda: _blanked(occluded, run.config.patch)))
    measured = {
        "field_of_net": fields,
        "area": [area_holding(each).mean() if len(each) else 0.0 for each in live],
        "occlusion_of_net": changes,
        "agreement": _rank_correlation(patch_means(fields[-1], run.config.patch, STEP), changes),
    }
    if not run.is_first:
        return measured
    return measured | {"field_of_map": squared["conv_3"], "ink_seen": ink_seen(run.digits.test_images)}


def ink_seen(images: RawImages) -> Float[np.ndarray, " n"]:
    """Ink inside a Conv_3 point's window by all ink of the digit, for each image; mean over the nine points.

    A blank image has no ink to see, and counts as wholly seen.
    """
    conv_3 = geometry_of()["conv_3"]
    ink = images.astype(np.float64)
    total = ink.sum(axis=(1, 2))
    windows = [conv_3.window(index) for index in range(conv_3.size)]
    seen = np.mean(
        [ink[:, a : b + 1, c : d + 1].sum(axis=(1, 2)) for a, b in windows for c, d in windows], axis=0
    )
    return np.divide(seen, total, out=np.ones(len(images)), where=total > 0)


def _normalised(fields: Float[np.ndarray, "maps h w"]) -> Float[np.ndarray, "maps h w"]:
    return fields / fields.sum(axis=(1, 2), keepdims=True)


def fields_of(net: TrainedNet, images: RawImages, layer: str) -> Float[np.ndarray, "maps h w"]:
    """Mean squared derivative of the middle point of each map of a layer, by pixel.

    Args:
        net: whose maps.
        images: over which the mean is taken, all of them.
        layer: conv_1, conv_2 or conv_3.
    """
    graph, params = nnx.split(net.model, nnx.Param)
    batches = [images[start : start + _BATCH] for start in range(0, len(images), _BATCH)]
    means = [np.asarray(_squared(graph, params, net.inputs(batch), layer=layer)) for batch in batches]
    return np.average(np.array(means, np.float64), axis=0, weights=[len(batch) for batch in batches])


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
    for patch, (row, column) in enumerate((row, column) for row in starts for column in starts):
        copies[:, patch, row : row + side, column : column + side] = 0
    return copies.reshape(-1, INPUT_SIZE, INPUT_SIZE)


def _occluded(
    net: TrainedNet, images: RawImages, blanked: UInt8[np.ndarray, "copies 28 28"]
) -> Float[np.ndarray, "rows columns"]:
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
    parts = [part["conv_3"][:, 1, 1] for part in stream(net, images, ("conv_3",))]
    return np.concatenate(parts).astype(np.float64)


def _rank_correlation(
    first: Float[np.ndarray, "rows columns"], second: Float[np.ndarray, "rows columns"]
) -> float:
    """Spearman's; 0 where one of them does not vary."""
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(stats.spearmanr(first.ravel(), second.ravel()).statistic)  # pyright: ignore
