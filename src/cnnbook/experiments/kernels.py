"""Do trained kernels respond to contours, and does each map mix its inputs in a way of its own?"""

from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import at
from cnnbook.fcp.kernels import contour_share, inputs_used, most_similar_pair
from cnnbook.training.trained import TrainedNet


@experiment(
    states=("trained", "untrained"),
    variables=[
        variable("kernel", "row column map_conv_1", "kernels of Conv_1, first network"),
        variable("sum", "state net map_conv_1", "sum of a kernel's weights"),
        variable("contour", "state net map_conv_1", "share of a kernel's squared weights in differences"),
        variable("inputs", "state net map_conv_2", "share of the 32 inputs that a Conv_2 map uses"),
        variable("most_similar", "state net", "largest cosine of two Conv_2 kernels"),
    ],
    statistics=[
        statistic(
            "contour_share", at("contour").mean("map_conv_1"), "share of squared weights in differences"
        ),
        statistic(
            "contour_gain",
            (at("contour") - at("contour", state="untrained")).mean("map_conv_1"),
            "the same, trained less untrained",
        ),
        statistic(
            "inputs_used",
            at("inputs").mean("map_conv_2"),
            "share of the 32 inputs that a Conv_2 map uses",
        ),
        statistic("most_similar_pair", at("most_similar"), "largest cosine of two Conv_2 kernels"),
    ],
    facts=[
        fact("contour_{state}", "contour"),
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
