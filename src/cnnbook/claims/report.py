"""Reports on claims: numbers with their intervals as text, records for pages, a Dataset for pictures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.claims.committed import Committed
from cnnbook.claims.ledger import Part
from cnnbook.claims.verdicts import VERDICTS, Interval, Judged, Measured
from cnnbook.formatting import format_number


def claim_record(judged: Judged, committed: Committed | None = None) -> dict[str, Any]:
    """Everything about a claim in plain values, ready for JSON.

    Args:
        judged: the claim with its verdict.
        committed: the committed verdicts, if there are any.
    """
    claim = judged.claim
    return asdict(claim) | {
        "verdict": judged.verdict,
        "would_be": judged.would_be,
        "committed": committed.verdicts.get(claim.id, "") if committed else "",
        "changed": [dict(one) for one in claim.changed],
        "parts": [_part(one) for one in judged.measured] or [_rule(part) for part in claim.parts],
    }


def _rule(part: Part) -> dict[str, Any]:
    """A part's rule."""
    words = {"says": part.says, "holds": part.holds.words, "fails": part.fails.words}
    return {"statistic": part.name, **words, "text": "", "state": ""}


def _part(measured: Measured) -> dict[str, Any]:
    """A part's rule with what was measured."""
    values = {key: value for key, value in asdict(measured).items() if key != "part"}
    return _rule(measured.part) | values | {"text": format_measured(measured)}


def short_number(value: float) -> str:
    """A number with three significant digits or, if it is large, all before the point."""
    text = format_number(value, ",.0f" if abs(value) >= 100 or value == round(value) else ".3g")
    return format_number(value, ".4f").rstrip("0").rstrip(".") if "e" in text else text


def format_measured(measured: Measured) -> str:
    """A value with its intervals, such as "0.62 (networks 0.61 to 0.63, images 0.60 to 0.64)"."""
    named = (("networks", measured.over_nets), ("images", measured.over_images))
    parts = [f"{name} {_ends(interval)}" for name, interval in named if interval]
    return short_number(measured.value) + (f" ({', '.join(parts)})" if parts else "")


def _ends(interval: Interval) -> str:
    return f"{short_number(interval[0])} to {short_number(interval[1])}"


def facts(judged: Sequence[Judged], committed: Committed | None) -> Mapping[str, str]:
    """How many claims have which verdict, and each claim's verdict by its id, as text.

    Args:
        judged: all claims.
        committed: the committed verdicts, if there are any; they are counted as "committed_confirmed", ….
    """
    counts = Counter(one.verdict for one in judged)
    before = Counter((committed.verdicts if committed else {}).values())
    names = {verdict: verdict.replace(" ", "_") for verdict in VERDICTS}
    return (
        {"count": str(len(judged)), "tested": str(sum(1 for one in judged if one.measured))}
        | {name: str(counts[verdict]) for verdict, name in names.items()}
        | {f"committed_{name}": str(before[verdict]) for verdict, name in names.items()}
        | {one.claim.id: one.verdict for one in judged}
    )


def as_dataset(records: Sequence[Mapping[str, Any]]) -> xr.Dataset:
    """Verdicts as a Dataset: for each claim its code in `VERDICTS`, now and as committed (−1 if never).

    Args:
        records: of all claims: see `claim_record`.
    """
    codes = {verdict: code for code, verdict in enumerate(VERDICTS)}
    now = np.array([codes[record["verdict"]] for record in records])
    earlier = np.array([codes.get(record["committed"], -1) for record in records])
    about = {"units": "1", "comment": "; ".join(f"{code}: {verdict}" for verdict, code in codes.items())}
    return xr.Dataset(
        {
            "verdict": ("claim", now, about | {"long_name": "verdict of this copy"}),
            "committed": ("claim", earlier, about | {"long_name": "verdict on all of MNIST"}),
        },
        coords={
            "claim": [record["id"] for record in records],
            "section": ("claim", [record["section"] for record in records]),
        },
    )
