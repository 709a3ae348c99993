"""Verdicts: a claim's parts measured with their intervals, and the verdict by the ledger's rule.

The interval over networks resamples the networks, that over images the test images; both are percentile
intervals of the bootstrap (B. Efron and R. Tibshirani, "An introduction to the bootstrap", 1993, ch. 13). A
statistic without networks or images in it has no such interval, and is known exactly. Where a null was
looked at for fewer networks, the statistic says for how many (`looked_at`), and the others do not count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import xarray as xr
from jaxtyping import Float

from cnnbook.claims.ledger import Claim, Part

Verdict = Literal["confirmed", "partly", "refuted", "not conclusive", "not yet tested"]
"""What the rule says; the last two where nothing is judged."""

VERDICTS: tuple[str, ...] = get_args(Verdict)
"""All of them, in the order in which pictures and lists show them."""

State = Literal["holds", "open", "fails"]
"""Of one part."""

Interval = tuple[float, float]

LEVEL = 0.95
"""How often such an interval holds the truth, where the bootstrap is right."""

RESAMPLES = 4000
"""Bootstrap resamples of the networks."""

FEWEST_NETS = 2
"""Networks without which there is no interval over them."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One part of a claim, measured.

    Attributes:
        part: which.
        value: of the statistic, mean over networks.
        over_nets: its interval over networks; None if it does not depend on them, or there is only one.
        over_images: its interval over test images; None if it does not depend on them.
        nets: how many networks; 0 if it does not depend on them.
        state: what the part's ranges say.
        units: of the value.
    """

    part: Part
    value: float
    over_nets: Interval | None
    over_images: Interval | None
    nets: int
    state: State
    units: str


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A claim and its verdict.

    Attributes:
        claim: which.
        measured: its parts, in their order; none if it is not yet tested.
        verdict: by the rule.
        would_be: by the rule for these data; differs from the verdict on the sample.
    """

    claim: Claim
    measured: tuple[Measured, ...]
    verdict: Verdict
    would_be: Verdict


def judge(claim: Claim, results: Mapping[str, xr.Dataset], *, is_sample: bool) -> Judged:
    """Measure a claim's parts and apply its rule.

    Args:
        claim: of the ledger.
        results: Datasets by the experiment's name.
        is_sample: whether they come from the sample, on which nothing is judged.

    Raises:
        ValueError: the rule names an experiment or a statistic that does not exist, a statistic is not a
            finite number or has other dimensions, or there are too few networks for an interval.
    """
    if claim.awaits:
        return Judged(claim=claim, measured=(), verdict="not yet tested", would_be="not yet tested")
    measured = tuple(_measured(part, claim.id, results, is_sample=is_sample) for part in claim.parts)
    would_be = by_rule([one.state for one in measured])
    verdict = "not conclusive" if is_sample else would_be
    return Judged(claim=claim, measured=measured, verdict=verdict, would_be=would_be)


def by_rule(states: Sequence[State]) -> Verdict:
    """The ledger's rule: confirmed if all parts hold, refuted if all fail, else partly."""
    if all(state == "holds" for state in states):
        return "confirmed"
    return "refuted" if all(state == "fails" for state in states) else "partly"


def state_of(part: Part, value: float, intervals: Sequence[Interval | None]) -> State:
    """Whether a part holds or fails for a value and all of its intervals.

    Args:
        part: of a claim.
        value: of its statistic.
        intervals: of the statistic; None where there is none.
    """
    ends = [(value, value), *(interval for interval in intervals if interval)]
    if all(part.holds.holds_all(*each) for each in ends):
        return "holds"
    return "fails" if all(part.fails.holds_all(*each) for each in ends) else "open"


def _measured(part: Part, claim: str, results: Mapping[str, xr.Dataset], *, is_sample: bool) -> Measured:
    """One part of a claim with its intervals."""
    statistic = find_statistic(part, claim, results)
    values = statistic.transpose(..., "net", "resample", missing_dims="ignore")
    has_nets, has_images = ("net" in values.dims, "resample" in values.dims)
    table = values.values.reshape(values.sizes.get("net", 1), values.sizes.get("resample", 1))
    if has_nets and len(table) < FEWEST_NETS and not is_sample:
        raise ValueError(
            f"claim {claim}: {part.name} has {len(table)} network; an interval over networks needs "
            f"{FEWEST_NETS} or more (see the profile)"
        )
    over_nets = over_networks(table[:, 0]) if has_nets and len(table) >= FEWEST_NETS else None
    over_images = over_resamples(table[:, 1:].mean(axis=0)) if has_images else None
    value = float(table[:, 0].mean())
    return Measured(
        part=part,
        value=value,
        over_nets=over_nets,
        over_images=over_images,
        nets=len(table) if has_nets else 0,
        state=state_of(part, value, (over_nets, over_images)),
        units=str(statistic.attrs.get("units", "1")),
    )


def find_statistic(part: Part, claim: str, results: Mapping[str, xr.Dataset]) -> xr.DataArray:
    """The variable that a part names, checked.

    Args:
        part: of the claim.
        claim: its id, for messages.
        results: Datasets by the experiment's name.

    Raises:
        ValueError: see `judge`.
    """
    if part.experiment not in results:
        raise ValueError(f"claim {claim}: {part.name}: no such experiment; there are {', '.join(results)}")
    variables = results[part.experiment].data_vars
    statistics = [str(name) for name, each in variables.items() if set(each.dims) <= {"net", "resample"}]
    if part.statistic not in statistics:
        known = ", ".join(statistics) or "none"
        raise ValueError(f"claim {claim}: {part.name}: no such statistic; {part.experiment} has {known}")
    statistic = variables[part.statistic]
    nets = statistic.sizes.get("net")
    if "looked_at" in statistic.attrs:
        statistic, nets = statistic.dropna("net", how="all"), statistic.attrs["looked_at"]
    if statistic.sizes.get("net") != nets or not np.isfinite(statistic.values).all():
        raise ValueError(f"claim {claim}: {part.name} is not a finite number in every network and resample")
    return statistic


def over_networks(values: Float[np.ndarray, " nets"]) -> Interval:
    """The bootstrap interval of the mean over networks."""
    import jax  # reports and pictures need verdicts only, and JAX takes its time to start

    from cnnbook.keys import key_for

    drawn = jax.random.randint(key_for(0, "bootstrap of networks"), (RESAMPLES, len(values)), 0, len(values))
    return over_resamples(values[np.asarray(drawn)].mean(axis=1))


def over_resamples(values: Float[np.ndarray, " resamples"]) -> Interval:
    """The percentile interval of what bootstrap resamples gave."""
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
