"""Points that any n images share: exact means over all n-tuples, from how often each point is strong."""

import numpy as np
from jaxtyping import Float, Real
from scipy.special import gammaln


def mean_shared(counts: Real[np.ndarray, "*more points"], images: int, n: int) -> Float[np.ndarray, "*more"]:
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


def independent_spread(shares: Float[np.ndarray, " points"], n: int) -> float:
    """Standard deviation of the count over n-tuples if points were independent: √Σ pⁿ (1 − pⁿ)."""
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


def exceedance(value: float, null: Real[np.ndarray, " draws"]) -> float:
    """p-value of a permutation test: (1 + draws at least as large) / (1 + draws)."""
    return float((1 + (null >= value).sum()) / (1 + len(null)))
