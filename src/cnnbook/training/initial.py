"""A network before its first update: what training is compared with."""

import numpy as np

from cnnbook.nets.networks import network
from cnnbook.training.keys import init_key
from cnnbook.training.trained import TrainedNet


def untrained(like: TrainedNet) -> TrainedNet:
    """The same network with the weights it started from."""
    return TrainedNet(
        number=like.number,
        seed=like.seed,
        model=network(like.config.network, key=init_key(like.seed, like.number)),
        scaling=like.scaling,
        config=like.config,
        loss_curve=np.zeros(0),
    )
