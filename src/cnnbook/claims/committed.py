"""Committed verdicts, `seeds/verdicts.yaml`: those of the last accepted build from all of MNIST."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from cnnbook.bookfiles import read_yaml
from cnnbook.claims.verdicts import Judged

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
        made_by: its profile, number of networks, data and machine, by name.
        verdicts: by the claim's id.
        values: what the parts were, by the statistic's name.
    """

    made_by: Mapping[str, str]
    verdicts: Mapping[str, str]
    values: Mapping[str, float]


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

    Args:
        root: the book's folder.
        judged: all claims.
        made_by: what the build was made of, by name.

    Returns:
        The file.

    Raises:
        ValueError: they come from the sample.
    """
    if any(one.verdict == "not conclusive" for one in judged):
        raise ValueError(
            "the verdicts are not conclusive, for they come from the sample: nothing is accepted"
        )
    parts = sorted((each.part.name, float(f"{each.value:.6g}")) for one in judged for each in one.measured)
    committed = Committed(
        made_by={name: str(text) for name, text in made_by.items()},
        verdicts={one.claim.id: one.verdict for one in judged},
        values=dict(parts),
    )
    path = root / COMMITTED
    path.write_text(_HEAD + yaml.safe_dump(asdict(committed), sort_keys=False))
    return path


def flips(judged: Sequence[Judged], committed: Committed | None) -> tuple[str, ...]:
    """A line for each verdict that differs from what was committed; those of the sample never do.

    Args:
        judged: all claims.
        committed: None where nothing was committed.
    """
    before = committed.verdicts if committed else {}
    return tuple(
        f"{one.claim.id} is {one.verdict}; {COMMITTED} says {before[one.claim.id]}"
        for one in judged
        if one.verdict != "not conclusive" and before.get(one.claim.id, one.verdict) != one.verdict
    )
