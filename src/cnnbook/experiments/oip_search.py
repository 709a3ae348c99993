"""Which maps have no OIP, and why?

They are dead on the training images, or not reached from noise, or reached only before ReLU. A ReLU that is
off has no slope: where a map is silent on a start, the ascent of its mean does not move. So whether a start
leads to an OIP needs no ascent, only a forward pass, and as many starts of each kind can be tried as in a
patient search. *Resisting* (claim S3) are live maps that no start of any kind wakes, above their share in the
same networks before training. *Found before ReLU* are those of them that an ascent of the preactivations
wakes. *Lost to short scales* (S6) are live maps that only starts of longer scales wake, less those that only
starts of single pixels wake, from as many starts of mixed scales as of pixels.
"""

from collections.abc import Callable

import numpy as np
import xarray as xr
from jaxtyping import Bool, Int

from cnnbook.arrays import RawImages
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
from cnnbook.experiments.oips import Config, starts_of
from cnnbook.maps import map_responses
from cnnbook.oip.ascent import ascend
from cnnbook.oip.layer import MIXED
from cnnbook.oip.objective import map_mean
from cnnbook.oip.start import SCALES, Fluctuations, as_bytes
from cnnbook.training.trained import TrainedNet

STATES = ("found", "dead", "found before ReLU", "not reached")
"""What becomes of a map, each beyond those before it."""

KINDS = (MIXED, *(str(cells) for cells in SCALES))
"""Kinds of starts; the last has single pixels."""


def _share_of_live(result: xr.Dataset, which: xr.DataArray) -> xr.DataArray:
    """The share of live maps for which something holds, by state; 0 where no map is live."""
    return (result.is_live & which).sum("map_conv_3") / result.is_live.sum("map_conv_3").clip(min=1)


def _resisting(result: xr.Dataset) -> xr.DataArray:
    """The share of live maps that no start wakes, by state."""
    return _share_of_live(result, ~result.is_woken.any("scale"))


def _resisting_gain(result: xr.Dataset) -> xr.DataArray:
    return result.resisting.sel(state=TRAINED, drop=True) - result.resisting.sel(state=UNTRAINED, drop=True)


def _lost(result: xr.Dataset, to: str, kept: str) -> xr.DataArray:
    """The share of live maps that starts of one kind wake and those of another do not, trained."""
    is_woken = result.is_woken
    lost = _share_of_live(result, is_woken.sel(scale=kept) & ~is_woken.sel(scale=to))
    return lost.sel(state=TRAINED, drop=True)


def _short_scale_loss(result: xr.Dataset) -> xr.DataArray:
    return _lost(result, KINDS[-1], MIXED) - _lost(result, MIXED, KINDS[-1])


def _in_state(state: str, *, first: bool = False) -> Callable[[xr.Dataset], xr.DataArray]:
    """How many maps are in a state, by network, or in the first one."""
    nets = slice(0, 1) if first else slice(None)
    return lambda r: (r.fate.isel(net=nets) == STATES.index(state)).sum("map_conv_3")


@experiment(
    config_of="oips",
    nets=("reference",),
    states=(TRAINED, UNTRAINED),
    builds_on=("oips", "oip_quality"),
    coords={"scale": KINDS},
    about=lambda run: {"tried": run.config.tried},
    variables=[
        variable("fate", "net map_conv_3", "index of what becomes of a map"),
        variable("is_live", "state net map_conv_3", "whether it responds to digits", published=False),
        variable("is_woken", "state net scale map_conv_3", "whether such a start wakes it", published=False),
        variable("woken", "state net scale", "share of live maps that some such start wakes"),
        variable("from_start", "state net scale", "share of such starts that wake a live map"),
        variable("resisting", "state net", "share of live maps that no start wakes", of=_resisting),
    ],
    statistics=[
        statistic("resisting_gain", _resisting_gain, "live maps that no start wakes, less before training"),
        statistic(
            "short_scale_loss",
            _short_scale_loss,
            "maps that only longer scales wake, less only single pixels",
        ),
    ],
    facts=[
        *(fact(state.replace(" ", "_").lower(), _in_state(state), ".1f") for state in STATES),
        *(
            fact(state.replace(" ", "_").lower() + "_first", _in_state(state, first=True), ".0f")
            for state in STATES
        ),
        fact("woken_{scale}", lambda r: r.woken.sel(state=TRAINED), ".1%"),
        fact("woken_{scale}_untrained", lambda r: r.woken.sel(state=UNTRAINED), ".1%"),
        fact("starts_{scale}", lambda r: r.from_start.sel(state=TRAINED), ".0%"),
        fact("resisting", lambda r: r.resisting.sel(state=TRAINED), ".1%"),
        fact("resisting_untrained", lambda r: r.resisting.sel(state=UNTRAINED), ".1%"),
        fact("short", "short_scale_loss", ".1%"),
    ],
)
def oip_search(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """What becomes of every Conv_3 map, and which scales of start wake how many."""
    is_live = run.results["oip_quality"].live.sel(training=run.state).values[run.number].astype(bool)
    of_kind = [map_responses(net, starts, ("conv_3",))["conv_3"].largest > 0 for starts in _tried(run)]
    is_woken = np.stack([each.any(axis=0) for each in of_kind])
    measured = {
        "is_live": is_live,
        "is_woken": is_woken,
        "woken": is_woken[:, is_live].sum(axis=1) / max(int(is_live.sum()), 1),
        "from_start": [each[:, is_live].mean() if is_live.any() else 0.0 for each in of_kind],
    }
    if not run.is_trained:
        return measured
    woken = np.asarray(is_woken.any(axis=0))
    return measured | {"fate": _states(net, woken, is_live, run)}


def _tried(run: Measurement[Config]) -> list[RawImages]:
    """As many starts of each kind."""
    return run.cached("tried", lambda: _drawn(run))


def _drawn(run: Measurement[Config]) -> list[RawImages]:
    kinds = [Fluctuations(), *(Fluctuations(scales=(cells,)) for cells in SCALES)]
    return [
        as_bytes(kind.draw(run.key(f"starts {name}"), count=run.config.tried))
        for name, kind in zip(KINDS, kinds, strict=True)
    ]


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
