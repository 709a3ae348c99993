"""Does a network depend on those that are trained beside it, on an accelerator? `make bench PART=company`.

There networks share operations. The same network is trained alone, its company filled up with itself, and
beside others, at the first and at the last place, by one program. Then it is trained by programs for other
numbers of networks: what it would depend on if the size of a company were not always the same. On a CPU
networks share no operation, and tests hold them equal.
"""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from cnnbook.config.recipes import RECIPES
from cnnbook.data import Digits, load
from cnnbook.data.scaling import fit
from cnnbook.training.devices import begin_computing, mesh_of
from cnnbook.training.group import COMPANY, STRETCHES_PER_EPOCH, Group
from cnnbook.training.runs import runs
from cnnbook.training.wave import Wave
from machine import accelerator, write_results

SEED = 2020

BESIDE: Sequence[tuple[int, Sequence[int]]] = (
    (COMPANY, (0, 1, 2)),
    (COMPANY, (*range(1, COMPANY), 0)),
    (1, (0,)),
    (3, (0, 1, 2)),
)
"""Networks that a program is for, and their numbers; number 0 is looked at."""


def main() -> None:
    """Train, compare, and write the part into the folder that is given."""
    digits, folder = load(), Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as compiled:
        begin_computing(Path(compiled))
        device = accelerator()
        programs = {size: program(size, digits) for size, _ in BESIDE}
        alone = weights_of_first(programs[COMPANY], (0,))
        rows = [row for size, numbers in BESIDE for row in compared(alone, programs[size], numbers)]
    about = {"data": digits.name, "trial": digits.is_sample, "device": device, "company": COMPANY}
    about |= {"versions": {"JAX": jax.__version__}}
    print(write_results("company", {**about, "rows": rows}, folder))


def compared(
    alone: Mapping[int, np.ndarray], group: Group, numbers: Sequence[int]
) -> Sequence[Mapping[str, Any]]:
    """How far a network's weights are from those that it has alone, in parts of their norm."""
    beside, place = weights_of_first(group, numbers), numbers.index(0)
    return [
        {"program_for": group.nets, "nets": len(numbers), "place": place + 1, "updates": updates}
        | {"difference": float(np.linalg.norm(beside[updates] - one) / np.linalg.norm(one))}
        for updates, one in alone.items()
    ]


def weights_of_first(group: Group, numbers: Sequence[int]) -> Mapping[int, np.ndarray]:
    """Network 0's weights by updates: after an eighth of an epoch, and after each epoch."""
    wave, found = Wave(group, runs(RECIPES["reference"], numbers=numbers, seed=SEED)), {}

    def note(images: int, epoch: str) -> None:
        if wave.done == 1 or wave.done % STRETCHES_PER_EPOCH == 0:
            leaves = jax.tree.leaves(wave.learning.params)
            updates = wave.done * group.updates_per_epoch // STRETCHES_PER_EPOCH
            found[updates] = np.concatenate([np.asarray(leaf)[numbers.index(0)].ravel() for leaf in leaves])

    wave.learn(report=note)
    return found


def program(size: int, digits: Digits) -> Group:
    """The book's recipe for so many networks."""
    config = RECIPES["reference"]
    scaling = fit(config.scaling, digits.train_images)
    return Group(
        digits.train_images, digits.train_labels, scaling=scaling, config=config, nets=size, mesh=mesh_of(1)
    )


if __name__ == "__main__":
    main()
