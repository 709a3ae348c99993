"""`cnnbook train`: train networks now, and say how fast and how well."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from cnnbook import __version__
from cnnbook.cli.failures import mendable
from cnnbook.cli.options import data_option, profile_option, recipe_options, seed_option
from cnnbook.cli.outputs import check_place, written
from cnnbook.progress import Reporter

if TYPE_CHECKING:
    from cnnbook.training.checkpoint import TrainedNet
    from cnnbook.training.ensemble import Ensemble


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What `--json` prints: the speed and quality of some networks, and what made them.

    Attributes:
        images_per_second: training images seen a second, over all networks, compilation left out.
        compile_seconds: spent on compiling, once for all networks.
        total_seconds: from the command's start to the last test, reading of data included.
        test_accuracy: share of all test images named rightly, for each network.
        mean_test_accuracy: their mean.
        parameters: of one network.
        data: "mnist" or "sample".
        data_digest: SHA-256 of the digits.
        weights_digest: SHA-256 of each network's weights.
        nets: number of networks.
        seed: where all randomness starts.
        recipe: every field of `TrainConfig`.
        platform: what JAX computed on.
        version: of this package.
        weights: the files written.
    """

    images_per_second: float
    compile_seconds: float
    total_seconds: float
    test_accuracy: Sequence[float]
    mean_test_accuracy: float
    parameters: int
    data: str
    data_digest: str
    weights_digest: Sequence[str]
    nets: int
    seed: int
    recipe: Mapping[str, Any]
    platform: str
    version: str
    weights: Sequence[str]


@click.command("train")
@click.option("--nets", type=click.IntRange(1), metavar="N", default=1, show_default=True,
              help="Networks to train; they differ by their number alone.")  # fmt: skip
@profile_option
@data_option
@seed_option
@recipe_options
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE",
              help="Write the weights (safetensors). With --nets 3, net.safetensors becomes "
              "net-0.safetensors, net-1.safetensors and net-2.safetensors.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def train_command(
    nets: int, profile: str | None, data: str | None, seed: int | None, out: Path | None, as_json: bool,
    **recipe: Any,
) -> None:  # fmt: skip
    """Train networks now, and say how fast and how well.

    The call measures: it trains even what the book's store holds already, and leaves the store as it is. The
    same seed on the same machine gives the same weights. Progress goes to standard error.

    Options that are not given have the profile's values; the defaults below are those of profile book.
    """
    begin = time.perf_counter()
    places = weight_files(out, nets)
    with mendable():
        for place in places:
            check_place(place, "--out")
    from cnnbook.cli.opening import (
        open_ensemble,
    )  # here, because JAX takes a second that --help has no use for

    reporter = Reporter()
    with mendable():
        ensemble = open_ensemble(profile, data, reporter, seed=seed, changes=recipe)
    trained, speed = _train_all(ensemble, nets, places, reporter)
    measured = _measure(ensemble, trained, speed, places, begin)
    if as_json:
        click.echo(json.dumps(asdict(measured), indent=2, allow_nan=False))
    else:
        Console(highlight=False).print(_table(measured))


def weight_files(out: Path | None, nets: int) -> list[Path]:
    """The file of each network: `out` itself for one, with the network's number for several."""
    if out is None:
        return []
    return [out] if nets == 1 else [out.with_name(f"{out.stem}-{n}{out.suffix}") for n in range(nets)]


def _train_all(
    ensemble: "Ensemble", nets: int, places: Sequence[Path], reporter: Reporter
) -> tuple[list["TrainedNet"], float]:
    """The networks, written as soon as each is trained, and the images seen a second over all of them."""
    import numpy as np
    from safetensors import SafetensorError

    from cnnbook.training import checkpoint

    trained, speeds = [], []
    try:
        for number in range(nets):
            net, speed = ensemble.train(number, f"training net {number + 1} of {nets}")
            if not np.isfinite(net.train_loss).all():
                reporter.say(f"net {number}: its loss is no number any more; a lower "
                                      "--peak-learning-rate may help")  # fmt: skip
            if places:
                with mendable((OSError, SafetensorError)), written(places[number]) as draft:
                    checkpoint.save(net, draft)
            trained.append(net)
            speeds.append(speed)
    except KeyboardInterrupt:
        kept = f"{len(trained)} of {nets} networks written" if places else "without --out nothing is kept"
        raise KeyboardInterrupt(kept) from None
    return trained, nets / sum(1 / speed for speed in speeds)


def _measure(
    ensemble: "Ensemble", trained: Sequence["TrainedNet"], speed: float, places: Sequence[Path], begin: float
) -> Measured:
    """Test the networks, and put all numbers together."""
    import jax

    from cnnbook.config import to_dict
    from cnnbook.maps import accuracy

    digits = ensemble.digits
    accuracies = [accuracy(net, digits.test_images, digits.test_labels) for net in trained]
    return Measured(
        images_per_second=round(speed, 1),
        compile_seconds=round(ensemble.trainer.compile_seconds, 3),
        total_seconds=round(time.perf_counter() - begin, 3),
        test_accuracy=accuracies,
        mean_test_accuracy=sum(accuracies) / len(accuracies),
        parameters=sum(weights.size for weights in trained[0].weights.values()),
        data=digits.name,
        data_digest=digits.digest,
        weights_digest=[net.digest for net in trained],
        nets=len(trained),
        seed=ensemble.seed,
        recipe=to_dict(ensemble.config),
        platform=jax.default_backend(),
        version=__version__,
        weights=[str(place) for place in places],
    )


def _table(measured: Measured) -> Table:
    """The same for people."""
    table = Table.grid(padding=(0, 2))
    data = "MNIST" if measured.data == "mnist" else "the sample (not a result about MNIST)"
    accuracies = ", ".join(f"{100 * share:.2f} %" for share in measured.test_accuracy)
    recipe = ", ".join(f"{name} {value}" for name, value in measured.recipe.items())
    rows = {
        "data": data,
        "test accuracy": accuracies,
        "mean": f"{100 * measured.mean_test_accuracy:.2f} %" if measured.nets > 1 else "",
        "speed": f"{measured.images_per_second:,.0f} images/s, once compiled ({measured.platform})",
        "time": f"{measured.total_seconds:.1f} s, {measured.compile_seconds:.1f} s of it compiling",
        "network": f"{measured.parameters:,} parameters, seed {measured.seed}",
        "recipe": recipe,
        "weights": ", ".join(digest[:16] for digest in measured.weights_digest) + " (SHA-256, 16 digits)",
        "written": ", ".join(measured.weights),
    }
    for name, text in rows.items():
        if text:
            table.add_row(f"[bold]{name}[/bold]", text)
    return table
