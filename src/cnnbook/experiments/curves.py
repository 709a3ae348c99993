"""How networks learned: the loss and the learning rate on the way, a few points an epoch."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from cnnbook.training.recipe import learning_rates
from cnnbook.training.trained import TrainedNet


def learning_curves(nets: Sequence[TrainedNet], train_images: int) -> xr.Dataset:
    """Training loss of every network and the learning rate, along the training.

    Args:
        nets: by one recipe.
        train_images: that they learned from.

    Returns:
        `loss_curve` by net and stretch of updates, each the mean over its stretch, label smoothing and all;
        `stretch` is where the stretch ends, in epochs. `learning_rate` by update; `update` is where it
        stands, in epochs.
    """
    config = nets[0].config
    losses = np.stack([net.loss_curve for net in nets])
    updates = config.epochs * (train_images // config.batch_size)
    rates = learning_rates(config, updates)
    ends = config.epochs * np.arange(1, losses.shape[1] + 1) / losses.shape[1]
    along = config.epochs * np.arange(updates) / updates
    return xr.Dataset(
        {
            "loss_curve": (("net", "stretch"), losses, {"units": "nat", "long_name": "mean training loss"}),
            "learning_rate": ("update", rates, {"units": "1", "long_name": "learning rate of each update"}),
        },
        coords={
            "net": [net.number for net in nets],
            "stretch": ("stretch", ends, {"units": "epochs", "long_name": "end of a stretch of updates"}),
            "update": ("update", along, {"units": "epochs", "long_name": "where the update stands"}),
        },
    )
