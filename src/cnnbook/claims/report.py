"""Reports on claims: numbers with their intervals as text, records for pages, a Dataset for pictures."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.claims.accepted import Accepted, current_verdict, last_accepted
from cnnbook.claims.ledger import LEVELS, Part
from cnnbook.claims.ranges import Range
from cnnbook.claims.verdicts import VERDICTS, Judged, Measured
from cnnbook.formatting import format_number, short_number

Record = Mapping[str, Any]

STATES = ("holds", "open", "fails", "not measured")
"""Of a part, in the order of their codes in `as_dataset`."""


def claim_record(judged: Judged, definition: str = "", accepted: Sequence[Accepted] = ()) -> dict[str, Any]:
    """Everything about a claim in plain values, ready for JSON.

    Args:
        judged: the claim with its verdict in this copy.
        definition: of the claim.
        accepted: all accepted verdicts, the oldest first.
    """
    claim = judged.claim
    current = current_verdict(claim, definition, accepted)
    last = last_accepted(claim.id, accepted)
    is_own = judged.verdict != "not conclusive"
    return asdict(claim) | {
        "verdict": judged.verdict,
        "badge": judged.verdict if is_own else current or "not tested",
        "badge_from": "this copy" if is_own else (f"all of MNIST, {last.on}" if last and current else ""),
        "accepted": current,
        "definition": definition,
        "history": [
            {"on": one.on, "verdict": one.verdicts[claim.id], "why": one.reasons.get(claim.id, "")}
            for one in accepted
            if claim.id in one.verdicts
        ],
        "parts": [_part(one) for one in judged.measured] or [_rule(part) for part in claim.parts],
    }


def _rule(part: Part) -> dict[str, Any]:
    """A part's rule, with nothing measured."""
    return {
        "statistic": part.name,
        "says": part.says,
        "holds": part.holds.words,
        "fails": part.fails.words,
        "zones": {"holds": _zones(part.holds), "fails": _zones(part.fails)},
        "arithmetic": part.arithmetic,
        "null_says": part.null,
        **dict.fromkeys(("value", "low", "high", "null", "standard_error", "distance")),
        **dict.fromkeys(("text", "state", "stays", "units"), ""),
        "nets": 0,
    }


def _zones(values: Range) -> list[list[float | None]]:
    """The intervals that a range is made of; None stands for an open end."""
    if values.outside:
        return [[None, values.low], [values.high, None]]
    return [[end if math.isfinite(end) else None for end in (values.low, values.high)]]


def _part(measured: Measured) -> dict[str, Any]:
    """A part's rule with what was measured."""
    found, (low, high) = measured.estimate, measured.ends
    return _rule(measured.part) | {
        "value": found.value,
        "low": low,
        "high": high,
        "null": measured.null,
        "standard_error": found.standard_error,
        "distance": measured.distance,
        "text": format_measured(measured),
        "state": measured.state,
        "stays": stays(measured),
        "units": measured.units,
        "nets": found.nets,
    }


def format_measured(measured: Measured) -> str:
    """A value with its interval and its networks, such as "0.62 (0.60 to 0.64; 10 networks)"."""
    found = measured.estimate
    ends = f"{short_number(found.interval[0])} to {short_number(found.interval[1])}" if found.interval else ""
    nets = f"{found.nets} network{'s' if found.nets > 1 else ''}" if found.nets else ""
    more = "; ".join(filter(None, (ends, nets)))
    return short_number(found.value) + (f" ({more})" if more else "")


def stays(measured: Measured) -> str:
    """For which bounds a part would be judged as it is, and how far its value is from its own."""
    low, high = map(short_number, measured.ends)
    same = low == high
    ranges = {"holds": "holds", "fails": "fails"}.get(measured.state, "")
    if measured.has_too_few:
        return "too few networks to decide"
    if ranges:
        words = f"{ranges} for any range that contains {low if same else f'{low} to {high}'}"
    else:
        words = f"decided only by a bound outside {low} to {high}"
    if measured.distance is None:
        return words
    return f"{words}; {format_number(measured.distance, '.1f')} standard errors from the nearest bound"


def facts(records: Mapping[str, Record]) -> Mapping[str, str]:
    """How many claims have which verdict, and each claim's verdict by its id, as text.

    Args:
        records: of all claims, by id: see `claim_record`; badges are counted as "accepted_confirmed", ….
    """
    counts = Counter(record["verdict"] for record in records.values())
    badges = Counter(record["badge"] for record in records.values())
    names = {verdict: verdict.replace(" ", "_") for verdict in VERDICTS}
    tested = sum(1 for record in records.values() if record["parts"][0]["state"])
    return (
        {"count": str(len(records)), "tested": str(tested)}
        | {name: str(counts[verdict]) for verdict, name in names.items()}
        | {f"accepted_{name}": str(badges[verdict]) for verdict, name in names.items()}
        | {name: record["badge"] for name, record in records.items()}
    )


def as_dataset(records: Sequence[Record]) -> xr.Dataset:
    """All parts of all claims as a Dataset: values, intervals, bounds, nulls, states; badges of the claims.

    Args:
        records: of all claims: see `claim_record`.
    """
    parts = [(record, part) for record in records for part in record["parts"]]
    codes = {verdict: code for code, verdict in enumerate(VERDICTS)}
    one = {"units": "1"}
    numbers = {name: ("part", _numbers(parts, name), one) for name in ("value", "low", "high", "null")}
    zones = {
        f"{side}_{end}": ("part", np.array([_end(part["zones"][side], end) for _, part in parts]), one)
        for side in ("holds", "fails")
        for end in ("low", "high")
    }
    states = [STATES.index(part["state"] or "not measured") for _, part in parts]
    about = _codes(VERDICTS)
    return xr.Dataset(
        numbers
        | zones
        | {
            "state": ("part", states, _codes(STATES)),
            "arithmetic": ("part", np.array([part["arithmetic"] for _, part in parts]), {"units": "1"}),
            "badge": ("part", [codes[record["badge"]] for record, _ in parts], about),
            "verdict": ("part", [codes[record["verdict"]] for record, _ in parts], about),
        },
        coords={
            "claim": ("part", [record["id"] for record, _ in parts]),
            "level": ("part", [record["level"] or LEVELS[0] for record, _ in parts]),
            "says": ("part", [part["says"] for _, part in parts]),
            "text": ("part", [record["claim"] for record, _ in parts]),
        },
    )


def _codes(words: Sequence[str]) -> dict[str, str]:
    """Attributes of a variable that holds codes of words."""
    return {"units": "1", "comment": "; ".join(f"{code}: {word}" for code, word in enumerate(words))}


def _numbers(parts: Sequence[tuple[Record, Record]], name: str) -> np.ndarray:
    return np.array([np.nan if part[name] is None else part[name] for _, part in parts])


def _end(zones: Sequence[Sequence[float | None]], end: str) -> float:
    """An end of a zone, −∞ or ∞ where it is open; of a zone outside two ends these ends, the higher first."""
    if len(zones) == 2:
        (_, low), (high, _) = zones
        return float(high if end == "low" else low)  # pyright: ignore[reportArgumentType]
    value = zones[0][0 if end == "low" else 1]
    return value if value is not None else (-math.inf if end == "low" else math.inf)
