"""Do networks that were trained differently have the same maps?

Two recipes, the book's and input B, train ten networks each. A map of Conv_3 is known by its *profile*, its
activations at the nine points for test images; its *partner* in another network is the map whose profile has
the highest correlation r with its own. Networks of one number start alike, so that none is compared with the
one of its number by the other recipe. A map is *universal* if it has a partner with r of 0.8 or more in every
other network. For the mean r a partner is chosen on one half of the images and judged on the other.

Nulls: the same networks before training; and networks that learned shuffled labels. Of these there is one
recipe, and they are compared with the book's recipe alone: a map has as many other networks on both sides.
Ceiling: a network's own maps, found again on the other half of its images.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int

from cnnbook.arrays import RawImages, RawLabels
from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import Selection, at, ratio_by_network
from cnnbook.experiments.map_partners import CLOSE, find_again, find_partners
from cnnbook.experiments.matched_patches import LAYER, SIDE, Conv3Responses
from cnnbook.experiments.network_pairs import check_enough, in_a_ring
from cnnbook.fcp.matching import MapProfiles, best_partners, map_correlations, profiles_of
from cnnbook.formatting import listed
from cnnbook.maps import feature_maps, windows_at
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

BOOK, INPUT_B, SHUFFLED = "reference", "standardised", "shuffled-labels"

POOLS = ("both recipes", "both recipes, untrained", "the book's recipe", "shuffled labels")
"""Networks among which maps are looked for."""

PAIRINGS = ("both recipes", "both recipes, untrained", "own halves")
"""Networks of which the mean r is taken; the last is the ceiling."""

SHARING = ("partner", "close partner", "another map", "untrained partner")
"""Maps of another network whose strongest patches are compared with a map's own; close: r of 0.8 or more."""

COLUMNS = ("this network", "another network", "input B", "shuffled labels", "before training")
"""Networks whose maps are shown by their strongest patches."""

SHOWN, PATCHES = 3, 4
"""Maps that are shown of the most and of the least universal ones, and strongest patches of each."""


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """What maps are known by."""

    images: int = number(1500, "test images, at most", least=20)
    strongest: int = number(16, "strongest patches of a map that are compared with its partner's", least=1)
    least_nets: int = number(2, "networks of each recipe, at least: they are compared", least=2)


def _share(pool: str) -> Selection:
    return at("universal", pool=pool)


def _part_of_ceiling(result: xr.Dataset) -> xr.DataArray:
    """The mean r, from 0 as before training to 1 as of a network's own maps."""
    trained, before, own = (result.r.sel(pairing=each, drop=True) for each in PAIRINGS)
    return ratio_by_network(trained - before, own - before)


def _universal_maps(result: xr.Dataset) -> str:
    return listed([str(number) for number in np.flatnonzero(result.least.values >= CLOSE)])


@experiment(
    config=Config(),
    draft=Config(images=200, strongest=8),
    nets=(BOOK, INPUT_B, SHUFFLED),
    together=True,
    coords={"pool": POOLS, "pairing": PAIRINGS, "sharing": SHARING, "column": COLUMNS},
    about=lambda run: {
        "images": len(run.test_images(run.config.images)),
        "strongest": run.config.strongest,
        "others": 2 * (len(run.reference) - 1),
        "others_by_one_recipe": len(run.reference) - 1,
    },
    variables=[
        variable(
            "universal", "pool net resample", "share of maps with a close partner in every other network"
        ),
        variable("r", "pairing net resample", "mean correlation of a map and its partner"),
        variable("least", "map_conv_3", "lowest correlation with a partner, first network"),
        variable("live", "net", "share of maps that vary, by the book's recipe"),
        variable("shared", "sharing net", "share of strongest patches that are the other map's too"),
        variable("shown", "shown_map", "numbers of the maps that are shown, first network"),
        variable("shown_r", "shown_map column", "correlation with the partner"),
        variable(
            "patch", "shown_map column strongest patch_row patch_column", "ink, 0 to 255, strongest patches"
        ),
    ],
    statistics=[
        statistic("universal_share", _share(POOLS[0]) - _share(POOLS[1]), "universal maps, less untrained"),
        statistic(
            "over_shuffled", _share(POOLS[2]) - _share(POOLS[3]), "universal maps, less shuffled labels"
        ),
        statistic("part_of_ceiling", _part_of_ceiling, "mean r of partners, between untrained and own maps"),
    ],
    facts=[
        fact("close", lambda r: CLOSE, "g"),
        fact("universal_{pool}", "universal", ".0%"),
        fact("universal_share", form=".0%"),
        fact("over_shuffled", form=".0%"),
        fact("part_of_ceiling", form=".0%"),
        fact("r_{pairing}", "r"),
        fact("live", form=".0%"),
        fact("shared_{sharing}", "shared", ".0%"),
        fact("universal_maps", _universal_maps),
        fact("universal_count", lambda r: (r.least >= CLOSE).sum(), ".0f"),
        fact("most_universal", lambda r: r.least.argmax("map_conv_3"), ".0f"),
        fact("least_of_most_universal", lambda r: r.least.max()),
    ],
)
def matching(run: Measurement[Config]) -> Measured:
    """Universal maps and the mean r of partners, with nulls and ceiling; strongest patches of partners."""
    for recipe, nets in run.nets.items():
        check_enough(nets, recipe)
    images, labels = run.test_images(run.config.images), run.test_labels(run.config.images)
    weights = run.weights(len(images))
    trained = [_profiles(run.nets[recipe], images) for recipe in (BOOK, INPUT_B)]
    both, own = find_partners(trained, weights), find_again(trained, weights)
    book = find_partners(trained[:1], weights)
    begun = [_profiles([untrained(net) for net in run.nets[each]], images) for each in (BOOK, INPUT_B)]
    before = find_partners(begun, weights)
    random = _profiles(run.nets[SHUFFLED], images)
    shuffled = find_partners([random], weights)
    shown = _shown(both.least, trained[0][0])
    networks = [trained[0][0], trained[0][1], trained[1][1], random[1], begun[0][1]]
    return {
        "universal": [each.universal for each in (both, before, book, shuffled)],
        "r": [both.r, before.r, own],
        "least": both.least,
        "live": [each.varies.mean() for each in trained[0]],
        "shared": _shared_patches(trained[0], begun[0], run.config.strongest),
        "shown": shown,
        **_strongest_patches(networks, shown, images, labels),
    }


def _profiles(nets: Sequence[TrainedNet], images: RawImages) -> list[MapProfiles]:
    return [profiles_of(feature_maps(net, images, (LAYER,))[LAYER]) for net in nets]


def _shown(least: Float[np.ndarray, " maps"], profiles: MapProfiles) -> Int[np.ndarray, " shown"]:
    """The maps of a network with the highest and the lowest `least`, of those that vary."""
    order = [number for number in np.argsort(-least, kind="stable") if profiles.varies[number]]
    return np.array([*order[:SHOWN], *order[-SHOWN:]])


def _top(profiles: MapProfiles, count: int) -> Int[np.ndarray, "maps count"]:
    """The strongest patches of each map, one an image, as numbers: image times nine plus point."""
    largest, point = profiles.values.max(axis=1), profiles.values.argmax(axis=1)
    index = np.argsort(-largest, axis=0, kind="stable")[:count]
    return (index * profiles.values.shape[1] + np.take_along_axis(point, index, axis=0)).T


def _overlap(
    first: Int[np.ndarray, "maps count"],
    second: Int[np.ndarray, "maps count"],
    counts: Bool[np.ndarray, " maps"],
) -> float:
    """The mean share of patches that are the other map's too, over some maps; not a number for none."""
    shares = [np.isin(one, two).mean() for one, two in zip(first[counts], second[counts], strict=True)]
    return float(np.mean(shares)) if shares else float("nan")


def _shared_patches(
    nets: Sequence[MapProfiles], begun: Sequence[MapProfiles], count: int
) -> Float[np.ndarray, "sharing nets"]:
    """How many strongest patches a map has in common with each kind of `SHARING`, by network."""
    shares = []
    for (first, second), (one, two) in zip(in_a_ring(nets, nets), in_a_ring(begun, begun), strict=True):
        r, r_begun = (map_correlations(a.values, b.values) for a, b in ((first, second), (one, two)))
        partner, close = best_partners(r), r.max(axis=1) >= CLOSE
        own, other = _top(first, count), _top(second, count)
        before, others_before = _top(one, count), _top(two, count)[best_partners(r_begun)]
        shares.append(
            [
                _overlap(own, other[partner], first.varies),
                _overlap(own, other[partner], first.varies & close),
                _overlap(own, other[np.roll(partner, 1)], first.varies),
                _overlap(before, others_before, one.varies),
            ]
        )
    return np.array(shares).T


def _strongest_patches(
    networks: Sequence[MapProfiles], shown: Int[np.ndarray, " shown"], images: RawImages, labels: RawLabels
) -> Measured:
    """Patches of the shown maps and of their partners, by network, with their correlations."""
    patches, r = [], []
    for profiles in networks:
        found = map_correlations(networks[0].values[:, :, shown], profiles.values)
        index, point = Conv3Responses(images, labels, profiles.values).strongest(PATCHES)
        chosen = best_partners(found)
        windows = windows_at(images[index[chosen].ravel()], LAYER, point[chosen].ravel())
        patches.append(windows.reshape(len(shown), PATCHES, SIDE, SIDE))
        r.append(found.max(axis=1))
    return {"patch": np.stack(patches, axis=1), "shown_r": np.stack(r, axis=1)}
