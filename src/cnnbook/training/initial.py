"""A network before its first update: what training is compared with."""

from dataclasses import replace

import numpy as np

from cnnbook.keys import init_key
from cnnbook.nets.networks import network
from cnnbook.training.trained import TrainedNet


def untrained(like: TrainedNet) -> TrainedNet:
    """The same network with its initial weights."""
    model = network(like.config.network, key=init_key(like.seed, like.number))
    return replace(like, model=model, loss_curve=np.zeros(0))
