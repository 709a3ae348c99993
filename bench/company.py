"""Does a network depend on how many are trained beside it, on the accelerator at hand?

    python bench/company.py

The same network is trained alone and beside others by the book's recipe, and its weights are compared.
Without rounding they would be the same. On a GPU or TPU the result becomes bench/results/company.json; on a
CPU, where networks share no operation, it is printed only.
"""

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from rich.console import Console

from cnnbook.config import RECIPES
from cnnbook.data import Digits, load
from cnnbook.data.scaling import fit
from cnnbook.training.devices import begin_computing, mesh_of
from cnnbook.training.group import STRETCHES_PER_EPOCH, Group, stacked
from cnnbook.training.keys import init_and_shuffle_keys, net_key
from cnnbook.training.recipe import rule

SEED, COMPANIES = 2020, (1, 3, 20)
"""Networks that are trained at once; the first of them is looked at."""

RESULTS = Path(__file__).parent / "results" / "company.json"


def main() -> None:
    """Train, compare, print, and keep the result of an accelerator."""
    console, digits = Console(), load()
    with tempfile.TemporaryDirectory() as folder:
        begin_computing(Path(folder))
        alone, *beside = (list(first_of(nets, digits)) for nets in COMPANIES)
    updates = len(digits.train_labels) // RECIPES["reference"].batch_size
    rows = [
        {
            "nets": nets,
            "updates": updates * (stretch + 1) // STRETCHES_PER_EPOCH,
            "difference": float(np.linalg.norm(mine - theirs) / np.linalg.norm(theirs)),
        }
        for nets, found in zip(COMPANIES[1:], beside, strict=True)
        for stretch, (mine, theirs) in enumerate(zip(found, alone, strict=True))
    ]
    found = {
        "date": datetime.now(UTC).date().isoformat(),
        "device": jax.devices()[0].device_kind,
        "data": digits.name,
        "versions": {"JAX": jax.__version__},
        "rows": rows,
    }
    text = json.dumps(found, indent=1) + "\n"
    console.print(text, highlight=False)
    if jax.default_backend() != "cpu":
        RESULTS.write_text(text, encoding="utf-8")
        console.print(RESULTS)


def first_of(nets: int, digits: Digits) -> Iterator[np.ndarray]:
    """All weights of the first of so many networks on one device, after each stretch of updates."""
    config, images = RECIPES["reference"], digits.train_images
    scaling = fit(config.scaling, images)
    group = Group(images, digits.train_labels, scaling=scaling, config=config, nets=nets, mesh=mesh_of(1))
    keys = [init_and_shuffle_keys(net_key(SEED, number)) for number in range(nets)]
    init_keys, shuffle_keys = (jnp.stack(some) for some in zip(*keys, strict=True))
    rules = stacked([rule(config, config.epochs * group.updates_per_epoch)] * nets)
    learning, epoch = group.begin(init_keys), group.epoch(shuffle_keys, 0)
    for stretch in range(group.stretches):
        number, place = divmod(stretch, STRETCHES_PER_EPOCH)
        if number and not place:
            epoch = group.epoch(shuffle_keys, number)
        learning = group.advance(learning, rules, epoch, stretch=stretch)
        yield np.concatenate([np.asarray(leaf)[0].ravel() for leaf in jax.tree.leaves(learning.params)])


if __name__ == "__main__":
    main()
