"""Committed verdicts, `seeds/verdicts.yaml`: what all of MNIST said last, and what has changed since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cnnbook.claims.verdicts import Judged
from cnnbook.yamlfile import read_yaml

COMMITTED = Path("seeds") / "verdicts.yaml"
"""Where they lie in the book's folder."""

_HEAD = """\
# What the ledger's rules found when the book was last built from all of MNIST. A build that finds something
# else says so. Written by 'cnnbook claims --accept'; not to be edited by hand.
"""


@dataclass(frozen=True, kw_only=True)
class Committed:
    """Verdicts of an earlier build.

    Attributes:
        made_by: its profile, number of networks and date, by name.
        verdicts: by the claim's id.
        values: what the parts were, by the statistic's name.
    """

    made_by: Mapping[str, str]
    verdicts: Mapping[str, str]
    values: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Flip:
    """A verdict that is not what was committed."""

    claim: str
    was: str
    now: str

    def __str__(self) -> str:
        return f"{self.claim} is {self.now}; {COMMITTED} says {self.was}"


def read_committed(root: Path) -> Committed | None:
    """The committed verdicts; None where there are none.

    Raises:
        ValueError: the file is not what `write_committed` writes.
    """
    path = root / COMMITTED
    if not path.is_file():
        return None
    content = read_yaml(path)
    if not isinstance(content, dict) or set(content) != {"made_by", "verdicts", "values"}:
        raise ValueError(
            f"{path}: expected made_by, verdicts and values; 'cnnbook claims --accept' writes it"
        )
    return Committed(**content)


def write_committed(root: Path, judged: Sequence[Judged], made_by: Mapping[str, Any]) -> Path:
    """Write the verdicts of this build as those to compare with from now on.

    Returns:
        The file.

    Raises:
        ValueError: they come from the sample.
    """
    if any(one.verdict == "not conclusive" for one in judged):
        raise ValueError(
            "the verdicts are not conclusive, for they come from the sample: nothing is accepted"
        )
    values = {
        f"{each.part.experiment}.{each.part.statistic}": float(f"{each.value:.6g}")
        for one in judged
        for each in one.measured
    }
    content = {
        "made_by": {name: str(text) for name, text in made_by.items()},
        "verdicts": {one.claim.id: one.verdict for one in judged},
        "values": dict(sorted(values.items())),
    }
    path = root / COMMITTED
    path.write_text(_HEAD + yaml.safe_dump(content, sort_keys=False))
    return path


def flips(judged: Sequence[Judged], committed: Committed | None) -> tuple[Flip, ...]:
    """The verdicts that differ from what was committed; the sample's never do."""
    if committed is None:
        return ()
    return tuple(
        Flip(claim=one.claim.id, was=committed.verdicts[one.claim.id], now=one.verdict)
        for one in judged
        if one.verdict != "not conclusive"
        and committed.verdicts.get(one.claim.id, one.verdict) != one.verdict
    )
