"""Is there a map whose OIP is one picture from every start, and has every network one?

The series shows a map to which starts of all wavelengths lead to one hand-like picture. Here every map is
ranked by the agreement of its OIPs from starts of different single scales, at the best shift of one against
the other; the steadiest map of each network is shown, and its partner in the other networks, whose OIP is
compared with its own. The steadiest of 128 maps is steady by choice: its baseline is the steadiest map of the
same network before training. That of a partner is the picture of a map that is not the partner.
"""

from collections.abc import Callable

import numpy as np
import xarray as xr
from jaxtyping import Float

from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, variable
from cnnbook.experiments.oips import TRAINING, Config, oips_of
from cnnbook.maps import map_responses
from cnnbook.nets.geometry import CROP
from cnnbook.oip.alignment import aligned_correlations
from cnnbook.oip.layer import MIXED
from cnnbook.oip.quality import ALIKE, match_maps
from cnnbook.oip.start import SCALES
from cnnbook.training.trained import TrainedNet

KINDS = (*(str(cells) for cells in SCALES), MIXED)
"""Kinds of starts."""


def _of_others(name: str, *, steadiest: bool = False) -> Callable[[xr.Dataset], xr.DataArray]:
    """A variable of all networks but the first; of all maps or of the first network's steadiest one."""

    def values(result: xr.Dataset) -> xr.DataArray:
        others = result[name].isel(net=slice(1, None))
        return others.isel(map_conv_3=int(result.steadiest[0])) if steadiest else others

    return values


@experiment(
    config_of="oips",
    nets=("reference",),
    builds_on=("oips", "oip_quality"),
    coords={"scale": KINDS},
    about=lambda run: {"alike": ALIKE},
    variables=[
        variable("steadiest", "net", "index of the steadiest map"),
        variable("steadiness", "net map_conv_3", "agreement of OIPs from starts of different scales"),
        variable("untrained_steadiness", "net map_conv_3", "the same before training"),
        variable("oip", "net scale row column", "OIP of the steadiest map, from a start of each scale"),
        variable("partner_oip", "net row column", "OIP of the partner of the first network's steadiest map"),
        variable("alike", "net map_conv_3", "correlation of the first network's OIPs with their partners'"),
        variable("not_alike", "net map_conv_3", "the same with those of other maps"),
    ],
    facts=[
        fact("map", lambda r: r.steadiest[0], ".0f"),
        fact("steadiest", lambda r: r.steadiness.max("map_conv_3")),
        fact("untrained", lambda r: r.untrained_steadiness.max("map_conv_3")),
        fact(
            "with_one_untrained", lambda r: (r.untrained_steadiness.max("map_conv_3") >= ALIKE).sum(), ".0f"
        ),
        fact("others", lambda r: r.sizes["net"] - 1, ".0f"),
        fact("steadiness", lambda r: r.steadiness.max("map_conv_3")[0]),
        fact("with_one", lambda r: (r.steadiness.max("map_conv_3") >= ALIKE).sum(), ".0f"),
        fact("maps_with", lambda r: (r.steadiness >= ALIKE).sum("map_conv_3"), ".1f"),
        fact("partner", _of_others("alike", steadiest=True)),
        fact("alike", _of_others("alike")),
        fact("not_alike", _of_others("not_alike")),
        fact("middle", lambda r: r.steadiness.isel(net=0).median()),
    ],
)
def steadiest_map(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """The steadiest map of a network, from starts of each scale, and the likeness of partners' OIPs."""
    oips, steady = oips_of(run), _steadiness(run, TRAINING[0])
    top = steady.argmax(axis=1)
    first = run.cached("first network", lambda: _means(run.reference[0], run))
    which, _ = match_maps(first, _means(net, run))
    best, maps = oips.best, np.arange(len(which))
    pictures = [each[:, :CROP, :CROP] for each in (oips_of(run, 0).best, best)]
    alike, not_alike = (
        aligned_correlations(pictures[0], pictures[1], np.stack([maps, partner], axis=1))
        for partner in (which, np.roll(which, 1))
    )
    starts = [int(np.flatnonzero(oips.kinds == kind)[0]) for kind in KINDS]
    return {
        "steadiest": top[run.number],
        "steadiness": steady[run.number],
        "untrained_steadiness": _steadiness(run, TRAINING[1])[run.number],
        "oip": oips.pictures[top[run.number]][starts],
        "partner_oip": best[which[top[0]]].astype(np.float64),
        "alike": alike,
        "not_alike": not_alike,
    }


def _steadiness(run: Measurement[Config], training: str) -> Float[np.ndarray, "nets maps"]:
    """Agreement of OIPs from starts of different scales, 0 for a map that is not live."""
    card, live = (run.results["oip_quality"][name].sel(training=training) for name in ("card", "live"))
    return card.sel(number="start_agreement").values * live.values


def _means(net: TrainedNet, run: Measurement[Config]) -> Float[np.ndarray, "n maps"]:
    return map_responses(net, run.digits.test_images, ("conv_3",))["conv_3"].mean
