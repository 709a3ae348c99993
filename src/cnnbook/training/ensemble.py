"""The book's networks: of any runs, or number 0, 1, 2 … of one recipe, each trained once and kept."""

from collections.abc import Iterator, Sequence

from cnnbook.config.training import TrainConfig
from cnnbook.data.digits import Digits
from cnnbook.data.scaling import Scaling
from cnnbook.progress import Reporter
from cnnbook.store import Key, Store
from cnnbook.training.checkpoint import EVERY_SECONDS, Progress
from cnnbook.training.devices import Arrangement
from cnnbook.training.runs import Run
from cnnbook.training.trained import TrainedNet
from cnnbook.training.workshop import Workshop

UNFINISHED = "training"
"""The folder of checkpoints, beside the store."""


def train(
    runs: Sequence[Run], digits: Digits, *, store: Store, reporter: Reporter,
    arranged: Arrangement | None = None,
) -> tuple[TrainedNet, ...]:  # fmt: skip
    """The networks of any runs, in their order: from the store, or trained now and stored.

    Runs that differ by number, seed, rates, momentum, decay or smoothing alone are trained together. What is
    stored does not depend on what was trained beside it. Stopped at any moment, the next call goes on from
    the last checkpoint.

    Args:
        runs: what is wanted; several recipes are welcome.
        digits: trained on their training images.
        store: keeps the networks; checkpoints are kept beside it.
        reporter: shows the training.
        arranged: where to train; None takes all devices.

    Raises:
        ValueError: before any work: no runs, a run twice, or a batch larger than the data.
        Diverged: a network's loss was no number any more; the others are stored.
        OSError: the store cannot be written to.
        KeyboardInterrupt: with a text that says what is kept.
    """
    workshop = Workshop(
        digits, store=store, reporter=reporter, arranged=arranged, progress=progress_beside(store, reporter)
    )
    return workshop.train(runs)


def progress_beside(store: Store, reporter: Reporter, *, every: float = EVERY_SECONDS) -> Progress:
    """Checkpoints that are kept beside a store.

    Args:
        store: keeps the networks.
        reporter: told where a training goes on.
        every: seconds between two checkpoints.
    """
    return Progress(root=store.root.parent / UNFINISHED, every=every, notify=reporter.say)


class Ensemble:
    """Networks number 0, 1, 2 … of one recipe, seed and set of digits, trained when first asked for.

    Args:
        digits: trained on their training images.
        config: the recipe.
        seed: where randomness starts.
        store: keeps the networks; checkpoints are kept beside it.
        reporter: shows the training.
        arranged: where to train; None takes all devices.
        progress: keeps checkpoints; None keeps them beside the store.
    """

    def __init__(
        self, digits: Digits, config: TrainConfig, *, seed: int, store: Store, reporter: Reporter,
        arranged: Arrangement | None = None, progress: Progress | None = None,
    ) -> None:  # fmt: skip
        self.digits, self.config, self.seed = digits, config, seed
        progress = progress or progress_beside(store, reporter)
        self.workshop = Workshop(digits, store=store, reporter=reporter, arranged=arranged, progress=progress)

    @property
    def scaling(self) -> Scaling:
        """Turns stored pixels into the networks' input."""
        return self.workshop.scaling(self.config)

    def run(self, number: int) -> Run:
        """What makes one network."""
        return Run(number=number, seed=self.seed, config=self.config)

    def key(self, number: int) -> Key:
        """The address of one network in the store."""
        return self.workshop.key(self.run(number))

    def nets(self, count: int) -> Iterator[TrainedNet]:
        """Networks 0 to `count` − 1, in order; those not in the store are trained on the way.

        Errors are those of `train`.
        """
        return self.workshop.nets([self.run(number) for number in range(count)])

    def net(self, number: int) -> TrainedNet:
        """One network: from the store, or trained now and stored."""
        (net,) = self.workshop.nets([self.run(number)])
        return net
