"""Many networks at once on the accelerator at hand: how long, and how good. `make bench PART=many-networks`.

The clock runs from the first compilation to the last network in the store; reading the data and the test are
left out. Each number of networks has a process of its own, in which nothing was compiled before. Nothing is
taken from the book's store, and nothing is left in it.
"""

import math
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import jax
import numpy as np
from rich.console import Console

from cnnbook.config.checked import to_dict
from cnnbook.config.profiles import RECIPES
from cnnbook.data import load
from cnnbook.maps import accuracy
from cnnbook.progress import Reporter
from cnnbook.store import Store
from cnnbook.training.checkpoint import CheckpointPolicy
from cnnbook.training.devices import begin_computing
from cnnbook.training.runs import runs
from cnnbook.training.trainer import Trainer
from machine import accelerator, write_results

NETS, SEED = (10, 20, 100), 2020
"""The edition "paper" has 20 networks; on one H200 they are to take a minute at most."""


def measured(nets: int) -> dict[str, Any]:
    """Train so many networks from nothing, and test them."""
    digits, console = load(), Console()
    with tempfile.TemporaryDirectory() as folder:
        begin_computing(Path(folder))
        device = accelerator()
        store = Store(Path(folder) / "store", notify=console.print)
        reporter = Reporter(console)
        never = CheckpointPolicy.beside(store.root, notify=reporter.say, every=math.inf)
        trainer = Trainer(digits, store=store, reporter=reporter, checkpoints=never)
        begin = time.perf_counter()
        trained = trainer.train(runs(RECIPES["reference"], numbers=range(nets), seed=SEED))
        seconds = time.perf_counter() - begin
        reached = [accuracy(net, digits.test_images, digits.test_labels) for net in trained]
    return {
        "nets": nets,
        "device": device,
        "devices": len(trainer.plan.devices),
        "seconds": round(seconds, 1),
        "compiling": round(sum(cost.compile_seconds for cost in trainer.costs), 1),
        "mean_test_accuracy": float(np.mean(reached)),
        "test_accuracy": reached,
    }


def main() -> None:
    """Measure, and write the part into the folder that is given."""
    digits, folder, rows = load(), Path(sys.argv[1]), []
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        for row in pool.map(measured, NETS):
            print("{nets} networks: {seconds} s, {compiling} s of them compiling".format_map(row), flush=True)
            rows.append(row)
    found = {"data": digits.name, "trial": digits.is_sample}
    found |= {"recipe": to_dict(RECIPES["reference"]), "versions": {"JAX": jax.__version__}}
    print(write_results("many-networks", {**found, "rows": rows}, folder))


if __name__ == "__main__":
    main()
