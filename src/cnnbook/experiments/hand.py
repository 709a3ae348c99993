"""The hand of MNIST: is there a map with one OIP whatever the start, and has every network one?

The series shows a map to which starts of all wavelengths lead to one hand-like picture. Here every map is
ranked by the agreement of its OIPs from starts of different single scales; the steadiest map of each network
is shown, and its partner in the other networks, whose OIP is compared with its own. The null is the picture
of a map that is not the partner.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from cnnbook.data.digits import Digits
from cnnbook.experiments.experiment import NetsOf
from cnnbook.experiments.legacy import LegacyExperiment
from cnnbook.experiments.oips import MIXED, Config, best_of, config_of
from cnnbook.formatting import format_number
from cnnbook.maps import map_responses
from cnnbook.nets.geometry import SEEN
from cnnbook.oip.quality import ALIKE, correlations, partners
from cnnbook.oip.start import SCALES


def measure(
    nets: NetsOf, digits: Digits, config: Config, oips: xr.Dataset, quality: xr.Dataset
) -> xr.Dataset:
    """The steadiest map of each network, from starts of each scale, and the likeness of partners' OIPs.

    Returns:
        `steadiest` by net: number of the map; `steadiness` by net; `hand` by net and scale: its OIP from the
        first start of each scale; `partner_hand` by net: the OIP of the partner, in each network, of the
        first network's steadiest map; `alike` by net and map: correlation of the first network's OIPs with
        those of their partners, `not_alike` with those of other maps; `steady` by net: maps with an agreement
        of 0.8.
    """
    reference, kinds = nets["reference"], oips["kind"].values.astype(str)
    steady = quality.card.sel(number="start_agreement").values * quality.live.values
    best = [best_of(*each) for each in zip(oips.picture.values, oips.reached.values, strict=True)]
    own = [map_responses(net, digits.test_images, ("conv_3",))["conv_3"].mean for net in reference]
    top = steady.argmax(axis=1)
    firsts = [int(np.flatnonzero(kinds == name)[0]) for name in (*map(str, SCALES), MIXED)]
    alike, not_alike = np.zeros((2, len(reference), steady.shape[1]))
    partner_hand = np.zeros((len(reference), 28, 28))
    for n in range(len(reference)):
        which, _ = partners(own[0], own[n])
        flat = [one[:, :SEEN, :SEEN].reshape(len(one), -1) for one in (best[0], best[n])]
        r = correlations(*flat)
        alike[n] = r[np.arange(len(which)), which]
        not_alike[n] = r[np.arange(len(which)), np.roll(which, 1)]
        partner_hand[n] = best[n][which[top[0]]]
    hands = [oips.picture.values[n, top[n]][firsts] for n in range(len(reference))]
    return xr.Dataset(
        {
            "steadiest": ("net", top, {"units": "1"}),
            "steadiness": (("net", "map_conv_3"), steady, {"units": "1"}),
            "hand": (("net", "scale", "row", "column"), np.stack(hands), {"units": "1"}),
            "partner_hand": (("net", "row", "column"), partner_hand, {"units": "1"}),
            "alike": (("net", "map_conv_3"), alike, {"units": "1"}),
            "not_alike": (("net", "map_conv_3"), not_alike, {"units": "1"}),
        },
        coords={"net": [net.number for net in reference], "scale": [*map(str, SCALES), MIXED]},
        attrs={"claims": "S4", "data": digits.name, "alike": ALIKE},
    )  # fmt: skip


def facts(result: xr.Dataset) -> Mapping[str, str]:
    """The steadiest maps and how alike partners' OIPs are."""
    steady = result.steadiness
    top = steady.max("map_conv_3").values
    others = result.isel(net=slice(1, None))
    first = int(result.steadiest[0])
    return {
        "map": str(first),
        "nets": str(result.sizes["net"]),
        "others": str(result.sizes["net"] - 1),
        "steadiness": f"{float(top[0]):.2f}",
        "with_one": str(int((top >= ALIKE).sum())),
        "maps_with": f"{float((steady >= ALIKE).sum('map_conv_3').mean()):.1f}",
        "partner": format_number(others.alike.isel(map_conv_3=first).mean()),
        "alike": format_number(others.alike.mean()),
        "not_alike": format_number(others.not_alike.mean()),
        "middle": format_number(steady.isel(net=0).median()),
    }


EXPERIMENT = LegacyExperiment(
    name="hand",
    question="Is there a map whose OIP is one picture from every start, and has every network one?",
    measure=measure,
    facts=facts,
    config=config_of,
    nets="recipes",
    recipes=("reference",),
    builds_on=("oips", "oip_quality"),
)
