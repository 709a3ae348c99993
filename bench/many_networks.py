"""Many networks at once on the accelerator at hand: how long, and how good.

    python bench/many_networks.py                      20 networks, the book's recipe, all devices
    python bench/many_networks.py --nets 100 --devices 1

The clock runs from the first compilation to the last network in the store; reading the data and the test are
left out. Nothing is taken from the book's store, and nothing is left in it. On a GPU or TPU it writes
bench/results/many-networks-<kind of device>.json; on a CPU it prints only.
"""

import argparse
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import jax
import numpy as np
from rich.console import Console

from cnnbook.config import RECIPES, to_dict
from cnnbook.data import load
from cnnbook.folders import cache_folder
from cnnbook.maps import accuracy
from cnnbook.progress import Reporter
from cnnbook.store import Store
from cnnbook.training.devices import arrangement, begin_computing
from cnnbook.training.runs import runs
from cnnbook.training.workshop import Workshop

NETS, GOAL_SECONDS = 20, 60
"""The edition "paper" has 20 networks; on one H200 they are to take a minute at most."""

SEED = 2020
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Train, test, print, and write the result of an accelerator."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nets", type=int, default=NETS)
    parser.add_argument("--devices", type=int, default=None, help="all if not given")
    given = parser.parse_args()
    begin_computing(cache_folder())
    console, digits, config = Console(), load(), RECIPES["reference"]
    with tempfile.TemporaryDirectory() as folder:
        workshop = Workshop(
            digits, store=Store(Path(folder) / "store", notify=console.print),
            reporter=Reporter(console), arranged=arrangement(count=given.devices),
        )  # fmt: skip
        begin = time.perf_counter()
        nets = workshop.train(runs(config, numbers=range(given.nets), seed=SEED))
        seconds = time.perf_counter() - begin
        reached = [accuracy(net, digits.test_images, digits.test_labels) for net in nets]
    device = jax.devices()[0]
    found = {
        "date": datetime.now(UTC).date().isoformat(),
        "device": device.device_kind,
        "devices": len(workshop.arranged.devices),
        "data": digits.name,
        "nets": given.nets,
        "seconds": round(seconds, 1),
        "goal_seconds": GOAL_SECONDS,
        "mean_test_accuracy": float(np.mean(reached)),
        "test_accuracy": reached,
        "recipe": to_dict(config),
        "jax": jax.__version__,
    }
    text = json.dumps(found, indent=1) + "\n"
    console.print(text, highlight=False)
    if device.platform != "cpu":
        name = "".join(letter if letter.isalnum() else "-" for letter in device.device_kind.lower())
        path = RESULTS / f"many-networks-{name}.json"
        path.write_text(text, encoding="utf-8")
        console.print(path)


if __name__ == "__main__":
    main()
