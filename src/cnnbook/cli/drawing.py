"""The work of `cnnbook maps`: a digit, a network, its maps, a picture of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
import xarray as xr
from flax import nnx
from jaxtyping import UInt8
from matplotlib.figure import Figure

from cnnbook.cli.failures import mendable
from cnnbook.config.profiles import profile_named
from cnnbook.data.digits import Digits
from cnnbook.data.picture import read_picture
from cnnbook.figures.maps import maps_figure
from cnnbook.figures.style import LIGHT
from cnnbook.files import atomic_write
from cnnbook.progress import Reporter
from cnnbook.training import trained
from cnnbook.training.ensemble import Ensemble
from cnnbook.training.trained import TrainedNet


@dataclass(frozen=True, kw_only=True)
class Digit:
    """What the network is shown.

    Attributes:
        name: for messages.
        image: 0 is paper and 255 is ink.
    """

    name: str
    image: UInt8[np.ndarray, "28 28"]


def own_digit(path: Path, reporter: Reporter) -> Digit:
    """Somebody's own picture as MNIST would have it; what was done to it is said.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a picture, or there is nothing on it.
    """
    picture = read_picture(path)
    reporter.say(f"{path}: {picture.done}")
    return Digit(name=str(path), image=picture.image)


def mnist_digit(place: int, digits: Digits) -> Digit:
    """One of the test images.

    Raises:
        ValueError: there is no such image.
    """
    count = len(digits.test_labels)
    if place >= count:
        raise ValueError(f"IMAGE={place}: expected 0 to {count - 1}, the test images of {digits.source}")
    return Digit(name=f"test image {place}, a {digits.test_labels[place]}", image=digits.test_images[place])


def check_number(number: int, profile: str | None) -> None:
    """Raise unless the profile has a network of that number.

    Raises:
        ValueError: it has none, or there is no such profile.
    """
    edition = profile_named(profile)
    if number >= edition.nets:
        raise ValueError(f"--net={number}: expected 0 to {edition.nets - 1}, as in profile {edition.name!r}")


def network(ensemble: Ensemble, number: int, weights: Path | None) -> TrainedNet:
    """A network from a file, or one of the profile's, trained first if the store has it not."""
    if weights is not None:
        with mendable():
            return trained.load(weights)
    with mendable((OSError,)):
        return ensemble.net(number)


def values_of(net: TrainedNet, digit: Digit, layer: str, *, preactivations: bool) -> Mapping[str, np.ndarray]:
    """All that can be written, by name: the layer's maps, the image, the logits."""
    forward = nnx.jit(lambda model, inputs: model.activations(inputs))
    found = forward(net.model, net.inputs(digit.image[np.newaxis]))
    arrays = {layer: found.activations[layer], "logits": found.logits}
    if preactivations:
        arrays[f"{layer}_preactivations"] = found.preactivations[layer]
    return {name: np.asarray(array)[0] for name, array in arrays.items()} | {"image": digit.image}


def write(values: Mapping[str, np.ndarray], layer: str, out: Path, npz: Path | None) -> Iterator[Path]:
    """Write the picture, and the values if a file is given for them; yields each path."""
    dimensions = ("digit", f"row_{layer}", f"col_{layer}", f"map_{layer}")
    dataset = xr.Dataset({layer: (dimensions, values[layer][np.newaxis])}, coords={"digit": ["shown"]})
    figure = maps_figure(dataset, palette=LIGHT, layer=layer, digit="shown")
    save_figure(figure, out)
    yield out
    if npz is not None:
        save_arrays(values, npz)
        yield npz


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as the file's ending says; an SVG comes out the same, byte for byte."""
    kind = path.suffix.lower().removeprefix(".")
    metadata = {"Date": None} if kind == "svg" else None
    with (
        mendable((OSError,)),
        atomic_write(path) as draft,
        matplotlib.rc_context({"svg.hashsalt": "cnnbook"}),
    ):
        figure.savefig(draft, format=kind, metadata=metadata)


def save_arrays(arrays: Mapping[str, np.ndarray], path: Path) -> None:
    """Write arrays by name, as NumPy's .npz."""
    with mendable((OSError,)), atomic_write(path) as draft, draft.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)
