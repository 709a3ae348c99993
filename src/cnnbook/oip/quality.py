"""How far an OIP can be trusted: the numbers of its quality.

Each is defined for pictures without contrast too. Pictures are compared by Pearson's correlation of their
pixels, which for a picture without contrast is taken as 0, and where a pattern's place must not count, by
the aligned correlation of `oip.alignment`.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, Real
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import squareform

ALIKE = 0.8
"""Correlation from which two pictures count as one pattern."""

NEIGHBOURS = 5
"""Patches of digits to which a picture's distance is taken."""


def correlations(first: Real[np.ndarray, "n d"], second: Real[np.ndarray, "m d"]) -> Float[np.ndarray, "n m"]:
    """Pearson's correlation of each row with each row; 0 for a row that does not vary.

    Args:
        first: rows of numbers, such as pictures.
        second: others.
    """
    rows = [np.asarray(part, np.float64) for part in (first, second)]
    away = [part - part.mean(axis=1, keepdims=True) for part in rows]
    lengths = [np.linalg.norm(part, axis=1) for part in away]
    varies = [
        length > 1e-9 * (1 + np.abs(part).max(axis=1)) for length, part in zip(lengths, rows, strict=True)
    ]
    scale = np.where(np.outer(*varies), np.outer(*lengths), np.inf)
    return np.clip(away[0] @ away[1].T / scale, -1, 1)


def mean_of_pairs(likeness: Float[np.ndarray, "n n"]) -> float:
    """The mean over all pairs of different rows of a symmetric matrix; 0 for fewer than two."""
    return float(likeness[np.triu_indices(len(likeness), 1)].mean()) if len(likeness) > 1 else 0.0


class Modes(NamedTuple):
    """Pictures clustered by their likeness.

    Attributes:
        numbers: number of each picture's mode; the largest mode has number 0.
        typical: for each mode the picture that is most like the others in it.
    """

    numbers: Int[np.ndarray, " n"]
    typical: Int[np.ndarray, " modes"]

    @property
    def sizes(self) -> Int[np.ndarray, " modes"]:
        """Pictures in each mode."""
        return np.bincount(self.numbers)


def cluster_modes(likeness: Float[np.ndarray, "n n"], *, alike: float = ALIKE) -> Modes:
    """The different patterns among some pictures: clusters with a mean likeness of `alike` or more.

    Average linkage (R. Sokal, C. Michener, "A statistical method for evaluating systematic relationships",
    1958); of clusters of one size, the one whose first picture comes first has the smaller number.

    Args:
        likeness: of all pairs of pictures, such as their correlations.
        alike: the likeness from which pictures are one pattern.

    Raises:
        ValueError: there are no pictures.
    """
    if not len(likeness):
        raise ValueError("likeness: of no pictures, expected at least one")
    if len(likeness) == 1:
        groups = np.array([1])
    else:
        distances = np.clip(1 - likeness, 0, 2)
        np.fill_diagonal(distances, 0)
        groups = fcluster(linkage(squareform(distances, checks=False), "average"), 1 - alike, "distance")
    names, firsts, sizes = np.unique(groups, return_index=True, return_counts=True)
    order = names[np.lexsort((firsts, -sizes))]
    of_picture = np.array([int(np.flatnonzero(order == group)[0]) for group in groups])
    members = [np.flatnonzero(of_picture == mode) for mode in range(len(order))]
    typical = [some[likeness[np.ix_(some, some)].sum(axis=1).argmax()] for some in members]
    return Modes(of_picture, np.array(typical))


def map_rank(
    target: int,
    responses: Float[np.ndarray, " maps"],
    mean: Float[np.ndarray, " maps"],
    spread: Float[np.ndarray, " maps"],
) -> int:
    """Rank of one map among all by its standardised response; 1 is the strongest.

    Args:
        target: number of the map.
        responses: of all maps to one picture.
        mean: of each map over digits.
        spread: its standard deviation over digits; a map that never varies counts as 0.
    """
    scores = np.divide(responses - mean, spread, out=np.zeros(len(responses)), where=spread > 0)
    return int((scores > scores[target]).sum()) + 1


def match_maps(
    first: Float[np.ndarray, "n maps"], second: Float[np.ndarray, "n others"]
) -> tuple[Int[np.ndarray, " maps"], Float[np.ndarray, " maps"]]:
    """Each map's partner in another network, all different, and the correlation of their responses.

    The assignment with the largest sum of correlations (H. Kuhn, "The Hungarian method for the assignment
    problem", Naval Research Logistics Quarterly 2 (1955) 83; for maps: Y. Li et al., "Convergent learning",
    ICLR 2016).

    Args:
        first: responses of one network's maps to n pictures.
        second: those of the other network's, to the same pictures.
    """
    r = correlations(first.T, second.T)
    rows, columns = linear_sum_assignment(-r)
    return columns, r[rows, columns]


def percentile_rank(value: float, values: Float[np.ndarray, " n"]) -> float:
    """Share of `values` that lie below `value`; ties count by half.

    Args:
        value: any number.
        values: those that it is compared with.
    """
    return float((values < value).mean() + 0.5 * (values == value).mean())


def patch_distance(
    pictures: Float[np.ndarray, "n d"], patches: Float[np.ndarray, "m d"], held_out: Float[np.ndarray, "k d"]
) -> Float[np.ndarray, " n"]:
    """Distance of each picture to its nearest patches of digits, relative to that of held-out patches.

    At 1 a picture is as near to the patches as digits are. Rows are centred and scaled to length 1 first; one
    that does not vary is as far from all as one without correlation.

    Args:
        pictures: one a row, pixel by pixel.
        patches: of digits.
        held_out: further patches of digits, none of them among `patches`.

    Raises:
        ValueError: there are fewer patches than neighbours, or none held out.
    """
    if len(patches) < NEIGHBOURS or not len(held_out):
        raise ValueError(
            f"patches: {len(patches)} and {len(held_out)} held out, expected {NEIGHBOURS} and 1 or more"
        )
    distance, usual = (_to_nearest(rows, patches) for rows in (pictures, held_out))
    return distance / max(float(np.median(usual)), 1e-12)


def _to_nearest(rows: Float[np.ndarray, "n d"], patches: Float[np.ndarray, "m d"]) -> Float[np.ndarray, " n"]:
    """Mean distance to the nearest patches; that of two rows of length 1 follows from their correlation."""
    distances = np.sqrt(2 - 2 * correlations(rows, patches))
    return np.sort(np.partition(distances, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS], axis=1).mean(axis=1)


def path_score(oip: float, natural: float, unrelated: float) -> float:
    """How far a picture takes natural pictures' path to a map: 1 as they do, 0 as unrelated pictures do.

    R. Geirhos et al., "Don't trust your eyes: on the (un)reliability of feature visualizations", ICML 2024,
    normalise so: a picture that reaches a map on another path than natural ones says little about these.

    Args:
        oip: mean rank correlation of a layer's activations under the OIP and under natural pictures that
            drive the map.
        natural: the same among these natural pictures.
        unrelated: the same of random natural pictures and these.

    Returns:
        Not a number where the natural pictures are hardly more alike than unrelated ones: by less than 0.02.
    """
    return (oip - unrelated) / (natural - unrelated) if natural - unrelated >= 0.02 else float("nan")


def second_autocorrelation_peak(picture: Real[np.ndarray, "h w"]) -> float:
    """Height of the highest peak of a picture's autocorrelation outside the central one; 0 if there is none.

    The central peak ends where the autocorrelation first falls below zero, in any direction. Shifts of up to
    half the picture are looked at. A picture without contrast has no peak.
    """
    away = np.asarray(picture, np.float64) - np.mean(picture)
    if not np.any(np.abs(away) > 1e-9):
        return 0.0
    rows, columns = away.shape
    padded = np.fft.rfft2(away, s=(2 * rows, 2 * columns))
    whole = np.fft.fftshift(np.fft.irfft2(np.abs(padded) ** 2, s=(2 * rows, 2 * columns)))
    near = whole[rows - rows // 2 : rows + rows // 2 + 1, columns - columns // 2 : columns + columns // 2 + 1]
    near = near / whole[rows, columns]
    down, across = np.mgrid[: near.shape[0], : near.shape[1]]
    away_from_middle = np.hypot(down - near.shape[0] // 2, across - near.shape[1] // 2)
    negative = near < 0
    if not negative.any():
        return 0.0
    outside = away_from_middle > away_from_middle[negative].min()
    inner = near[1:-1, 1:-1]
    height, width = near.shape
    shifts = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
    around = np.stack([near[1 + i : height - 1 + i, 1 + j : width - 1 + j] for i, j in shifts])
    peaks = np.where((inner >= around.max(axis=0)) & outside[1:-1, 1:-1], inner, 0.0)
    return float(max(peaks.max(initial=0.0), 0.0))


def long_wave_share(picture: Real[np.ndarray, "h w"], longer_than: float) -> float:
    """Share of a picture's contrast at wavelengths longer than so many pixels; 0 without contrast.

    Contrast is the power of the picture less its mean, under a Hann window, at all frequencies but zero.

    Args:
        picture: ink of each pixel.
        longer_than: wavelength, in pixels.
    """
    away = np.asarray(picture, np.float64) - np.mean(picture)
    if not np.any(np.abs(away) > 1e-9):
        return 0.0
    window = np.outer(*(np.hanning(side + 2)[1:-1] for side in away.shape))
    power = np.abs(np.fft.fft2(away * window)) ** 2
    frequency = np.hypot(*np.meshgrid(*map(np.fft.fftfreq, away.shape), indexing="ij"))
    power[0, 0] = 0
    return float(power[frequency < 1 / longer_than].sum() / power.sum())
