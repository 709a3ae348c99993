"""Which maps have no OIP, and why?

They are dead on all data, or not reached from noise, or reached only before ReLU. A ReLU that is off has no
slope: where a map is silent on a start, the ascent of its mean does not move. So a map without an OIP need
not be dead. *Resisting* (claim S3) are live maps that no start wakes, *found before ReLU* those of them that
an ascent of the preactivations wakes. *Lost to short scales* (S6) are live maps that no start of single
pixels wakes, but some start of longer fluctuations does.
"""

from collections.abc import Callable

import numpy as np
import xarray as xr
from jaxtyping import Bool, Int

from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.oips import Config, oips_of, starts_of
from cnnbook.maps import map_responses
from cnnbook.oip.ascent import ascend
from cnnbook.oip.layer import MIXED
from cnnbook.oip.objective import map_mean
from cnnbook.oip.start import SCALES, as_bytes
from cnnbook.training.trained import TrainedNet

STATES = ("found", "dead", "found before ReLU", "not reached")
"""What becomes of a map, each beyond those before it."""

KINDS = (MIXED, *(str(cells) for cells in SCALES))
"""Kinds of starts; the last has single pixels."""


def _share_of_live(result: xr.Dataset, which: xr.DataArray) -> xr.DataArray:
    """The share of live maps for which something holds; 0 where no map is live."""
    return (result.is_live & which).sum("map_conv_3") / result.is_live.sum("map_conv_3").clip(min=1)


def _resists(result: xr.Dataset) -> xr.DataArray:
    return _share_of_live(result, ~result.is_woken.any("scale"))


def _needs_longer_scales(result: xr.Dataset) -> xr.DataArray:
    longer = result.is_woken.sel(scale=list(KINDS[:-1])).any("scale")
    return _share_of_live(result, longer & ~result.is_woken.sel(scale=KINDS[-1]))


def _in_state(state: str, *, first: bool = False) -> Callable[[xr.Dataset], xr.DataArray]:
    """How many maps are in a state, by network, or in the first one."""
    nets = slice(0, 1) if first else slice(None)
    return lambda r: (r.state.isel(net=nets) == STATES.index(state)).sum("map_conv_3")


@experiment(
    config_of="oips",
    nets=("reference",),
    builds_on=("oips", "oip_quality"),
    coords={"scale": KINDS},
    about=lambda run: {"starts": run.results["oips"].sizes["start"]},
    variables=[
        variable("state", "net map_conv_3", "index of what becomes of a map"),
        variable("is_live", "net map_conv_3", "whether it responds to a training image", published=False),
        variable("is_woken", "net scale map_conv_3", "whether such a start wakes a map", published=False),
        variable("woken", "net scale", "share of live maps that some such start wakes"),
        variable("from_start", "net scale", "share of such starts that wake a live map"),
    ],
    statistics=[
        statistic("resisting_share", _resists, "share of live maps that no start wakes"),
        statistic(
            "short_scale_loss", _needs_longer_scales, "share of live maps that only longer scales wake"
        ),
    ],
    facts=[
        *(fact(state.replace(" ", "_").lower(), _in_state(state), ".1f") for state in STATES),
        *(
            fact(state.replace(" ", "_").lower() + "_first", _in_state(state, first=True), ".0f")
            for state in STATES
        ),
        fact("woken_{scale}", "woken", ".1%"),
        fact("starts_{scale}", "from_start", ".0%"),
        fact("resisting", "resisting_share", ".1%"),
        fact("short", "short_scale_loss", ".1%"),
    ],
)
def oip_search(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """What becomes of every Conv_3 map, and which scales of start wake how many."""
    oips = oips_of(run)
    is_live = run.results["oip_quality"].live.values[run.number].astype(bool)
    of_kind = [oips.from_starts(kind).reached > 0 for kind in KINDS]
    is_woken = np.stack([each.any(axis=1) for each in of_kind])
    return {
        "state": _states(net, oips.has_oip, is_live, run),
        "is_live": is_live,
        "is_woken": is_woken,
        "woken": is_woken[:, is_live].sum(axis=1) / max(int(is_live.sum()), 1),
        "from_start": [each[is_live].mean() if is_live.any() else 0.0 for each in of_kind],
    }


def _states(
    net: TrainedNet,
    is_woken: Bool[np.ndarray, " maps"],
    is_live: Bool[np.ndarray, " maps"],
    run: Measurement[Config],
) -> Int[np.ndarray, " maps"]:
    """What becomes of each map."""
    state = np.where(is_woken, STATES.index("found"), STATES.index("not reached"))
    state[~is_live] = STATES.index("dead")
    resisting = [int(index) for index in np.flatnonzero(is_live & ~is_woken)]
    if resisting:
        starts, _ = starts_of(run)
        objectives = [map_mean("conv_3", index).before_relu() for index in resisting]
        key = run.key("ascents before ReLU")
        ascent = ascend(net, objectives, starts, run.config.preset(), key=key)
        pictures = as_bytes(ascent.pictures.reshape(-1, *starts.shape[1:]))
        largest = map_responses(net, pictures, ("conv_3",))["conv_3"].largest
        of_map = largest.reshape(len(resisting), len(starts), -1)
        for responses, index in zip(of_map, resisting, strict=True):
            if (responses[:, index] > 0).any():
                state[index] = STATES.index("found before ReLU")
    return state
