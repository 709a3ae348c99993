"""Which pictures that are no 4 does the network accept as a 4?

Test 4s with their patches or their halves exchanged, and turned upside down; smoothed noise; and noise that
gradient ascent has changed until the network is sure. Outlines of 4s stand beside them, which people do read.
*Accepted* is a picture to which the network gives at least the probability of a 4 that the median test 4 has.
"""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array, lax
from jaxtyping import Float, UInt8
from scipy import ndimage

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.data.subsets import stratified_subset
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, variable
from cnnbook.experiments.predictions import probabilities
from cnnbook.experiments.strokes import FOUR
from cnnbook.keys import uniform
from cnnbook.training.trained import TrainedNet

REAL, OUTLINES, SHUFFLED, SWAPPED = "test 4s", "outlines", "patches shuffled", "halves exchanged"
TURNED, NOISE, ASCENDED = "upside down", "smoothed noise", "noise after ascent"

KINDS = (REAL, OUTLINES, SHUFFLED, SWAPPED, TURNED, NOISE, ASCENDED)

PATCH = 7
"""Pixels along the side of a patch."""

SHOWN = 6
"""Pictures of each kind that are shown, those of the highest probability."""

STEP = 0.1
"""The largest change of a pixel in one step of the ascent, by full ink."""

SURE = 0.99


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How many pictures are made."""

    images: int = number(300, "pictures of each kind, at most as many as there are test 4s", least=2)
    steps: int = number(60, "steps of an ascent", least=1)


def patches_shuffled(
    images: UInt8[np.ndarray, "n h h"], order: Float[np.ndarray, "n places"], side: int = PATCH
) -> UInt8[np.ndarray, "n h h"]:
    """Images whose square patches are exchanged.

    Args:
        images: as stored.
        order: a number for each patch of each image; patches are put in the order of their size.
        side: of a patch; divides that of the image.
    """
    count, size = len(images), images.shape[1] // side
    cut = (
        images.reshape(count, size, side, size, side).transpose(0, 1, 3, 2, 4).reshape(count, -1, side, side)
    )
    mixed = np.take_along_axis(cut, order.argsort(axis=1)[:, :, None, None], axis=1)
    whole = mixed.reshape(count, size, size, side, side).transpose(0, 1, 3, 2, 4)
    return np.ascontiguousarray(whole.reshape(images.shape))


def outlines(images: RawImages) -> RawImages:
    """Where an image's ink begins and ends: the largest less the smallest pixel of each 3 by 3."""
    return ndimage.morphological_gradient(images.astype(np.int32), size=(1, 3, 3)).astype(np.uint8)


def smoothed_noise(random: Float[np.ndarray, "n h w"]) -> RawImages:
    """Noise smoothed over two pixels, of which the upper fifth is ink."""
    smooth = np.asarray(ndimage.gaussian_filter(random, (0, 2, 2)))
    paper, full = (np.percentile(smooth, each, axis=(1, 2), keepdims=True) for each in (80, 95))
    return np.rint(255 * np.clip((smooth - paper) / (full - paper), 0, 1)).astype(np.uint8)


@experiment(
    config=Config(),
    draft=Config(images=40),
    coords=lambda run: {"kind": KINDS},
    about=lambda run: {"images": len(_pictures(run)[REAL]), "steps": run.config.steps},
    variables=[
        variable("probability", "kind net", "mean probability of a 4"),
        variable("called", "kind net", "share that is called a 4"),
        variable("accepted", "kind net", "share with at least the probability of the median test 4"),
        variable("sure", "kind net", f"share with a probability of {SURE} or more"),
        variable("example", "kind which row column", "pictures of the highest probability", units="ink"),
        variable("example_probability", "kind which", "their probability of a 4, first network"),
    ],
    facts=[
        fact("{kind}_probability", "probability", ".2f"),
        fact("{kind}_called", "called", ".0%"),
        fact("{kind}_accepted", "accepted", ".0%"),
        fact("{kind}_sure", "sure", ".1%"),
        fact("threshold", lambda r: SURE, ".2f"),
    ],
)
def nonsense(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """What one network makes of pictures that are no 4."""
    made = run.cached("pictures", lambda: _pictures(run))
    pictures = made | {ASCENDED: ascend(net, made[NOISE], steps=run.config.steps)}
    predicted = {kind: probabilities(net, pictures[kind]) for kind in KINDS}
    of_four = {kind: each[:, FOUR] for kind, each in predicted.items()}
    median = np.median(of_four[REAL])
    best = {kind: np.argsort(-each, kind="stable")[:SHOWN] for kind, each in of_four.items()}
    found = {
        "probability": [each.mean() for each in of_four.values()],
        "called": [(each.argmax(axis=1) == FOUR).mean() for each in predicted.values()],
        "accepted": [(each >= median).mean() for each in of_four.values()],
        "sure": [(each >= SURE).mean() for each in of_four.values()],
    }
    shown = {
        "example": np.array([pictures[kind][best[kind]] for kind in KINDS]),
        "example_probability": np.array([of_four[kind][best[kind]] for kind in KINDS]),
    }
    return {**found, **shown}


def _pictures(run: Measurement[Config]) -> dict[str, RawImages]:
    """All kinds that are the same for every network."""
    images, labels = stratified_subset(run.digits)
    fours = images[labels == FOUR][: run.config.images]
    places = (fours.shape[1] // PATCH) ** 2
    order = np.asarray(uniform(run.key("patches"), (len(fours), places)), np.float64)
    random = np.asarray(uniform(run.key("noise"), fours.shape), np.float64)
    return {
        REAL: fours,
        OUTLINES: outlines(fours),
        SHUFFLED: patches_shuffled(fours, order),
        SWAPPED: np.roll(fours, fours.shape[1] // 2, axis=1),
        TURNED: fours[:, ::-1],
        NOISE: smoothed_noise(random),
    }


def ascend(net: TrainedNet, starts: RawImages, *, steps: int) -> RawImages:
    """Pictures changed step by step so that the logarithm of the probability of a 4 rises.

    Args:
        net: whose probability.
        starts: where the ascents begin, as stored.
        steps: how many; the largest change of a pixel shrinks evenly to none.
    """
    graph, params = nnx.split(net.model, nnx.Param)
    scaling = (jnp.asarray(each, jnp.float32) for each in (net.scaling.mean, net.scaling.std))
    begin = jnp.asarray(starts / 255.0, jnp.float32)
    ink = np.asarray(_ascend(graph, params, begin, *scaling, steps=steps))
    return np.rint(255 * ink).astype(np.uint8)


@partial(jax.jit, static_argnames=("graph", "steps"))
def _ascend(
    graph: nnx.GraphDef, params: nnx.State, starts: Array, mean: Array, std: Array, *, steps: int
) -> Array:
    """The ascents of all pictures at once; compiled once for all networks."""
    model = nnx.merge(graph, params)

    def objective(ink: Array) -> Array:
        inputs = (ink - mean[None]) / std[None]
        return jax.nn.log_softmax(model(inputs[..., None]))[:, FOUR].sum()

    def step(ink: Array, size: Array) -> tuple[Array, None]:
        slope = jax.grad(objective)(ink)
        largest = jnp.abs(slope).max(axis=(1, 2), keepdims=True)
        return jnp.clip(ink + size * slope / jnp.maximum(largest, 1e-12), 0, 1), None

    sizes = STEP * (1 - jnp.arange(steps) / steps)
    return lax.scan(step, starts, sizes)[0]
