"""The work of `cnnbook train`: networks trained one after another, written, tested."""

import time
from collections.abc import Sequence
from pathlib import Path

import jax
import numpy as np
from safetensors import SafetensorError

from cnnbook import __version__
from cnnbook.cli.failures import mendable
from cnnbook.cli.measured import Measured
from cnnbook.cli.outputs import written
from cnnbook.config import to_dict
from cnnbook.maps import accuracy
from cnnbook.progress import Reporter
from cnnbook.training.ensemble import Ensemble
from cnnbook.training.trained import TrainedNet


def train_nets(
    ensemble: Ensemble, nets: int, places: Sequence[Path], reporter: Reporter
) -> tuple[list[TrainedNet], float]:
    """Train networks, each written as soon as it is there.

    Args:
        ensemble: the recipe and the digits; its store is left alone.
        nets: how many.
        places: the file of each; empty to write none.
        reporter: told when a network is of no use.

    Returns:
        The networks, and the training images seen a second over all of them.
    """
    trained, speeds = [], []
    try:
        for number in range(nets):
            net, speed = ensemble.train(number, f"training net {number + 1} of {nets}")
            if not np.isfinite(net.train_loss).all():
                hint = "a lower --peak-learning-rate may help"
                reporter.say(f"net {number}: its loss is not a finite number any more; {hint}")
            if places:
                with mendable((OSError, SafetensorError)), written(places[number]) as draft:
                    trained.save(net, draft)
            trained.append(net)
            speeds.append(speed)
    except KeyboardInterrupt:
        kept = f"{len(trained)} of {nets} networks written" if places else "without --out nothing is kept"
        raise KeyboardInterrupt(kept) from None
    return trained, nets / sum(1 / speed for speed in speeds)


def measure(
    ensemble: Ensemble, trained: Sequence[TrainedNet], *, speed: float, begin: float, places: Sequence[Path]
) -> Measured:
    """Test networks on all test images, and put all numbers together.

    Args:
        ensemble: where they come from.
        trained: the networks.
        speed: training images a second.
        begin: when the command started, by `time.perf_counter`.
        places: the files written.
    """
    digits = ensemble.digits
    accuracies = [accuracy(net, digits.test_images, digits.test_labels) for net in trained]
    return Measured(
        images_per_second=round(speed, 1),
        compile_seconds=round(ensemble.trainer.compile_seconds, 3),
        total_seconds=round(time.perf_counter() - begin, 3),
        test_accuracy=accuracies,
        mean_test_accuracy=sum(accuracies) / len(accuracies),
        parameters=sum(weights.size for weights in trained[0].weights.values()),
        data=digits.name,
        data_digest=digits.digest,
        weights_digest=[net.digest for net in trained],
        nets=len(trained),
        seed=ensemble.seed,
        recipe=to_dict(ensemble.config),
        platform=jax.default_backend(),
        version=__version__,
        weights=[str(place) for place in places],
    )
