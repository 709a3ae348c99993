"""A network before its first update: what training is compared with."""

import numpy as np

from cnnbook.nets.networks import network
from cnnbook.training.keys import init_and_shuffle_keys, net_key
from cnnbook.training.trained import TrainedNet


def untrained(like: TrainedNet) -> TrainedNet:
    """The same network with the weights it started from."""
    init_key, _ = init_and_shuffle_keys(net_key(like.seed, like.number))
    return TrainedNet(
        number=like.number, seed=like.seed, model=network(like.config.network, key=init_key),
        scaling=like.scaling, config=like.config, loss_curve=np.zeros(0),
    )  # fmt: skip
