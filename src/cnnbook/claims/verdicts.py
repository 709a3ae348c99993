"""Verdicts: a claim's parts measured with their intervals, and the verdict by the ledger's rule.

A part holds if the whole interval lies where the claim is right, and fails if it lies where it is wrong; else
it is open. A statistic of networks needs ten of them to decide anything.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import xarray as xr

from cnnbook.claims.estimates import Estimate, Interval, estimate
from cnnbook.claims.ledger import LEDGER, Claim, Part
from cnnbook.results import mean_value

Verdict = Literal["confirmed", "mixed", "refuted", "undecided", "not conclusive", "not tested"]
"""What the rule says; the last two where nothing is judged."""

VERDICTS: tuple[str, ...] = get_args(Verdict)
"""All of them, in the order in which pictures and lists show them."""

State = Literal["holds", "open", "fails"]
"""Of one part."""

FEWEST_NETS = 10
"""Networks without which a statistic of networks decides nothing."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One part of a claim, measured.

    Attributes:
        part: which.
        estimate: of its statistic.
        null: what the statistic would be if there were nothing to the claim; None where there is no null.
        state: what the part's ranges say.
        distance: from the value to the nearest bound that would change the state, in standard errors; None if
            the value is known exactly.
        units: of the value.
    """

    part: Part
    estimate: Estimate
    null: float | None
    state: State
    distance: float | None
    units: str

    @property
    def value(self) -> float:
        """Of the statistic, mean over networks."""
        return self.estimate.value

    @property
    def ends(self) -> Interval:
        """The interval; the value twice if it is known exactly."""
        return self.estimate.interval or (self.value, self.value)

    @property
    def has_too_few(self) -> bool:
        """Whether it was measured on too few networks to decide."""
        return 0 < self.estimate.nets < FEWEST_NETS


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A claim and its verdict.

    Attributes:
        claim: which.
        measured: its parts, in their order; none if it is not yet tested.
        verdict: by the rule.
    """

    claim: Claim
    measured: tuple[Measured, ...]
    verdict: Verdict


def judge(claim: Claim, results: Mapping[str, xr.Dataset], *, is_sample: bool) -> Judged:
    """Measure a claim's parts and apply its rule.

    Args:
        claim: of the ledger.
        results: Datasets by the experiment's name.
        is_sample: whether they come from the sample, on which nothing is judged.

    Raises:
        ValueError: the rule names an experiment or a statistic that does not exist, or a statistic is not a
            finite number or has other dimensions.
    """
    if claim.awaits:
        return Judged(claim=claim, measured=(), verdict="not tested")
    measured = tuple(_measured(part, claim.id, results) for part in claim.parts)
    verdict = "not conclusive" if is_sample else by_rule([one.state for one in deciding(measured)])
    return Judged(claim=claim, measured=measured, verdict=verdict)


def deciding(measured: Sequence[Measured]) -> Sequence[Measured]:
    """The parts that decide: those that were found out, or all where all hold by arithmetic.

    Args:
        measured: all parts of a claim.
    """
    return [one for one in measured if not one.part.arithmetic] or measured


def by_rule(states: Sequence[State]) -> Verdict:
    """The ledger's rule.

    Confirmed if all parts hold, refuted if all fail, mixed as soon as one holds and one fails (whatever an
    open one may turn out to be), else undecided.
    """
    found = set(states)
    if {"holds", "fails"} <= found:
        return "mixed"
    if found == {"holds"}:
        return "confirmed"
    return "refuted" if found == {"fails"} else "undecided"


def state_of(part: Part, found: Estimate) -> State:
    """Whether a part holds or fails for all of an interval.

    Args:
        part: of a claim.
        found: the estimate of its statistic.
    """
    ends = found.interval or (found.value, found.value)
    if 0 < found.nets < FEWEST_NETS:
        return "open"
    if part.holds.holds_all(*ends):
        return "holds"
    return "fails" if part.fails.holds_all(*ends) else "open"


def too_few(judged: Sequence[Judged]) -> tuple[str, ...]:
    """A line for each part that is open because too few networks were measured.

    Args:
        judged: all claims.
    """
    return tuple(
        f"{LEDGER}: claim {one.claim.id}: {each.part.name} was measured on {each.estimate.nets} networks and "
        f"is undecided; a verdict needs {FEWEST_NETS}: raise the networks of the profile or of the experiment"
        for one in judged
        if one.verdict != "not conclusive"
        for each in one.measured
        if each.has_too_few
    )


def _measured(part: Part, claim: str, results: Mapping[str, xr.Dataset]) -> Measured:
    """One part of a claim with its interval."""
    statistic = find_statistic(part.name, claim, results)
    found = estimate(statistic)
    state = state_of(part, found)
    return Measured(
        part=part,
        estimate=found,
        null=_null(part, claim, results),
        state=state,
        distance=_distance(part, found, state),
        units=str(statistic.attrs.get("units", "1")),
    )


def _null(part: Part, claim: str, results: Mapping[str, xr.Dataset]) -> float | None:
    """The value of a part's null, if it has one."""
    if part.null in part.statistics[1:]:
        return mean_value(find_statistic(part.null, claim, results))
    return None if not part.null or part.null.startswith("none") else float(part.null)


def _distance(part: Part, found: Estimate, state: State) -> float | None:
    """Standard errors from a value to the nearest bound that would change a part's state."""
    if not found.standard_error:
        return None
    ranges = {"holds": (part.holds,), "fails": (part.fails,), "open": (part.holds, part.fails)}[state]
    bounds = [end for each in ranges for end in (each.low, each.high) if math.isfinite(end)]
    return min(abs(found.value - bound) for bound in bounds) / found.standard_error


def find_statistic(name: str, claim: str, results: Mapping[str, xr.Dataset]) -> xr.DataArray:
    """The variable of a name such as "census.bits", checked.

    Args:
        name: of the statistic.
        claim: the id of the claim that names it, for messages.
        results: Datasets by the experiment's name.

    Raises:
        ValueError: see `judge`.
    """
    experiment, _, variable = name.partition(".")
    if experiment not in results:
        raise ValueError(f"claim {claim}: {name}: no such experiment; there are {', '.join(results)}")
    variables = results[experiment].data_vars
    statistics = [str(each) for each, values in variables.items() if set(values.dims) <= {"net", "resample"}]
    if variable not in statistics:
        known = ", ".join(statistics) or "none"
        raise ValueError(f"claim {claim}: {name}: no such statistic; {experiment} has {known}")
    statistic = variables[variable]
    nets = statistic.sizes.get("net")
    if "looked_at" in statistic.attrs:
        statistic, nets = statistic.dropna("net", how="all"), statistic.attrs["looked_at"]
    if statistic.sizes.get("net") != nets or not np.isfinite(statistic.values).all():
        raise ValueError(f"claim {claim}: {name} is not a finite number in every network and resample")
    return statistic
