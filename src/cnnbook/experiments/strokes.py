"""Does the network call it a 4 because of its parts, or because of its pixels?

4s are drawn from three strokes, with random parameters. A part is taken away, or moved to where it makes no
4, all other strokes staying where they are; and single parameters run from one end to the other. What the
probability of a 4 falls by is compared with a *template matcher*, which knows no parts: a linear softmax
classifier of pixels. Its scores are divided by a temperature, for each network another, so that both give
whole drawn 4s the same mean probability. A second one has a constant added to its score of a 4 instead: that
makes it no less sure of other classes, and so shows how far the comparison rests on the way it is made.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Float, UInt8
from scipy.optimize import brentq
from scipy.special import softmax

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.data.strokes import CHANGES, MOVES, PARTS, Four, drawn, with_a_part_moved, without
from cnnbook.data.subsets import stratified_subset
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, at
from cnnbook.experiments.predictions import probabilities
from cnnbook.fcp.probes import LinearProbe, fit_probe
from cnnbook.keys import uniform
from cnnbook.maps import flat_pixels
from cnnbook.training.trained import TrainedNet

FOUR = 4
NETWORK, TEMPLATE, CONSTANT = "network", "template", "template by a constant"

RANGES = {
    "top": (5.0, 7.0),
    "bar": (14.0, 17.0),
    "foot": (21.5, 23.5),
    "left": (6.5, 9.0),
    "stem": (15.5, 18.0),
    "right": (18.5, 21.0),
    "arm": (8.0, 11.0),
    "slant": (0.0, 0.25),
    "width": (1.8, 3.0),
}
"""Between which values each parameter of a drawn 4 is drawn."""

SHARES = (0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0)
"""How far a change has gone."""

SHOWN = 5
"""Every other of `SHARES` is shown as a picture."""

ImagesOf = dict[str, UInt8[np.ndarray, "... 28 28"]]
"""Images by what was made of the 4s; axes in front of the last two say which 4 and which change."""

_WIDEST = 4.0
"""The natural logarithm of the largest temperature tried, and of one by the smallest."""

_FARTHEST = 60.0
"""A constant that makes any class the answer."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How many 4s are drawn, and what the template matcher learns from."""

    drawn: int = number(200, "4s drawn", least=2)
    changed: int = number(60, "of these, 4s whose parameters are changed step by step", least=1)
    train: int = number(20000, "training images that the template matcher is fitted to", least=10)
    steps: int = number(100, "steps of its fit, at most", least=1)
    decay: float = number(1e-3, "L2 coefficient of its fit", least=0)


def temperature_for(logits: Float[np.ndarray, "n 10"], probability: float) -> float:
    """What the scores have to be divided by so that the mean probability of a 4 is a given one.

    Args:
        logits: of a classifier.
        probability: wanted; where no temperature gives it, the one that comes nearest of the two ends.
    """

    def excess(log: float) -> float:
        return float(_probability(logits / np.exp(log), 0.0).mean()) - probability

    ends = -_WIDEST, _WIDEST
    if excess(ends[0]) * excess(ends[1]) > 0:
        return float(np.exp(min(ends, key=lambda log: abs(excess(log)))))
    return float(np.exp(brentq(excess, *ends, xtol=1e-10)))  # pyright: ignore[reportArgumentType, reportCallIssue]


def offset_for(logits: Float[np.ndarray, "n 10"], probability: float) -> float:
    """What has to be added to the score of a 4 so that its mean probability is a given one.

    Args:
        logits: of a classifier.
        probability: wanted, between 0 and 1.

    Raises:
        ValueError: no constant gives such a probability.
    """

    def excess(offset: float) -> float:
        return float(_probability(logits, offset).mean()) - probability

    if not excess(-_FARTHEST) < 0 < excess(_FARTHEST):
        raise ValueError(f"probability={probability:g}: expected a mean strictly between 0 and 1")
    return float(brentq(excess, -_FARTHEST, _FARTHEST, xtol=1e-10))  # pyright: ignore[reportArgumentType]


def _probability(logits: Float[np.ndarray, "n 10"], offset: float) -> Float[np.ndarray, " n"]:
    """The probability of a 4 when a constant is added to its score."""
    moved = logits.astype(np.float64)
    moved[:, FOUR] += offset
    return softmax(moved, axis=1)[:, FOUR]


def random_fours(run: Measurement[Config]) -> list[Four]:
    """4s whose parameters are drawn at random, each evenly from its range."""
    low, high = np.array(list(RANGES.values())).T
    values = low + (high - low) * uniform(run.key("parameters"), (run.config.drawn, len(RANGES)))
    return [Four(**dict(zip(RANGES, map(float, row), strict=True))) for row in values]


def fall(changed: Selection, less: str = TEMPLATE) -> Selection:
    """What the network loses of the probability of a 4, less what the template matcher loses.

    Args:
        changed: the probability of changed 4s by source.
        less: the template matcher.
    """

    def lost(result: xr.Dataset) -> xr.DataArray:
        by_source = result.whole - changed(result)
        return by_source.sel(source=NETWORK, drop=True) - by_source.sel(source=less, drop=True)

    return Selection(lost)


@experiment(
    config=Config(),
    draft=Config(drawn=40, changed=10, train=2000),
    coords=lambda run: {
        "source": (NETWORK, TEMPLATE, CONSTANT),
        "part": PARTS,
        "move": MOVES,
        "change": tuple(CHANGES),
        "step": SHARES,
        "shown": SHARES[:: (len(SHARES) - 1) // (SHOWN - 1)],
        "kind": ("whole", *PARTS, *MOVES),
        "of": ("drawn", "test"),
    },
    about=lambda run: {
        "drawn": run.config.drawn,
        "changed": min(run.config.changed, run.config.drawn),
        "train": min(run.config.train, len(run.digits.train_labels)),
    },
    variables=[
        variable("whole", "source net image", "probability of a 4, of whole drawn 4s"),
        variable("without", "source net image part", "the same without a part"),
        variable("moved", "source net image move", "the same with a part moved to where it makes no 4"),
        variable("along", "source net change step", "the same while one parameter runs to its other end"),
        variable("real", "net", "probability of a 4, of test 4s"),
        variable("template_right", "", "share of test images that the template matcher classifies correctly"),
        variable("nearest", "of", "mean correlation with the most similar training 4: drawn 4s, test 4s"),
        variable("example", "kind row column", "a drawn 4, without parts, with parts moved", units="ink"),
        variable("picture", "change shown row column", "the same while one parameter runs", units="ink"),
    ],
    statistics=[
        statistic(
            "bar_over_template",
            fall(at("without", part="bar")),
            "fall of the probability of a 4 without its bar, network less template matcher",
        ),
        statistic(
            "moved_over_template",
            fall(at("moved").mean("move")),
            "the same with one part moved to where it makes no 4, mean of four moves",
        ),
        statistic(
            "bar_over_constant",
            fall(at("without", part="bar"), CONSTANT),
            "fall without the bar, network less the template matcher with a constant",
        ),
        statistic(
            "moved_over_constant",
            fall(at("moved").mean("move"), CONSTANT),
            "the same with one part moved, mean of four moves",
        ),
    ],
    facts=[
        fact("whole", lambda r: r.whole.sel(source=NETWORK), ".2f"),
        fact("{source}_without_{part}", "without", ".2f"),
        fact("{source}_{move}", "moved", ".2f"),
        fact("{source}_moved", lambda r: r.moved.mean("move"), ".2f"),
        fact("{source}_{change}_at_the_end", lambda r: r.along.isel(step=-1), ".2f"),
        fact("bar_over_template", form="+.2f"),
        fact("moved_over_template", form="+.2f"),
        fact("bar_over_constant", form="+.2f"),
        fact("moved_over_constant", form="+.2f"),
        fact("real", form=".2f"),
        fact("template_right", form=".1%"),
        fact("nearest_{of}", "nearest", ".2f"),
    ],
)
def strokes(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """The probability of a 4 by network and template matcher, for whole 4s and changed ones."""
    images = run.cached("images", lambda: _images(run))
    probe = run.cached("template", lambda: fit_template(run))
    logits = run.cached("logits", lambda: probe.scores(flat_pixels(_joined(images))))
    by_net = probabilities(net, _joined(images))[:, FOUR].astype(np.float64)
    drawn_4s, wanted = logits[: run.config.drawn], float(by_net[: run.config.drawn].mean())
    by_temperature = _probability(logits / temperature_for(drawn_4s, wanted), 0.0)
    by_constant = _probability(logits, offset_for(drawn_4s, wanted))
    sources = [_apart(each, images) for each in (by_net, by_temperature, by_constant)]
    found = {name: np.stack([each[name] for each in sources]) for name in ("whole", "without", "moved")}
    found["along"] = np.stack([each["along"].mean(axis=0) for each in sources])
    found["real"] = sources[0]["real"].mean()
    shown = _shown(images, probe, run) if run.is_first else {}
    return {**found, **shown}


def _images(run: Measurement[Config]) -> ImagesOf:
    """Drawn 4s, whole first, and all that is made of them; and test 4s."""
    fours = random_fours(run)
    made = {
        "whole": [[four.strokes] for four in fours],
        "without": [[without(four, part) for part in PARTS] for four in fours],
        "moved": [[with_a_part_moved(four, move) for move in MOVES] for four in fours],
        "along": [
            [change(four, share) for change in CHANGES.values() for share in SHARES]
            for four in fours[: run.config.changed]
        ],
    }
    found = {
        name: np.stack([drawn([four] * len(row), row) for four, row in zip(fours, rows, strict=False)])
        for name, rows in made.items()
    }
    found["whole"] = found["whole"][:, 0]
    found["along"] = found["along"].reshape(-1, len(CHANGES), len(SHARES), *found["along"].shape[-2:])
    test_images, labels = stratified_subset(run.digits)
    return found | {"real": test_images[labels == FOUR]}


def _joined(images: ImagesOf) -> RawImages:
    """All images in one row."""
    return np.concatenate([each.reshape(-1, *each.shape[-2:]) for each in images.values()])


def _apart(values: Float[np.ndarray, " n"], images: ImagesOf) -> dict[str, np.ndarray]:
    """One value for each image of `_joined`, by the kinds of the images."""
    ends = np.cumsum([each[..., 0, 0].size for each in images.values()])[:-1]
    parts = np.split(values, ends)
    return {
        name: part.reshape(each.shape[:-2]) for (name, each), part in zip(images.items(), parts, strict=True)
    }


def fit_template(run: Measurement[Config]) -> LinearProbe:
    """A linear softmax classifier of pixels, fitted to the first training images."""
    images, labels = (each[: run.config.train] for each in (run.digits.train_images, run.digits.train_labels))
    return fit_probe(flat_pixels(images), labels, decay=run.config.decay, steps=run.config.steps)


def _shown(images: ImagesOf, probe: LinearProbe, run: Measurement[Config]) -> Measured:
    """The first drawn 4 in all its forms, how like 4s drawn ones are, how good the template matcher is."""
    first = {name: each[0] for name, each in images.items()}
    fours = run.digits.train_images[run.digits.train_labels == FOUR]
    nearest = [
        highest_correlations(flat_pixels(images[name]), flat_pixels(fours)).mean()
        for name in ("whole", "real")
    ]
    correct = probe.is_correct(flat_pixels(run.digits.test_images), run.digits.test_labels)
    return {
        "example": np.concatenate([first["whole"][None], first["without"], first["moved"]]),
        "picture": first["along"][:, :: (len(SHARES) - 1) // (SHOWN - 1)],
        "nearest": nearest,
        "template_right": correct.mean(),
    }


def highest_correlations(
    pictures: Float[np.ndarray, "n d"], among: Float[np.ndarray, "m d"]
) -> Float[np.ndarray, " n"]:
    """The correlation of each picture with the one that it is most like.

    Args:
        pictures: one a row; none of a single value.
        among: likewise.
    """
    scaled = []
    for table in (pictures, among):
        away = table - table.mean(axis=1, keepdims=True)
        scaled.append(away / np.linalg.norm(away, axis=1, keepdims=True))
    return (scaled[0] @ scaled[1].T).max(axis=1)
