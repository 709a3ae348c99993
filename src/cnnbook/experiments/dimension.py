"""How many dimensions do the activations of each layer really use?

Three numbers for the images and for each layer: principal components that hold 95 % of the variance, the
participation ratio of their variances, and the intrinsic dimension by two nearest neighbours. The images are
not drawn anew for an interval: doubles would be nearest neighbours at no distance.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Float

from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import at
from cnnbook.fcp.concentration import (
    centred_gram,
    count_holding,
    participation_ratio,
    principal_variances,
    two_nn_dimension,
)
from cnnbook.maps import feature_maps, flat_pixels
from cnnbook.nets.geometry import INPUT_SIZE, MAP_LAYERS, geometry_of
from cnnbook.training.trained import TrainedNet

SPACES = ("image", *MAP_LAYERS)
MEASURES = ("components", "participation", "intrinsic")
_ENDS = ["image", "conv_3"]

VARIANCE = 0.95
"""The share of the variance that the counted principal components hold."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How many dimensions activations use."""

    images: int = number(1000, "test images, as points of a space", least=20)
    untrained: int = number(3, "networks looked at before training", least=1)


def _nodes_ratio(result: xr.Dataset) -> float:
    conv_3 = geometry_of()["conv_3"]
    return conv_3.size**2 * conv_3.layer.maps / INPUT_SIZE**2


def _word(name: str):
    """Whether a ratio says more or fewer dimensions; within 2 % "about as many"."""

    def word(result: xr.Dataset) -> str:
        ratio = float(result[name].mean())
        return "more" if ratio > 1.02 else "fewer" if ratio < 0.98 else "about as many"

    return word


@experiment(
    config=Config(),
    draft=Config(images=300),
    states=("trained", "untrained"),
    coords={"space": SPACES},
    about=lambda run: {
        "images": len(run.test_images(run.config.images)),
    },
    variables=[
        variable("components", "state space net", "components for 95 % of the variance", units="dimensions"),
        variable("participation", "state space net", "participation ratio", units="dimensions"),
        variable("intrinsic", "state space net", "intrinsic dimension", units="dimensions"),
    ],
    statistics=[
        statistic("nodes_ratio", _nodes_ratio, "nodes of Conv_3 by pixels"),
        statistic(
            "variance_ratio",
            at("components", space="conv_3") / at("components", space="image"),
            "components for 95 %, Conv_3 by image",
        ),
        statistic(
            "intrinsic_ratio",
            at("intrinsic", space="conv_3") / at("intrinsic", space="image"),
            "intrinsic dimension, Conv_3 by image",
        ),
    ],
    facts=[
        fact("{space}_components", at("components", space=_ENDS), ".0f"),
        fact("{space}_participation", at("participation", space=_ENDS), ".0f"),
        fact("{space}_intrinsic", at("intrinsic", space=_ENDS), ".1f"),
        fact("variance_ratio"),
        fact("intrinsic_ratio"),
        fact("variance_ratio_word", _word("variance_ratio")),
        fact("intrinsic_ratio_word", _word("intrinsic_ratio")),
    ],
)
def dimension(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """The three numbers of the image and of each layer, on a part of the test images."""
    images = run.test_images(run.config.images)
    maps = feature_maps(net, images)
    numbers = [run.cached("image", lambda: _dimensions(flat_pixels(images)))]
    numbers += [_dimensions(maps[layer].reshape(len(images), -1)) for layer in MAP_LAYERS]
    return dict(zip(MEASURES, np.array(numbers).T, strict=True))


def _dimensions(points: Float[np.ndarray, "n d"]) -> tuple[float, float, float]:
    """The three numbers of one cloud."""
    gram = centred_gram(points)
    variances = principal_variances(gram)
    components = float(count_holding(variances, VARIANCE))
    return components, float(participation_ratio(variances)), two_nn_dimension(gram)
