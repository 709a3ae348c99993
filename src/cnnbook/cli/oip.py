"""`cnnbook oip`: the pictures that drive a map, as a contact sheet, with their data and numbers."""

from pathlib import Path

import click

from cnnbook.cli.failures import UserError, mendable
from cnnbook.cli.maps import FORMATS
from cnnbook.cli.options import data_option, profile_option
from cnnbook.cli.outputs import check_place
from cnnbook.progress import Reporter

LAYERS = ("conv_1", "conv_2", "conv_3")
PRESETS = ("pixels", "robust", "fourier", "pyramid", "series")
"""Those of `cnnbook.oip.presets`, written down here because help must not wait for JAX."""


@click.command("oip", short_help="Find the pictures that drive a map most.")
@click.option("--layer", type=click.Choice(LAYERS, case_sensitive=False), default="conv_3", show_default=True,
              help="Whose map.")  # fmt: skip
@click.option("--map", "number", type=click.IntRange(0), metavar="K", help="Which of its maps.")
@click.option("--all", "every", is_flag=True, help="All maps of the layer.")
@click.option("--starts", type=click.IntRange(1), default=32, show_default=True, metavar="N",
              help="Fluctuations to start from.")  # fmt: skip
@click.option("--preset", type=click.Choice(PRESETS), default="pixels", show_default=True,
              help="How the picture may change.")  # fmt: skip
@click.option(
    "--steps", type=click.IntRange(1), metavar="N", help="Steps of an ascent (default: the preset's, 64)."
)
@click.option("--before", is_flag=True, help="Climb the values before ReLU, which wakes silent maps.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N",
              help="Where randomness starts.")  # fmt: skip
@click.option("--net", "which", type=click.IntRange(0), metavar="N", default=0, show_default=True,
              help="Which of the profile's networks.")  # fmt: skip
@click.option("--weights", type=click.Path(path_type=Path), metavar="FILE",
              help="A network that 'cnnbook train --out FILE' wrote, instead of the profile's.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE",
              help="The contact sheet, .png or .svg (default: oip-conv_3-17.png for map 17); its data go "
              "beside it as .npz.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@profile_option
@data_option
def oip_command(
    layer: str, number: int | None, every: bool, starts: int, preset: str, steps: int | None, before: bool,
    seed: int, which: int, weights: Path | None, out: Path | None, as_json: bool, profile: str | None,
    data: str | None,
) -> None:  # fmt: skip
    """Find the pictures that drive a map most (its OIPs), and print the paths written.

    A row of the contact sheet is a map, or with --map the starts; the first picture is the one that reaches
    most. Beside it lies a file .npz with 'pictures' (float32, ink 0 to 1: maps, starts, rows, columns),
    'trace' and 'reached'. With --json the numbers go to standard output, one object a map.
    """
    if every == (number is not None):
        raise UserError("--map K or --all: expected one of the two")
    out = out or Path(f"oip-{layer}{'' if number is None else f'-{number}'}.png")
    if out.suffix.lower() not in FORMATS:
        raise UserError(f"--out={str(out)!r}: expected a name that ends in {' or '.join(FORMATS)}")
    with mendable():
        check_place(out, "--out")
    from cnnbook.cli import climbing

    reporter = Reporter()
    with mendable():
        numbers = climbing.numbers(layer, number)
        net, digits = climbing.opened(profile, data, which, weights, reporter)
    found = climbing.climbed(
        net,
        digits,
        layer,
        numbers,
        reporter,
        starts=starts,
        preset=preset,
        steps=steps,
        before=before,
        seed=seed,
    )
    for path in climbing.write_files(found, out):
        click.echo(path, err=as_json)
    click.echo(climbing.as_json(found) if as_json else climbing.as_text(found), err=not as_json)
