"""Are OIPs large, and do they repeat their motif?

*Large* (claim S5) are structures longer than what a point of Conv_2 sees: the share of a picture's contrast
at wavelengths of more than 8 pixels, for OIPs of Conv_3 less those of Conv_2. *Repeating* means that the
second peak of a picture's autocorrelation has `REPEATS` or more of the height of the first. A map's mean asks
nine points for the same at once, 4 pixels apart, so that repetition is to be expected of any network: what
counts is the share above that of the same networks before training. Further baselines: a network that learned
shuffled labels, the OIP of the middle point alone, the starts, and real digits.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float, Real

from cnnbook.experiments.experiment import (
    TRAINED,
    UNTRAINED,
    Measured,
    Measurement,
    experiment,
    fact,
    statistic,
    variable,
)
from cnnbook.experiments.oips import TRAINING, Config, oips_of
from cnnbook.nets.geometry import CROP
from cnnbook.oip.ascent import ascend
from cnnbook.oip.layer import MIXED
from cnnbook.oip.objective import SHAPES, map_mean, map_point
from cnnbook.oip.quality import long_wave_share, second_autocorrelation_peak
from cnnbook.training.trained import TrainedNet

REPEATS = 0.3
"""Height of a second peak, by that of the first, from which a picture repeats itself."""

DIGITS = 300
"""Test images that are a baseline."""

STARTS = 4
"""Mixed starts, at most, from which OIPs of Conv_2 and of points are climbed."""

LONG = 8
"""Pixels that a point of Conv_2 sees in each direction."""


def _repeating(result: xr.Dataset) -> xr.DataArray:
    """The share of maps with an OIP whose OIP repeats itself, by state; 0 where no map has one."""
    return (result.peak >= REPEATS).where(result.has_oip).mean("map_conv_3").fillna(0)


def _large(result: xr.Dataset) -> xr.DataArray:
    """The share of contrast at long wavelengths, mean over maps with an OIP, by state."""
    return result.long_share.where(result.has_oip).mean("map_conv_3").fillna(0)


def _large_below(result: xr.Dataset) -> xr.DataArray:
    """The same of Conv_2, trained."""
    return result.long_share_conv_2.where(result.has_oip_conv_2).mean("map_conv_2").fillna(0)


def _trained(name: str) -> Callable[[xr.Dataset], xr.DataArray]:
    return lambda result: result[name].sel(state=TRAINED, drop=True)


def _untrained(name: str) -> Callable[[xr.Dataset], xr.DataArray]:
    return lambda result: result[name].sel(state=UNTRAINED, drop=True)


def _repeats(name: str) -> Callable[[xr.Dataset], xr.DataArray]:
    return lambda result: result[name] >= REPEATS


@experiment(
    config_of="oips",
    nets=("reference",),
    states=(TRAINED, UNTRAINED),
    builds_on=("oips",),
    about=lambda run: {"repeats": REPEATS, "long": LONG},
    variables=[
        variable("peak", "state net map_conv_3", "second peak of the best OIP, 0 where a map has none"),
        variable("long_share", "state net map_conv_3", "share of its contrast at long wavelengths"),
        variable("has_oip", "state net map_conv_3", "whether some start wakes a map", published=False),
        variable("long_share_conv_2", "net map_conv_2", "share of contrast at long wavelengths"),
        variable("has_oip_conv_2", "net map_conv_2", "whether some start wakes a map", published=False),
        variable("repeating", "state net", "share of OIPs that repeat themselves", of=_repeating),
        variable("large", "state net", "share of contrast at long wavelengths", of=_large),
        variable("large_conv_2", "net", "the same of Conv_2", of=_large_below),
        variable("changed", "net map_conv_3", "share of pixels a tenth of full ink or more from the start"),
        variable("shuffled_peak", "map_conv_3", "second peak after learning shuffled labels"),
        variable("point_peak", "map_conv_3", "second peak of the middle point's OIP, first network"),
        variable("start_peak", "begun", "second peak of a start"),
        variable("digit_peak", "digit", "second peak of a test image"),
        variable("start_long_share", "begun", "share of a start's contrast at long wavelengths"),
        variable("digit_long_share", "digit", "share of a test image's contrast at long wavelengths"),
    ],
    statistics=[
        statistic("repeating_share", _trained("repeating"), "share of OIPs that repeat themselves"),
        statistic("repeating_untrained", _untrained("repeating"), "the same before training"),
        statistic(
            "repeating_gain",
            lambda r: _trained("repeating")(r) - _untrained("repeating")(r),
            "share of OIPs that repeat themselves, less before training",
        ),
        statistic(
            "large_gain",
            lambda r: _trained("large")(r) - r.large_conv_2,
            "share of contrast at long wavelengths, Conv_3 less Conv_2",
        ),
    ],
    facts=[
        fact("repeats", form="g"),
        fact("share", "repeating_share", ".0%"),
        fact("untrained", "repeating_untrained", ".0%"),
        fact("points", _repeats("point_peak"), ".0%"),
        fact("starts", _repeats("start_peak"), ".0%"),
        fact("digits", _repeats("digit_peak"), ".0%"),
        fact("shuffled", _repeats("shuffled_peak"), ".0%"),
        fact("large", _trained("large"), ".0%"),
        fact("large_untrained", _untrained("large"), ".0%"),
        fact("large_conv_2", form=".0%"),
        fact("large_starts", "start_long_share", ".0%"),
        fact("large_digits", "digit_long_share", ".0%"),
        fact("changed", form=".0%"),
    ],
)
def oip_shape(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Second peaks and long waves of the best OIPs, of OIPs of Conv_2 and of points, and of the baselines."""
    oips = oips_of(run, training=run.state)
    mixed = oips.from_starts(MIXED)
    measured = {
        "peak": _peaks(mixed.best) * oips.has_oip,
        "long_share": _long_shares(mixed.best),
        "has_oip": oips.has_oip,
    }
    if not run.is_trained:
        return measured
    begin = run.results["oips"]["begin"].values[oips.kinds == MIXED]
    starts = begin.astype(np.float32) / 255
    change = np.abs(mixed.best - starts[mixed.best_start])[:, :CROP, :CROP]
    measured |= {"changed": (change > 0.1).mean(axis=(1, 2)), **_of_conv_2(net, starts, run)}
    return measured | _baselines(net, starts, run) if run.is_first else measured


def _baselines(
    net: TrainedNet, starts: Float[np.ndarray, "starts 28 28"], run: Measurement[Config]
) -> dict[str, Any]:
    """What the OIPs are compared with, beside networks before training."""
    digits = run.test_images(DIGITS) / np.float32(255)
    return {
        "shuffled_peak": _peaks(oips_of(run, training=TRAINING[2]).from_starts(MIXED).best),
        "point_peak": _of_points(net, starts[:STARTS], run),
        "start_peak": _peaks(starts),
        "digit_peak": _peaks(digits),
        "start_long_share": _long_shares(starts),
        "digit_long_share": _long_shares(digits),
    }


def _of_conv_2(
    net: TrainedNet, starts: Float[np.ndarray, "starts 28 28"], run: Measurement[Config]
) -> dict[str, Any]:
    """Long waves of the best OIPs of Conv_2."""
    objectives = [map_mean("conv_2", index) for index in range(SHAPES["conv_2"][2])]
    ascent = ascend(net, objectives, starts[:STARTS], run.config.preset(), key=run.key("ascents of Conv_2"))
    return {
        "long_share_conv_2": _long_shares(ascent.best),
        "has_oip_conv_2": ascent.reached.max(axis=1) > 0,
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


def _long_shares(pictures: Real[np.ndarray, "n 28 28"]) -> Float[np.ndarray, " n"]:
    """Shares of contrast at wavelengths longer than what a point of Conv_2 sees, where Conv_3 sees it."""
    return np.array([long_wave_share(picture[:CROP, :CROP], LONG) for picture in pictures])
