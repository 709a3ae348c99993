"""`cnnbook maps IMAGE`: the maps of one layer for a test image or for somebody's own picture of a digit."""

from dataclasses import replace
from pathlib import Path

import click

from cnnbook.cli.options import FILE, edition_options, network_options, option
from cnnbook.cli.output import UserError, check_picture, check_writable, user_errors
from cnnbook.nets.geometry import MAP_LAYERS
from cnnbook.progress import Reporter


@click.command("maps", short_help="Draw all maps of one layer for a digit: MNIST's or your own.")
@click.argument("image")
@option("--layer", "Whose maps.", click.Choice(MAP_LAYERS, case_sensitive=False), "conv_3")
@network_options
@option("--out", "The picture, .png or .svg (default: test-7-conv_3.png for IMAGE 7).", FILE)
@option(
    "--npz",
    "Also write the values: the layer's maps under its name (float32: rows, columns, maps), 'image' (uint8) "
    "and 'logits'.",
    FILE,
)
@click.option(
    "--preactivations",
    is_flag=True,
    help="Add the values before ReLU to --npz, as 'conv_3_preactivations'.",
)
@edition_options
def maps_command(
    image: str,
    layer: str,
    net: int,
    weights: Path | None,
    out: Path | None,
    npz: Path | None,
    preactivations: bool,
    profile: str | None,
    data: str | None,
) -> None:
    """Draw all maps of one layer for a digit, and print the paths written.

    IMAGE is the number of a test image, counted from 0, or a file with a picture of one digit. A picture is
    made into what MNIST's images are: grey on black, 20 pixels high or wide, its centre of mass in the middle
    of 28 by 28. One that is 28 by 28 on black already is taken as it is.

    The network comes from the book's store. If it is not there, it is trained now and kept.
    """
    name = f"test-{int(image)}" if image.isdecimal() else Path(image).stem
    out = out or Path(f"{name}-{layer}.png")
    with user_errors():
        check_picture(out)
        _check_values(npz, layer, preactivations=preactivations)
    from cnnbook.cli import networks, sheets

    reporter = Reporter()
    with user_errors():
        networks.check_number(net, profile)
        trainer, run = networks.open_trainer(reporter, profile=profile, data=data)
        name, digit = sheets.load_digit(image, trainer.digits, reporter)
    network = networks.load_or_train(trainer, replace(run, number=net), weights)
    values = sheets.compute_maps(network, digit, layer, preactivations=preactivations)
    reporter.say(f"{name}: the network says {values['logits'].argmax()}")
    for path in sheets.write_maps(values, layer, out, npz):
        click.echo(path)


def _check_values(npz: Path | None, layer: str, *, preactivations: bool) -> None:
    """Refuse values that cannot be written, before anything is computed."""
    if preactivations and npz is None:
        raise UserError("--preactivations: they are written to --npz FILE, which is missing")
    if preactivations and layer.startswith("pool"):
        raise UserError(f"--preactivations: {layer} has none; ask for a conv layer")
    if npz is not None:
        check_writable(npz, "--npz")
