"""Accepted verdicts, `seeds/verdicts.yaml`: those of each accepted build from all of MNIST, by date.

With each verdict stands the definition that it was found by. A claim whose definition is another now needs a
dated entry in the ledger that says so: without it the build ends. An entry with definitions and without
verdicts says that what decides is the same and reads otherwise, and why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from cnnbook.bookfiles import read_yaml_list
from cnnbook.claims.ledger import LEDGER, Change, Claim
from cnnbook.claims.verdicts import VERDICTS, Judged

ACCEPTED = Path("seeds") / "verdicts.yaml"
"""Where they lie in the book's folder."""

JUDGE = "the judge"
"""What the definition of intervals and of the rule is called, which all claims share."""

UNTESTED = "not tested"
"""The verdict of a claim that waits for its experiment."""

_KINDS = ("rule", "config", "source")
_FIELDS = {"on", "made_by", "verdicts", "values", "definitions", "reasons"}

_HEAD = """\
# What the ledger's rules found whenever the book was built from all of MNIST and its verdicts were accepted,
# with the definition that each was found by. Written by 'cnnbook claims --accept'; not to be edited by hand.
"""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """Verdicts of one build.

    Attributes:
        on: the day, in ISO 8601.
        made_by: its profile, number of networks, data and machine, by name.
        verdicts: by the claim's id.
        values: what the parts were, by the statistic's name.
        definitions: by the claim's id, and of the judge: digests of rule, config and source, joined by "-";
            none for what was accepted before there were any.
        reasons: why a verdict is another than the one accepted before, by the claim's id.
    """

    on: str
    made_by: Mapping[str, str]
    verdicts: Mapping[str, str]
    values: Mapping[str, float]
    definitions: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


def read_accepted(root: Path) -> tuple[Accepted, ...]:
    """All accepted verdicts, the oldest first; none where there are none.

    Raises:
        ValueError: the file is not what `accept` writes.
    """
    path = root / ACCEPTED
    if not path.is_file():
        return ()
    found = read_yaml_list(path, "accepted")
    for number, each in enumerate(found, 1):
        if not isinstance(each, dict) or set(each) != _FIELDS:
            raise ValueError(
                f"{path}, entry {number}: expected {', '.join(sorted(_FIELDS))}; 'cnnbook claims --accept' "
                "writes it"
            )
    return tuple(Accepted(**each) for each in found)


def accept(
    root: Path,
    judged: Sequence[Judged],
    *,
    definitions: Mapping[str, str],
    made_by: Mapping[str, Any],
    why: str = "",
) -> Path:
    """Add the verdicts of this build to those that were accepted before.

    Args:
        root: the book's folder.
        judged: all claims, or some: what was accepted of the others stays.
        definitions: by the claim's id, and of the judge; those of other claims are left out.
        made_by: what the build was made of, by name.
        why: the reason of verdicts that flip without a change of their rule.

    Returns:
        The file.

    Raises:
        ValueError: the verdicts come from the sample, or one flips without a reason.
    """
    if any(one.verdict == "not conclusive" for one in judged):
        raise ValueError(
            "the verdicts are not conclusive, for they come from the sample: nothing is accepted"
        )
    before, names = read_accepted(root), {JUDGE, *(one.claim.id for one in judged)}
    now = Accepted(
        on=date.today().isoformat(),
        made_by={name: str(text) for name, text in made_by.items()},
        verdicts={one.claim.id: one.verdict for one in judged},
        values=dict(
            sorted((each.part.name, float(f"{each.value:.6g}")) for one in judged for each in one.measured)
        ),
        definitions={name: each for name, each in definitions.items() if name in names},
        reasons=_reasons(judged, before, why),
    )
    path = root / ACCEPTED
    entries = [asdict(each) for each in (*before, now)]
    path.write_text(
        _HEAD + yaml.safe_dump({"accepted": entries}, sort_keys=False, allow_unicode=True, width=110),
        encoding="utf-8",
    )
    return path


def _reasons(judged: Sequence[Judged], before: Sequence[Accepted], why: str) -> dict[str, str]:
    """Why verdicts differ from those before: what the ledger says was changed, or else what was given."""
    reasons: dict[str, str] = {}
    for one in judged:
        last = last_accepted(one.claim.id, before)
        if last is None or last.verdicts[one.claim.id] == one.verdict:
            continue
        changes = [change.why for change in one.claim.changed if change.on >= last.on]
        reasons[one.claim.id] = " ".join(changes) or why
        if not reasons[one.claim.id]:
            raise ValueError(
                f"claim {one.claim.id} is {one.verdict} and was {last.verdicts[one.claim.id]}, and nothing "
                "says why: give the reason, --why '…'"
            )
    return reasons


def last_accepted(claim: str, accepted: Sequence[Accepted]) -> Accepted | None:
    """The last accepted build that has a verdict on a claim.

    Args:
        claim: its id.
        accepted: all, the oldest first.
    """
    return next((each for each in reversed(accepted) if claim in each.verdicts), None)


def current_verdict(claim: Claim, definition: str, accepted: Sequence[Accepted]) -> str:
    """The accepted verdict by the claim's present definition, in the words of today; "" where there is none.

    Args:
        claim: of the ledger.
        definition: of it now.
        accepted: all, the oldest first.
    """
    last = last_accepted(claim.id, accepted)
    if last is None:
        return ""
    known = _last_definition(claim.id, accepted)
    if known is None:  # accepted before there were definitions: what the ledger says was changed since counts
        is_same = all(change.on < last.on for change in claim.changed)
    else:
        is_same = known == definition
    verdict = last.verdicts[claim.id]
    return verdict if is_same and verdict in VERDICTS else ""


def _last_definition(name: str, accepted: Sequence[Accepted]) -> str | None:
    """The definition by which a claim was accepted, as it was last written."""
    return next((each.definitions[name] for each in reversed(accepted) if name in each.definitions), None)


def undeclared_changes(
    claims: Sequence[Claim],
    judge_changed: Sequence[Change],
    definitions: Mapping[str, str],
    accepted: Sequence[Accepted],
) -> tuple[str, ...]:
    """A line for each claim whose definition is neither the accepted one nor declared in the ledger.

    Args:
        claims: of the ledger.
        judge_changed: the ledger's changes of the judge.
        definitions: by the claim's id, and of the judge, as they are now.
        accepted: all, the oldest first.
    """
    changed = {claim.id: claim.changed for claim in claims} | {JUDGE: tuple(judge_changed)}
    lines = []
    for name, changes in changed.items():
        known = next((each for each in reversed(accepted) if name in each.definitions), None)
        now = definitions.get(name, "")
        declared = changes[-1].definition if changes else ""
        last = last_accepted(name, accepted)
        is_tested = last is None or last.verdicts[name] != UNTESTED  # a claim that waited had no definition
        if not is_tested or known is None or now in (known.definitions[name], declared):
            continue
        kinds = _differing(known.definitions[name], now)
        where = f"claim {name}" if name != JUDGE else JUDGE
        lines.append(
            f"{LEDGER}: {where}: its {kinds} differs from what its verdict was accepted by on {known.on}; "
            "take the change back, or add to 'changed' there: "
            f"{{on: {date.today().isoformat()}, definition: {now}, was: …, why: …, seen: …}}"
        )
    return tuple(lines)


def _differing(before: str, now: str) -> str:
    """Which of rule, config and source differ between two definitions."""
    pairs = zip(_KINDS, before.split("-"), now.split("-"), strict=False)
    return " and ".join(kind for kind, old, new in pairs if old != new) or "definition"


def flips(judged: Sequence[Judged], accepted: Sequence[Accepted]) -> tuple[str, ...]:
    """A line for each verdict that differs from the last accepted one; those of the sample never do.

    Args:
        judged: all claims.
        accepted: all, the oldest first.
    """
    lines = []
    for one in judged:
        last = last_accepted(one.claim.id, accepted)
        if one.verdict != "not conclusive" and last and last.verdicts[one.claim.id] != one.verdict:
            lines.append(f"{one.claim.id} is {one.verdict}; {ACCEPTED} says {last.verdicts[one.claim.id]}")
    return tuple(lines)
