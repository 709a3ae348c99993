"""Which points of Conv_3 does an answer rest on?

Contributions, by exact integrated gradients, are to the margin of the answer: its logit less that of the
runner-up. A number added to all ten logits changes every logit, but no margin and no answer. For the 4s and
9s that are shown, the margin is that of 4 over 9. Contributions are counted from three baselines: no
activation, the mean activation, and the next image of another class. Two identities are checked and their
largest errors reported: contributions add up to the margin's change; and at an image x the logits are
J x + β, with J the derivative and β found by itself (`fcp.attribution.logits_with_fixed_switches`).
"""

from dataclasses import dataclass
from functools import partial

import jax
import numpy as np
from flax import nnx
from jax import Array
from jaxtyping import Float, Integer, Key, UInt8

from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, variable
from cnnbook.experiments.facts import at
from cnnbook.fcp.attribution import integrated_gradients, logits_with_fixed_switches
from cnnbook.fcp.concentration import count_holding, gini
from cnnbook.fcp.head import Codes, Head, answer_margins, head_of
from cnnbook.fcp.similarity import next_of_another_class
from cnnbook.keys import uniform
from cnnbook.maps import flat_maps
from cnnbook.training.trained import TrainedNet

BASELINES = ("no activation", "mean activation", "another digit")
ORDERS = ("by contribution", "by activation", "at random")
REMOVED = (0, 5, 10, 20, 40, 80, 160, 320)

_QUOTED = 40
"""The number of removed points that prose quotes."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How many images are explained exactly."""

    images: int = number(200, "test images", least=2)
    affine: int = number(20, "of these, how many are taken apart down to the pixels", least=1)


@experiment(
    config=Config(),
    draft=Config(images=20, affine=3),
    inputs=("shown",),
    coords=lambda run: {
        "baseline": BASELINES,
        "order": ORDERS,
        "removed": REMOVED,
        "digit": [digit.name for digit in run.inputs.shown],
    },
    about=lambda run: {
        "images": len(run.test_labels(run.config.images)),
        "affine_images": len(run.test_labels(min(run.config.affine, run.config.images))),
        "tests": len(run.digits.test_labels),
    },
    variables=[
        variable("contribution", "digit row column map", "contributions to the margin, first network"),
        variable("carrying", "baseline net", "points that carry 80 % of contributions", units="points"),
        variable("gini", "baseline net", "Gini coefficient of contributions"),
        variable("kept", "order removed net", "share of answers that stay when points are set to zero"),
        variable("completeness_error", "net", "largest gap between contributions and the margin's change"),
        variable("affine_error", "net", "largest gap between logits and their affine form"),
        variable("patterns", "net", "different on/off states of the hidden layer", units="patterns"),
    ],
    facts=[
        fact("completeness_error", lambda r: r.completeness_error.max(), ".0e"),
        fact("affine_error", lambda r: r.affine_error.max(), ".0e"),
        fact("carrying", at("carrying", baseline=BASELINES[0]), ".0f"),
        fact("gini", at("gini", baseline=BASELINES[0])),
        fact("patterns", form=",.0f"),
        fact("kept_contribution", at("kept", order="by contribution", removed=_QUOTED), ".0%"),
        fact("kept_activation", at("kept", order="by activation", removed=_QUOTED), ".0%"),
        fact("kept_random", at("kept", order="at random", removed=_QUOTED), ".0%"),
        fact("removed", lambda r: _QUOTED, ".0f"),
    ],
)
def attribution(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Contributions of one network, how concentrated and how faithful they are, and both errors."""
    images, labels = run.test_images(run.config.images), run.test_labels(run.config.images)
    head, tests = head_of(net.weights, exact=True), flat_maps(net, run.digits.test_images, "conv_3")
    codes = tests[: len(images)].astype(np.float64)
    margins = answer_margins(head.logits(codes))
    baselines = [
        np.zeros_like(codes),
        np.broadcast_to(tests.mean(axis=0), codes.shape).astype(np.float64),
        codes[next_of_another_class(labels)],
    ]
    contributions = [integrated_gradients(head, each, codes, margins) for each in baselines]
    errors = [
        _incompleteness(head, (baseline, codes), margins, each)
        for baseline, each in zip(baselines, contributions, strict=True)
    ]
    return {
        **({"contribution": _of_shown(net, run).reshape(-1, 3, 3, 128)} if run.is_first else {}),
        "carrying": np.array([count_holding(np.abs(each), 0.8).mean() for each in contributions]),
        "gini": np.array([gini(each).mean() for each in contributions]),
        "kept": unchanged(head, codes, contributions[0], run.key("random order", net=net.number)),
        "completeness_error": max(errors),
        "affine_error": max(_affine_error(net, image) for image in images[: run.config.affine]),
        "patterns": float(len(np.unique(np.packbits(head.preactivations(tests) > 0, axis=1), axis=0))),
    }


def _incompleteness(
    head: Head, ends: tuple[Codes, Codes], direction: Float[np.ndarray, "n 10"], contributions: Codes
) -> float:
    """The largest gap between the sum of contributions and the change of the margin."""
    start, stop = ends
    change = ((head.logits(stop) - head.logits(start)) * direction).sum(axis=1)
    return float(np.abs(contributions.sum(axis=1) - change).max())


def unchanged(
    head: Head, codes: Codes, contributions: Codes, key: Key[Array, ""]
) -> Float[np.ndarray, "orders removed"]:
    """Share of answers that stay when points are set to zero, by order and number.

    Args:
        head: of the network.
        codes: activations of Conv_3, flat.
        contributions: of the points.
        key: decides the random order.
    """
    answers = head.predict(codes)
    random = uniform(key, codes.shape)
    ranks = [np.argsort(np.argsort(-by, axis=1), axis=1) for by in (contributions, codes, random)]
    return np.array(
        [
            [(head.predict(np.where(rank < count, 0, codes)) == answers).mean() for count in REMOVED]
            for rank in ranks
        ]
    )


def _of_shown(net: TrainedNet, run: Measurement[Config]) -> Codes:
    """Contributions for the shown digits, from no activation to `shown_margins`."""
    head = head_of(net.weights, exact=True)
    codes = flat_maps(net, run.shown_images, "conv_3").astype(np.float64)
    labels = np.array([digit.label for digit in run.inputs.shown])
    return integrated_gradients(head, np.zeros_like(codes), codes, shown_margins(head.logits(codes), labels))


def shown_margins(
    logits: Float[np.ndarray, "n 10"], labels: Integer[np.ndarray, " n"]
) -> Float[np.ndarray, "n 10"]:
    """Weights of the logits of shown digits: 4 less 9 for 4s and 9s, else the answer less the runner-up.

    Args:
        logits: of the digits.
        labels: their classes.
    """
    four_less_nine = np.eye(10)[4] - np.eye(10)[9]
    return np.where(np.isin(labels, (4, 9))[:, None], four_less_nine, answer_margins(logits))


def _affine_error(net: TrainedNet, image: UInt8[np.ndarray, "28 28"]) -> float:
    """The largest |J x + β − logit| of one image."""
    inputs = net.inputs(image[None])
    graph, params = nnx.split(net.model, nnx.Param)
    logits, slopes = (np.asarray(part, np.float64) for part in _derivative(graph, params, inputs))
    x = np.asarray(inputs, np.float64)[0, ..., 0]
    offset = logits_with_fixed_switches(net.weights, x, np.zeros_like(x))
    return float(np.abs(slopes.reshape(10, -1) @ x.ravel() + offset - logits).max())


@partial(jax.jit, static_argnames="graph")
def _derivative(graph: nnx.GraphDef, params: nnx.State, inputs: Array) -> tuple[Array, Array]:
    """Logits of one image, and their derivatives by its pixels."""

    def logits(image: Array) -> Array:
        return nnx.merge(graph, params)(image[None])[0]

    return logits(inputs[0]), jax.jacrev(logits)(inputs[0])
