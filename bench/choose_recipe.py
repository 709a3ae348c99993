"""Which numbers the recipe should have, asked of images that no test will use.

Candidates learn from the first five sixths of the training images and are judged on the last sixth: of
MNIST, 50,000 and 10,000. The test set has no part in it. Each candidate differs from the recipe in force in
one number; networks of one number start alike and see the images in the same order, so differences are taken
network by network. Networks are kept in the book's store: interrupted, the script goes on where it was.

    python bench/choose_recipe.py                     all of it: 12 candidates, four networks each
    python bench/choose_recipe.py --only reference "peak 0.05" --nets 2

It writes bench/results/recipe-choice.json and prints the same as a table.
"""

import argparse
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jax
import numpy as np
from rich.console import Console
from rich.table import Table

from cnnbook.config.checked import to_dict
from cnnbook.config.profiles import RECIPES
from cnnbook.config.training import TrainConfig
from cnnbook.data import Digits, load
from cnnbook.experiments.intervals import mean_interval
from cnnbook.files import cache_folder
from cnnbook.maps import accuracy
from cnnbook.progress import Reporter
from cnnbook.store import Store
from cnnbook.training.devices import begin_computing
from cnnbook.training.runs import Run
from cnnbook.training.trainer import Trainer

SEED = 1912
"""Not the book's: what is chosen here is judged there by networks that had no part in the choice."""

RESULT = Path(__file__).parent / "results" / "recipe-choice.json"


def candidates() -> Mapping[str, TrainConfig]:
    """The recipe in force, and it with one number changed."""
    base = RECIPES["reference"]
    constant = replace(base, schedule="constant")
    found = {
        "batch 128": replace(base, batch_size=128),
        "batch 64": replace(base, batch_size=64),
        "peak 0.05": replace(base, peak_learning_rate=0.05),
        "peak 0.2": replace(base, peak_learning_rate=0.2),
        "L2 1e-3": replace(base, weight_decay=1e-3),
        "L2 2e-4": replace(base, weight_decay=2e-4),
        "smoothing 0.05": replace(base, label_smoothing=0.05),
        "smoothing 0.2": replace(base, label_smoothing=0.2),
        "warm-up 0.15": replace(base, warmup=0.15),
        "constant 0.01": replace(constant, peak_learning_rate=0.01),
        "constant 0.02": replace(constant, peak_learning_rate=0.02),
        "constant 0.05": replace(constant, peak_learning_rate=0.05),
    }
    return {"reference": base} | {name: config for name, config in found.items() if config != base}


def split(digits: Digits) -> Digits:
    """The training images alone: the first five sixths to learn from, the last sixth to be asked about."""
    count = len(digits.train_labels) * 5 // 6
    return Digits(
        name=digits.name,
        source=f"the training images of: {digits.source}",
        train_images=digits.train_images[:count],
        train_labels=digits.train_labels[:count],
        test_images=digits.train_images[count:],
        test_labels=digits.train_labels[count:],
    )


def compared(reached: Mapping[str, Sequence[float]]) -> list[dict[str, Any]]:
    """Each candidate's accuracy and its difference from the reference, with intervals, best first."""
    base = np.array(reached["reference"])
    rows = []
    for name, values in reached.items():
        each = np.array(values)
        low, high = mean_interval(each - base)
        rows.append(
            {
                "candidate": name,
                "accuracy": [round(float(one), 6) for one in each],
                "mean": float(each.mean()),
                "sd": float(each.std(ddof=1)) if len(each) > 1 else None,
                "difference": float((each - base).mean()),
                "interval": None if np.isnan(low) or name == "reference" else [float(low), float(high)],
            }
        )
    return sorted(rows, key=lambda row: -row["mean"])


def table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The same for people: right answers in per cent, differences in points."""
    shown = Table("candidate", "right (%)", "sd", "difference (points)", "95 % interval", "images wrong")
    for row in rows:
        ends = row["interval"]
        shown.add_row(
            row["candidate"],
            f"{100 * row['mean']:.3f}",
            "–" if row["sd"] is None else f"{100 * row['sd']:.3f}",
            f"{100 * row['difference']:+.3f}",
            "–" if ends is None else f"{100 * ends[0]:+.3f} to {100 * ends[1]:+.3f}",
            f"{row['wrong']:.1f}",
        )
    return shown


def options() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--nets", type=int, default=4, metavar="N", help="networks of each candidate")
    parser.add_argument("--only", nargs="+", choices=list(candidates()), help="candidates; all by default")
    parser.add_argument("--data", help="full, sample or a folder; CNNBOOK_DATA by default")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's, for a trial of this script")
    parser.add_argument("--out", type=Path, default=RESULT, help="the file to write")
    return parser.parse_args()


def main() -> None:
    """Train, judge, write, print."""
    asked = options()
    begin_computing(cache_folder())
    reporter = Reporter(Console(stderr=True, highlight=False, soft_wrap=True))
    digits = split(load(asked.data, cache=cache_folder() / "data", notify=reporter.say))
    chosen = {name: one for name, one in candidates().items() if name in (asked.only or candidates())}
    chosen = {"reference": candidates()["reference"]} | chosen
    if asked.epochs:
        chosen = {name: replace(one, epochs=asked.epochs) for name, one in chosen.items()}
    wanted = {
        name: [Run(number=number, seed=SEED, config=one) for number in range(asked.nets)]
        for name, one in chosen.items()
    }
    store = Store(cache_folder() / "store", notify=reporter.say)
    every = [run for runs in wanted.values() for run in runs]
    nets = dict(zip(every, Trainer(digits, store=store, reporter=reporter).train(every), strict=True))
    reporter.say(f"judging {len(every)} networks on {len(digits.test_labels):,} training images")
    reached = {
        name: [accuracy(nets[run], digits.test_images, digits.test_labels) for run in runs]
        for name, runs in wanted.items()
    }
    rows = compared(reached)
    for row in rows:
        row |= {
            "wrong": round((1 - row["mean"]) * len(digits.test_labels), 2),
            "recipe": to_dict(chosen[row["candidate"]]),
        }
    write(rows, digits, asked)
    Console().print(table(rows))


def write(rows: Sequence[Mapping[str, Any]], digits: Digits, asked: argparse.Namespace) -> None:
    """Keep what was found, with what it was found by."""
    found = {
        "date": datetime.now(UTC).date().isoformat(),
        "data": digits.name,
        "learned from": len(digits.train_labels),
        "judged on": f"{len(digits.test_labels)} training images that took no part in learning",
        "networks of each": asked.nets,
        "seed": SEED,
        "machine": f"{jax.default_backend()} {platform.machine()}, JAX {jax.__version__}",
        "candidates": list(rows),
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
