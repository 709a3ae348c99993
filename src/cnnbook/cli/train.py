"""`cnnbook train`: train networks now, and say how fast and how well."""

import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from cnnbook.cli.clustered import in_cluster, this_command
from cnnbook.cli.failures import mendable
from cnnbook.cli.measured import Measured, as_json, as_text
from cnnbook.cli.options import (
    cluster_options,
    data_option,
    device_options,
    profile_option,
    recipe_option,
    recipe_options,
    seed_option,
)
from cnnbook.cli.outputs import check_place
from cnnbook.progress import Reporter


@click.command("train", short_help="Train networks now; say how fast and how well.")
@click.option("--nets", type=click.IntRange(1), metavar="N", default=1, show_default=True,
              help="Networks to train; they differ by their number alone.")  # fmt: skip
@profile_option
@data_option
@seed_option
@recipe_option
@recipe_options
@device_options
@cluster_options
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE",
              help="Write the weights (safetensors). With --nets 3, net.safetensors becomes "
              "net-0.safetensors, net-1.safetensors and net-2.safetensors.")  # fmt: skip
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON object and nothing else.")
def train_command(
    nets: int, out: Path | None, json_wanted: bool, cluster: bool, coordinator: str | None,
    processes: int | None, process_id: int | None, **given: Any,
) -> None:  # fmt: skip
    """Train networks now, and say how fast and how well.

    The call measures: it trains even what the book's store holds already, and leaves the store as it is. The
    same seed on the same machine gives the same weights. Progress goes to standard error.

    What is not given is the profile's; the defaults below are those of profile book. If it is stopped, the
    same call goes on where it was.
    """
    begin = time.perf_counter()
    places = weight_files(out, nets)
    with mendable():
        for place in places:
            check_place(place, "--out")
    joined = in_cluster(wanted=cluster, coordinator=coordinator, processes=processes, process=process_id)
    with joined as is_first:
        found = _trained(nets, places if is_first else [], Reporter(quiet=not is_first), begin, **given)
        if is_first:
            _tell(found, json_wanted=json_wanted)


def _trained(
    nets: int, places: list[Path], reporter: Reporter, begin: float, profile: str | None, data: str | None,
    seed: int | None, recipe: str | None, devices: int | None, data_devices: int, checkpoint_every: float,
    **changes: Any,
) -> Measured:  # fmt: skip
    """The work of the command."""
    from cnnbook.cli.measuring import apart, measure, train_nets
    from cnnbook.cli.opening import open_ensemble

    with mendable():
        book = open_ensemble(
            profile, data, reporter, seed=seed, recipe=recipe, changes=changes, devices=devices,
            data_devices=data_devices,
        )  # fmt: skip
    with apart(book, nets, every=checkpoint_every, reporter=reporter) as ensemble:
        trained = train_nets(ensemble, nets, places, again=this_command())
        return measure(ensemble, trained, begin=begin, places=places)


def _tell(found: Measured, *, json_wanted: bool) -> None:
    """Print what was measured."""
    if json_wanted:
        click.echo(as_json(found))
        return
    console = Console(highlight=False, soft_wrap=True)
    with console.capture() as text:
        console.print(as_text(found))
    click.echo(text.get(), nl=False)


def weight_files(out: Path | None, nets: int) -> list[Path]:
    """The file of each network: `out` itself for one, with the network's number for several."""
    if out is None:
        return []
    return [out] if nets == 1 else [out.with_name(f"{out.stem}-{n}{out.suffix}") for n in range(nets)]
