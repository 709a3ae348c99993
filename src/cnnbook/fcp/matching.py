"""Maps of two networks compared one by one: partners, permutations, and the stitch from one to the other.

A map is known by its *profile*, its activations at all cells for some images. Its best partner is the map of
another network with the highest correlation of profiles, which several maps may share (semi-matching: Y. Li,
J. Yosinski, J. Clune, H. Lipson, J. Hopcroft, "Convergent Learning", ICLR 2016). In a permutation all
partners differ. Soft matching (M. Khosla, A. Williams, 2024) is a permutation where both have as many maps.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Real
from scipy.optimize import linear_sum_assignment

FLAT = 1e-6
"""Standard deviation below which a map counts as one that does not vary."""


class MapProfiles(NamedTuple):
    """The maps of one layer, each with mean 0 and variance 1; a map that does not vary is 0.

    Attributes:
        values: by image, cell and map.
    """

    values: Float[np.ndarray, "n cells maps"]

    @property
    def varies(self) -> Bool[np.ndarray, " maps"]:
        """Which maps vary."""
        return np.asarray(self.values.any(axis=(0, 1)))


def profiles_of(maps: Real[np.ndarray, "n *grid maps"]) -> MapProfiles:
    """Profiles of the maps of a layer.

    Args:
        maps: activations for some images.

    Raises:
        ValueError: there are no images.
    """
    if not len(maps):
        raise ValueError("maps: of no images, expected at least one")
    cells = np.asarray(maps, np.float32).reshape(len(maps), -1, maps.shape[-1])
    mean = cells.mean(axis=(0, 1), dtype=np.float64)
    spread = cells.std(axis=(0, 1), dtype=np.float64)
    scale = np.where(spread > FLAT, spread, np.inf)
    return MapProfiles(((cells - mean.astype(np.float32)) / scale).astype(np.float32))


def map_correlations(
    first: Float[np.ndarray, "n cells maps"], second: Float[np.ndarray, "m cells_2 others"]
) -> Float[np.ndarray, "maps others"]:
    """Pearson's correlation of each map's profile with each of another network; 0 where one does not vary.

    Args:
        first: activations of one network's maps.
        second: of another one's, for the same images.

    Raises:
        ValueError: they are of different images or grids, as those of different layers are.
    """
    if first.shape[:2] != second.shape[:2]:
        raise ValueError(
            f"first and second: shapes {first.shape} and {second.shape}, expected as many images and cells "
            "in both; compare the same layer of both networks, for the same images"
        )
    one, two = (np.asarray(each, np.float32).reshape(-1, each.shape[2]) for each in (first, second))
    one, two = (each - each.mean(axis=0, dtype=np.float64).astype(np.float32) for each in (one, two))
    lengths = [np.sqrt((each.astype(np.float64) ** 2).sum(axis=0)) for each in (one, two)]
    vary = [length > FLAT * len(one) ** 0.5 for length in lengths]
    scale = np.where(np.outer(*vary), np.outer(*lengths), np.inf)
    return np.clip((one.T @ two) / scale, -1, 1)


def best_partners(r: Float[np.ndarray, "maps others"]) -> Int[np.ndarray, " maps"]:
    """For each map the one with the highest correlation; several may have the same."""
    return r.argmax(axis=1)


def match_one_to_one(r: Float[np.ndarray, "maps others"]) -> Int[np.ndarray, " maps"]:
    """For each map a partner of its own, with the highest sum of correlations.

    The assignment of H. Kuhn, "The Hungarian method for the assignment problem", 1955.

    Args:
        r: correlations, or any likeness, of each map with each of another network.

    Raises:
        ValueError: the networks have different numbers of maps.
    """
    if r.shape[0] != r.shape[1]:
        raise ValueError(
            f"r: of {r.shape[0]} and {r.shape[1]} maps, expected as many in both networks; "
            "use best_partners, which several maps may share"
        )
    return linear_sum_assignment(-r)[1]


class WeightedSums(NamedTuple):
    """What correlations need to know of single maps, for each resample of the images.

    Attributes:
        first: of the profile.
        second: of its square.
        cells: how many there are.
    """

    first: Float[np.ndarray, "resample maps"]
    second: Float[np.ndarray, "resample maps"]
    cells: Float[np.ndarray, "resample 1"]


def weighted_sums(profiles: MapProfiles, weights: Float[np.ndarray, "resample n"]) -> WeightedSums:
    """Sums over images and cells for every resample.

    Args:
        profiles: of the maps.
        weights: how often each resample holds each image.
    """
    values = profiles.values.astype(np.float64)
    cells = weights.sum(axis=1, keepdims=True) * values.shape[1]
    return WeightedSums(weights @ values.sum(axis=1), weights @ (values**2).sum(axis=1), cells)


def resampled_correlations(
    first: MapProfiles,
    second: MapProfiles,
    partner: Int[np.ndarray, " maps"],
    weights: Float[np.ndarray, "resample n"],
    *,
    sums: tuple[WeightedSums, WeightedSums],
) -> Float[np.ndarray, "resample maps"]:
    """The correlation of each map with its partner, in every resample of the images.

    Args:
        first: of one network.
        second: of another one.
        partner: of each map of the first.
        weights: how often each resample holds each image.
        sums: `weighted_sums` of both, with these weights.
    """
    one, two = sums[0], WeightedSums(sums[1].first[:, partner], sums[1].second[:, partner], sums[1].cells)
    shared = weights @ np.einsum("ncm,ncm->nm", first.values, second.values[:, :, partner]).astype(np.float64)
    covariance = shared - one.first * two.first / one.cells
    spreads = [each.second - each.first**2 / each.cells for each in (one, two)]
    scale = np.sqrt(np.maximum(spreads[0], 0) * np.maximum(spreads[1], 0))
    known = scale > FLAT * one.cells
    return np.divide(covariance, scale, out=np.zeros_like(covariance), where=known)


class Stitch(NamedTuple):
    """An affine layer that turns the maps of one network into those of another, alike at every cell.

    Attributes:
        weights: from maps to maps.
        bias: of each map.
    """

    weights: Float[np.ndarray, "maps others"]
    bias: Float[np.ndarray, " others"]

    def __call__(self, maps: Float[np.ndarray, "n cells maps"]) -> Float[np.ndarray, "n cells others"]:
        """The maps of the other network, as far as they follow."""
        return maps @ self.weights + self.bias


def fit_stitch(
    maps: Float[np.ndarray, "n cells maps"], wanted: Float[np.ndarray, "m cells_2 others"]
) -> Stitch:
    """The stitch with the least squared error, in closed form: T = argmin ‖AT − B‖².

    Direct matching: A. Balogh, M. Jelasity, arXiv 2412.11299. It sees no labels and no task, unlike a stitch
    that is trained. Maps that do not vary have no weight.

    Args:
        maps: A, of one network.
        wanted: B, of the other one, for the same images.

    Raises:
        ValueError: they are of different images or grids.
    """
    if maps.shape[:2] != wanted.shape[:2]:
        raise ValueError(
            f"maps and wanted: shapes {maps.shape} and {wanted.shape}, expected as many images and cells in "
            "both; stitch the same layer of both networks, for the same images"
        )
    a, b = (each.reshape(-1, each.shape[2]).astype(np.float64) for each in (maps, wanted))
    means = a.mean(axis=0), b.mean(axis=0)
    weights = np.linalg.lstsq(a - means[0], b - means[1], rcond=None)[0]
    return Stitch(weights.astype(np.float32), (means[1] - means[0] @ weights).astype(np.float32))
