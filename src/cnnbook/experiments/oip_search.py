"""Maps without an OIP: dead on all data, alive but not reached from noise, or found only before ReLU.

A ReLU that is off has no slope: where a map is silent on a start, the ascent of its mean does not move. So a
map without an OIP need not be dead. *Resisting* (claim S3) are live maps that no start wakes, *found before
ReLU* those of them that an ascent of the preactivations wakes. *Lost to short scales* (S6) are live maps that
no start of single pixels wakes, but some start of longer fluctuations does.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from cnnbook.data.digits import Digits
from cnnbook.experiments.experiment import NetsOf
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.oips import MIXED, PRESET, Config, as_bytes, config_of, starts_of
from cnnbook.experiments.resampling import statistic
from cnnbook.keys import key_for
from cnnbook.maps import map_responses
from cnnbook.oip.ascent import ascend
from cnnbook.oip.objective import map_mean
from cnnbook.oip.presets import preset_named
from cnnbook.oip.start import SCALES
from cnnbook.training.trained import TrainedNet

STATES = ("found", "dead", "found before ReLU", "not reached")
"""What becomes of a map, each beyond those before it."""

_SHORT = str(SCALES[-1])


def measure(
    nets: NetsOf, digits: Digits, config: Config, oips: xr.Dataset, quality: xr.Dataset
) -> xr.Dataset:
    """What becomes of every Conv_3 map in every network, and which scales of start wake how many.

    Returns:
        `state` by net and map, a place in `STATES`; `woken` by net and kind of start: share of live maps that
        some such start wakes; `from_start`: share of single starts that wake a live map; and the statistics.
    """
    reference, kinds = nets["reference"], oips["kind"].values.astype(str)
    names = [MIXED, *map(str, SCALES)]
    state = np.zeros((len(reference), oips.sizes["map_conv_3"]), np.int64)
    woken, from_start = np.zeros((2, len(reference), len(names)))
    resisting, short = [], []
    for n, net in enumerate(reference):
        reached = oips.reached.values[n] > 0
        live = quality.live.values[n]
        by_kind = np.stack([reached[:, kinds == name].any(axis=1) for name in names])
        state[n] = _states(net, reached.any(axis=1), live, config)
        alive = max(int(live.sum()), 1)
        woken[n] = by_kind[:, live].sum(axis=1) / alive
        from_start[n] = [reached[live][:, kinds == name].mean() if live.any() else 0.0 for name in names]
        resisting.append((live & ~reached.any(axis=1)).sum() / alive)
        short.append((live & ~by_kind[names.index(_SHORT)] & by_kind[:-1].any(axis=0)).sum() / alive)
    return xr.Dataset(
        {
            "state": (("net", "map_conv_3"), state, {"units": "1"}),
            "woken": (("net", "scale"), woken, {"units": "1"}),
            "from_start": (("net", "scale"), from_start, {"units": "1"}),
            "resisting_share": statistic(resisting, "share of live maps that no start wakes"),
            "short_scale_loss": statistic(short, "share of live maps that only longer scales wake"),
        },
        coords={"net": [net.number for net in reference], "scale": names},
        attrs={"claims": "S3 S6", "data": digits.name, "starts": len(kinds)},
    )  # fmt: skip


def _states(net: TrainedNet, found: np.ndarray, live: np.ndarray, config: Config) -> np.ndarray:
    """What becomes of each map."""
    state = np.where(found, STATES.index("found"), STATES.index("not reached"))
    state[~live] = STATES.index("dead")
    left = [int(number) for number in np.flatnonzero(live & ~found)]
    if left:
        starts, _ = starts_of(config.own, config.seed)
        objectives = [map_mean("conv_3", number, before=True) for number in left]
        preset = config.own.preset(preset_named(PRESET))
        ascent = ascend(
            net, objectives, starts, preset, key=key_for(config.seed, "oip_search/ascents before ReLU")
        )
        shown = as_bytes(ascent.pictures.reshape(-1, *starts.shape[1:]))
        woken = map_responses(net, shown, ("conv_3",))["conv_3"].largest.reshape(len(left), len(starts), -1)
        for place, number in enumerate(left):
            if (woken[place, :, number] > 0).any():
                state[number] = STATES.index("found before ReLU")
    return state


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """Maps by state in the first network and on average, and shares of starts that wake a map."""
    found = {"starts": str(result.attrs["starts"]), "nets": str(result.sizes["net"])}
    for k, name in enumerate(STATES):
        key = name.replace(" ", "_").lower()
        found[key] = f"{float((result.state == k).sum('map_conv_3').mean()):.1f}"
        found[f"{key}_first"] = str(int((result.state.isel(net=0) == k).sum()))
    for scale in result["scale"].values.astype(str):
        found[f"woken_{scale}"] = f"{100 * float(result.woken.sel(scale=scale).mean()):.1f} %"
        found[f"starts_{scale}"] = f"{100 * float(result.from_start.sel(scale=scale).mean()):.0f} %"
    found["resisting"] = f"{100 * float(result.resisting_share.mean()):.1f} %"
    found["short"] = f"{100 * float(result.short_scale_loss.mean()):.1f} %"
    return found


EXPERIMENT = LegacyExperiment(
    name="oip_search",
    question="Which maps have no OIP, and why?",
    measure=measure,
    facts=facts,
    config=config_of,
    nets="recipes",
    recipes=("reference",),
    builds_on=("oips", "oip_quality"),
)
