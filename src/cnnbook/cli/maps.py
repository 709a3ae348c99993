"""`cnnbook maps IMAGE`: the maps of one layer for a test image or for somebody's own picture of a digit."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnnbook.cli.failures import UserError, mendable
from cnnbook.cli.options import data_option, profile_option
from cnnbook.cli.outputs import check_place, written
from cnnbook.config import profile_named
from cnnbook.nets.geometry import MAP_LAYERS
from cnnbook.progress import Reporter

if TYPE_CHECKING:
    import numpy as np

    from cnnbook.data.digits import Digits
    from cnnbook.training.checkpoint import TrainedNet

FORMATS = (".png", ".svg")
"""Endings of the pictures that can be written."""


@click.command("maps")
@click.argument("image")
@click.option("--layer", type=click.Choice(MAP_LAYERS, case_sensitive=False), default="conv_3",
              show_default=True, help="Whose maps.")  # fmt: skip
@click.option("--net", "number", type=click.IntRange(0), metavar="N", default=0, show_default=True,
              help="Which of the profile's networks.")  # fmt: skip
@click.option("--weights", type=click.Path(path_type=Path), metavar="FILE",
              help="A network that 'cnnbook train --out FILE' wrote, instead of the profile's.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="The picture, .png or .svg.",
              show_default="test-7-conv_3.png for IMAGE 7")  # fmt: skip
@click.option("--npz", type=click.Path(path_type=Path), metavar="FILE",
              help="Also write the values: the layer's maps (float32; rows, columns, maps) under its name, "
              "'image' (uint8) and 'logits'.")  # fmt: skip
@click.option("--preactivations", is_flag=True,
              help="Add to --npz the values before ReLU, as 'conv_3_preactivations'.")  # fmt: skip
@profile_option
@data_option
def maps_command(
    image: str, layer: str, number: int, weights: Path | None, out: Path | None, npz: Path | None,
    preactivations: bool, profile: str | None, data: str | None,
) -> None:  # fmt: skip
    """Draw all maps of one layer for a digit, and print the paths written.

    IMAGE is the number of a test image, counted from 0, or a file with a picture of one digit. A picture is
    made into what MNIST's images are: grey on black, 20 pixels high or wide, its centre of mass in the middle
    of 28 by 28. One that is 28 by 28 on black already is taken as it is.

    The network comes from the book's store. If it is not there, it is trained now and kept.
    """
    place = int(image) if image.isdecimal() else None
    out = out or Path(f"{f'test-{place}' if place is not None else Path(image).stem}-{layer}.png")
    _check_request(out, npz, layer, preactivations=preactivations)
    reporter = Reporter()
    own = _picture(Path(image), reporter) if place is None else None
    net, digits = _network(number, weights, profile, data, reporter)
    pixels = own if place is None else _test_image(place, digits)
    values = _values(net, pixels, layer, preactivations=preactivations)
    shown = f"test image {place}, a {digits.test_labels[place]}" if place is not None else image
    reporter.say(f"{shown}: the network says {values['logits'].argmax()}")
    _write(values, layer, out, npz)


def _check_request(out: Path, npz: Path | None, layer: str, *, preactivations: bool) -> None:
    """Refuse what cannot be done, before anything is computed."""
    if out.suffix.lower() not in FORMATS:
        raise UserError(f"--out={str(out)!r}: expected a name that ends in {' or '.join(FORMATS)}")
    if preactivations and npz is None:
        raise UserError("--preactivations: they are written to --npz FILE, which is missing")
    if preactivations and layer.startswith("pool"):
        raise UserError(f"--preactivations: {layer} has none; ask for a conv layer")
    with mendable():
        check_place(out, "--out")
        if npz is not None:
            check_place(npz, "--npz")


def _picture(path: Path, reporter: Reporter) -> "np.ndarray":
    """Somebody's own digit as MNIST would have it."""
    from cnnbook.data.picture import read_picture

    with mendable():
        picture = read_picture(path)
    reporter.say(f"{path}: {picture.done}")
    return picture.image


def _network(
    number: int, weights: Path | None, profile: str | None, choice: str | None, reporter: Reporter
) -> "tuple[TrainedNet, Digits]":
    """The network asked for, trained first if need be, and the digits it comes from."""
    from cnnbook.cli.opening import (
        open_ensemble,
    )  # here, because JAX takes a second that --help has no use for
    from cnnbook.training import checkpoint

    with mendable():
        edition = profile_named(profile)
        if number >= edition.nets:
            raise ValueError(f"--net={number}: profile {edition.name!r} has nets 0 to {edition.nets - 1}")
        ensemble = open_ensemble(profile, choice, reporter)
    if weights is not None:
        with mendable():
            return checkpoint.load(weights), ensemble.digits
    with mendable((OSError,)):
        return ensemble.net(number, f"training net {number} of profile {edition.name!r}"), ensemble.digits


def _test_image(place: int, digits: "Digits") -> "np.ndarray":
    """One test image."""
    count = len(digits.test_labels)
    if place >= count:
        raise UserError(f"IMAGE={place}: expected 0 to {count - 1}, the test images of {digits.source}")
    return digits.test_images[place]


def _values(
    net: "TrainedNet", pixels: "np.ndarray", layer: str, *, preactivations: bool
) -> "dict[str, np.ndarray]":
    """All that `--npz` writes, by name."""
    import numpy as np

    from cnnbook.maps import feature_maps

    images = pixels[np.newaxis]
    values = {layer: feature_maps(net, images, [layer])[layer][0], "image": pixels}
    if preactivations:
        before = feature_maps(net, images, [layer], preactivations=True)
        values[f"{layer}_preactivations"] = before[layer][0]
    return values | {"logits": np.asarray(net.model(net.inputs(images)))[0]}


def _write(values: "dict[str, np.ndarray]", layer: str, out: Path, npz: Path | None) -> None:
    """Write picture and values, and print their paths."""
    import matplotlib
    import numpy as np
    import xarray as xr

    from cnnbook.figures.maps import maps_figure
    from cnnbook.figures.style import LIGHT

    dimensions = ("digit", f"row_{layer}", f"col_{layer}", f"map_{layer}")
    dataset = xr.Dataset({layer: (dimensions, values[layer][np.newaxis])}, coords={"digit": ["shown"]})
    figure = maps_figure(dataset, palette=LIGHT, layer=layer, digit="shown")
    kind = out.suffix.lower().removeprefix(".")
    with mendable((OSError,)), written(out) as draft, matplotlib.rc_context({"svg.hashsalt": "cnnbook"}):
        figure.savefig(draft, format=kind, metadata={"Date": None} if kind == "svg" else None)
    click.echo(out)
    if npz is not None:
        with mendable((OSError,)), written(npz) as draft, draft.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **values)
        click.echo(npz)
