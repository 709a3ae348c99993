"""Which points of Conv_3 an answer rests on: exact integrated gradients, and the network as an affine map.

Contributions are to the logit of the network's answer, from three baselines: no activation, the mean
activation, and the next test image of another class. Two identities are checked and their largest errors
reported: contributions add up to the logit's change; and at an image x the logits are J x + β, with J the
derivative and β found by itself (`fcp.affine`).
"""

from collections.abc import Mapping, Sequence
from functools import partial

import jax
import numpy as np
import xarray as xr
from flax import nnx
from jax import Array

from cnnbook.config.questions import AttributionConfig
from cnnbook.data.digits import Digits, chosen_images
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.likeness import strangers
from cnnbook.experiments.resampling import Resampled, resampled
from cnnbook.fcp.affine import logits_held
from cnnbook.fcp.attribution import gini, integrated_gradients, points_carrying
from cnnbook.fcp.head import Head, head_of
from cnnbook.formatting import format_number
from cnnbook.keys import key_for
from cnnbook.maps import flat_maps
from cnnbook.training.trained import TrainedNet

BASELINES = ("no activation", "mean activation", "another digit")
ORDERS = ("by contribution", "by activation", "at random")
REMOVED = (0, 5, 10, 20, 40, 80, 160, 320)


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Resampled) -> xr.Dataset:
    """Contributions to the answers' logits, how concentrated and how faithful they are, and both errors.

    Returns:
        `contribution` by digit and point (first network, shown digits, no activation as baseline);
        `carrying` and `gini` by baseline and net, mean over images; `kept` by order, removed and net: the
        share of answers that stay when points are set to zero; `completeness_error` and `affine_error` by
        net, the largest; `patterns` by net: different on/off states of the hidden layer on the test images.
    """
    own: AttributionConfig = config.own
    images, labels = digits.test_images[: own.images], digits.test_labels[: own.images]
    shape = (len(BASELINES), len(nets))
    carrying, uneven, errors = np.zeros(shape), np.zeros(shape), np.zeros((2, len(nets)))
    kept, patterns = np.zeros((len(ORDERS), len(REMOVED), len(nets))), np.zeros(len(nets))
    first = _of_shown(nets[0], chosen_images(digits, config.more)).reshape(-1, 3, 3, 128)
    for n, net in enumerate(nets):
        head, codes = head_of(net.weights, exact=True), flat_maps(net, digits.test_images, "conv_3")
        patterns[n] = len(np.unique(np.packbits(head.preactivations(codes) > 0, axis=1), axis=0))
        some = codes[: len(images)].astype(np.float64)
        direction = np.eye(10)[head.answers(some)]
        starts = (
            np.zeros_like(some),
            np.broadcast_to(codes.mean(axis=0), some.shape),
            some[strangers(labels)],
        )
        for b, start in enumerate(starts):
            found = integrated_gradients(head, start.astype(np.float64), some, direction)
            carrying[b, n], uneven[b, n] = points_carrying(found).mean(), gini(found).mean()
            errors[0, n] = max(errors[0, n], _incompleteness(head, start, some, direction, found))
            if b == 0:
                kept[:, :, n] = _kept(
                    head, some, found, key_for(config.seed, "attribution/random order", net=net.number)
                )
        errors[1, n] = max(_affine_error(net, image) for image in images[: own.affine])
    return xr.Dataset(
        {
            "contribution": (("digit", "row", "column", "map"), first, {"units": "1"}),
            "carrying": (("baseline", "net"), carrying, {"units": "points"}),
            "gini": (("baseline", "net"), uneven, {"units": "1"}),
            "kept": (("order", "removed", "net"), kept, {"units": "1"}),
            "completeness_error": ("net", errors[0], {"units": "1"}),
            "affine_error": ("net", errors[1], {"units": "1"}),
            "patterns": ("net", patterns, {"units": "patterns"}),
        },
        coords={"baseline": list(BASELINES), "order": list(ORDERS), "removed": list(REMOVED),
                "net": [net.number for net in nets], "digit": [digit.name for digit in config.more]},
        attrs={"claims": "C27 C33", "data": digits.name, "images": len(images),
               "affine": min(own.affine, len(images)),
               "tests": len(digits.test_labels)},
    )  # fmt: skip


def _incompleteness(head: Head, start, stop, direction, found) -> float:
    """The largest gap between the sum of contributions and the change of the logit."""
    change = ((head.logits(stop) - head.logits(np.asarray(start, np.float64))) * direction).sum(axis=1)
    return float(np.abs(found.sum(axis=1) - change).max())


def _kept(head: Head, codes: np.ndarray, contributions: np.ndarray, key: jax.Array) -> np.ndarray:
    """Share of answers that stay when points are removed, by order and number."""
    answers = head.answers(codes)
    chance = np.asarray(jax.random.uniform(key, codes.shape))
    table = np.zeros((len(ORDERS), len(REMOVED)))
    for o, by in enumerate((contributions, codes, chance)):
        ranks = np.argsort(np.argsort(-by, axis=1), axis=1)
        table[o] = [(head.answers(np.where(ranks < k, 0, codes)) == answers).mean() for k in REMOVED]
    return table


def _of_shown(net: TrainedNet, images: np.ndarray) -> np.ndarray:
    """Contributions for the shown digits, from no activation to the logit of the answer."""
    head = head_of(net.weights, exact=True)
    codes = flat_maps(net, images, "conv_3").astype(np.float64)
    return integrated_gradients(head, np.zeros_like(codes), codes, np.eye(10)[head.answers(codes)])


def _affine_error(net: TrainedNet, image: np.ndarray) -> float:
    """The largest |J x + β − logit| of one image."""
    inputs = net.inputs(image[None])
    graph, params = nnx.split(net.model, nnx.Param)
    logits, slopes = (np.asarray(part, np.float64) for part in _derivative(graph, params, inputs))
    x = np.asarray(inputs, np.float64)[0, ..., 0]
    offset = logits_held(net.weights, x, np.zeros_like(x))
    return float(np.abs(slopes.reshape(10, -1) @ x.ravel() + offset - logits).max())


@partial(jax.jit, static_argnames="graph")
def _derivative(graph: nnx.GraphDef, params: nnx.State, inputs: Array) -> tuple[Array, Array]:
    """Logits of one image, and their derivatives by its pixels."""

    def logits(image: Array) -> Array:
        return nnx.merge(graph, params)(image[None])[0]

    return logits(inputs[0]), jax.jacrev(logits)(inputs[0])


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Errors, concentration and faithfulness."""
    none = result.sel(baseline="no activation")
    at = result.kept.mean("net").sel(removed=40)
    return {
        "images": str(result.attrs["images"]),
        "affine_images": str(result.attrs["affine"]),
        "nets": str(result.sizes["net"]),
        "completeness_error": format_number(result.completeness_error.max(), ".0e"),
        "affine_error": format_number(result.affine_error.max(), ".0e"),
        "carrying": f"{float(none.carrying.mean()):.0f}",
        "gini": f"{float(none.gini.mean()):.2f}",
        "patterns": f"{float(result.patterns.mean()):,.0f}",
        "tests": f"{result.attrs['tests']:,}",
        "kept_contribution": f"{float(at.sel(order='by contribution')):.0%}".replace("%", " %"),
        "kept_activation": f"{float(at.sel(order='by activation')):.0%}".replace("%", " %"),
        "kept_random": f"{float(at.sel(order='at random')):.0%}".replace("%", " %"),
        "removed": "40",
    }


EXPERIMENT = LegacyExperiment(
    name="attribution",
    question="Which points of Conv_3 does an answer rest on?",
    measure=measure,
    facts=facts,
    config=resampled(lambda profile: profile.attribution, lambda seeds: seeds.shown),
)
