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


def holm(p: Float[np.ndarray, " tests"]) -> Float[np.ndarray, " tests"]:
    """p-values corrected for many tests: S. Holm, Scandinavian Journal of Statistics 6 (1979) 65.

    The smallest is multiplied by the number of tests, the next by one less, and so on; none falls below one
    before it.
    """
    order = np.argsort(p, kind="stable")
    raised = p[order] * np.arange(len(p), 0, -1)
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(np.maximum.accumulate(raised), 1.0)
    return corrected


def permutation_p_value(value: float, null: Real[np.ndarray, " draws"]) -> float:
    """p-value of a permutation test: (1 + draws at least as large) / (1 + draws).

    Args:
        value: that was observed.
        null: draws under the null hypothesis.
    """
    return float((1 + (null >= value).sum()) / (1 + len(null)))


def p_values_of_class(
    strong: StrongPoints,
    is_member: Bool[np.ndarray, " n"],
    permuted: Bool[np.ndarray, "permutations n"],
    sizes: Integer[np.ndarray, " sizes"],
) -> Float[np.ndarray, " sizes"]:
    """p-values of the points that n images of a class share, by n, corrected by Holm for all n.

    Args:
        strong: of all images.
        is_member: which images are of the class.
        permuted: the same under each permutation of the labels.
        sizes: numbers of images n.
    """
    table = strong.astype(np.float32)
    counts = np.rint(np.vstack([is_member[None], permuted]).astype(np.float32) @ table)
    means = [mean_common_count(counts, int(is_member.sum()), int(n)) for n in sizes]
    return holm(np.array([permutation_p_value(float(mean[0]), mean[1:]) for mean in means], np.float64))


def common_count_by_kind(
    strong: StrongPoints,
    labels: Integer[np.ndarray, " n"],
    turned: Bool[np.ndarray, "fours points"],
    sizes: Integer[np.ndarray, " sizes"],
) -> Float[np.ndarray, "who sizes"]:
    """Points that n digits share, mean over all tuples: 4s, digits of one class, any digits, turned 4s.

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
            np.mean([shared(each, n) for each in of_class.values()]),
            shared(strong, n),
            shared(turned, n),
        )
        for n in sizes.tolist()
    ]
    return np.array(rows, np.float64).T
