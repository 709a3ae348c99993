"""Verdicts: a claim's parts measured with their intervals, and what the ledger's rule makes of them.

The interval over networks draws the networks anew, that over images the test images; both are percentile
intervals of the bootstrap (B. Efron and R. Tibshirani, "An introduction to the bootstrap", 1993, ch. 13). A
statistic without networks or images in it has no such interval, and is known exactly. Where a null was
looked at for fewer networks, the statistic says for how many (`looked_at`), and the others do not count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import jax
import numpy as np
import xarray as xr
from jaxtyping import Float

from cnnbook.claims.ledger import Claim, Part
from cnnbook.keys import key_for

Verdict = Literal["confirmed", "partly", "refuted", "not conclusive", "not yet tested"]
"""What the rule finds; the last two where it is not asked."""

VERDICTS: tuple[str, ...] = get_args(Verdict)
"""All of them, in the order in which pictures and lists show them."""

State = Literal["holds", "open", "fails"]
"""Of one part."""

Interval = tuple[float, float]

LEVEL = 0.95
"""How often such an interval holds the truth, where the bootstrap is right."""

REDRAWN = 4000
"""Times that the networks are drawn anew."""

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
        verdict: what the rule finds.
        would_be: what the rule would find on these data; differs from the verdict on the sample.
    """

    claim: Claim
    measured: tuple[Measured, ...]
    verdict: Verdict
    would_be: Verdict


def judge(claim: Claim, results: Mapping[str, xr.Dataset], *, is_sample: bool) -> Judged:
    """Measure a claim's parts and ask its rule.

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
    found = by_rule([one.state for one in measured])
    return Judged(
        claim=claim, measured=measured, verdict="not conclusive" if is_sample else found, would_be=found
    )


def by_rule(states: Sequence[State]) -> Verdict:
    """The ledger's rule: confirmed if all parts hold, refuted if all fail, else partly."""
    if all(state == "holds" for state in states):
        return "confirmed"
    return "refuted" if all(state == "fails" for state in states) else "partly"


def state_of(part: Part, value: float, intervals: Sequence[Interval | None]) -> State:
    """Whether a part holds or fails for a value and all of its intervals."""
    ends = [(value, value), *(interval for interval in intervals if interval)]
    if all(part.holds.holds_all(*each) for each in ends):
        return "holds"
    return "fails" if all(part.fails.holds_all(*each) for each in ends) else "open"


def _measured(part: Part, claim: str, results: Mapping[str, xr.Dataset], *, is_sample: bool) -> Measured:
    """One part of a claim with its intervals."""
    found = find_statistic(part, claim, results)
    values = found.transpose(..., "net", "resample", missing_dims="ignore")
    has_nets, has_images = ("net" in values.dims, "resample" in values.dims)
    table = values.values.reshape(values.sizes.get("net", 1), values.sizes.get("resample", 1))
    if has_nets and len(table) < FEWEST_NETS and not is_sample:
        raise ValueError(
            f"claim {claim}: {part.experiment}.{part.statistic} has {len(table)} network; an interval over "
            f"networks needs {FEWEST_NETS} or more (see the profile)"
        )
    over_nets = over_networks(table[:, 0]) if has_nets and len(table) >= FEWEST_NETS else None
    over_images = over_resamples(table[:, 1:].mean(axis=0)) if has_images else None
    value = float(table[:, 0].mean())
    return Measured(
        part=part, value=value, over_nets=over_nets, over_images=over_images,
        nets=len(table) if has_nets else 0, state=state_of(part, value, (over_nets, over_images)),
        units=str(found.attrs.get("units", "1")),
    )  # fmt: skip


def find_statistic(part: Part, claim: str, results: Mapping[str, xr.Dataset]) -> xr.DataArray:
    """The variable that a part names, checked.

    Raises:
        ValueError: see `judge`.
    """
    name = f"{part.experiment}.{part.statistic}"
    if part.experiment not in results:
        raise ValueError(f"claim {claim}: {name}: no such experiment; there are {', '.join(results)}")
    result = results[part.experiment]
    judgeable = [str(key) for key, each in result.data_vars.items() if set(each.dims) <= {"net", "resample"}]
    if part.statistic not in judgeable:
        has = ", ".join(judgeable) or "none"
        raise ValueError(f"claim {claim}: {name}: no such statistic; {part.experiment} has {has}")
    found = result[part.statistic]
    if "looked_at" in found.attrs:
        found = found.dropna("net", how="all")
    if found.sizes.get("net") != found.attrs.get("looked_at", found.sizes.get("net")) or not (
        np.isfinite(found.values).all()
    ):
        raise ValueError(f"claim {claim}: {name} is not a finite number in every network and resample")
    return found


def over_networks(values: Float[np.ndarray, " nets"]) -> Interval:
    """The interval of the mean, with the networks drawn anew."""
    drawn = jax.random.randint(key_for(0, "bootstrap of networks"), (REDRAWN, len(values)), 0, len(values))
    return over_resamples(values[np.asarray(drawn)].mean(axis=1))


def over_resamples(values: Float[np.ndarray, " resamples"]) -> Interval:
    """The middle part of what resamples gave."""
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
