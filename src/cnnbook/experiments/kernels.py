"""Do trained kernels respond to contours, and does each map mix its inputs in a way of its own?"""

import xarray as xr

from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import at
from cnnbook.fcp.kernels import contour_share, inputs_used, most_similar_pair
from cnnbook.training.trained import TrainedNet


def _word(difference: xr.DataArray, least: float) -> str:
    """Whether a mean over networks is larger or smaller than nothing, by some amount at least."""
    mean = float(difference.mean())
    return "about the same" if abs(mean) < least else "larger" if mean > 0 else "smaller"


@experiment(
    states=("trained", "untrained"),
    variables=[
        variable("kernel", "state row column map_conv_1", "kernels of Conv_1, first network"),
        variable("sum", "state net map_conv_1", "sum of a kernel's weights"),
        variable("contour", "state net map_conv_1", "share of a kernel's squared weights in differences"),
        variable("inputs", "state net map_conv_2", "share of the 32 inputs that a Conv_2 map uses"),
        variable("most_similar", "state net", "largest cosine of two Conv_2 kernels"),
    ],
    statistics=[
        statistic(
            "contour_gain",
            (at("contour") - at("contour", state="untrained")).mean("map_conv_1"),
            "share of squared weights in differences, trained less untrained",
        ),
        statistic(
            "inputs_used", at("inputs").mean("map_conv_2"), "share of the 32 inputs that a Conv_2 map uses"
        ),
        statistic(
            "inputs_used_untrained",
            at("inputs", state="untrained").mean("map_conv_2"),
            "the same before training",
        ),
        statistic("most_similar_pair", at("most_similar"), "largest cosine of two Conv_2 kernels"),
        statistic(
            "most_similar_untrained", at("most_similar", state="untrained"), "the same before training"
        ),
    ],
    facts=[
        fact("contour_{state}", "contour"),
        fact("contour_gain", form="+.3f"),
        fact("contour_is", lambda r: _word(r.contour_gain, 0.005)),
        fact("inputs_are", lambda r: _word(r.inputs_used - r.inputs_used_untrained, 0.01)),
        fact("inputs_{state}", "inputs"),
        fact("most_similar_{state}", "most_similar"),
        fact("negative_{state}", lambda r: r["sum"] < 0, ".0%"),
    ],
)
def kernels(net: TrainedNet, run: Measurement[None]) -> Measured:
    """Kernels of Conv_1 and Conv_2 of one network, in one state."""
    first, second = net.weights["conv_1.kernel"][:, :, 0], net.weights["conv_2.kernel"]
    return {
        "kernel": first,
        "sum": first.sum(axis=(0, 1)),
        "contour": contour_share(first),
        "inputs": inputs_used(second),
        "most_similar": most_similar_pair(second),
    }
