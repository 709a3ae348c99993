"""The networks that a command works with: a profile's, a changed recipe's, those trained for one command."""

import dataclasses
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import jax

from cnnbook import __version__
from cnnbook import data as datasets
from cnnbook.cli.output import user_errors
from cnnbook.config.checked import to_dict
from cnnbook.config.profiles import profile_named
from cnnbook.files import atomic_write, cache_folder
from cnnbook.maps import accuracy
from cnnbook.progress import Reporter
from cnnbook.store import Key, Store, make_folder
from cnnbook.training import cluster, trained
from cnnbook.training.batch import Diverged
from cnnbook.training.checkpoint import UNFINISHED, CheckpointPolicy, Unusable
from cnnbook.training.devices import begin_computing, plan_devices
from cnnbook.training.runs import Run, check
from cnnbook.training.trained import TrainedNet
from cnnbook.training.trainer import Trainer


def open_trainer(
    reporter: Reporter,
    *,
    profile: str | None = None,
    data: str | None = None,
    seed: int | None = None,
    recipe: str | None = None,
    devices: int | None = None,
    data_devices: int = 1,
    **changes: Any,
) -> tuple[Trainer, Run]:
    """The trainer of the book's store, and network 0 of a profile, unless something is changed.

    Args:
        reporter: shows long work.
        profile: its name; None reads `CNNBOOK_PROFILE`, then takes "book".
        data: the choice; None reads `CNNBOOK_DATA`, then takes what can be had.
        seed: another one than the profile's.
        recipe: name of another recipe than the reference.
        devices: how many to train on; None takes all.
        data_devices: devices that share each batch.
        **changes: fields of the recipe by name; None leaves its value.

    Raises:
        ValueError: no such profile, damaged data, a number out of range, a batch larger than the data, or
            more devices than there are.
        OSError: no such data.
    """
    edition, cache = profile_named(profile), cache_folder()
    begin_computing(cache)
    digits = datasets.load(data, cache=cache / "data", notify=reporter.say)
    base = edition.recipes_for(digits.name)[recipe] if recipe else edition.training_for(digits.name)
    given = {name: value for name, value in changes.items() if value is not None}
    config = dataclasses.replace(base, **given)
    run = Run(number=0, seed=edition.seed if seed is None else seed, config=config)
    store = Store(cache / "store", notify=reporter.say)
    plan = plan_devices(count=devices, data=data_devices)
    check([run], images=len(digits.train_labels), data=data_devices)
    return Trainer(digits, store=store, reporter=reporter, plan=plan), run


def check_number(number: int, profile: str | None) -> None:
    """Check that the profile has a network of that number.

    Args:
        number: of the network.
        profile: its name; None reads `CNNBOOK_PROFILE`.

    Raises:
        ValueError: it has none, or there is no such profile.
    """
    edition = profile_named(profile)
    if number >= edition.nets:
        raise ValueError(f"--net={number}: expected 0 to {edition.nets - 1}, as in profile {edition.name!r}")


def load_or_train(trainer: Trainer, run: Run, weights: Path | None) -> TrainedNet:
    """A network from a file, or that of a run, trained first if the store does not have it.

    Args:
        trainer: of the book's store.
        run: what makes the network.
        weights: a file to read instead.

    Raises:
        UserError: the file is not a network's, or the store cannot be written to.
    """
    if weights is not None:
        with user_errors():
            return trained.load(weights)
    with user_errors(OSError):
        (net,) = trainer.train([run])
        return net


@contextmanager
def trainer_with_own_store(
    book: Trainer, runs: Sequence[Run], *, every: float, reporter: Reporter
) -> Iterator[Trainer]:
    """A trainer with a store of its own, which is removed when the block has ended without an error.

    So a command that was stopped finds what it had finished, and one that ended leaves nothing.

    Args:
        book: the digits, the devices.
        runs: what is to be trained.
        every: seconds between two checkpoints.
        reporter: shows the training.

    Raises:
        UserError: the cache folder cannot be written to, or is not shared by all machines of a cluster.
    """
    unfinished = cache_folder() / UNFINISHED
    key = Key("commands", {"nets": [book.key(run).digest for run in runs]})
    around = Store(unfinished, notify=reporter.say)
    store = Store(around.folder(key), notify=reporter.say)
    with ExitStack() as held:
        with user_errors():
            cluster.check_shared(make_folder(unfinished))
            if cluster.is_first():
                held.enter_context(around.lock(key))
        yield Trainer(
            book.digits,
            store=store,
            reporter=reporter,
            plan=book.plan,
            checkpoints=CheckpointPolicy(root=unfinished, every=every, notify=reporter.say),
        )
        cluster.barrier()
        if cluster.is_first():
            shutil.rmtree(store.root, ignore_errors=True)


def train_nets(
    trainer: Trainer, runs: Sequence[Run], paths: Sequence[Path], *, again: str
) -> list[TrainedNet]:
    """Train networks, each written as soon as it is finished.

    Args:
        trainer: with a store of the command's own.
        runs: what is to be trained.
        paths: the file of each; empty to write none.
        again: the command that continues when this one is interrupted.

    Returns:
        The networks.

    Raises:
        UserError: a loss was no number any more, a checkpoint cannot be used, or a disk is full.
    """
    finished: list[TrainedNet] = []
    try:
        with user_errors(Diverged, Unusable, OSError):
            for number, net in enumerate(trainer.nets(runs)):
                if paths:
                    with atomic_write(paths[number]) as draft:
                        trained.save(net, draft)
                finished.append(net)
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(f"{stop}; to continue: {again}") from None
    return finished


def train_report(
    trainer: Trainer, nets: Sequence[TrainedNet], *, begin: float, paths: Sequence[Path]
) -> dict[str, Any]:
    """Test networks on all test images, and put together all numbers about them, as plain values by name.

    Args:
        trainer: has trained them.
        nets: the networks, of one recipe and seed.
        begin: when the command started, by `time.perf_counter`.
        paths: the files written.

    Returns:
        Speed: `images_per_second` are training images of all networks together, compilation left out, and 0
        if none was left to train; `total_seconds` run from the command's start to the last test. Accuracy:
        shares of all test images that are classified correctly. And what made the networks.
    """
    digits, costs = trainer.digits, trainer.costs
    accuracies = [accuracy(net, digits.test_images, digits.test_labels) for net in nets]
    images, seconds = sum(cost.images for cost in costs), sum(cost.seconds for cost in costs)
    return {
        "images_per_second": round(images / seconds, 1) if seconds else 0.0,
        "compile_seconds": round(sum(cost.compile_seconds for cost in costs), 3),
        "total_seconds": round(time.perf_counter() - begin, 3),
        "test_accuracy": accuracies,
        "mean_test_accuracy": sum(accuracies) / len(accuracies),
        "parameters": sum(weights.size for weights in nets[0].weights.values()),
        "data": digits.name,
        "data_digest": digits.digest,
        "weights_digest": [net.digest for net in nets],
        "nets": len(nets),
        "seed": nets[0].seed,
        "recipe": to_dict(nets[0].config),
        "platform": jax.default_backend(),
        "devices": len(trainer.plan.devices),
        "processes": jax.process_count(),
        "version": __version__,
        "weights": [str(path) for path in paths],
    }
