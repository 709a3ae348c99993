"""A network for ascents: its weights as drawn, which is enough to climb."""

import jax
import numpy as np
import pytest

from cnnbook.config.training import TrainConfig
from cnnbook.data.scaling import fit_scaling
from cnnbook.nets.cnn import CNN
from cnnbook.training.trained import TrainedNet


@pytest.fixture(scope="package")
def drawn() -> TrainedNet:
    scaling = fit_scaling("unit", np.zeros((1, 28, 28), np.uint8))
    return TrainedNet(
        number=0, seed=3, model=CNN(key=jax.random.key(3)), scaling=scaling, config=TrainConfig(),
        loss_curve=np.zeros(0),
    )  # fmt: skip
