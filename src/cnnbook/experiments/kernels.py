"""Do filters of Conv_1 bring out contours, and does each map of Conv_2 mix all below in its own way?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.data.digits import Digits
from cnnbook.experiments.experiment import Experiment
from cnnbook.experiments.resampling import statistic
from cnnbook.fcp.kernels import contour_share, inputs_used, likest_pair
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

STATES = ("trained", "untrained")


def measure(nets: Sequence[TrainedNet], digits: Digits, config: Any) -> xr.Dataset:
    """Kernels of Conv_1 and Conv_2, trained and before training.

    Returns:
        `kernel` (first network, Conv_1); `sum` and `contour` by state, net and map of Conv_1; `inputs` by
        state, net and map of Conv_2; `likest` by state and net; and the statistics.
    """
    states = [[net.weights for net in nets], [untrained(net).weights for net in nets]]
    first = [[each["conv_1.kernel"][:, :, 0] for each in state] for state in states]
    second = [[each["conv_2.kernel"] for each in state] for state in states]
    contour = np.array([[contour_share(kernel) for kernel in state] for state in first])
    inputs = np.array([[inputs_used(kernel) for kernel in state] for state in second])
    likest = np.array([[likest_pair(kernel) for kernel in state] for state in second])
    gain = contour[0].mean(axis=1) - contour[1].mean(axis=1)
    by_map = ("state", "net", "map_conv_1")
    return xr.Dataset(
        {
            "kernel": (("row", "column", "map_conv_1"), first[0][0], {"units": "1"}),
            "sum": (
                by_map,
                np.array([[k.sum(axis=(0, 1)) for k in state] for state in first]),
                {"units": "1"},
            ),
            "contour": (by_map, contour, {"units": "1"}),
            "inputs": (("state", "net", "map_conv_2"), inputs, {"units": "1"}),
            "likest": (("state", "net"), likest, {"units": "1"}),
            "contour_share": statistic(contour[0].mean(axis=1), "share of squared weights in differences"),
            "contour_gain": statistic(gain, "the same, trained less untrained"),
            "inputs_used": statistic(inputs[0].mean(axis=1), "share of the 32 inputs that a Conv_2 map uses"),
            "likest_pair": statistic(likest[0], "largest cosine of two Conv_2 kernels"),
        },
        coords={"state": list(STATES), "net": [net.number for net in nets]},
        attrs={"claims": "C08 C12", "data": digits.name},
    )


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Means over networks and maps, trained and untrained."""
    found = {"nets": str(result.sizes["net"])}
    for state in STATES:
        here = result.sel(state=state)
        found |= {
            f"contour_{state}": f"{float(here.contour.mean()):.2f}",
            f"inputs_{state}": f"{float(here.inputs.mean()):.2f}",
            f"likest_{state}": f"{float(here.likest.mean()):.2f}",
            f"negative_{state}": f"{float((here['sum'] < 0).mean()):.0%}".replace("%", " %"),
        }
    return found


EXPERIMENT = Experiment(
    name="kernels",
    question="Do trained kernels answer to contours, and does each mix its inputs in a way of its own?",
    measure=measure,
    facts=facts,
)
