"""Which pictures give a layer the same activations?

An *inversion* climbs from fluctuations until a layer's activations are those of a digit (A. Mahendran, A.
Vedaldi, CVPR 2015). A *metamer* starts from a digit of another class (J. Feather et al., "Metamers of neural
networks reveal divergence from human perceptual systems", NeurIPS 2019). Both are judged by the network whose
layer is inverted and by the others: if these predict another class, the picture shares with the digit only
what one network looks at.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from jaxtyping import Bool, UInt8

from cnnbook.arrays import RawImages
from cnnbook.config.checked import Checked, number
from cnnbook.data.subsets import stratified_subset
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, variable
from cnnbook.experiments.oips import PRESET
from cnnbook.maps import feature_maps, predictions
from cnnbook.oip.ascent import ascend
from cnnbook.oip.objective import feature_inversion
from cnnbook.oip.presets import preset_named
from cnnbook.oip.quality import correlations
from cnnbook.oip.start import Fluctuations, as_bytes, from_digits
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_1", "conv_2", "conv_3")
STARTS = ("fluctuations", "another digit")
_BY = "layer start digit"


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """How layers are inverted."""

    digits: int = number(40, "test images, the digits shown first", least=1)
    steps: int = number(400, "steps of an ascent", least=1)


def _with_short_starts(name: str) -> Callable[[xr.Dataset], xr.DataArray]:
    """A variable, its starts named as facts name them."""
    return lambda result: result[name].assign_coords(start=["noise", "digit"])


@experiment(
    config=Config(),
    draft=Config(digits=8, steps=100),
    together=True,
    inputs=("shown",),
    coords={"layer": LAYERS, "start": STARTS},
    about=lambda run: {"steps": run.config.steps, "judges": len(run.reference) - 1},
    variables=[
        variable("picture", f"{_BY} row column", "ink, 0 to 255"),
        variable("error", _BY, "squared distance on the layer by the digit's squared length"),
        variable("likeness", _BY, "correlation with the digit"),
        variable("own", _BY, "whether the first network predicts for it what it predicts for the digit"),
        variable("others", _BY, "share of the other networks that do"),
        variable("target", "digit row column", "the digits"),
        variable("begin", "start digit row column", "what the ascents start from"),
    ],
    facts=[
        fact("digits", lambda r: r.sizes["digit"], ".0f"),
        fact("{layer}_{start}_error", _with_short_starts("error"), ".3f"),
        fact("{layer}_{start}_r", _with_short_starts("likeness")),
        fact("{layer}_{start}_own", _with_short_starts("own"), ".0%"),
        fact("{layer}_{start}_others", _with_short_starts("others"), ".0%"),
    ],
)
def inversions(run: Measurement[Config]) -> Measured:
    """Pictures with the same activations, by layer, start and digit, and what networks predict for them.

    Raises:
        ValueError: there are fewer than two networks, or no digits of two classes.
    """
    net, *others = run.reference
    if not others:
        raise ValueError("nets: 1, expected at least 2: one judges the pictures of another")
    images = _targets(run)
    noise = Fluctuations().draw(run.key("starts"), count=len(images))
    starts = np.stack([noise, from_digits(_of_other_classes(run))])
    preset, key = replace(preset_named(PRESET), steps=run.config.steps), run.key("ascents")
    pictures, errors = [], []
    for layer in LAYERS:
        targets = feature_maps(net, images, (layer,))[layer]
        objectives = [
            feature_inversion(layer, maps, f"digit {d} on {layer}") for d, maps in enumerate(targets)
        ]
        ascent = ascend(net, objectives, starts.swapaxes(0, 1), preset, key=key)
        pictures.append(as_bytes(ascent.pictures).swapaxes(0, 1))
        errors.append(-ascent.reached.T)
    picture = np.stack(pictures)
    return {
        "picture": picture,
        "error": errors,
        "likeness": _likenesses(picture, images),
        "own": _agrees(net, picture, images).astype(float),
        "others": np.mean([_agrees(other, picture, images) for other in others], axis=0),
        "target": images,
        "begin": as_bytes(starts),
    }


def _targets(run: Measurement[Config]) -> RawImages:
    """The digits shown, then test images in the fixed order, as many as the config says."""
    return np.concatenate([run.shown_images, run.test_images(run.config.digits)])[: run.config.digits]


def _of_other_classes(run: Measurement[Config]) -> RawImages:
    """For each target, the first test image, in the fixed order, of the next class that has one."""
    test_images, test_labels = stratified_subset(run.digits)
    labels = [digit.label for digit in run.inputs.shown] + test_labels.tolist()
    indices = []
    for label in labels[: run.config.digits]:
        later = [np.flatnonzero(test_labels == (label + k) % 10) for k in range(1, 10)]
        of_next = next((images for images in later if len(images)), None)
        if of_next is None:
            raise ValueError(f"digits: test images of class {label} alone; a metamer starts from another")
        indices.append(of_next[0])
    return test_images[indices]


def _likenesses(
    picture: UInt8[np.ndarray, "layers starts digits 28 28"], images: RawImages
) -> list[list[list[float]]]:
    """The correlation of each picture with its digit."""
    flat = images.reshape(len(images), 1, -1)
    return [
        [
            [
                float(correlations(each.reshape(1, -1), digit)[0, 0])
                for each, digit in zip(row, flat, strict=True)
            ]
            for row in of_layer
        ]
        for of_layer in picture
    ]


def _agrees(
    net: TrainedNet, picture: UInt8[np.ndarray, "layers starts digits 28 28"], images: RawImages
) -> Bool[np.ndarray, "layers starts digits"]:
    """Whether a network predicts for each picture what it predicts for the digit."""
    predicted = predictions(net, picture.reshape(-1, 28, 28)).reshape(picture.shape[:3])
    return predicted == predictions(net, images)
