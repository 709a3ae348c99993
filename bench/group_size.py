"""Does a network depend on those that are trained beside it, on an accelerator? `make bench PART=group-size`.

There networks share operations. The same network is trained alone, its group filled up with itself, and
beside others, in the first and in the last position, by one program. Then it is trained by programs for other
numbers of networks, to see what it would depend on if the size of a group were not always the same. On a CPU
networks share no operation, and tests hold them equal.
"""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from cnnbook.config.profiles import RECIPES
from cnnbook.data import Digits, load
from cnnbook.data.scaling import fit_scaling
from cnnbook.keys import init_key, order_key
from cnnbook.training.devices import begin_computing, mesh_of
from cnnbook.training.program import NETS_PER_ACCELERATOR, SEGMENTS_PER_EPOCH, TrainProgram, stacked
from cnnbook.training.recipe import rule
from machine import accelerator, write_results

SEED = 2020

GROUPS: Sequence[tuple[int, Sequence[int]]] = (
    (NETS_PER_ACCELERATOR, (0, 1, 2)),
    (NETS_PER_ACCELERATOR, (*range(1, NETS_PER_ACCELERATOR), 0)),
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
        programs = {size: compiled_for(size, digits) for size, _ in GROUPS}
        alone = weights_of_first(programs[NETS_PER_ACCELERATOR], (0,))
        rows = [row for size, numbers in GROUPS for row in compared(alone, programs[size], numbers)]
    about = {
        "data": digits.name,
        "trial": digits.is_sample,
        "device": device,
        "group_size": NETS_PER_ACCELERATOR,
    }
    about |= {"versions": {"JAX": jax.__version__}}
    print(write_results("group-size", {**about, "rows": rows}, folder))


def compared(
    alone: Mapping[int, np.ndarray], program: TrainProgram, numbers: Sequence[int]
) -> Sequence[Mapping[str, Any]]:
    """How far a network's weights are from those that it has alone, in parts of their norm."""
    weights, place = weights_of_first(program, numbers), numbers.index(0)
    return [
        {"program_for": program.nets, "nets": len(numbers), "place": place + 1, "updates": updates}
        | {"difference": float(np.linalg.norm(weights[updates] - one) / np.linalg.norm(one))}
        for updates, one in alone.items()
    ]


def weights_of_first(program: TrainProgram, numbers: Sequence[int]) -> Mapping[int, np.ndarray]:
    """Network 0's weights by updates: after an eighth of an epoch, and after each epoch."""
    padded = [*numbers, *[numbers[-1]] * (program.nets - len(numbers))]
    init_keys, order_keys = (
        jnp.stack([key(SEED, number) for number in padded]) for key in (init_key, order_key)
    )
    rules = stacked([rule(RECIPES["reference"], program.updates)] * program.nets)
    states = program.advance(program.begin(init_keys), rules, order_keys, segments=range(program.segments))
    weights = {}
    for done, state in enumerate(states, start=1):
        if done == 1 or done % SEGMENTS_PER_EPOCH == 0:
            leaves = [np.asarray(leaf)[numbers.index(0)].ravel() for leaf in jax.tree.leaves(state.params)]
            weights[done * program.updates_per_epoch // SEGMENTS_PER_EPOCH] = np.concatenate(leaves)
    return weights


def compiled_for(size: int, digits: Digits) -> TrainProgram:
    """The book's recipe for so many networks."""
    config = RECIPES["reference"]
    scaling = fit_scaling(config.scaling, digits.train_images)
    return TrainProgram(
        digits.train_images, digits.train_labels, scaling=scaling, config=config, nets=size, mesh=mesh_of(1)
    )


if __name__ == "__main__":
    main()
