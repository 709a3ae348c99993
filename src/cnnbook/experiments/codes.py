"""Which part of the activations carries the class: points, their on/off states, map means, or silence?

The same linear probe learns from different codes of Conv_2 and Conv_3, on training images, and is judged on
the test images. The baselines: the same codes of networks before training, pixels, and a probe of the full
code that learned shuffled labels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Bool, Float

from cnnbook.arrays import RawLabels
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import at
from cnnbook.fcp.probes import fit_probe
from cnnbook.maps import feature_maps, flat_pixels
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_2", "conv_3")

CODES: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "all points": lambda maps: maps.reshape(len(maps), -1),
    "points on/off": lambda maps: (maps.reshape(len(maps), -1) > 0).astype(np.float32),
    "map means": lambda maps: maps.mean(axis=(1, 2)),
    "map maxima": lambda maps: maps.max(axis=(1, 2)),
    "maps on/off": lambda maps: (maps.max(axis=(1, 2)) > 0).astype(np.float32),
    "place means": lambda maps: maps.mean(axis=3).reshape(len(maps), -1),
}
"""What a code keeps of the maps of a layer (n, rows, columns, maps), by name."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How much a linear probe reads from parts of the activations."""

    images: int = number(8000, "training images that a probe learns from", least=20)
    nets: int = number(3, "networks looked at", least=1)
    untrained: int = number(1, "of these, how many before training", least=1)
    decay: float = number(1e-3, "L2 coefficient of the probe, on standardised inputs", least=0)
    steps: int = number(60, "steps of L-BFGS", least=1)


@experiment(
    config=Config(),
    draft=Config(images=800, nets=2, untrained=1, steps=12),
    states=("trained", "untrained"),
    coords={"layer": LAYERS, "code": tuple(CODES)},
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
        statistic(
            "conv_2_full_over_means",
            at("accuracy", layer="conv_2", code="all points")
            - at("accuracy", layer="conv_2", code="map means"),
            "all points less map means",
        ),
        statistic(
            "conv_2_means",
            at("accuracy", layer="conv_2", code="map means"),
            "accuracy from the means of Conv_2's maps",
        ),
        statistic(
            "silence_gain",
            at("accuracy", layer="conv_3", code="maps on/off")
            - at("accuracy", layer="conv_2", code="maps on/off"),
            "silence, Conv_3 less Conv_2",
        ),
        statistic(
            "conv_3_full_over_means",
            at("accuracy", layer="conv_3", code="all points")
            - at("accuracy", layer="conv_3", code="map means"),
            "all points less map means",
        ),
        statistic(
            "conv_3_level_gain",
            at("accuracy", layer="conv_3", code="all points")
            - at("accuracy", layer="conv_3", code="points on/off"),
            "all points less their on/off states",
        ),
    ],
    facts=[
        fact("pixels", form=".1%"),
        fact("shuffled", form=".1%"),
        fact("{layer}_{code}", at("accuracy"), ".1%"),
        fact("{layer}_{code}_untrained", at("accuracy", state="untrained"), ".1%"),
    ],
)
def codes(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Which test images a probe on each code classifies correctly; the baselines beside the first network."""
    digits, count = run.digits, run.config.images
    train_images, y_train = digits.train_images[:count], digits.train_labels[:count]
    train, test = (feature_maps(net, images, LAYERS) for images in (train_images, digits.test_images))
    is_correct = [
        [_is_correct(run, code(train[layer]), code(test[layer]), y_train) for code in CODES.values()]
        for layer in LAYERS
    ]
    if not run.is_first:
        return {"accuracy": np.array(is_correct)}
    pixels = _is_correct(run, flat_pixels(train_images), flat_pixels(digits.test_images), y_train)
    flat, order = CODES["all points"], jax.random.permutation(run.key("shuffled labels"), len(y_train))
    shuffled = _is_correct(run, flat(train["conv_3"]), flat(test["conv_3"]), y_train[np.asarray(order)])
    return {"accuracy": np.array(is_correct), "pixels": pixels.mean(), "shuffled": shuffled.mean()}


def _is_correct(
    run: Measurement[Config],
    x_train: Float[np.ndarray, "n_train numbers"],
    x_test: Float[np.ndarray, "n_test numbers"],
    y_train: RawLabels,
) -> Bool[np.ndarray, " n_test"]:
    """Which test images a linear probe classifies correctly."""
    probe = fit_probe(x_train, y_train, decay=run.config.decay, steps=run.config.steps)
    return probe.is_correct(x_test, run.digits.test_labels)
