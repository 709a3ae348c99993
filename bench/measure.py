"""Measure this network in cnnbook, beside Keras on TensorFlow and PyTorch, and write results the book draws.

`make bench` runs all parts on a quiet machine, in about 20 minutes; `make bench PART=speed` runs one.
`make bench TRIAL=yes` runs everything shortly, to see that it works, and writes results to `_build/bench/`.
"""

import argparse
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

import parts
from cnnbook.data import Digits, load
from contest import Budget
from machine import RESULTS, cores, write_results
from parts import STARTS
from workers import BENCH, Stage, Worker

PARTS = ("speed", "ten", "accuracy", "inference", "climb", "memory")
SCRIPTS = {"profile": "profiling.py", "publishing": "publishing.py", "building": "building.py"}
"""Parts that need no peers, each a program of its own that is told the folder of results."""

ON_AN_ACCELERATOR = {"many-networks": "many_networks.py", "group-size": "group_size.py"}
"""The same, but they need a GPU or TPU: only run when they are named."""

SHORT = Budget(
    rounds=2, seconds=0.3, trial=0.2, trainings=1, settings=1, epochs=1, streams=2, streamed=2000, climbed=2
)
SHORT_IMAGES = 20_000
CONSTANT_RATE = 0.01
"""The learning rate where only speed counts: peers are spared the schedule."""


def staged(digits: Digits, folder: Path, *, images: int | None, epochs: int | None) -> Stage:
    """Write what all workers work on: images, labels, first weights, learning rates.

    Args:
        digits: from which.
        folder: of this run.
        images: for training; None takes all, a larger number than there are repeats them.
        epochs: of a whole training; None takes the recipe's.
    """
    count = images or len(digits.train_labels)
    starts = np.random.default_rng(0).uniform(0.1, 0.5, (STARTS, 28, 28)).astype(np.float32)
    arrays: dict[str, Any] = {
        "train_images": np.resize(digits.train_images, (count, 28, 28)),
        "train_labels": np.resize(digits.train_labels, count),
        "test_images": digits.test_images,
        "test_labels": digits.test_labels,
        "starts": starts,
    }
    first = Stage(folder=folder, material=folder / "images.npz", recipe={}, cores=cores())
    np.savez(first.material, **arrays)
    worker, extra = Worker(first, "cnnbook"), folder / "weights.npz"
    recipe = worker.ask("recipe", images=count, epochs=epochs, path=str(extra))
    worker.close()
    with np.load(extra) as found:
        np.savez(folder / "material.npz", **arrays, **found)
    return replace(first, material=folder / "material.npz", recipe=recipe | {"constant_rate": CONSTANT_RATE})


def main() -> None:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    scripts = SCRIPTS | ON_AN_ACCELERATOR
    known = (*PARTS, *scripts)
    parser.add_argument("part", nargs="*", help=f"any of {', '.join(known)}; if none, all that need no card")
    parser.add_argument("--trial", action="store_true", help="shortly, into _build/bench/")
    given = parser.parse_args()
    asked = " ".join(given.part).split() or (*PARTS, *SCRIPTS)
    for part in asked:
        if part not in known:
            parser.error(f"PART={part}: expected any of {', '.join(known)}")
    console, digits = Console(), load()
    short = given.trial or digits.is_sample
    results = BENCH.parent / "_build" / "bench" if short else RESULTS
    if short and not given.trial:
        console.print("Only the sample is here: a trial run. Set CNNBOOK_DATA to all of MNIST to measure.")
    with tempfile.TemporaryDirectory() as folder:
        measured = [part for part in PARTS if part in asked]
        if measured:
            budget, images = (SHORT, SHORT_IMAGES) if short else (Budget(), None)
            stage = staged(digits, Path(folder), images=images, epochs=budget.epochs)
            for part in measured:
                console.print(f"measuring {part} …")
                found = getattr(parts, part)(stage, budget, results, console)
                path = write_results(part, {"data": digits.name, "trial": short, **found}, results)
                console.print(f"  {path}")
    for script in (scripts[part] for part in scripts if part in asked):
        subprocess.run([sys.executable, str(BENCH / script), str(results)], check=True)


if __name__ == "__main__":
    main()
