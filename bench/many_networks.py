"""Many networks at once on the accelerator at hand: how long, and how good.

    python bench/many_networks.py                      20 networks, the book's recipe, all devices
    python bench/many_networks.py --nets 100 --devices 1

The clock runs from the first compilation to the last network in the store; reading the data and the test are
left out. Nothing is taken from the book's store or from what was compiled before, and nothing is left there.
On a GPU or TPU the result becomes a row of bench/results/many-networks.json; on a CPU it is printed only.
"""

import argparse
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jax
import numpy as np
from rich.console import Console

from cnnbook.config import RECIPES, to_dict
from cnnbook.data import load
from cnnbook.maps import accuracy
from cnnbook.progress import Reporter
from cnnbook.store import Store
from cnnbook.training.devices import arrangement, begin_computing
from cnnbook.training.runs import runs
from cnnbook.training.workshop import Workshop

NETS, SEED = 20, 2020
"""The edition "paper" has 20 networks; on one H200 they are to take a minute at most."""

RESULTS = Path(__file__).parent / "results" / "many-networks.json"


def main() -> None:
    """Train, test, print, and keep the result of an accelerator."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nets", type=int, default=NETS)
    parser.add_argument("--devices", type=int, default=None, help="all if not given")
    given = parser.parse_args()
    console = Console()
    row = measured(given.nets, given.devices, console)
    console.print(json.dumps(row, indent=1), highlight=False)
    if jax.default_backend() != "cpu":
        keep(row)
        console.print(RESULTS)


def measured(nets: int, devices: int | None, console: Console) -> dict[str, Any]:
    """Train so many networks from nothing, and test them."""
    digits = load()
    with tempfile.TemporaryDirectory() as folder:
        begin_computing(Path(folder))
        workshop = Workshop(
            digits, store=Store(Path(folder) / "store", notify=console.print),
            reporter=Reporter(console), arranged=arrangement(count=devices),
        )  # fmt: skip
        begin = time.perf_counter()
        trained = workshop.train(runs(RECIPES["reference"], numbers=range(nets), seed=SEED))
        seconds = time.perf_counter() - begin
        reached = [accuracy(net, digits.test_images, digits.test_labels) for net in trained]
    return {
        "nets": nets,
        "devices": len(workshop.arranged.devices),
        "data": digits.name,
        "seconds": round(seconds, 1),
        "compiling": round(sum(spent.compile_seconds for spent in workshop.spent), 1),
        "mean_test_accuracy": float(np.mean(reached)),
        "test_accuracy": reached,
    }


def keep(row: dict[str, Any]) -> None:
    """Write a row to the results; rows of another device or recipe give way to it."""
    about = {
        "device": jax.devices()[0].device_kind,
        "recipe": to_dict(RECIPES["reference"]),
        "versions": {"JAX": jax.__version__},
    }
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    alike = all(known.get(name) == value for name, value in about.items())
    rows = [other for other in known["rows"] if other["nets"] != row["nets"]] if alike else []
    found = {"date": datetime.now(UTC).date().isoformat(), **about}
    found["rows"] = sorted([*rows, row], key=lambda one: one["nets"])
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
