"""Common points: the strong points that several images share on one layer.

The article marks such points by eye on the maps of three 4s. Here the rule is written down: a point is
*strong* in an image if it is among that image's largest activations, a fixed share of the layer, and not
zero; it is *common* to several images if it is strong in all of them. Means over all n-tuples of images are
exact, from how often each point is strong.
"""

import numpy as np
from jaxtyping import Bool, Float, Int, Integer, Real
from scipy.special import gammaln

StrongPoints = Bool[np.ndarray, "n points"]
"""For every image, which points of a layer are strong."""

Triples = Int[np.ndarray, "t 3"]
"""Indices of three images each."""


def strong_points(activations: Float[np.ndarray, "n points"], *, share: float) -> StrongPoints:
    """Mark each image's strong points.

    Args:
        activations: after ReLU or pooling, so ≥ 0; one row an image.
        share: of the points, how many are strong; 0.1 of 1,152 are 115. Points that tie with the last one
            are strong as well; points that are zero never are.

    Raises:
        ValueError: the share is not in (0, 1].
    """
    if not 0 < share <= 1:
        raise ValueError(f"share={share}: expected a number > 0 and ≤ 1")
    points = activations.shape[1]
    count = max(1, round(share * points))
    weakest = np.partition(activations, points - count, axis=1)[:, points - count]
    return (activations >= weakest[:, None]) & (activations > 0)


def strong_in_all(strong: StrongPoints) -> Bool[np.ndarray, " points"]:
    """Points that are strong in every one of the images."""
    return np.asarray(strong.all(axis=0))


def common_counts(strong: StrongPoints, triples: Triples) -> Int[np.ndarray, " t"]:
    """Number of common points of each triple of images.

    Args:
        strong: of all images.
        triples: indices of the images.
    """
    first, second, third = triples.T
    return np.count_nonzero(strong[first] & strong[second] & strong[third], axis=1)


def expected_count(strong: StrongPoints, *, images: int) -> float:
    """Common points of so many images if points were independent: the sum of p_j to that power.

    Args:
        strong: of a whole class or test set; p_j is the share of its images in which point j is strong.
        images: how many are compared.
    """
    return float(np.sum(strong.mean(axis=0) ** images))


def mean_common_count(
    counts: Real[np.ndarray, "*more points"], images: int, n: int
) -> Float[np.ndarray, "*more"]:
    """Points strong in all of n different images, mean over all n-tuples: Σ C(k, n) / C(N, n).

    Args:
        counts: k, images in which each point is strong.
        images: N, of how many.
        n: size of a tuple.

    Returns:
        0 where there are fewer than n images.
    """
    if images < n:
        return np.zeros(counts.shape[:-1])
    k = np.arange(n, images + 1)
    log = gammaln(k + 1) - gammaln(k - n + 1) - gammaln(images + 1) + gammaln(images - n + 1)
    by_count = np.concatenate([np.zeros(n), np.exp(log)])
    return np.asarray(by_count[np.asarray(counts, np.int64)].sum(axis=-1))


def independent_std(shares: Float[np.ndarray, " points"], n: int) -> float:
    """Standard deviation of the count over n-tuples if points were independent: √Σ pⁿ (1 − pⁿ).

    Args:
        shares: of the images in which each point is strong.
        n: size of a tuple.
    """
    together = shares**n
    return float(np.sqrt((together * (1 - together)).sum()))


def shared_by_three(
    strong: StrongPoints, weights: Float[np.ndarray, "resample n"]
) -> Float[np.ndarray, " resample"]:
    """Points strong in all of three different images, mean over all triples of each resample.

    Exact, by power sums: of weights w the triples of different images weigh (Σw)³ − 3 Σw Σw² + 2 Σw³, over 6.
    Copies of an image in a resample are no different images.

    Args:
        strong: of all images.
        weights: how often each resample holds each of them.

    Returns:
        0 for a resample with fewer than three of the images.
    """
    table = strong.astype(np.float32)
    powers = [(weights**power).astype(np.float32) for power in (1, 2, 3)]
    totals = _triples_of_powers(*(power.sum(axis=1, dtype=np.float64) for power in powers))
    shared = _triples_of_powers(*((power @ table).astype(np.float64) for power in powers)).sum(axis=1)
    return np.divide(shared, totals, out=np.zeros_like(totals), where=totals > 0)


def _triples_of_powers(
    first: Float[np.ndarray, "*shape"],
    second: Float[np.ndarray, "*shape"],
    third: Float[np.ndarray, "*shape"],
) -> Float[np.ndarray, "*shape"]:
    """Six times the weight of triples of different images, from sums of weights, their squares and cubes."""
    return first**3 - 3 * first * second + 2 * third


def own_share(
    strong: StrongPoints, is_four: Bool[np.ndarray, " n"], weights: Float[np.ndarray, "resample n"]
) -> Float[np.ndarray, " resample"]:
    """What three 4s share beyond what any three digits share, as a share of the strong points of a 4.

    Args:
        strong: of all images.
        is_four: which of them show a 4.
        weights: how often each resample holds each of them.
    """
    fours = shared_by_three(strong[is_four], weights[:, is_four])
    return (fours - shared_by_three(strong, weights)) / max(strong[is_four].sum(axis=1).mean(), 1.0)


def mean_share(strong: StrongPoints, marked: Bool[np.ndarray, " points"]) -> float:
    """Share of images in which a marked point is strong, mean over the marked points; 0 if there are none.

    Args:
        strong: of the images.
        marked: which points are looked up.
    """
    return float(strong[:, marked].mean()) if marked.any() else 0.0


def common_count_by_kind(
    strong: StrongPoints,
    labels: Integer[np.ndarray, " n"],
    turned: Bool[np.ndarray, "fours points"],
    sizes: Integer[np.ndarray, " sizes"],
) -> Float[np.ndarray, "who sizes"]:
    """Points that n digits share, mean over all tuples: 4s, one other class, any digits, 4s upside down.

    Of the other classes it is the mean.

    Args:
        strong: of all images.
        labels: of the images.
        turned: of the 4s upside down.
        sizes: numbers of digits n.
    """

    def shared(marked: Bool[np.ndarray, "any points"], n: int) -> float:
        return float(mean_common_count(marked.sum(axis=0), len(marked), n))

    of_class = {k: strong[labels == k] for k in np.unique(labels).tolist()}
    rows = [
        (
            shared(of_class[4], n),
            np.mean([shared(each, n) for label, each in of_class.items() if label != 4]),
            shared(strong, n),
            shared(turned, n),
        )
        for n in sizes.tolist()
    ]
    return np.array(rows, np.float64).T
