"""Does a network depend on how many are trained beside it, on an accelerator? `make bench PART=company`.

The same network is trained alone and beside others by the book's recipe, and its weights are compared.
Without rounding they would be the same. On a CPU networks share no operation, and tests hold them equal.
"""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import jax
import numpy as np

from cnnbook.config import RECIPES
from cnnbook.data import Digits, load
from cnnbook.data.scaling import fit
from cnnbook.training.devices import begin_computing, mesh_of
from cnnbook.training.group import STRETCHES_PER_EPOCH, Group
from cnnbook.training.runs import runs
from cnnbook.training.wave import Wave
from machine import accelerator, write_results

SEED, COMPANIES = 2020, (1, 3, 20)
"""Networks that are trained at once; the first of them is looked at."""


def main() -> None:
    """Train, compare, and write the part into the folder that is given."""
    digits, folder = load(), Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as compiled:
        begin_computing(Path(compiled))
        device = accelerator()
        alone, *beside = (first_of(nets, digits) for nets in COMPANIES)
    rows = [
        {"nets": nets, "updates": updates, "difference": float(np.linalg.norm(found[updates] - one) / size)}
        for nets, found in zip(COMPANIES[1:], beside, strict=True)
        for updates, one in alone.items()
        for size in [np.linalg.norm(one)]
    ]
    about = {"data": digits.name, "trial": digits.is_sample, "device": device}
    about |= {"versions": {"JAX": jax.__version__}}
    print(write_results("company", {**about, "rows": rows}, folder))


def first_of(nets: int, digits: Digits) -> Mapping[int, np.ndarray]:
    """The first network's weights by updates: after an eighth of an epoch, and after each epoch."""
    config, images = RECIPES["reference"], digits.train_images
    scaling = fit(config.scaling, images)
    group = Group(images, digits.train_labels, scaling=scaling, config=config, nets=nets, mesh=mesh_of(1))
    wave, found = Wave(group, runs(config, numbers=range(nets), seed=SEED)), {}

    def note(images: int, epoch: str) -> None:
        if wave.done == 1 or wave.done % STRETCHES_PER_EPOCH == 0:
            leaves = jax.tree.leaves(wave.learning.params)
            updates = wave.done * group.updates_per_epoch // STRETCHES_PER_EPOCH
            found[updates] = np.concatenate([np.asarray(leaf)[0].ravel() for leaf in leaves])

    wave.learn(report=note)
    return found


if __name__ == "__main__":
    main()
