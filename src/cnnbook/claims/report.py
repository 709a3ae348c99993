"""What is told of claims: numbers with their intervals as text, records for pages, a Dataset for pictures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import xarray as xr

from cnnbook.claims.committed import Committed
from cnnbook.claims.verdicts import VERDICTS, Interval, Judged, Measured
from cnnbook.formatting import format_number


def record(judged: Judged, committed: Committed | None = None) -> dict[str, Any]:
    """Everything about a claim in plain values, ready for JSON.

    Args:
        judged: the claim with its verdict.
        committed: what all of MNIST said last.
    """
    claim = judged.claim
    return {
        "id": claim.id,
        "claim": claim.claim,
        "section": claim.section,
        "verdict": judged.verdict,
        "would_be": judged.would_be,
        "committed": committed.verdicts.get(claim.id, "") if committed else "",
        "chapter": claim.chapter,
        "figure": claim.figure,
        "note": claim.note,
        "awaits": claim.awaits,
        "changed": [dict(one) for one in claim.changed],
        "parts": [_part(one) for one in judged.measured] or [_rule(part) for part in claim.parts],
    }


def _rule(part: Any) -> dict[str, Any]:
    """A part's rule."""
    return {
        "statistic": f"{part.experiment}.{part.statistic}", "says": part.says,
        "holds": part.holds.words, "fails": part.fails.words, "text": "", "state": "",
    }  # fmt: skip


def _part(measured: Measured) -> dict[str, Any]:
    """A part's rule with what was measured."""
    found = {key: value for key, value in asdict(measured).items() if key != "part"}
    return _rule(measured.part) | found | {"text": told(measured)}


def number(value: float) -> str:
    """A number with three significant digits or, if it is large, all before the point."""
    text = format_number(value, ",.0f" if abs(value) >= 100 or value == round(value) else ".3g")
    return format_number(value, ".4f").rstrip("0").rstrip(".") if "e" in text else text


def told(measured: Measured) -> str:
    """A value with its intervals, such as "0.62 (networks 0.61 to 0.63, images 0.60 to 0.64)"."""
    named = (("networks", measured.over_nets), ("images", measured.over_images))
    parts = [f"{name} {_ends(interval)}" for name, interval in named if interval]
    return number(measured.value) + (f" ({', '.join(parts)})" if parts else "")


def _ends(interval: Interval) -> str:
    return f"{number(interval[0])} to {number(interval[1])}"


def facts(judged: Sequence[Judged], committed: Committed | None) -> Mapping[str, str]:
    """How many claims have which verdict, and each claim's verdict by its id, as text."""
    counts = Counter(one.verdict for one in judged)
    before = Counter((committed.verdicts if committed else {}).values())
    total = {"count": str(len(judged)), "tested": str(sum(1 for one in judged if one.measured))}
    names = {word: word.replace(" ", "_") for word in VERDICTS}
    return (
        total
        | {name: str(counts[word]) for word, name in names.items()}
        | {f"committed_{name}": str(before[word]) for word, name in names.items()}
        | {one.claim.id: one.verdict for one in judged}
    )


def as_dataset(judged: Sequence[Judged], committed: Committed | None = None) -> xr.Dataset:
    """Verdicts as a Dataset: for each claim its code in `VERDICTS`, here and as committed (−1 if never)."""
    before = committed.verdicts if committed else {}
    codes = [VERDICTS.index(one.verdict) for one in judged]
    earlier = [VERDICTS.index(before[one.claim.id]) if one.claim.id in before else -1 for one in judged]
    words = {"units": "1", "comment": "; ".join(f"{code}: {word}" for code, word in enumerate(VERDICTS))}
    return xr.Dataset(
        {
            "verdict": ("claim", np.array(codes), words | {"long_name": "verdict of this copy"}),
            "committed": ("claim", np.array(earlier), words | {"long_name": "verdict on all of MNIST"}),
        },
        coords={
            "claim": [one.claim.id for one in judged],
            "section": ("claim", [one.claim.section for one in judged]),
        },
        attrs={"claims": " ".join(one.claim.id for one in judged)},
    )
