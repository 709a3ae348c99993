"""`cnnbook maps IMAGE`: the maps of one layer for a test image or for somebody's own picture of a digit."""

from pathlib import Path

import click

from cnnbook.cli.failures import UserError, mendable
from cnnbook.cli.options import data_option, profile_option
from cnnbook.cli.outputs import check_place
from cnnbook.nets.geometry import MAP_LAYERS
from cnnbook.progress import Reporter

FORMATS = (".png", ".svg")
"""Endings of the pictures that can be written."""


@click.command("maps", short_help="Draw all maps of one layer for a digit: MNIST's or your own.")
@click.argument("image")
@click.option("--layer", type=click.Choice(MAP_LAYERS, case_sensitive=False), default="conv_3",
              show_default=True, help="Whose maps.")  # fmt: skip
@click.option("--net", "number", type=click.IntRange(0), metavar="N", default=0, show_default=True,
              help="Which of the profile's networks.")  # fmt: skip
@click.option("--weights", type=click.Path(path_type=Path), metavar="FILE",
              help="A network that 'cnnbook train --out FILE' wrote, instead of the profile's.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE",
              help="The picture, .png or .svg (default: test-7-conv_3.png for IMAGE 7).")  # fmt: skip
@click.option("--npz", type=click.Path(path_type=Path), metavar="FILE",
              help="Also write the values: the layer's maps under its name (float32: rows, columns, maps), "
              "'image' (uint8) and 'logits'.")  # fmt: skip
@click.option("--preactivations", is_flag=True,
              help="Add the values before ReLU to --npz, as 'conv_3_preactivations'.")  # fmt: skip
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
    is_number = image.isdecimal()
    out = out or Path(f"{f'test-{int(image)}' if is_number else Path(image).stem}-{layer}.png")
    _check_request(out, npz, layer, preactivations=preactivations)
    from cnnbook.cli import drawing
    from cnnbook.cli.opening import open_ensemble

    reporter = Reporter()
    with mendable():
        own = None if is_number else drawing.own_digit(Path(image), reporter)
        drawing.check_number(number, profile)
        ensemble = open_ensemble(profile, data, reporter)
        digit = drawing.mnist_digit(int(image), ensemble.digits) if own is None else own
    net = drawing.network(ensemble, number, weights)
    values = drawing.values_of(net, digit, layer, preactivations=preactivations)
    reporter.say(f"{digit.name}: the network says {values['logits'].argmax()}")
    for path in drawing.write(values, layer, out, npz):
        click.echo(path)


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
