"""`cnnbook oip`: the pictures that drive a map, as a contact sheet, with their data and numbers."""

from dataclasses import replace
from pathlib import Path

import click

from cnnbook.cli.options import (
    COUNT,
    FILE,
    NUMBER,
    edition_options,
    json_option,
    network_options,
    option,
)
from cnnbook.cli.output import UserError, check_picture, print_json, user_errors
from cnnbook.progress import Reporter

LAYERS = ("conv_1", "conv_2", "conv_3")
PRESETS = ("pixels", "robust", "fourier", "pyramid", "series")
"""Those of `cnnbook.oip.presets`, written down once more because help must not wait for JAX."""


@click.command("oip", short_help="Find the pictures that drive a map most.")
@option("--layer", "Whose map.", click.Choice(LAYERS, case_sensitive=False), "conv_3")
@click.option("--map", "number", type=NUMBER, metavar="K", help="Which of its maps.")
@click.option("--all", "every", is_flag=True, help="All maps of the layer.")
@option("--starts", "Fluctuations to start from.", COUNT, 32)
@option("--preset", "How the picture may change.", click.Choice(PRESETS), "pixels")
@option("--steps", "Steps of an ascent (default: the preset's, 64).", COUNT)
@click.option("--before", is_flag=True, help="Maximise the values before ReLU, which wakes silent maps.")
@option("--seed", "Where randomness starts.", NUMBER, 0)
@network_options
@option(
    "--out",
    "The contact sheet, .png or .svg (default: oip-conv_3-17.png for map 17); its data go beside it as .npz.",
    FILE,
)
@json_option("one JSON object a map")
@edition_options
def oip_command(
    layer: str,
    number: int | None,
    every: bool,
    starts: int,
    preset: str,
    steps: int | None,
    before: bool,
    seed: int,
    net: int,
    weights: Path | None,
    out: Path | None,
    as_json: bool,
    profile: str | None,
    data: str | None,
) -> None:
    """Find the pictures that drive a map most (its OIPs), and print the paths written.

    A row of the contact sheet is a map, or with --map the starts; the first picture is the one that reaches
    most. Beside it lies a file .npz with 'pictures' (float32, ink 0 to 1: maps, starts, rows, columns),
    'trace' and 'reached'. With --json the numbers go to standard output, one object a map.
    """
    if every == (number is not None):
        raise UserError("--map K or --all: expected one of the two")
    out = out or Path(f"oip-{layer}{'' if number is None else f'-{number}'}.png")
    with user_errors():
        check_picture(out)
    from cnnbook.cli import networks, sheets
    from cnnbook.oip.search import find_oips

    reporter = Reporter()
    with user_errors():
        objectives = sheets.map_objectives(layer, number, before=before)
        networks.check_number(net, profile)
        trainer, run = networks.open_trainer(reporter, profile=profile, data=data)
    network = networks.load_or_train(trainer, replace(run, number=net), weights)
    images = trainer.digits.train_images
    with user_errors(), reporter.task(f"climbing {layer}", len(objectives) * starts, "pictures") as task:
        how = {"starts": starts, "preset": sheets.preset_with_steps(preset, steps), "seed": seed}
        oips = find_oips(network, objectives, images=images, report=task.update, **how)
    for path in sheets.write_oips(oips, out):
        click.echo(path, err=as_json)
    if as_json:
        print_json([sheets.oip_numbers(oip) for oip in oips])
    else:
        click.echo("\n".join(map(sheets.oip_summary, oips)), err=True)
