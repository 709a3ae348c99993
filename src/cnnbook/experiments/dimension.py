"""Has Conv_3 more dimensions than the image? Nodes counted, and dimensions that activations really use.

Three numbers for the images and for each layer: principal components that hold 95 % of the variance, the
participation ratio of their variances, and the intrinsic dimension by two nearest neighbours. The images are
not drawn anew for an interval: doubles would be nearest neighbours at no distance.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from cnnbook.config.profiles import Profile
from cnnbook.config.questions import DimensionConfig
from cnnbook.data.digits import Digits
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.resampling import statistic
from cnnbook.fcp.dimension import (
    centred_gram,
    components_holding,
    participation_ratio,
    spectrum,
    two_neighbours,
)
from cnnbook.inputs import BookInputs
from cnnbook.maps import feature_maps
from cnnbook.nets.geometry import INPUT_SIZE, MAP_LAYERS, geometry_of
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

SPACES = ("image", *MAP_LAYERS)
STATES = ("trained", "untrained")
MEASURES = ("components", "participation", "intrinsic")


def measure(nets: Sequence[TrainedNet], digits: Digits, config: DimensionConfig) -> xr.Dataset:
    """The three numbers for each space, state and network, on the first test images.

    Returns:
        `components`, `participation`, `intrinsic` by state, space and net (not a number for untrained
        networks not looked at); and the ratios of Conv_3 to image.
    """
    images = digits.test_images[: config.images]
    pixels = _dimensions(images.reshape(len(images), -1).astype(np.float32) / 255)
    found = np.full((len(MEASURES), len(STATES), len(SPACES), len(nets)), np.nan)
    found[:, :, 0] = np.array(pixels)[:, None, None]
    for n, net in enumerate(nets):
        for s, looked_at in enumerate((net, untrained(net)) if n < config.untrained else (net,)):
            maps = feature_maps(looked_at, images)
            for m, layer in enumerate(MAP_LAYERS, 1):
                found[:, s, m, n] = _dimensions(maps[layer].reshape(len(images), -1))
    conv_3 = geometry_of()["conv_3"]
    nodes = conv_3.size**2 * conv_3.layer.maps
    components, _, intrinsic = found[:, 0]
    dims = ("state", "space", "net")
    return xr.Dataset(
        {name: (dims, found[k], {"units": "dimensions"}) for k, name in enumerate(MEASURES)}
        | {
            "nodes_ratio": statistic(nodes / INPUT_SIZE**2, "nodes of Conv_3 by pixels"),
            "variance_ratio": statistic(
                components[-1] / components[0], "components for 95 %, Conv_3 by image"
            ),
            "intrinsic_ratio": statistic(
                intrinsic[-1] / intrinsic[0], "intrinsic dimension, Conv_3 by image"
            ),
        },
        coords={"state": list(STATES), "space": list(SPACES), "net": [net.number for net in nets]},
        attrs={
            "claims": "C03",
            "data": digits.name,
            "images": len(images),
            "untrained": min(config.untrained, len(nets)),
        },
    )


def _dimensions(points: np.ndarray) -> tuple[float, float, float]:
    """The three numbers of one cloud."""
    gram = centred_gram(points)
    variances = spectrum(gram)
    return components_holding(variances), participation_ratio(variances), two_neighbours(gram)


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Means over networks for the image and Conv_3, and which of them is larger, in words."""
    trained = result.sel(state="trained").mean("net")
    found = {"images": f"{result.attrs['images']:,}", "nets": str(result.sizes["net"])}
    for space in ("image", "conv_3"):
        here = trained.sel(space=space)
        found |= {
            f"{space}_components": f"{float(here.components):.0f}",
            f"{space}_participation": f"{float(here.participation):.0f}",
            f"{space}_intrinsic": f"{float(here.intrinsic):.1f}",
        }
    for name in ("variance_ratio", "intrinsic_ratio"):
        ratio = float(result[name].mean())
        found[name] = f"{ratio:.2f}"
        found[f"{name}_word"] = "more" if ratio > 1.02 else "fewer" if ratio < 0.98 else "about as many"
    return found


def _config(profile: Profile, seeds: BookInputs) -> DimensionConfig:
    return profile.dimension


EXPERIMENT = LegacyExperiment(
    name="dimension",
    question="How many dimensions do the activations of each layer really use?",
    measure=measure,
    facts=facts,
    config=_config,
)
