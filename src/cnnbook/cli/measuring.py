"""The work of `cnnbook train`: networks trained apart from the book's own, written, tested."""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import jax

from cnnbook import __version__
from cnnbook.cli.failures import mendable
from cnnbook.cli.measured import Measured
from cnnbook.config.checked import to_dict
from cnnbook.files import atomic_write, cache_folder
from cnnbook.maps import accuracy
from cnnbook.progress import Reporter
from cnnbook.store import Key, Store, made
from cnnbook.training import cluster, trained
from cnnbook.training.checkpoint import Progress, Unusable
from cnnbook.training.ensemble import UNFINISHED, Ensemble
from cnnbook.training.trained import TrainedNet
from cnnbook.training.wave import Diverged


@contextmanager
def apart(book: Ensemble, nets: int, *, every: float, reporter: Reporter) -> Iterator[Ensemble]:
    """The same networks with a store of their own, which is there until the block has ended well.

    So a command that was stopped finds what it had finished, and one that ended leaves nothing.

    Args:
        book: the recipe, the digits, the devices.
        nets: how many networks are wanted.
        every: seconds between two checkpoints.
        reporter: shows the training.

    Raises:
        UserError: the cache folder cannot be written to, or is not shared by all machines of a cluster.
    """
    unfinished = cache_folder() / UNFINISHED
    key = Key("commands", {"nets": [book.key(number).digest for number in range(nets)]})
    around = Store(unfinished, notify=reporter.say)
    store = Store(around.folder(key), notify=reporter.say)
    progress = Progress(root=unfinished, every=every, notify=reporter.say)
    with ExitStack() as held:
        with mendable():
            cluster.check_shared(made(unfinished))
            if cluster.is_first():
                held.enter_context(around.lock(key))
        yield Ensemble(
            book.digits, book.config, seed=book.seed, store=store, reporter=reporter,
            arranged=book.workshop.arranged, progress=progress,
        )  # fmt: skip
        cluster.MEETINGS.meet()
        if cluster.is_first():
            shutil.rmtree(store.root, ignore_errors=True)


def train_nets(ensemble: Ensemble, nets: int, places: Sequence[Path], *, again: str) -> list[TrainedNet]:
    """Train networks, each written as soon as it is there.

    Args:
        ensemble: the recipe and the digits, with a store of the command's own.
        nets: how many.
        places: the file of each; empty to write none.
        again: the command that continues when this one is interrupted.

    Returns:
        The networks.

    Raises:
        UserError: a loss was no number any more, a checkpoint cannot be used, or a disk is full.
    """
    finished: list[TrainedNet] = []
    try:
        with mendable((Diverged, Unusable, OSError)):
            for number, net in enumerate(ensemble.nets(nets)):
                if places:
                    with atomic_write(places[number]) as draft:
                        trained.save(net, draft)
                finished.append(net)
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(f"{stop}; to continue: {again}") from None
    return finished


def measure(
    ensemble: Ensemble, nets: Sequence[TrainedNet], *, begin: float, places: Sequence[Path]
) -> Measured:
    """Test networks on all test images, and put all numbers together.

    Args:
        ensemble: where they come from.
        nets: the networks.
        begin: when the command started, by `time.perf_counter`.
        places: the files written.
    """
    digits, spent = ensemble.digits, ensemble.workshop.spent
    accuracies = [accuracy(net, digits.test_images, digits.test_labels) for net in nets]
    images, seconds = sum(one.images for one in spent), sum(one.seconds for one in spent)
    return Measured(
        images_per_second=round(images / seconds, 1) if seconds else 0.0,
        compile_seconds=round(sum(one.compile_seconds for one in spent), 3),
        total_seconds=round(time.perf_counter() - begin, 3),
        test_accuracy=accuracies,
        mean_test_accuracy=sum(accuracies) / len(accuracies),
        parameters=sum(weights.size for weights in nets[0].weights.values()),
        data=digits.name,
        data_digest=digits.digest,
        weights_digest=[net.digest for net in nets],
        nets=len(nets),
        seed=ensemble.seed,
        recipe=to_dict(ensemble.config),
        platform=jax.default_backend(),
        devices=len(ensemble.workshop.arranged.devices),
        processes=jax.process_count(),
        version=__version__,
        weights=[str(place) for place in places],
    )
