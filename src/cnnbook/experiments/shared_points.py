"""Points that n digits of a class share, for n = 2 to 10 and several thresholds, beside what chance gives.

Means over all n-tuples are exact, from counts (see `fcp.tuples`). The nulls: n digits of any class; labels
permuted, for a p-value, corrected for all n by Holm; and the same ink in a wrong shape: 4s turned upside
down and mirrored, so that the amount of ink stays and the shape does not. The count of *independent* points
is not a null for a mean (it equals the mean over tuples, see `experiments.common_points`), but it is for
the spread, which stands beside the spread over drawn triples.
"""

from collections.abc import Mapping, Sequence

import jax
import numpy as np
import xarray as xr

from cnnbook.config.questions import CommonCountsConfig, CommonPointsConfig
from cnnbook.data.digits import Digits
from cnnbook.experiments.resampling import Statistic, resample_weights, statistic
from cnnbook.fcp.common_points import strong_points
from cnnbook.fcp.tuples import exceedance, holm, independent_spread, mean_shared
from cnnbook.keys import key_for
from cnnbook.maps import stream
from cnnbook.training.trained import TrainedNet

KINDS = ("4s", "digits of one class", "any digits", "4s upside down")
"""Whose points are counted: the claim, then what it is compared with."""

THRESHOLDS = (0.02, 0.05, 0.1, 0.2)
"""Shares of the layer's points called strong."""

FOUR = 4
LAYER = "conv_3"
SIGNIFICANT = 0.05
"""The level below which a p-value counts as evidence in prose."""

_TRIPLE = 3


def measure_shared(
    nets: Sequence[TrainedNet], digits: Digits, rule: CommonPointsConfig, own: CommonCountsConfig, *,
    resamples: int, seed: int,
) -> xr.Dataset:  # fmt: skip
    """Shared points on Conv_3 by kind, threshold, n and network, and what claims are judged by."""
    images, labels = digits.test_images[: own.images], digits.test_labels[: own.images]
    if (labels == FOUR).sum() < own.most:
        raise ValueError(
            f"digits: {(labels == FOUR).sum()} 4s among {len(labels)}, expected {own.most} or more"
        )
    sizes = np.arange(2, own.most + 1)
    shared = np.zeros((len(KINDS), len(THRESHOLDS), len(sizes), len(nets)))
    weights = resample_weights(len(images), resamples=resamples, seed=seed)
    orders = _permuted(labels == FOUR, own.permutations, key_for(seed, "common_points/permuted labels"))
    found: dict[str, list[np.ndarray]] = {"three": [], "over": [], "p": []}
    corrected = np.zeros((len(sizes), len(nets)))
    spread = np.zeros((2, len(nets)))
    for n, net in enumerate(nets):
        level = _activations(net, images)
        turned = _activations(net, images[labels == FOUR][:, ::-1, ::-1])
        for t, share in enumerate(THRESHOLDS):
            marked, upside_down = (strong_points(each, share=share) for each in (level, turned))
            shared[:, t, :, n] = _by_kind(marked, labels, upside_down, sizes)
        strong = strong_points(level, share=rule.strong_share)
        found_here = _judged(strong, labels, weights)
        found["three"].append(found_here[0])
        found["over"].append(found_here[1])
        corrected[:, n] = _p_values(strong, labels == FOUR, orders, sizes)
        found["p"].append(corrected[:, n].max())
        spread[:, n] = _spreads(
            strong[labels == FOUR], key_for(seed, "common_points/triples of 4s", net=net.number)
        )
    return xr.Dataset(
        {
            "shared": (("who", "threshold", "digits", "net"), shared, {"units": "points"}),
            "p": (("digits", "net"), corrected, {"units": "1", "long_name": "p-value, corrected by Holm"}),
            "spread": (("spread_of", "net"), spread, {"units": "points"}),
        } | _stated(found),
        coords={"who": list(KINDS), "threshold": list(THRESHOLDS), "digits": sizes,
                "spread_of": ["triples of 4s", "independent points"]},
        attrs={"counted_images": len(images), "permutations": own.permutations},
    )  # fmt: skip


def _stated(found: Mapping[str, list]) -> dict[str, Statistic]:
    return {
        "three_fours": statistic(np.stack(found["three"]), "points that three 4s share", units="points"),
        "over_any_three": statistic(np.stack(found["over"]), "the same by what any three digits share"),
        "fours_p": statistic(found["p"], "largest corrected p-value over n"),
    }


def _activations(net: TrainedNet, images: np.ndarray) -> np.ndarray:
    """Conv_3 of every image, flat."""
    parts = [batch[LAYER].reshape(len(batch[LAYER]), -1) for batch in stream(net, images, (LAYER,))]
    return np.concatenate(parts)


def _by_kind(strong: np.ndarray, labels: np.ndarray, turned: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Shared points by kind and n."""
    present = [k for k in range(10) if (labels == k).any()]
    counts = {k: strong[labels == k].sum(axis=0) for k in present}
    rows = []
    for n in sizes:
        classes = [mean_shared(counts[k], int((labels == k).sum()), int(n)) for k in present]
        fours = mean_shared(counts[FOUR], int((labels == FOUR).sum()), int(n))
        anyone = mean_shared(strong.sum(axis=0), len(strong), int(n))
        rows.append((fours, np.mean(classes), anyone, mean_shared(turned.sum(axis=0), len(turned), int(n))))
    return np.array(rows, np.float64).T


def _judged(strong: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points that three 4s share, and by how many times more than any three digits, for every resample."""
    table = strong.astype(np.float32)
    fours = weights * (labels == FOUR)
    p_fours = (fours @ table) / np.maximum(fours.sum(axis=1, keepdims=True), 1)
    p_all = (weights @ table) / weights.sum(axis=1, keepdims=True)
    three, anyone = ((p**_TRIPLE).sum(axis=1) for p in (p_fours, p_all))
    return three, np.divide(three, anyone, out=np.zeros_like(three), where=anyone > 0)


def _permuted(is_four: np.ndarray, count: int, key: jax.Array) -> np.ndarray:
    """Which images are called 4s under each permutation of the labels."""
    keys = jax.random.split(key, count)
    return np.stack([np.asarray(jax.random.permutation(one, is_four)) for one in keys])


def _p_values(strong: np.ndarray, is_four: np.ndarray, orders: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Corrected p-values of the 4s' shared points, by n."""
    table = strong.astype(np.float32)
    counts = np.rint(np.vstack([is_four[None], orders]).astype(np.float32) @ table)
    images = int(is_four.sum())
    raw = []
    for n in sizes:
        means = mean_shared(counts, images, int(n))
        raw.append(exceedance(float(means[0]), means[1:]))
    return holm(np.array(raw, np.float64))


def _spreads(fours: np.ndarray, key: jax.Array, draws: int = 2000) -> tuple[float, float]:
    """Standard deviation of shared points over drawn triples of 4s, and of independent points."""
    drawn = np.asarray(jax.random.randint(key, (draws, _TRIPLE), 0, len(fours)))
    counts = fours[drawn].all(axis=1).sum(axis=1)
    return float(counts.std()), independent_spread(fours.mean(axis=0), _TRIPLE)


def shared_facts(result: xr.Dataset) -> Mapping[str, str]:
    """What prose quotes of it, for the book's threshold as near as the thresholds have it."""
    at = result["shared"].sel(threshold=result.attrs["strong_share"], method="nearest").mean("net")
    found = {
        "counted_images": f"{result.attrs['counted_images']:,}",
        "permutations": f"{result.attrs['permutations']:,}",
        "most": str(int(result.digits.max())),
        "p": f"{float(result.fours_p.max()):.3f}",
        "p_says": p_value_in_words(float(result.fours_p.max())),
        "spread": f"{float(result.spread.isel(spread_of=0).mean()):.1f}",
        "spread_independent": f"{float(result.spread.isel(spread_of=1).mean()):.1f}",
        "over": f"{float(result.over_any_three.isel(resample=0).mean()):.1f}",
    }
    for who in KINDS:
        for n in (2, 3, int(result.digits.max())):
            name = f"{who.replace(' ', '_')}_{'most' if n > _TRIPLE else n}"
            found[name] = f"{float(at.sel(who=who, digits=n)):.1f}"
    return found


def p_value_in_words(p: float) -> str:
    """What a p-value for the points that 4s share lets one say, as a clause."""
    if p < SIGNIFICANT:
        return f"below {SIGNIFICANT}: 4s share more points than shuffled labels explain"
    return f"not below {SIGNIFICANT}: shuffled labels may explain as many shared points"
