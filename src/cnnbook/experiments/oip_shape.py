"""Do OIPs repeat their motif? The highest second peak of each one's autocorrelation.

*Repeating* (claim S5) means a second peak of `REPEATS` or more of the first. The nulls: the same of the
starts, of networks that cannot know anything, and of real digits. A map's mean asks nine points for the same
at once, 4 pixels apart, so that repetition is to be expected; so the OIP of the middle point alone is looked
at as well.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from cnnbook.data.digits import Digits
from cnnbook.experiments.experiment import NetsOf
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.oips import MIXED, PRESET, Config, best_of, config_of
from cnnbook.experiments.resampling import statistic
from cnnbook.keys import key_for
from cnnbook.nets.geometry import SEEN
from cnnbook.oip.ascent import ascend
from cnnbook.oip.objective import SHAPES, point
from cnnbook.oip.presets import preset_named
from cnnbook.oip.quality import second_peak

REPEATS = 0.3
"""Height of a second peak, by that of the first, from which a picture repeats itself."""

DIGITS = 300
"""Test images whose second peaks are a null."""


def measure(nets: NetsOf, digits: Digits, config: Config, oips: xr.Dataset) -> xr.Dataset:
    """Second peaks of the best OIPs by network and map, of single points' OIPs, and of the nulls.

    Returns:
        `peak` by net and map, 0 where a map has no OIP; `null_peak` by null and map; `point_peak` by map
        (first network); `start_peak`, `digit_peak`; `large`: share of the seen picture that differs from the
        start by a tenth of full ink; and the statistic.
    """
    mixed = oips["kind"].values.astype(str) == MIXED
    begin = oips["begin"].values[mixed].astype(np.float32) / 255
    peak, share, large = [], [], []
    for pictures, reached in zip(oips.picture.values, oips.reached.values, strict=True):
        some, found = reached[:, mixed], reached.max(axis=1) > 0
        best = best_of(pictures[:, mixed], some)
        peak.append(_peaks(best) * found)
        share.append(float((peak[-1][found] >= REPEATS).mean()) if found.any() else 0.0)
        changed = np.abs(best - begin[some.argmax(axis=1)])[:, :SEEN, :SEEN] > 0.1
        large.append(changed.mean(axis=(1, 2)))
    nulls = [
        _peaks(best_of(pictures[:, mixed], reached[:, mixed]))
        for pictures, reached in zip(oips.null_picture.values, oips.null_reached.values, strict=True)
    ]
    return xr.Dataset(
        {
            "peak": (("net", "map_conv_3"), np.stack(peak), {"units": "1"}),
            "large": (("net", "map_conv_3"), np.stack(large), {"units": "1"}),
            "null_peak": (("null", "map_conv_3"), np.stack(nulls), {"units": "1"}),
            "point_peak": ("map_conv_3", _of_points(nets, begin, config), {"units": "1"}),
            "start_peak": ("begun", _peaks(begin), {"units": "1"}),
            "digit_peak": ("digit", _peaks(digits.test_images[:DIGITS] / np.float32(255)), {"units": "1"}),
            "repeating_share": statistic(share, "share of OIPs with a second peak of their autocorrelation"),
        },
        coords={"net": oips["net"].values, "null": oips["null"].values},
        attrs={"claims": "S5", "data": digits.name, "repeats": REPEATS},
    )  # fmt: skip


def _of_points(nets: NetsOf, begin: np.ndarray, config: Config) -> np.ndarray:
    """Second peaks inside the window of each map's middle point, for the OIP of that point alone."""
    objectives = [point("conv_3", number, 1, 1) for number in range(SHAPES["conv_3"][2])]
    preset = config.own.preset(preset_named(PRESET))
    ascent = ascend(
        nets["reference"][0],
        objectives,
        begin,
        preset,
        key=key_for(config.seed, "oip_shape/ascents of points"),
    )
    best = ascent.pictures[np.arange(len(objectives)), ascent.reached.argmax(axis=1)]
    return _peaks(best[:, 4:22, 4:22]) * (ascent.reached.max(axis=1) > 0)


def _peaks(pictures: np.ndarray) -> np.ndarray:
    return np.array([second_peak(picture) for picture in pictures])


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Shares of pictures that repeat themselves."""

    def share(name: str, chosen: Mapping[str, str] | None = None) -> str:
        values = result[name].sel(chosen or {}).values
        return f"{100 * float((values >= REPEATS).mean()):.0f} %"

    return {
        "repeats": f"{REPEATS:g}",
        "share": f"{100 * float(result.repeating_share.mean()):.0f} %",
        "points": share("point_peak"),
        "starts": share("start_peak"),
        "digits": share("digit_peak"),
        "untrained": share("null_peak", {"null": "untrained"}),
        "shuffled": share("null_peak", {"null": "shuffled labels"}),
        "large": f"{100 * float(result.large.mean()):.0f} %",
        "nets": str(result.sizes["net"]),
    }


EXPERIMENT = LegacyExperiment(
    name="oip_shape",
    question="Do OIPs repeat their motif?",
    measure=measure,
    facts=facts,
    config=config_of,
    nets="recipes",
    recipes=("reference",),
    builds_on=("oips",),
)
