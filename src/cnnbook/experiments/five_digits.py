"""How often do five digits at random lead to the article's statements about its three 4s, a 1 and a 2?

Each statement has a rule (`fcp.statements`), so that it can be made for any five images in any network. They
are made for the digits that chapters show, and for thousands of choices of three 4s, a 1 and a 2 among the
test images. A choice leads to *the same statements* if each of them comes out as for the shown digits, in the
same network, be it true or false. The null: five digits of any classes, three of which are taken for the 4s.
What is as often said of these says nothing of 4s.
"""

from dataclasses import dataclass

import jax
import numpy as np
import xarray as xr
from jaxtyping import Bool, Int, Key

from cnnbook.arrays import RawImages, RawLabels
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import at
from cnnbook.experiments.orientation import MARGIN
from cnnbook.experiments.triples import triples_of
from cnnbook.fcp.statements import (
    STATEMENTS,
    Choices,
    MapFindings,
    between_classes,
    find_on_maps,
    join_findings,
    share_by_resample,
    true_statements,
)
from cnnbook.keys import integers
from cnnbook.maps import feature_maps
from cnnbook.training.trained import TrainedNet

KINDS = ("three 4s, a 1 and a 2", "five digits of any classes")
"""What is chosen at random; the second is the null."""

LAYERS = ("conv_2", "conv_3")
FOUR, OTHERS = 4, (1, 2)

_CHUNK = 500
"""Images whose maps are held at once."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How often five digits are chosen."""

    choices: int = number(10000, "choices of five test images, of each kind and in each network", least=10)
    images: int = number(5000, "test images to choose from, at most", least=20)
    strong_share: float = number(0.1, "share of Conv_3's points called strong, per image", least=0, most=1)


def _agreement(kind: str):
    return at("agreement", kind=kind)


def _answer(result: xr.Dataset) -> xr.DataArray:
    """In how many networks each statement is true of the shown digits; named by its place, from 1."""
    places = [str(place + 1) for place in range(result.sizes["statement"])]
    return result.shown.sum("net").assign_coords(statement=places)


@experiment(
    config=Config(),
    draft=Config(choices=1000, images=600),
    inputs=("shown",),
    coords={"kind": KINDS, "statement": STATEMENTS},
    about=lambda run: {"choices": run.config.choices, "images": len(run.test_labels(run.config.images))},
    variables=[
        variable("shown", "statement net", "whether a statement is true of the shown digits"),
        variable("true", "kind statement net", "share of choices of which it is true"),
        variable("same", "kind statement net", "share of choices of which it is as of the shown digits"),
        variable("agreement", "kind net resample", published=False),
        variable(
            "all_same",
            "kind net",
            "share of choices that lead to the same statements",
            of=lambda result: result.agreement.isel(resample=0),
        ),
    ],
    statistics=[
        statistic("same_words", _agreement(KINDS[0]), "choices that lead to the same statements"),
        statistic("same_words_of_any_digits", _agreement(KINDS[1]), "the same of any five digits"),
    ],
    facts=[
        fact("statements", lambda r: r.sizes["statement"], ".0f"),
        fact("same_words", form=".0%"),
        fact("same_words_of_any_digits", form=".0%"),
        fact("alike", lambda r: r.same.sel(kind=KINDS[0]).sum("statement"), ".1f"),
        fact("alike_of_any_digits", lambda r: r.same.sel(kind=KINDS[1]).sum("statement"), ".1f"),
        fact("true_of_shown", lambda r: r.shown.sum("statement"), ".1f"),
        fact("shown_{statement}", _answer, ".0f"),
        fact("least", lambda r: str(r.same.sel(kind=KINDS[0]).mean("net").idxmin("statement").item())),
        fact("least_same", lambda r: r.same.sel(kind=KINDS[0]).mean("net").min("statement"), ".0%"),
    ],
)
def five_digits(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Which statements are true of the shown digits, and of how many choices, in one network.

    Raises:
        ValueError: the shown digits are not three 4s, a 1 and a 2, or a class has too few test images.
    """
    images, labels = run.test_images(run.config.images), run.test_labels(run.config.images)
    five = shown_choice([digit.label for digit in run.inputs.shown])
    seen = _seen(net, images, run.config)
    between = between_classes(seen, labels == FOUR)
    shown = true_statements(_seen(net, run.shown_images, run.config), five, between=between)[0]
    key, weights = run.key("choices", net=net.number), run.weights(len(labels))
    found = {name: [] for name in ("true", "same", "agreement")}
    for choices in (chosen(key, labels, run.config.choices), chosen_of_any(key, labels, run.config.choices)):
        made = true_statements(seen, choices, between=between)
        same = made == shown
        found["true"].append(made.mean(axis=0))
        found["same"].append(same.mean(axis=0))
        found["agreement"].append(share_by_resample(same.all(axis=1), choices, weights))
    return {"shown": shown.astype(float), **{name: np.stack(each) for name, each in found.items()}}


def _seen(net: TrainedNet, images: RawImages, config: Config) -> MapFindings:
    """What is seen on the maps of some images, not all of which are held at once."""
    parts = []
    for begin in range(0, len(images), _CHUNK):
        maps = feature_maps(net, images[begin : begin + _CHUNK], LAYERS)
        parts.append(
            find_on_maps(*(maps[layer] for layer in LAYERS), margin=MARGIN, share=config.strong_share)
        )
    return join_findings(parts)


def shown_choice(labels: list[int]) -> Choices:
    """Which of the shown digits are the three 4s, the 1 and the 2.

    Args:
        labels: of the shown digits.

    Raises:
        ValueError: they are others.
    """
    places = [[place for place, label in enumerate(labels) if label == digit] for digit in (FOUR, *OTHERS)]
    if [len(each) for each in places] != [3, 1, 1]:
        raise ValueError(f"shown: classes {labels}, expected three 4s, a 1 and a 2 (see seeds/digits.yaml)")
    return np.array([[place for each in places for place in each]])


def chosen(key: Key[jax.Array, ""], labels: RawLabels, count: int) -> Choices:
    """Three different 4s, a 1 and a 2 at random, so many times.

    Args:
        key: decides.
        labels: of the images to choose from.
        count: how many choices.

    Raises:
        ValueError: a class has fewer than three images.
    """
    fours = triples_of("three 4s", key=jax.random.fold_in(key, FOUR), labels=labels, count=count)
    others = [_of_class(jax.random.fold_in(key, digit), labels, digit, count) for digit in OTHERS]
    return np.column_stack([fours, *others])


def _of_class(
    key: Key[jax.Array, ""], labels: RawLabels, digit: int, count: int
) -> Int[np.ndarray, " count"]:
    pool = np.flatnonzero(labels == digit)
    return pool[integers(key, (count,), len(pool))]


def chosen_of_any(key: Key[jax.Array, ""], labels: RawLabels, count: int) -> Choices:
    """Five different images of any classes at random, so many times.

    Args:
        key: decides.
        labels: of the images to choose from; five of them at least.
        count: how many choices.
    """
    found, attempt = np.zeros((0, 5), np.int64), 0
    while len(found) < count:
        drawn = integers(jax.random.fold_in(key, 100 + attempt), (2 * count, 5), len(labels)).astype(np.int64)
        found = np.concatenate([found, drawn[_are_different(drawn)]])
        attempt += 1
    return found[:count]


def _are_different(choices: Choices) -> Bool[np.ndarray, " choices"]:
    """Whether no image is chosen twice."""
    return np.asarray((np.diff(np.sort(choices, axis=1), axis=1) > 0).all(axis=1))
