"""What one training image costs on one core, by layer, forwards and backwards; writes the part `profile`.

JAX's profiler times each operation of the compiled program; XLA's own text of the program says which layer it
belongs to.
"""

import os
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # before JAX counts the cores
DUMP = tempfile.TemporaryDirectory()
os.environ["XLA_FLAGS"] = f"--xla_dump_to={DUMP.name} --xla_dump_hlo_as_text"

import jax  # noqa: E402

from attribution import kinds, rows  # noqa: E402
from cnnbook.config.training import TrainConfig  # noqa: E402
from cnnbook.data import Digits, load  # noqa: E402
from cnnbook.data.scaling import fit_scaling  # noqa: E402
from cnnbook.training.devices import mesh_of  # noqa: E402
from cnnbook.training.program import TrainProgram, stacked  # noqa: E402
from cnnbook.training.recipe import rule  # noqa: E402
from machine import write_results  # noqa: E402

SEGMENTS = 4
"""Pieces of an epoch that are timed, after one for warming up."""


def profile(digits: Digits) -> list[dict[str, Any]]:
    """Microseconds an image, and how many of them in products, by kind of operation."""
    config, key = TrainConfig(batch_size=64, epochs=1), jax.random.key(1)
    images, labels = digits.train_images, digits.train_labels
    scaling = fit_scaling(config.scaling, images)
    train_program = TrainProgram(images, labels, scaling=scaling, config=config, nets=1, mesh=mesh_of(1))
    rules, keys = stacked([rule(config, train_program.updates_per_epoch)]), jax.random.split(key, 1)
    steps = train_program.advance(train_program.begin(keys), rules, keys, segments=range(1 + SEGMENTS))
    jax.block_until_ready(next(steps))
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder):
            for learning in steps:
                jax.block_until_ready(learning)
        (trace,) = Path(folder).rglob("*.xplane.pb")
        seconds = seconds_by_operation(jax.profiler.ProfileData.from_file(str(trace)))
    seen = train_program.images_in(*range(1, 1 + SEGMENTS))
    return rows(seconds, kinds(program()), seen)


def seconds_by_operation(trace: Any) -> dict[str, float]:
    """Seconds that each operation took, by its name in the program."""
    found: dict[str, float] = defaultdict(float)
    for plane in trace.planes:
        for line in plane.lines:
            for event in line.events:
                found[event.name] += event.duration_ns / 1e9
    return found


def program() -> str:
    """XLA's text of the compiled program of a segment."""
    texts = [path.read_text() for path in Path(DUMP.name).glob("*jit__segment*cpu_after_optimizations.txt")]
    if not texts:
        raise FileNotFoundError(f"{DUMP.name}: XLA wrote no program there; does it still know --xla_dump_to?")
    return max(texts, key=len)


def main() -> None:
    """Profile, and write the part into the folder that is given."""
    digits, folder = load(), Path(sys.argv[1])
    found = {"data": digits.name, "trial": digits.is_sample}
    unit = "microseconds of one core for one training image, batch 64"
    print(write_results("profile", {**found, "unit": unit, "rows": profile(digits)}, folder))


if __name__ == "__main__":
    main()
