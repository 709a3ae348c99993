"""Do OIPs repeat their motif?

*Repeating* (claim S5) means that the second peak of a picture's autocorrelation has `REPEATS` or more of the
height of the first. The baselines: the same of the starts, of networks that did not learn digits, and of real
digits. A map's mean asks nine points for the same at once, 4 pixels apart, so that repetition is to be
expected; so the OIP of the middle point alone is looked at as well.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float

from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.oips import Config, null_oips_of, oips_of
from cnnbook.nets.geometry import CROP
from cnnbook.oip.ascent import ascend
from cnnbook.oip.layer import MIXED
from cnnbook.oip.objective import SHAPES, map_point
from cnnbook.oip.quality import second_autocorrelation_peak
from cnnbook.training.trained import TrainedNet

REPEATS = 0.3
"""Height of a second peak, by that of the first, from which a picture repeats itself."""

DIGITS = 300
"""Test images whose second peaks are a baseline."""


def _repeating_share(result: xr.Dataset) -> xr.DataArray:
    """The share of maps with an OIP whose OIP repeats itself; 0 where no map has one."""
    return (result.peak >= REPEATS).where(result.has_oip).mean("map_conv_3").fillna(0)


def _repeats(name: str, **chosen: Any) -> Callable[[xr.Dataset], xr.DataArray]:
    return lambda result: result[name].sel(chosen) >= REPEATS


@experiment(
    config_of="oips",
    nets=("reference",),
    builds_on=("oips",),
    coords=lambda run: {"null": run.results["oips"]["null"].values},
    about=lambda run: {"repeats": REPEATS},
    variables=[
        variable("peak", "net map_conv_3", "second peak of the best OIP, 0 where a map has none"),
        variable("large", "net map_conv_3", "share of pixels a tenth of full ink or more from the start"),
        variable("has_oip", "net map_conv_3", "whether some start wakes a map", published=False),
        variable("null_peak", "null map_conv_3", "second peak of the best picture"),
        variable("point_peak", "map_conv_3", "second peak of the middle point's OIP, first network"),
        variable("start_peak", "begun", "second peak of a start"),
        variable("digit_peak", "digit", "second peak of a test image"),
    ],
    statistics=[
        statistic(
            "repeating_share", _repeating_share, "share of OIPs with a second peak of their autocorrelation"
        )
    ],
    facts=[
        fact("repeats", form="g"),
        fact("share", "repeating_share", ".0%"),
        fact("points", _repeats("point_peak"), ".0%"),
        fact("starts", _repeats("start_peak"), ".0%"),
        fact("digits", _repeats("digit_peak"), ".0%"),
        fact("untrained", _repeats("null_peak", null="untrained"), ".0%"),
        fact("shuffled", _repeats("null_peak", null="shuffled labels"), ".0%"),
        fact("large", form=".0%"),
    ],
)
def oip_shape(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Second peaks of the best OIPs, of single points' OIPs, and of the baselines."""
    oips = oips_of(run)
    mixed = oips.from_starts(MIXED)
    begin = run.results["oips"]["begin"].values[oips.kinds == MIXED]
    starts = begin.astype(np.float32) / 255
    change = np.abs(mixed.best - starts[mixed.best_start])[:, :CROP, :CROP]
    measured = {
        "peak": _peaks(mixed.best) * oips.has_oip,
        "large": (change > 0.1).mean(axis=(1, 2)),
        "has_oip": oips.has_oip,
    }
    if not run.is_first:
        return measured
    return measured | {
        "null_peak": [_peaks(each.from_starts(MIXED).best) for each in null_oips_of(run)],
        "point_peak": _of_points(net, starts, run),
        "start_peak": _peaks(starts),
        "digit_peak": _peaks(run.digits.test_images[:DIGITS] / np.float32(255)),
    }


def _of_points(
    net: TrainedNet, starts: Float[np.ndarray, "starts 28 28"], run: Measurement[Config]
) -> Float[np.ndarray, " maps"]:
    """Second peaks inside the window of each map's middle point, for the OIP of that point alone."""
    objectives = [map_point("conv_3", index, 1, 1) for index in range(SHAPES["conv_3"][2])]
    ascent = ascend(net, objectives, starts, run.config.preset(), key=run.key("ascents of points"))
    return _peaks(ascent.best[:, 4:22, 4:22]) * (ascent.reached.max(axis=1) > 0)


def _peaks(pictures: Float[np.ndarray, "n h w"]) -> Float[np.ndarray, " n"]:
    return np.array([second_autocorrelation_peak(picture) for picture in pictures])
