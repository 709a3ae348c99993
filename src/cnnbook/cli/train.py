"""`cnnbook train`: train networks now, and say how fast and how well."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from cnnbook.cli.cluster import join_cluster, this_command
from cnnbook.cli.options import COUNT, FILE, NUMBER, edition_options, json_option, option, recipe_options
from cnnbook.cli.output import check_writable, print_json, print_lines, user_errors
from cnnbook.progress import Reporter


@click.command("train", short_help="Train networks now; say how fast and how well.")
@option("--nets", "Networks to train; they differ by their number alone.", COUNT, 1)
@edition_options
@recipe_options
@option("--devices", "Train on so many devices: cores of the CPU, or GPUs (default: all).", COUNT)
@option("--data-devices", "Devices that share each batch; the others have networks of their own.", COUNT, 1)
@option(
    "--checkpoint-every",
    "Keep the progress so often; stopped, the same call goes on from there.",
    click.FloatRange(0),
    30.0,
    metavar="SECONDS",
)
@click.option(
    "--cluster",
    is_flag=True,
    help="Be one process of the cluster that SLURM, Open MPI, Kubernetes or a TPU pod describes.",
)
@click.option("--coordinator", metavar="HOST:PORT", hidden=True, help="Elsewhere: where process 0 listens.")
@option("--processes", "Elsewhere: how many processes there are.", COUNT, hidden=True)
@option("--process-id", "Elsewhere: which one this is.", NUMBER, hidden=True)
@option(
    "--out",
    "Write the weights (safetensors). With --nets 3, net.safetensors becomes net-0.safetensors, "
    "net-1.safetensors and net-2.safetensors.",
    FILE,
)
@json_option()
def train_command(
    nets: int,
    out: Path | None,
    as_json: bool,
    cluster: bool,
    coordinator: str | None,
    processes: int | None,
    process_id: int | None,
    checkpoint_every: float,
    **choices: Any,
) -> None:
    """Train networks now, and say how fast and how well.

    The call measures: it trains even what the book's store holds already, and leaves the store as it is. The
    same seed on the same machine gives the same weights. Progress goes to standard error.

    What is not given is the profile's; the defaults below are those of profile book. If it is stopped, the
    same call goes on where it was.
    """
    begin = time.perf_counter()
    paths = weight_files(out, nets)
    with user_errors():
        for path in paths:
            check_writable(path, "--out")
    joined = join_cluster(wanted=cluster, coordinator=coordinator, processes=processes, process=process_id)
    with joined as is_first:
        from cnnbook.cli.networks import open_trainer, train_nets, train_report, trainer_with_own_store

        reporter, written = Reporter(quiet=not is_first), paths if is_first else []
        with user_errors():
            book, run = open_trainer(reporter, **choices)
        runs = [replace(run, number=number) for number in range(nets)]
        with trainer_with_own_store(book, runs, every=checkpoint_every, reporter=reporter) as trainer:
            trained = train_nets(trainer, runs, written, again=this_command())
            report = train_report(trainer, trained, begin=begin, paths=written)
        if is_first:
            print_json(report) if as_json else print_lines(_lines(report))


def weight_files(out: Path | None, nets: int) -> list[Path]:
    """The file of each network: `out` itself for one, with the network's number for several."""
    if out is None:
        return []
    return [out] if nets == 1 else [out.with_name(f"{out.stem}-{n}{out.suffix}") for n in range(nets)]


def _lines(report: Mapping[str, Any]) -> Iterator[Text]:
    """The lines of a report for people."""
    data = "MNIST" if report["data"] == "mnist" else "the sample: no result about MNIST"
    accuracies = ", ".join(f"{100 * share:.2f} %" for share in report["test_accuracy"])
    mean = f"; mean {100 * report['mean_test_accuracy']:.2f} %" if report["nets"] > 1 else ""
    rows = {
        "test accuracy": f"{accuracies}{mean} ({data})",
        "speed": f"{report['images_per_second']:,.0f} images/s once compiled "
        f"(on {report['platform']}, devices: {report['devices']})",
        "time": f"{report['total_seconds']:.1f} s, {report['compile_seconds']:.1f} s of it to compile",
        "network": f"{report['parameters']:,} parameters, seed {report['seed']}",
        "recipe": ", ".join(f"{name} {value}" for name, value in report["recipe"].items()),
        "weights": ", ".join(digest[:16] for digest in report["weights_digest"]) + " (SHA-256, 16 digits)",
        "written": ", ".join(report["weights"]),
    }
    for name, text in rows.items():
        if text:
            yield Text.assemble((f"{name:15}", "bold"), text)
