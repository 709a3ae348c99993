"""What pictures give the same maps? Layers inverted, and metamers: other pictures with the same Conv_3.

An *inversion* climbs from fluctuations until a layer's activations are those of a digit (A. Mahendran, A.
Vedaldi, CVPR 2015). A *metamer* starts from a digit of another class (J. Feather et al., "Metamers of neural
networks reveal divergence from human perceptual systems", NeurIPS 2019). Both are judged by the network that
was asked and by the others: if these call a picture something else, it shares with the digit only what one
network looks at.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from cnnbook.config.questions import InversionsConfig
from cnnbook.data.digits import Digits, chosen_images
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.oips import as_bytes
from cnnbook.formatting import format_number
from cnnbook.inputs import ShownDigit
from cnnbook.keys import key_for
from cnnbook.maps import feature_maps, predictions
from cnnbook.oip.ascent import ascend
from cnnbook.oip.objective import likeness
from cnnbook.oip.presets import preset_named
from cnnbook.oip.quality import correlations
from cnnbook.oip.start import Fluctuations, from_digits
from cnnbook.training.trained import TrainedNet

LAYERS = ("conv_1", "conv_2", "conv_3")
STARTS = ("fluctuations", "another digit")
PRESET = "pixels"


class Config(NamedTuple):
    """The numbers of this experiment, the book's seed and the digits shown."""

    own: InversionsConfig
    seed: int
    shown: tuple[ShownDigit, ...]


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Config) -> xr.Dataset:
    """Pictures with the same activations, by layer, start and digit, and what networks call them.

    Returns:
        `picture`; `error`: squared distance on the layer by the digit's squared length; `likeness`:
        correlation with the digit; `own`: whether the first network calls it as it calls the digit; `others`:
        share of the other networks that do; `target`: the digits.

    Raises:
        ValueError: there are fewer than two networks, or no digits of two classes.
    """
    if len(nets) < 2:
        raise ValueError(f"nets: {len(nets)}, expected at least 2: one judges the pictures of another")
    images = _asked(digits, config)
    other = _of_other_classes(digits, config)
    preset = config.own.preset(preset_named(PRESET))
    key = key_for(config.seed, "inversions/ascents")
    noise = Fluctuations().draw(key_for(config.seed, "inversions/starts"), count=len(images))
    begins = (noise, from_digits(other))
    shape = (len(LAYERS), len(STARTS), len(images))
    picture, error = np.zeros((*shape, 28, 28), np.uint8), np.zeros(shape)
    for m, layer in enumerate(LAYERS):
        wanted = feature_maps(nets[0], images, (layer,))[layer]
        objectives = [likeness(layer, maps, f"digit {d} on {layer}") for d, maps in enumerate(wanted)]
        ascent = ascend(nets[0], objectives, np.stack(begins, axis=1), preset, key=key)
        picture[m] = as_bytes(ascent.pictures).swapaxes(0, 1)
        error[m] = -ascent.reached.T
    flat, truth = (
        picture.reshape(-1, 784),
        np.broadcast_to(images, (*shape[:2], *images.shape)).reshape(-1, 784),
    )
    alike = np.array([correlations(a[None], b[None])[0, 0] for a, b in zip(flat, truth, strict=True)])
    dims = ("layer", "start", "digit")
    same = [_same(net, picture, images) for net in nets]
    return xr.Dataset(
        {
            "picture": ((*dims, "row", "column"), picture, {"units": "1"}),
            "error": (dims, error, {"units": "1"}),
            "likeness": (dims, alike.reshape(shape), {"units": "1"}),
            "own": (dims, same[0].astype(float), {"units": "1"}),
            "others": (dims, np.mean(same[1:], axis=0), {"units": "1"}),
            "target": (("digit", "row", "column"), images, {"units": "1"}),
            "begin": (("start", "digit", "row", "column"), np.stack([as_bytes(one) for one in begins]),
                      {"units": "1"}),
        },
        coords={"layer": list(LAYERS), "start": list(STARTS)},
        attrs={"claims": "C41", "data": digits.name, "steps": config.own.steps, "judges": len(nets) - 1},
    )  # fmt: skip


def _asked(digits: Digits, config: Config) -> np.ndarray:
    """The digits shown, then the first test images, as many as the config says."""
    shown = chosen_images(digits, config.shown)
    return np.concatenate([shown, digits.test_images])[: config.own.digits]


def _of_other_classes(digits: Digits, config: Config) -> np.ndarray:
    """For each digit asked, the first test image of the next class that there is."""
    labels = [digit.label for digit in config.shown] + digits.test_labels.tolist()
    found = []
    for label in labels[: config.own.digits]:
        later = [np.flatnonzero(digits.test_labels == (label + k) % 10) for k in range(1, 10)]
        there = [places for places in later if len(places)]
        if not there:
            raise ValueError(f"digits: test images of class {label} alone; a metamer starts from another")
        found.append(digits.test_images[there[0][0]])
    return np.stack(found)


def _same(net: TrainedNet, picture: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Whether a network calls each picture as it calls the digit."""
    said = predictions(net, picture.reshape(-1, 28, 28)).reshape(picture.shape[:3])
    return said == predictions(net, images)


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Means over digits, by layer and start."""
    found = {"steps": str(result.attrs["steps"]), "digits": str(result.sizes["digit"]),
             "judges": str(result.attrs["judges"])}  # fmt: skip
    for layer in LAYERS:
        for start, short in zip(STARTS, ("noise", "digit"), strict=True):
            here = result.sel(layer=layer, start=start)
            found |= {
                f"{layer}_{short}_error": f"{float(here.error.mean()):.3f}",
                f"{layer}_{short}_r": format_number(here.likeness.mean()),
                f"{layer}_{short}_own": f"{100 * float(here.own.mean()):.0f} %",
                f"{layer}_{short}_others": f"{100 * float(here.others.mean()):.0f} %",
            }
    return found


EXPERIMENT = LegacyExperiment(
    name="inversions",
    question="Which pictures give a layer the same activations?",
    measure=measure,
    facts=facts,
    config=lambda profile, seeds: Config(profile.inversions, profile.seed, seeds.shown),
)
