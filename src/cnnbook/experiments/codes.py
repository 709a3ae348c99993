"""Which part of the activations carries the class: points, their on/off states, map means, or silence?

The same linear probe learns from different codes of Conv_2 and Conv_3, on training images, and is judged on
the test images. The baselines: the same codes of networks before training, pixels, and a probe of the full
code that learned shuffled labels.

Silence is compared at equal size. A map of 121 points is silent more rarely than one of nine, and 128 states
say more than 64; so each map of Conv_2 is cut to 3×3 points at a place drawn at random, and 64 of the maps of
Conv_3 are drawn. Both are drawn once for a network, alike before and after training.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Bool, Float, Int, Key

from cnnbook.arrays import RawLabels
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import (
    TRAINED,
    UNTRAINED,
    Measured,
    Measurement,
    experiment,
    fact,
    statistic,
    variable,
)
from cnnbook.experiments.facts import Selection, at
from cnnbook.fcp.probes import fit_probe
from cnnbook.keys import integers
from cnnbook.maps import feature_maps, flat_pixels
from cnnbook.nets.geometry import geometry_of
from cnnbook.training.trained import TrainedNet

LAYERS, STATES = ("conv_2", "conv_3"), (TRAINED, UNTRAINED)

CODES: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "all points": lambda maps: maps.reshape(len(maps), -1),
    "points on/off": lambda maps: (maps.reshape(len(maps), -1) > 0).astype(np.float32),
    "map means": lambda maps: maps.mean(axis=(1, 2)),
    "map maxima": lambda maps: maps.max(axis=(1, 2)),
    "maps on/off": lambda maps: (maps.max(axis=(1, 2)) > 0).astype(np.float32),
    "place means": lambda maps: maps.mean(axis=3).reshape(len(maps), -1),
}
"""What a code keeps of the maps of a layer (n, rows, columns, maps), by name."""

MATCHED = "maps on/off, matched"
"""The on/off states of 64 maps of 3×3 points."""

_SIDE, _MAPS = 3, 64

UNMEASURED = "conv_2", "points on/off"
"""Not a number: no claim is about it, and it would take as long as all other codes but one."""

_QUOTED = ["all points", "map means", "maps on/off", MATCHED]
"""Codes that prose quotes."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How much a linear probe reads from parts of the activations."""

    images: int = number(5000, "training images that a probe learns from", least=20)
    decay: float = number(1e-3, "L2 coefficient of the probe, on standardised inputs", least=0)
    steps: int = number(60, "steps of L-BFGS", least=1)


def _over(layer: str, code: str, state: str = TRAINED) -> Selection:
    """What all points of a layer say more than one of its codes."""
    return at("accuracy", layer=layer, code="all points", state=state) - at(
        "accuracy", layer=layer, code=code, state=state
    )


def _silence_gain(state: str) -> Selection:
    """What the silence of maps says more on Conv_3 than on Conv_2, at equal size."""
    return at("accuracy", layer="conv_3", code=MATCHED, state=state) - at(
        "accuracy", layer="conv_2", code=MATCHED, state=state
    )


@experiment(
    config=Config(),
    draft=Config(images=800, steps=12),
    states=STATES,
    coords={"layer": LAYERS, "code": (*CODES, MATCHED)},
    about=lambda run: {
        "images": len(run.digits.train_images[: run.config.images]),
        "steps": run.config.steps,
    },
    variables=[
        variable("accuracy", "state layer code net image", "accuracy of a linear probe"),
        variable("pixels", "", "accuracy of a linear probe on pixels"),
        variable("shuffled", "", "accuracy of a probe that learned shuffled labels"),
    ],
    statistics=[
        statistic("conv_2_full_over_means", _over("conv_2", "map means"), "all points less map means"),
        statistic(
            "conv_2_full_over_means_untrained",
            _over("conv_2", "map means", UNTRAINED),
            "all points less map means, untrained",
        ),
        statistic(
            "conv_2_means",
            at("accuracy", layer="conv_2", code="map means"),
            "accuracy from the means of Conv_2's maps",
        ),
        statistic(
            "conv_2_full",
            at("accuracy", layer="conv_2", code="all points"),
            "accuracy from all of Conv_2's points",
        ),
        statistic(
            "silence_gain",
            _silence_gain(TRAINED) - _silence_gain(UNTRAINED),
            "silence at equal size, Conv_3 less Conv_2, trained less untrained",
        ),
        statistic("conv_3_full_over_means", _over("conv_3", "map means"), "all points less map means"),
        statistic(
            "conv_3_full_over_means_untrained",
            _over("conv_3", "map means", UNTRAINED),
            "all points less map means, untrained",
        ),
        statistic(
            "conv_3_level_gain", _over("conv_3", "points on/off"), "all points less their on/off states"
        ),
        statistic(
            "conv_3_level_gain_untrained",
            _over("conv_3", "points on/off", UNTRAINED),
            "all points less their on/off states, untrained",
        ),
    ],
    facts=[
        fact("pixels", form=".1%"),
        fact("shuffled", form=".1%"),
        fact("on_off_{state}", at("accuracy", state=[*STATES], layer="conv_3", code="points on/off"), ".1%"),
        fact("{layer}_{code}", at("accuracy", code=_QUOTED), ".1%"),
        fact("{layer}_{code}_untrained", at("accuracy", state=UNTRAINED, code=_QUOTED), ".1%"),
    ],
)
def codes(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Which test images a probe on each code classifies correctly; the baselines beside the first network."""
    digits, count = run.digits, run.config.images
    train_images, y_train = digits.train_images[:count], digits.train_labels[:count]
    train, test = (feature_maps(net, images, LAYERS) for images in (train_images, digits.test_images))
    nothing = np.full(len(digits.test_labels), np.nan)
    windows = {layer: draw_windows(layer, run.key(f"windows on {layer}", net=net.number)) for layer in LAYERS}

    def read(layer: str, name: str) -> Float[np.ndarray, " n_test"] | Bool[np.ndarray, " n_test"]:
        if (layer, name) == UNMEASURED:
            return nothing
        code = partial(silence_in, windows[layer]) if name == MATCHED else CODES[name]
        return _is_correct(run, code(train[layer]), code(test[layer]), y_train)

    is_correct = np.array([[read(layer, name) for name in (*CODES, MATCHED)] for layer in LAYERS])
    if not run.is_first:
        return {"accuracy": is_correct}
    pixels = _is_correct(run, flat_pixels(train_images), flat_pixels(digits.test_images), y_train)
    flat, order = CODES["all points"], jax.random.permutation(run.key("shuffled labels"), len(y_train))
    shuffled = _is_correct(run, flat(train["conv_3"]), flat(test["conv_3"]), y_train[np.asarray(order)])
    return {"accuracy": is_correct, "pixels": pixels.mean(), "shuffled": shuffled.mean()}


class Windows(NamedTuple):
    """Where 64 maps are looked at.

    Attributes:
        maps: which maps.
        top: the first of three rows of each.
        left: the first of three columns.
    """

    maps: Int[np.ndarray, " 64"]
    top: Int[np.ndarray, " 64"]
    left: Int[np.ndarray, " 64"]


def draw_windows(layer: str, key: Key[jax.Array, ""]) -> Windows:
    """Maps and places at random; of maps of 3×3 points there is one place.

    Args:
        layer: with 64 maps or more.
        key: decides.
    """
    geometry = geometry_of()[layer]
    which, places = jax.random.split(key)
    maps = np.asarray(jax.random.permutation(which, geometry.layer.maps))[:_MAPS]
    top, left = integers(places, (2, _MAPS), geometry.size - _SIDE + 1)
    return Windows(np.sort(maps), top, left)


def silence_in(windows: Windows, maps: Float[np.ndarray, "n rows columns maps"]) -> Float[np.ndarray, "n 64"]:
    """Which of the drawn maps are active somewhere in their 3×3 points: 1, or else 0.

    Args:
        windows: of the layer.
        maps: of the layer.
    """
    is_on = [
        (maps[:, row : row + _SIDE, column : column + _SIDE, each] > 0).any(axis=(1, 2))
        for each, row, column in zip(*windows, strict=True)
    ]
    return np.stack(is_on, axis=1).astype(np.float32)


def _is_correct(
    run: Measurement[Config],
    x_train: Float[np.ndarray, "n_train numbers"],
    x_test: Float[np.ndarray, "n_test numbers"],
    y_train: RawLabels,
) -> Bool[np.ndarray, " n_test"]:
    """Which test images a linear probe classifies correctly."""
    probe = fit_probe(x_train, y_train, decay=run.config.decay, steps=run.config.steps)
    return probe.is_correct(x_test, run.digits.test_labels)
