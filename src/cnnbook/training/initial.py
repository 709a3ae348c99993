"""A network before its first update: what training is compared with."""

from dataclasses import replace
from functools import partial

import jax
import numpy as np
from flax import nnx
from jaxtyping import Key

from cnnbook.config.training import NetworkName
from cnnbook.keys import init_key, shape_key
from cnnbook.nets.networks import network
from cnnbook.training.trained import TrainedNet


def untrained(like: TrainedNet) -> TrainedNet:
    """The same network with its initial weights."""
    name = like.config.network
    model = nnx.eval_shape(lambda: network(name, key=shape_key()))
    nnx.update(model, _initial(init_key(like.seed, like.number), name=name))
    return replace(like, model=model, loss_curve=np.zeros(0))


@partial(jax.jit, static_argnames="name")
def _initial(key: Key[jax.Array, ""], *, name: NetworkName) -> nnx.State:
    """The initial weights of a network, drawn by one program."""
    return nnx.state(network(name, key=key), nnx.Param)
